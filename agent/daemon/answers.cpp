#include "agent/daemon/answers.h"

#include "licensing/messages.h"

namespace latchkey::daemon {
namespace {

core::Event refuse(Problem problem) {
    return core::event::AttemptFailed{std::move(problem), false, std::nullopt};
}

core::Event foreign(std::string what) {
    return refuse({Code::signature_invalid, std::move(what), {}});
}

/// Signed, fresh, and yet not what this agent asked for.
core::Event odd(const Problem& problem) {
    return foreign("the key server's reply is not understood: " + problem.detail);
}

/// The fingerprint the request carried, out of the request itself: it survives a crash there.
Result<hwid::Fingerprint> fingerprint_of(const core::Intent& intent) {
    const auto body = json::parse_strict(intent.body);
    if (!body) return fail(body.error());
    if (intent.kind == core::IntentKind::renew) {
        auto request = licensing::renew_request_from_json(*body);
        if (!request) return fail(std::move(request.error()));
        return std::move(request->fingerprint);
    }
    auto request = licensing::activation_request_from_json(*body);
    if (!request) return fail(std::move(request.error()));
    return std::move(request->fingerprint);
}

/// What of a license does not fit the request it answers; empty where all of it does.
std::string misfit(const licensing::License& license, const hwid::Fingerprint& sent,
                   const Expected& expected) {
    const auto& manifest = expected.manifest;
    if (license.publisher != manifest.publisher) return "the license is another publisher's";
    if (license.product != manifest.product) return "the license names another product";
    if (license.device_key != expected.device) return "the license names another device key";
    if (license.salt_id != sent.salt_id)
        return "the license was made with other digests than this machine sent";
    if (expected.intent.kind == core::IntentKind::renew && license.id != expected.intent.license_id)
        return "another license came back than was to be renewed";
    return {};
}

/// The same of an activation's receipt, beside its license.
std::string misfit(const licensing::Receipt& receipt, const licensing::License& license,
                   const core::Intent& intent) {
    if (receipt.kind != licensing::ReceiptKind::activation)
        return "the receipt is not an activation's";
    if (receipt.license != license.id || receipt.product != license.product ||
        receipt.publisher != license.publisher || receipt.machine != license.machine)
        return "the receipt belongs to another license";
    if (receipt.device_key != license.device_key) return "the receipt names another device key";
    if (receipt.counted > intent.max_count)
        return "the receipt counts an activation that was not asked for";
    return {};
}

/// The same of a release's receipt.
std::string misfit(const licensing::Receipt& receipt, const Expected& expected) {
    if (receipt.kind != licensing::ReceiptKind::release) return "the receipt is not a release's";
    if (receipt.license != expected.intent.license_id ||
        receipt.product != expected.manifest.product ||
        receipt.publisher != expected.manifest.publisher)
        return "the receipt belongs to another license";
    if (receipt.device_key != expected.device) return "the receipt names another device key";
    return {};
}

core::Event licensed(const std::string& license_jws, const std::string& receipt_jws,
                     const licensing::KeySet& keys, const Expected& expected) {
    auto license = licensing::verify_license(license_jws, keys);
    if (!license) return refuse(license.error());
    auto fingerprint = fingerprint_of(expected.intent);
    if (!fingerprint) return refuse(fingerprint.error());
    if (auto wrong = misfit(**license, *fingerprint, expected); !wrong.empty())
        return foreign(std::move(wrong));
    core::event::LicenseReceived event;
    event.license = **license;
    event.license_jws = license_jws;
    if (!receipt_jws.empty()) {
        auto receipt = licensing::verify_receipt(receipt_jws, keys);
        if (!receipt) return refuse(receipt.error());
        if (auto wrong = misfit(**receipt, event.license, expected.intent); !wrong.empty())
            return foreign(std::move(wrong));
        event.receipt = **receipt;
        event.receipt_jws = receipt_jws;
    }
    event.fingerprint = std::move(*fingerprint);
    return event;
}

core::Event released(const licensing::ReleaseReply& reply, const licensing::KeySet& keys,
                     const Expected& expected) {
    auto receipt = licensing::verify_receipt(reply.receipt, keys);
    if (!receipt) return refuse(receipt.error());
    if (auto wrong = misfit(**receipt, expected); !wrong.empty()) return foreign(std::move(wrong));
    return core::event::ReleaseReceived{reply.receipt};
}

/// A lease that is over has given its activation back already.
Refund refund_of(const licensing::ReleaseReply& reply, ServerTime now) {
    if (reply.returns_at && *reply.returns_at > now) return {false, reply.returns_at};
    return {reply.returned, std::nullopt};
}

}  // namespace

core::Event understand(const json::bj::value& message, const licensing::KeySet& keys,
                       const Expected& expected, Refund& refund) {
    switch (expected.intent.kind) {
        case core::IntentKind::activate: {
            const auto reply = licensing::activation_reply_from_json(message);
            if (!reply) return odd(reply.error());
            return licensed(reply->license, reply->receipt, keys, expected);
        }
        case core::IntentKind::renew: {
            const auto reply = licensing::renew_reply_from_json(message);
            if (!reply) return odd(reply.error());
            return licensed(reply->license, {}, keys, expected);
        }
        case core::IntentKind::release: {
            const auto reply = licensing::release_reply_from_json(message);
            if (!reply) return odd(reply.error());
            refund = refund_of(*reply, expected.now);
            return released(*reply, keys, expected);
        }
    }
    return foreign("an answer nobody asked for");
}

core::event::AttemptFailed failure_event(const net::CallFailure& failure) {
    core::event::AttemptFailed event{failure.problem, failure.final, failure.retry_after,
                                     failure.may_have_arrived};
    if (failure.problem.code != Code::activation_limit_reached) return event;
    auto& detail = event.problem.detail;
    const std::string used = failure.used ? std::to_string(*failure.used) : std::string();
    const std::string limit = failure.limit ? std::to_string(*failure.limit) : std::string();
    if (failure.used && failure.limit && detail.find(used + " of " + limit) == std::string::npos)
        detail += (detail.empty() ? "" : " ") + used + " of " + limit + " activations are used.";
    return event;
}

std::optional<Problem> problem_after(const core::Event& answer, const core::Intent& sent,
                                     const core::ProductState& after) {
    if (const auto* failed = std::get_if<core::event::AttemptFailed>(&answer))
        return failed->problem;
    if (!after.intent || after.intent->idempotency_key != sent.idempotency_key) return std::nullopt;
    Problem refused{Code::signature_invalid, "The key server's answer was not accepted.", {}};
    if (!after.last_attempt || after.last_attempt->outcome == "ok") return refused;
    refused.code = code_from_name(after.last_attempt->code).value_or(refused.code);
    refused.detail = after.last_attempt->detail;
    return refused;
}

net::Call call_of(const core::Intent& intent) {
    const std::string license = "/v1/licenses/" + intent.license_id;
    switch (intent.kind) {
        case core::IntentKind::activate:
            return {"POST", "/v1/activations", intent.body, intent.idempotency_key};
        case core::IntentKind::renew:
            return {"POST", license + "/renew", intent.body, intent.idempotency_key};
        case core::IntentKind::release:
            return {"DELETE", license, intent.body, intent.idempotency_key};
    }
    return {};
}

}  // namespace latchkey::daemon
