// What only administrators may ask for.

#include "agent/daemon/doctor.h"
#include "agent/daemon/handlers.h"
#include "agent/daemon/log.h"
#include "agent/daemon/receipt_id.h"
#include "licensing/messages.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
namespace bj = json::bj;
using localapi::failed;
using localapi::Request;
using localapi::Response;

constexpr std::size_t kMaxKeyText = 256;

constexpr std::string_view kNothingToRearm =
    "The grace is whole and waits for the product's first use; nothing was changed and no rearm "
    "was used.";

constexpr std::string_view kReleaseTakenBack =
    "The release that was never sent is taken back: the license stays, nothing was sent and "
    "nothing was spent.";

constexpr std::string_view kActivationTakenBack =
    "The activation that was never sent is taken back: nothing was spent.";
constexpr std::string_view kMayHaveCounted =
    "An activation request was under way: the key server may have counted it.";

struct Wish {
    std::string key;
    bool accept_count = false;
};

Result<Wish> read_wish(const bj::value& body, bool may_accept) {
    if (body.is_null()) return Wish{};
    json::ObjectReader in(body, "request");
    Wish wish;
    const auto key = in.optional_string("key", kMaxKeyText);
    wish.key = key.value_or("");
    if (may_accept) wish.accept_count = in.boolean_or("accept_count", false);
    if (auto bad = in.finish(json::ObjectReader::Unknown::refused)) return fail(*bad);
    if (key && key->empty()) return fail(Code::key_malformed, "the key is empty");
    return wish;
}

bj::value time_or_null(const std::optional<ServerTime>& time) {
    return time ? bj::value(format_rfc3339(*time)) : bj::value(nullptr);
}

bj::value text_or_null(std::string_view text) {
    return text.empty() ? bj::value(nullptr) : bj::value(bj::string_view(text));
}

bj::value error_or_null(const std::optional<Problem>& problem) {
    return problem ? localapi::error_json(*problem).at("error") : bj::value(nullptr);
}

core::ProductState shown(Agent& agent, const std::string& product) {
    const auto manifest = agent.desk().manifest(product);
    return agent.desk().runner.shown(manifest ? manifest->publisher : "", product);
}

bj::value activated_json(const core::ProductState& state, Activated how) {
    const bool kept = how == Activated::kept_as_is;
    const auto& decision = state.last_decision;
    const auto* license = state.license ? &*state.license : nullptr;
    return bj::object(
        {{"schema_version", localapi::kSchemaVersion},
         {"product", state.product},
         {"state", core::name(state.status)},
         {"counted", decision && !kept ? decision->counted : 0},
         {"decision", decision ? localapi::decision_summary(*decision) : bj::value(nullptr)},
         {"activations",
          license ? localapi::activations_summary(license->activations) : bj::value(nullptr)},
         {"license", localapi::license_summary(state)},
         {"receipt_id", receipt_id_json(state.receipt_jws)},
         {"note", kept ? bj::value(kReleaseTakenBack) : bj::value(nullptr)}});
}

asio::awaitable<Response> activate(Agent& agent, std::string product, const Request& request) {
    const auto wish = read_wish(request.body, true);
    if (!wish) co_return failed(wish.error());
    const auto manifest = agent.desk().manifest(product);  // which may be gone afterwards
    const auto done = co_await agent.activation().by_hand(product, wish->key, wish->accept_count);
    if (!done) co_return failed(done.error());
    auto& runner = agent.desk().runner;
    co_return localapi::ok(
        activated_json(runner.shown(manifest ? manifest->publisher : "", product), *done));
}

bj::array components_json(const std::vector<licensing::ComponentFinding>& components) {
    constexpr double kTenths = 10.0;
    bj::array list;
    for (const auto& component : components)
        list.push_back(bj::object({{"kind", hwid::name(component.kind)},
                                   {"result", hwid::name(component.outcome)},
                                   {"weight", static_cast<double>(component.weight) / kTenths},
                                   {"why", component.why}}));
    return list;
}

/// What an admin may want to know beyond this one activation.
std::optional<Problem> recommendation(Agent& agent, const std::string& product) {
    const auto manifest = agent.desk().manifest(product);
    if (!manifest) return std::nullopt;
    const bool lab = core::recommends_lab(shown(agent, product), agent.desk().runner.moment().now,
                                          agent.desk().policy(*manifest));
    return lab ? std::optional(Problem{Code::lab_recommended, {}, {}}) : std::nullopt;
}

bj::value explanation_json(const std::string& product, const Explanation& explanation,
                           const std::optional<Problem>& recommended) {
    const auto& preview = explanation.preview;
    bj::array reasons;
    for (const auto& reason : preview.reasons) reasons.emplace_back(reason);
    const bool numbers = explanation.from_key_server || preview.activations.limit > 0;
    return bj::object(
        {{"schema_version", localapi::kSchemaVersion},
         {"product", product},
         {"verdict", hwid::name(preview.verdict)},
         {"new_machine", preview.new_machine},
         {"significant", preview.significant},
         {"changed_any", preview.changed_any},
         {"would_use", preview.count},
         {"rule", explanation.rule_known ? bj::value(bj::string_view(licensing::name(preview.rule)))
                                         : bj::value(nullptr)},
         {"program", text_or_null(preview.program)},
         {"reasons", std::move(reasons)},
         {"components", components_json(preview.components)},
         {"activations",
          numbers ? localapi::activations_summary(preview.activations) : bj::value(nullptr)},
         {"license_quantity", numbers ? bj::value(preview.license_quantity) : bj::value(nullptr)},
         {"activate_by", time_or_null(preview.activate_by)},
         {"refusal", error_or_null(explanation.refusal)},
         {"source", explanation.from_key_server ? "key_server" : "agent"},
         {"key_server_problem", error_or_null(explanation.key_server_problem)},
         {"tpm_proof", localapi::tpm_attempt_json(explanation.tpm)},
         {"recommendation", error_or_null(recommended)}});
}

asio::awaitable<Response> explain(Agent& agent, std::string product, const Request& request) {
    const auto wish = read_wish(request.body, false);
    if (!wish) co_return failed(wish.error());
    const auto explanation = co_await agent.activation().explain(product, wish->key);
    if (!explanation) co_return failed(explanation.error());
    co_return localapi::ok(explanation_json(product, *explanation, recommendation(agent, product)));
}

Result<bool> read_local(const bj::value& body) {
    if (body.is_null()) return false;
    json::ObjectReader in(body, "request");
    const bool local = in.boolean_or("local", false);
    if (auto bad = in.finish(json::ObjectReader::Unknown::refused)) return fail(*bad);
    return local;
}

/// Ends the license here and tells nobody.
Result<Refund> deactivate_locally(Agent& agent, const std::string& product) {
    const auto manifest = agent.desk().manifest(product);
    if (!manifest) return fail(manifest.error());
    if (auto done = agent.desk().apply(*manifest, core::event::Deactivated{}); !done)
        return fail(done.error());
    return Refund{};
}

/// What ending it does to an activation that has no answer yet; empty where there is none.
std::string_view fate_of_pending(const core::ProductState& before, bool local) {
    if (!before.intent || before.intent->kind != core::IntentKind::activate) return {};
    if (before.intent->never_left() && !before.license) return kActivationTakenBack;
    return local && !before.intent->never_left() ? kMayHaveCounted : std::string_view();
}

asio::awaitable<Response> deactivate(Agent& agent, std::string product, const Request& request) {
    const auto local = read_local(request.body);
    if (!local) co_return failed(local.error());
    const auto note = fate_of_pending(shown(agent, product), *local);
    Result<Refund> refund = Refund{};
    if (*local)
        refund = deactivate_locally(agent, product);
    else
        refund = co_await agent.renewal().release(product);
    if (!refund) co_return failed(refund.error());
    co_return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                            {"product", product},
                            {"state", core::name(shown(agent, product).status)},
                            {"returned", refund->returned},
                            {"returns_at", time_or_null(refund->returns_at)},
                            {"note", text_or_null(note)}});
}

Response rearm(Agent& agent, const std::string& product, const Request& request) {
    if (auto good = read_nothing(request.body); !good) return failed(good.error());
    auto& desk = agent.desk();
    const auto manifest = desk.manifest(product);
    if (!manifest) return failed(manifest.error());
    const auto* before = desk.row(*manifest);
    const bool waits = before != nullptr && before->grace && before->grace->frozen;
    if (auto done = desk.apply(*manifest, core::event::Rearm{}); !done) return failed(done.error());
    const localapi::ProductView view{desk.runner.shown(manifest->publisher, product),
                                     manifest->product_name, desk.policy(*manifest)};
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"product", product},
                         {"state", core::name(view.state.status)},
                         {"grace", localapi::grace_summary(view, desk.runner.moment().now)},
                         {"note", waits ? bj::value(kNothingToRearm) : bj::value(nullptr)}});
}

asio::awaitable<Response> fingerprint(Agent& agent, std::string product) {
    const auto request = co_await agent.activation().report(product);
    if (!request) co_return failed(request.error());
    co_return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                            {"product", product},
                            {"salt_id", request->fingerprint.salt_id},
                            {"tpm_proof", agent.desk().config.tpm == TpmUse::proof},
                            {"body", json::to_text(licensing::to_json(*request))}});
}

Response reload(Agent& agent, const Request& request) {
    if (auto good = read_nothing(request.body); !good) return failed(good.error());
    const auto warnings = agent.reload();
    if (!warnings) return failed(warnings.error());
    bj::array list;
    for (const auto& warning : *warnings) list.emplace_back(warning);
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"ok", true},
                         {"warnings", std::move(list)}});
}

void tell_who_asks(const Route& route, const Request& request) {
    const LogFields fields({route.product, {}, route.verb});
    spdlog::info("{} {} asked by {} (process {})", route.verb, printable(route.product),
                 printable(request.peer.user_name), request.peer.process_id);
}

asio::awaitable<Response> doctor(Agent& agent, const Request& request) {
    if (auto extra = read_nothing(request.body); !extra) co_return failed(extra.error());
    co_return localapi::ok(to_json(co_await examine(agent)));
}

}  // namespace

asio::awaitable<Response> change_request(Agent& agent, Route route, Request request) {
    tell_who_asks(route, request);
    if (route.verb == "activate") co_return co_await activate(agent, route.product, request);
    if (route.verb == "explain") co_return co_await explain(agent, route.product, request);
    if (route.verb == "deactivate") co_return co_await deactivate(agent, route.product, request);
    if (route.verb == "fingerprint") co_return co_await fingerprint(agent, route.product);
    if (route.verb == "rearm") co_return rearm(agent, route.product, request);
    if (route.verb == "redeem") co_return co_await redeem_request(agent, std::move(request));
    if (route.verb == "generalize") co_return image_request(agent, request);
    if (route.verb == "doctor") co_return co_await doctor(agent, request);
    co_return reload(agent, request);
}

}  // namespace latchkey::daemon
