// POST /v1/generalize: a golden image, planned, made or proved.

#include "agent/daemon/handlers.h"

#include "base/path_text.h"

namespace latchkey::daemon {
namespace {

namespace bj = json::bj;
using localapi::failed;
using localapi::Request;
using localapi::Response;

struct Wish {
    bool dry_run = false;
    bool verify = false;
    bool force = false;
};

Result<Wish> read_wish(const bj::value& body) {
    if (body.is_null()) return Wish{};
    json::ObjectReader in(body, "request");
    Wish wish;
    wish.dry_run = in.boolean_or("dry_run", false);
    wish.verify = in.boolean_or("verify", false);
    wish.force = in.boolean_or("force", false);
    if (auto bad = in.finish(json::ObjectReader::Unknown::refused)) return fail(*bad);
    if (wish.verify && (wish.dry_run || wish.force))
        return fail(Code::request_invalid, "verify goes with nothing else");
    return wish;
}

bj::value path_json(Agent& agent) {
    return bj::value(utf8_text(agent.desk().config.paths.state_dir / store::kImageReportName));
}

bj::array texts(const std::vector<std::string>& sentences) {
    bj::array list;
    for (const auto& sentence : sentences) list.emplace_back(sentence);
    return list;
}

Response plan(Agent& agent, bool force) {
    const auto plan = agent.plan_image();
    if (!plan) return failed(plan.error());
    const bool refused = plan->refusal && !force;
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"dry_run", true},
                         {"generalized", agent.image() != nullptr},
                         {"at", nullptr},
                         {"agent_version", agent_version()},
                         {"removed", store::to_json(plan->removed)},
                         {"kept", store::to_json(plan->kept)},
                         {"warnings", texts(plan->warnings)},
                         {"refusal", refused ? localapi::error_json(*plan->refusal).at("error")
                                             : bj::value(nullptr)},
                         {"report", nullptr}});
}

Response act(Agent& agent, bool force) {
    const auto done = agent.generalize(force);
    if (!done) return failed(done.error());
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"dry_run", false},
                         {"generalized", true},
                         {"at", format_rfc3339(done->at)},
                         {"agent_version", done->agent_version},
                         {"removed", store::to_json(done->removed)},
                         {"kept", store::to_json(done->kept)},
                         {"warnings", texts(done->warnings)},
                         {"refusal", nullptr},
                         {"report", path_json(agent)}});
}

Response verify(Agent& agent) {
    const auto proof = agent.prove_image();
    if (!proof) return failed(proof.error());
    const auto* image = agent.image();
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"clean", image != nullptr && proof->remains.empty()},
                         {"generalized", image != nullptr},
                         {"at", image ? bj::value(format_rfc3339(image->at)) : bj::value(nullptr)},
                         {"remains", store::to_json(proof->remains)},
                         {"kept", store::to_json(proof->kept)},
                         {"report", image ? path_json(agent) : bj::value(nullptr)}});
}

}  // namespace

Response image_request(Agent& agent, const Request& request) {
    const auto wish = read_wish(request.body);
    if (!wish) return failed(wish.error());
    if (wish->verify) return verify(agent);
    return wish->dry_run ? plan(agent, wish->force) : act(agent, wish->force);
}

}  // namespace latchkey::daemon
