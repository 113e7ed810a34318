#include "agent/daemon/activation.h"

#include "agent/daemon/answers.h"
#include "hwid/explain.h"
#include "hwid/weights.h"
#include "licensing/counting.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
using licensing::ProductKey;

/// The key to use: the given text, else the one this machine holds (rule K2: a token is recognised
/// here, before any network traffic).
Result<std::string> key_of(const licensing::Manifest& manifest, const core::ProductState& state,
                           const std::string& given) {
    const std::string& text = given.empty() ? core::installed_key(state) : given;
    if (text.empty())
        return fail(Code::usage,
                    "no product key is installed for " + manifest.product + "; give one");
    auto key =
        licensing::parse_expecting(text, licensing::KeyKind::product_key, manifest.key_group);
    if (!key) {
        key.error().detail += "; nothing was sent";
        return fail(std::move(key.error()));
    }
    return key->text();
}

licensing::AgentVerdict verdict_of(const hwid::MatchResult& result) {
    return {result.verdict, result.significant, result.changed_any};
}

licensing::ComponentFinding finding_of(const hwid::ComponentResult& result) {
    return {result.kind, result.outcome, std::string(name(result.why)), result.weight, 0};
}

/// Why the baseline on this machine says nothing of what activating with this key costs; empty
/// where it does.
std::string_view not_ours_to_say(const core::ProductState& state, const std::string& key) {
    if (state.deactivated)
        return "The license of this machine was ended before; activating it again counts.";
    if (!key.empty() && key != state.product_key)
        return "Only the key server knows what this key has counted; be prepared for one.";
    if (!state.license)
        return "Without the key server the program of this key is not known; be prepared for one.";
    return {};
}

/// What the agent can say by its own baseline alone.
licensing::PreviewReply own_opinion(const core::ProductState& state, const std::string& key,
                                    const std::optional<hwid::MatchResult>& baseline) {
    licensing::PreviewReply reply;
    const auto silent = not_ours_to_say(state, key);
    if (baseline && !silent.empty()) {
        reply.count = 1;
        reply.new_machine = false;
        reply.verdict = baseline->verdict;
        reply.significant = baseline->significant;
        reply.changed_any = baseline->changed_any;
        reply.reasons = hwid::reasons(*baseline);
        reply.reasons.insert(reply.reasons.begin(), std::string(silent));
        return reply;
    }
    if (state.license) {
        reply.program = state.license->program;
        reply.rule = state.license->rule;
        reply.activations = state.license->activations;
        reply.license_quantity = state.license->license_quantity;
        reply.activate_by = state.license->activate_by;
    }
    if (!baseline) {
        const auto count = licensing::decide_count_new_machine();
        reply.count = count.counted;
        reply.reasons = {count.reason};
        return reply;
    }
    reply.new_machine = false;
    reply.verdict = baseline->verdict;
    reply.significant = baseline->significant;
    reply.changed_any = baseline->changed_any;
    for (const auto& component : baseline->components)
        reply.components.push_back(finding_of(component));
    const auto count = licensing::decide_count(reply.rule, baseline->verdict, baseline->significant,
                                               baseline->changed_any);
    reply.count = count.counted;
    reply.reasons = hwid::reasons(*baseline);
    reply.reasons.insert(reply.reasons.begin(), count.reason);
    return reply;
}

Explanation explanation_of(licensing::PreviewReply reply) {
    Explanation explanation{std::move(reply), true, true, std::nullopt, std::nullopt, std::nullopt};
    const auto& preview = explanation.preview;
    if (!preview.refusal.empty())
        explanation.refusal = Problem{
            code_from_name(preview.refusal).value_or(Code::internal), preview.refusal_detail, {}};
    return explanation;
}

/// "Not without your word" has one name towards the admin.
Problem as_told(Problem problem) {
    if (problem.code == Code::would_count) problem.code = Code::confirmation_required;
    return problem;
}

/// Refusals an admin's --accept-count lifts.
bool waits_for_admin(Code code) {
    return code == Code::evidence_insufficient || code == Code::confirmation_required;
}

}  // namespace

asio::awaitable<Result<Activation::Case>> Activation::open(std::string product) {
    auto manifest = desk_.manifest(product);
    if (!manifest) co_return fail(std::move(manifest.error()));
    co_await desk_.machine.look(desk_.runner.wall());
    Case matter;
    matter.policy = desk_.policy(*manifest);
    matter.facts = desk_.machine.facts();
    matter.fingerprint = desk_.machine.fingerprint(*manifest);
    matter.state = desk_.runner.shown(manifest->publisher, manifest->product);
    const auto& baseline = matter.state.counting_baseline;
    if (baseline)
        matter.baseline =
            hwid::match(*baseline, matter.fingerprint, desk_.trust.weights(manifest->publisher));
    matter.manifest = std::move(*manifest);
    co_return matter;
}

licensing::ActivationRequest Activation::request(const Case& matter, const std::string& key,
                                                 int max_count) const {
    licensing::ActivationRequest request;
    request.product = matter.manifest.product;
    request.product_key = key;
    request.fingerprint = matter.fingerprint;
    request.max_count = max_count;
    request.platform = matter.facts.platform;
    request.os_edition = matter.facts.os_edition;
    request.product_version = matter.manifest.product_version;
    request.agent_version = std::string(agent_version());
    request.organization = desk_.config.organization.id;
    request.location = desk_.config.organization.location;
    request.country = desk_.config.organization.country;
    if (matter.baseline) request.agent_verdict = verdict_of(*matter.baseline);
    return request;
}

/// Plans, and puts the decision into the row. The idempotency key of the request that will answer.
Result<std::string> Activation::decide(const Case& matter, const std::string& key,
                                       const core::ActivationWish& wish) {
    const auto plan = core::plan_activation(matter.state, matter.manifest, matter.facts, wish,
                                            matter.baseline, matter.policy);
    if (plan.refusal) {
        if (waits_for_admin(plan.refusal->code))
            (void)desk_.apply(matter.manifest,
                              core::event::ActivationHeld{key, plan.refusal->code});
        return fail(*plan.refusal);
    }
    core::event::ActivationDecided decided;
    decided.product_key = key;
    decided.body = json::to_text(licensing::to_json(request(matter, key, plan.max_count)));
    decided.idempotency_key = licensing::random_id("idk_");
    decided.max_count = plan.max_count;
    decided.by_hand = wish.by_hand;
    if (auto done = desk_.apply(matter.manifest, decided); !done)
        return fail(std::move(done.error()));
    // Somebody is waiting: a request whose answer could not be stored goes out again now, not when
    // its timer says so.
    if (wish.by_hand) courier_.send({matter.manifest.publisher, matter.manifest.product});
    const auto* state = desk_.row(matter.manifest);
    const bool queued =
        state && state->queued && state->queued->idempotency_key == decided.idempotency_key;
    if (queued || !state || !state->intent) return decided.idempotency_key;
    return state->intent->idempotency_key;
}

asio::awaitable<Result<Activated>> Activation::by_hand(std::string product, std::string key,
                                                       bool accept_count) {
    const auto manifest = desk_.manifest(product);
    if (!manifest) co_return fail(manifest.error());
    if (!manifest->needs_activation)
        co_return fail(Code::activation_not_required, "Nothing was sent and nothing was spent.");
    const auto known = desk_.runner.shown(manifest->publisher, product);
    const auto chosen = key_of(*manifest, known, key);
    if (!chosen) co_return fail(chosen.error());
    const auto matter = co_await open(product);
    if (!matter) co_return fail(matter.error());
    const core::ActivationWish wish{true, accept_count, std::nullopt};
    const auto sent = decide(*matter, *chosen, wish);
    if (!sent) co_return fail(sent.error());
    const auto* state = desk_.row(*manifest);
    if (state && state->license && !state->intent) co_return Activated::kept_as_is;
    const RowKey row{manifest->publisher, product};
    const Delivery delivery = co_await courier_.finished(row, *sent);
    if (delivery.problem) co_return fail(as_told(*delivery.problem));
    const auto* answered = desk_.row(*manifest);
    if (!answered || !answered->license)
        co_return fail(Problem{Code::not_activated,
                               "The request was withdrawn before its answer came: somebody ended "
                               "the license here. It may have used an activation.",
                               "See 'latchkey history', and 'latchkey explain' for what another "
                               "activation would use."});
    co_return Activated::answered;
}

asio::awaitable<net::CallResult<licensing::PreviewReply>> Activation::preview(
    const Case& matter, licensing::ActivationRequest asked) {
    const auto unsent = [](Problem problem) {
        return tl::unexpected(net::CallFailure{std::move(problem), false, {}, {}, {}});
    };
    const auto caller = desk_.caller(matter.manifest);
    if (!caller) co_return unsent(caller.error());
    const net::ServerAddress server = desk_.server(matter.manifest);
    net::Call call;
    call.method = "POST";
    call.path = "/v1/activations/preview";
    call.inner = json::to_text(licensing::to_json(asked));
    call.idempotency_key = licensing::random_id("idk_");
    auto answer = co_await desk_.client.call(server, *caller, call);
    if (!answer) co_return tl::unexpected(std::move(answer.error()));
    if (const auto kept = desk_.learn(answer->fresh); !kept) co_return unsent(kept.error());
    auto reply = licensing::preview_reply_from_json(answer->message);
    if (!reply)
        co_return unsent({Code::signature_invalid,
                          "the key server's reply is not understood: " + reply.error().detail,
                          {}});
    co_return std::move(*reply);
}

asio::awaitable<net::CallResult<Explanation>> Activation::ask_key_server(const Case& matter,
                                                                         std::string key) {
    auto question = request(matter, key, 0);
    std::optional<localapi::TpmAttempt> attempt;
    if (desk_.config.tpm == TpmUse::proof) {
        auto made = co_await proofs_.make(matter.manifest);
        if (!made) co_return tl::unexpected(std::move(made.error()));
        question.tpm = std::move(made->proof);
        question.tpm_unproven = std::move(made->unproven);
        attempt = proofs_.last();
    }
    auto asked = co_await preview(matter, std::move(question));
    if (!asked) co_return tl::unexpected(std::move(asked.error()));
    Explanation explanation = explanation_of(std::move(*asked));
    explanation.tpm = std::move(attempt);
    co_return explanation;
}

asio::awaitable<Result<Explanation>> Activation::explain(std::string product, std::string key) {
    const auto matter = co_await open(product);
    if (!matter) co_return fail(matter.error());
    const core::ActivationWish wish{true, false, std::nullopt};
    const auto plan = core::plan_activation(matter->state, matter->manifest, matter->facts, wish,
                                            matter->baseline, matter->policy);
    const auto chosen = key_of(matter->manifest, matter->state, key);
    const std::string for_key = chosen ? *chosen : std::string();
    Explanation own;
    own.preview = own_opinion(matter->state, for_key, matter->baseline);
    own.rule_known = matter->state.license && not_ours_to_say(matter->state, for_key).empty();
    own.refusal = plan.refusal;
    if (!matter->manifest.needs_activation) {
        own.preview.count = 0;
        own.preview.reasons = {"The product needs no activation."};
        co_return own;
    }
    if (!chosen && (!key.empty() || !plan.refusal)) co_return fail(chosen.error());
    if (plan.refusal && plan.refusal->code != Code::evidence_insufficient) {
        own.preview.count = 0;
        own.preview.reasons.insert(own.preview.reasons.begin(), std::string(plan.refusal->title()));
        co_return own;
    }
    if (!chosen) co_return own;
    const auto asked = co_await ask_key_server(*matter, *chosen);
    if (!asked && asked.error().final) {
        own.refusal = failure_event(asked.error()).problem;
        co_return own;
    }
    if (!asked) {
        own.key_server_problem = asked_once(
            asked.error().problem,
            "Check network, proxy and [keyserver] url, then run 'latchkey explain' again.");
        if (!matter->baseline) co_return fail(*own.key_server_problem);
        co_return own;
    }
    Explanation told = *asked;
    if (!told.refusal) told.refusal = plan.refusal;
    co_return told;
}

asio::awaitable<Result<licensing::ActivationRequest>> Activation::report(std::string product) {
    const auto matter = co_await open(product);
    if (!matter) co_return fail(matter.error());
    co_return request(*matter, "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX", 1);
}

}  // namespace latchkey::daemon
