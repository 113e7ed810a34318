#include "keyserver/console/words.h"

#include "keyserver/decisions/documents.h"

namespace latchkey::keyserver::console {
namespace {

std::string lease_words(const Lease& lease) {
    return "lease " + std::to_string(lease.sequence) + ", renewed last on " +
           format_rfc3339(lease.issued_at).substr(0, 10);
}

bool ended_by_administrator(const ReceiptRecord& receipt) {
    return receipt.kind == licensing::name(licensing::ReceiptKind::release) &&
           !looked_at_machine(receipt);
}

}  // namespace

std::string what_happened(const ReceiptRecord& receipt) {
    const auto kind = licensing::receipt_kind_from_name(receipt.kind);
    if (!kind) return receipt.kind;
    switch (*kind) {
        case licensing::ReceiptKind::activation:
            return receipt.counted > 0 ? "Activated: counted " + std::to_string(receipt.counted)
                                       : "Activated: not counted";
        case licensing::ReceiptKind::release:
            if (ended_by_administrator(receipt)) return "Released by an administrator";
            return receipt.returned ? "Released by its machine: the activation comes back"
                                    : "Released by its machine";
        case licensing::ReceiptKind::returned:
            return "Activation given back";
        case licensing::ReceiptKind::adoption:
            return "Clone settled: this one goes on";
        case licensing::ReceiptKind::redemption:
            return "Token redeemed";
    }
    return receipt.kind;
}

std::string verdict_words(std::string_view verdict) {
    if (verdict == "same") return "the same machine";
    if (verdict == "different") return "a new machine";
    if (verdict == "insufficient") return "too little evidence";
    return std::string(verdict);
}

std::string judged_words(const ReceiptRecord& receipt) {
    return looked_at_machine(receipt) ? verdict_words(receipt.verdict) : "not looked at";
}

std::string recognition_words(const ReceiptRecord& receipt) {
    const auto continuity = licensing::continuity_from_name(receipt.continuity);
    if (!continuity) return {};
    if (!looked_at_machine(receipt))
        return receipt.machine.empty() ? "Not looked at: a token goes by no hardware."
                                       : "Not looked at: an administrator decided.";
    const std::string judged = "Judged to be " + verdict_words(receipt.verdict);
    switch (*continuity) {
        case licensing::Continuity::none:
            return judged + ".";
        case licensing::Continuity::digests:
            return judged + ", recognised by its hardware.";
        case licensing::Continuity::device_key:
            return judged + ", recognised by its device key.";
        case licensing::Continuity::tpm:
            return judged + ", recognised by its TPM.";
    }
    return {};
}

std::string entitled_words(const Entitlement& entitlement) {
    std::string words = entitlement.country.empty() ? "any country" : entitlement.country;
    if (entitlement.purpose != Purpose::internal)
        words += ", " + std::string(name(entitlement.purpose));
    if (!entitlement.location.empty()) words += ", toolkit of " + entitlement.location;
    return words;
}

std::string use_words(const licensing::Receipt& receipt) {
    if (receipt.kind == licensing::ReceiptKind::redemption) return {};
    return std::to_string(receipt.used_before) + " used before, " +
           std::to_string(receipt.used_after) + " after, of " + std::to_string(receipt.limit);
}

std::string rule_words(licensing::CountingRule rule) {
    switch (rule) {
        case licensing::CountingRule::significant_change:
            return "counts new machines and significant hardware changes";
        case licensing::CountingRule::any_change:
            return "counts new machines and any hardware change";
        case licensing::CountingRule::every_activation:
            return "counts every activation";
    }
    return {};
}

std::string platform_words(std::string_view platform) {
    if (platform == "linux") return "Linux";
    if (platform == "windows") return "Windows";
    if (platform == "mac") return "macOS";
    return platform.empty() ? "unknown" : std::string(platform);
}

std::string fork_words(const Fork& fork) {
    return "Two machines renew it in turns since lease " + std::to_string(fork.parted_after) +
           ". The one that was there first goes on (" + lease_words(fork.first) +
           "); the other is refused (" + lease_words(fork.other) + ").";
}

std::string key_words(std::string_view last5) { return "…-" + std::string(last5); }

}  // namespace latchkey::keyserver::console
