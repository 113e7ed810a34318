#include "agent/daemon/answers.h"

#include "licensing/messages.h"
#include "licensing/product_key.h"

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

/// What the request said, out of the request itself: it survives a crash there.
struct Asked {
    hwid::Fingerprint fingerprint;
    std::string key_last5;  ///< of an activation; a renewal names no key
};

Result<Asked> asked_by(const core::Intent& intent) {
    const auto body = json::parse_strict(intent.body);
    if (!body) return fail(body.error());
    if (intent.kind == core::IntentKind::renew) {
        auto request = licensing::renew_request_from_json(*body);
        if (!request) return fail(std::move(request.error()));
        return Asked{std::move(request->fingerprint), {}};
    }
    auto request = licensing::activation_request_from_json(*body);
    if (!request) return fail(std::move(request.error()));
    const auto key = licensing::ProductKey::parse(request->product_key);
    if (!key) return fail(key.error());
    return Asked{std::move(request->fingerprint), key->last5()};
}

/// Why the license is not an answer to what was asked; empty where it is.
std::string_view wrong_with(const licensing::License& license, const Asked& asked,
                            const Expected& expected) {
    if (license.publisher != expected.manifest.publisher)
        return "the license is another publisher's";
    if (license.product != expected.manifest.product) return "the license is for another product";
    if (license.device_key != expected.device) return "the license names another device key";
    if (license.salt_id != asked.fingerprint.salt_id)
        return "the license is bound to digests under another salt";
    if (expected.intent.kind == core::IntentKind::renew) {
        if (license.id != expected.intent.license_id) return "another license was to be renewed";
        if (license.machine != expected.machine) return "the license is another machine's";
        return {};
    }
    return license.key_last5 == asked.key_last5 ? "" : "the license is under another product key";
}

/// What every receipt has to share with the license it is about.
struct About {
    licensing::ReceiptKind kind;
    const std::string& license;
    const std::string& machine;
};

std::string_view wrong_with(const licensing::Receipt& receipt, const About& about,
                            const Expected& expected) {
    if (receipt.kind != about.kind) return "the receipt is about something else";
    if (receipt.publisher != expected.manifest.publisher)
        return "the receipt is another publisher's";
    if (receipt.product != expected.manifest.product) return "the receipt is for another product";
    if (receipt.license != about.license) return "the receipt belongs to another license";
    if (receipt.machine != about.machine) return "the receipt is another machine's";
    if (receipt.device_key != expected.device) return "the receipt names another device key";
    return {};
}

/// What the receipt of an activation has to share with the request besides.
std::string_view wrong_with_count(const licensing::Receipt& receipt, const Asked& asked,
                                  const Expected& expected) {
    if (receipt.key_last5 != asked.key_last5) return "the receipt is under another product key";
    if (receipt.counted > expected.intent.max_count)
        return "the receipt counts more than the request allowed";
    return {};
}

core::Event licensed(const std::string& license_jws, const std::string& receipt_jws,
                     const licensing::KeySet& keys, const Expected& expected) {
    auto license = licensing::verify_license(license_jws, keys);
    if (!license) return refuse(license.error());
    auto asked = asked_by(expected.intent);
    if (!asked) return refuse(asked.error());
    if (const auto wrong = wrong_with(**license, *asked, expected); !wrong.empty())
        return foreign(std::string(wrong));
    core::event::LicenseReceived event;
    event.license = **license;
    event.license_jws = license_jws;
    if (!receipt_jws.empty()) {
        auto receipt = licensing::verify_receipt(receipt_jws, keys);
        if (!receipt) return refuse(receipt.error());
        const About about{licensing::ReceiptKind::activation, event.license.id,
                          event.license.machine};
        auto wrong = wrong_with(**receipt, about, expected);
        if (wrong.empty()) wrong = wrong_with_count(**receipt, *asked, expected);
        if (!wrong.empty()) return foreign(std::string(wrong));
        event.receipt = **receipt;
        event.receipt_jws = receipt_jws;
    }
    event.fingerprint = std::move(asked->fingerprint);
    return event;
}

core::Event released(const licensing::ReleaseReply& reply, const licensing::KeySet& keys,
                     const Expected& expected) {
    auto receipt = licensing::verify_receipt(reply.receipt, keys);
    if (!receipt) return refuse(receipt.error());
    const About about{licensing::ReceiptKind::release, expected.intent.license_id,
                      expected.machine};
    if (const auto wrong = wrong_with(**receipt, about, expected); !wrong.empty())
        return foreign(std::string(wrong));
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

Problem asked_once(Problem problem, std::string_view remedy) {
    const bool comes_back =
        problem.code == Code::keyserver_unreachable || problem.code == Code::keyserver_unavailable;
    if (comes_back && problem.remedy.empty()) problem.remedy = remedy;
    return problem;
}

}  // namespace latchkey::daemon
