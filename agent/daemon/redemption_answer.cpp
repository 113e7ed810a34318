#include "agent/daemon/redemption_answer.h"

#include "licensing/receipt.h"

namespace latchkey::daemon {
namespace {

/// Why the entitlement is not an answer to what was asked; empty where it is.
std::string_view wrong_with(const licensing::CloudEntitlement& given,
                            const AskedRedemption& asked) {
    if (given.publisher != asked.publisher) return "the entitlement is another publisher's";
    if (given.product != asked.product) return "the entitlement is for another product";
    if (given.device_key != asked.device) return "the entitlement names another device key";
    if (given.token_last5 != asked.token_last5) return "the entitlement is of another token";
    return {};
}

std::string_view wrong_with(const licensing::Receipt& receipt,
                            const licensing::CloudEntitlement& given) {
    if (receipt.kind != licensing::ReceiptKind::redemption)
        return "the receipt is about something else";
    if (receipt.id != given.receipt || receipt.license != given.id)
        return "the receipt belongs to another entitlement";
    if (receipt.product != given.product) return "the receipt is for another product";
    if (receipt.device_key != given.device_key) return "the receipt names another device key";
    return {};
}

}  // namespace

Result<RedemptionDocuments> understand_redemption(const json::bj::value& message,
                                                  const licensing::KeySet& keys,
                                                  const AskedRedemption& asked) {
    const auto reply = licensing::redeem_reply_from_json(message);
    if (!reply)
        return fail(Code::signature_invalid,
                    "the key server's reply is not understood: " + reply.error().detail);
    const auto given = licensing::verify_cloud_entitlement(reply->entitlement, keys);
    if (!given) return fail(given.error());
    const auto receipt = licensing::verify_receipt(reply->receipt, keys);
    if (!receipt) return fail(receipt.error());
    auto wrong = wrong_with(**given, asked);
    if (wrong.empty()) wrong = wrong_with(**receipt, **given);
    if (!wrong.empty()) return fail(Code::signature_invalid, std::string(wrong));
    return RedemptionDocuments{**given, reply->entitlement, reply->receipt};
}

}  // namespace latchkey::daemon
