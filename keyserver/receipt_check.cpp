#include "keyserver/receipt_check.h"

#include <boost/json/array.hpp>

#include "base/printable.h"
#include "base/strict_json.h"
#include "licensing/manifest.h"

namespace latchkey::keyserver {
namespace {

namespace bj = boost::json;

constexpr std::size_t kMaxKeysBytes = 1024 * 1024;
constexpr std::size_t kMaxReceiptsBytes = 32 * 1024 * 1024;

Failure unreadable(std::string why, std::string remedy) {
    return fail(Problem{Code::input_unreadable, std::move(why), std::move(remedy)});
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// A receipt that no key here signed may say whose it is; good for an explanation, for nothing
/// else.
std::string claimed_publisher(std::string_view jws) {
    const auto first = jws.find('.');
    const auto second = jws.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return {};
    const auto bytes = from_base64url(jws.substr(first + 1, second - first - 1));
    if (!bytes) return {};
    const auto payload =
        json::parse_strict({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (!payload) return {};
    json::ObjectReader in(*payload, "receipt");
    const auto publisher = in.string("publisher", 64);
    return in.ok() ? publisher : std::string();
}

/// Why it is not believed, as far as that can be told apart.
Problem explained(std::string_view jws, const licensing::KeySet& keys, const Problem& problem) {
    Problem plain{Code::signature_invalid, problem.detail,
                  "Take it from whoever keeps the original, and the keys from the publisher."};
    const auto kid = licensing::claimed_key_id(jws);
    if (kid.empty()) {
        plain.detail = "it is no signed receipt";
    } else if (!keys.find(kid)) {
        const auto publisher = claimed_publisher(jws);
        plain.detail = publisher.empty() || publisher == keys.publisher
                           ? "it is signed by key " + kid + ", which publisher " + keys.publisher +
                                 "'s key set (version " + std::to_string(keys.version) +
                                 ") does not name"
                           : "it says that publisher " + publisher +
                                 " signed it; these are the keys "
                                 "of " +
                                 keys.publisher;
        plain.remedy =
            "Fetch the publisher's newest keys; a receipt of another publisher needs "
            "that one's.";
    } else if (problem.detail.find("does not fit") != std::string::npos) {
        plain.detail = "it was altered after it was signed, or it was never signed by that key";
    }
    return plain;
}

std::string line(std::string_view name, const std::string& value) {
    return value.empty() ? std::string()
                         : "  " + std::string(name) + ": " + printable(value) + "\n";
}

std::string number(std::int64_t value) { return std::to_string(value); }

std::string what_happened(const licensing::Receipt& r) {
    switch (r.kind) {
        case licensing::ReceiptKind::activation:
            return std::string(r.new_machine ? "a new machine" : "a machine that was known") +
                   " was activated, and that used " +
                   (r.counted > 0 ? "an activation" : "no activation");
        case licensing::ReceiptKind::release:
            return "the license was given up, or ended by an administrator";
        case licensing::ReceiptKind::returned:
            return "an activation was given back to its key";
        case licensing::ReceiptKind::adoption:
            return "a license that two machines disputed goes on with one of them";
        case licensing::ReceiptKind::redemption:
            return "a token was redeemed for a cloud service";
    }
    return {};
}

}  // namespace

Result<licensing::Trusted> trust_in(std::string_view keys, std::string_view manifest) {
    const std::string_view remedy =
        "Write it with 'latchkey-keyserver admin signing-key list --json', or save what the key "
        "server answers at /.well-known/latchkey.";
    const auto value = json::parse_strict(keys, {.max_bytes = kMaxKeysBytes});
    if (!value) return unreadable("the keys are " + value.error().detail, std::string(remedy));
    json::ObjectReader in(*value, "keys");
    licensing::TrustBundle bundle;
    bundle.key_set = in.string("key_set", licensing::kMaxJwsBytes);
    if (const auto* links = in.array("root_chain", licensing::kMaxRootChain))
        for (const auto& link : *links)
            bundle.root_chain.emplace_back(link.is_string() ? std::string(link.get_string())
                                                            : std::string());
    licensing::PinnedRoot pinned;
    pinned.publisher = in.optional_string("publisher", 64).value_or("");
    pinned.version = in.optional_integer("first_root_version", 1, 1'000'000).value_or(1);
    const auto root = in.optional_string("first_root", 64);
    if (const auto bad = in.finish(json::ObjectReader::Unknown::ignored))
        return unreadable(bad->detail, std::string(remedy));
    if (!manifest.empty()) {
        const auto named = licensing::verify_manifest(trimmed(manifest), nullptr);
        if (!named) return fail(named.error());
        pinned = (*named)->pinned_root();
    } else {
        const auto key = licensing::public_key_from_text(root.value_or(""));
        if (!key)
            return unreadable("the keys name no root to hold them against",
                              "Name a manifest of the publisher with --manifest, or take the keys "
                              "from 'latchkey-keyserver admin signing-key list --json'.");
        pinned.root = *key;
    }
    return licensing::accept_bundle(bundle, pinned, 0);
}

Result<std::vector<std::string>> receipts_in(std::string_view text) {
    text = trimmed(text);
    std::vector<std::string> found;
    const auto* const expected = "Name a receipt, or a file of 'receipt list --json'.";
    if (text.empty()) return unreadable("the file is empty", expected);
    if (text.front() != '{') {
        found.emplace_back(text);
        return found;
    }
    const auto value = json::parse_strict(text, {.max_bytes = kMaxReceiptsBytes});
    if (!value) return unreadable("the file is " + value.error().detail, expected);
    const auto take = [&](const bj::value& item) {
        const auto* object = item.if_object();
        const auto* jws = object ? object->if_contains("receipt") : nullptr;
        if (jws && jws->is_string()) found.emplace_back(jws->get_string());
        return jws && jws->is_string();
    };
    const auto* list = value->as_object().if_contains("receipts");
    bool all = list ? list->is_array() : take(*value);
    if (all && list)
        for (const auto& item : list->get_array()) all = all && take(item);
    if (!all || found.empty()) return unreadable("no receipt is in the file", expected);
    return found;
}

CheckedReceipt check_receipt(std::string_view jws, const licensing::KeySet& keys) {
    CheckedReceipt checked;
    auto receipt = licensing::verify_receipt(jws, keys);
    if (receipt) {
        checked.receipt = **receipt;
        checked.signed_by = licensing::claimed_key_id(jws);
    } else {
        checked.problem = explained(jws, keys, receipt.error());
    }
    return checked;
}

std::string words_of(const CheckedReceipt& checked) {
    if (!checked.receipt)
        return "BAD: " + printable(checked.problem.detail) + "\n  " +
               printable(checked.problem.remedy_text()) + "\n";
    const licensing::Receipt& r = *checked.receipt;
    std::string out = "good: receipt " + r.id + " of publisher " + r.publisher + "\n";
    out += line("what", what_happened(r));
    out += line("at", format_rfc3339(r.at));
    out += line("product", r.product);
    out += line("organization", r.organization);
    out += line("program", r.program + " (rule " + std::string(name(r.rule)) + ")");
    const bool redemption = r.kind == licensing::ReceiptKind::redemption;
    out += line(redemption ? "token" : "product key",
                r.key_last5.empty() ? "" : "ends in " + r.key_last5);
    if (!redemption)
        out += line("activations used", number(r.used_before) + " before, " + number(r.used_after) +
                                            " after, of " + number(r.limit));
    out += line("machine", r.machine);
    out += line(redemption ? "cloud entitlement" : "license", r.license);
    out += line("gives back", r.returns);
    if (r.kind == licensing::ReceiptKind::activation)
        out += line("verdict", std::string(hwid::name(r.verdict)) +
                                   (r.significant ? ", significant change" : ""));
    for (const auto& reason : r.reasons) out += line("because", reason);
    out += line("signed by", checked.signed_by);
    return out;
}

bj::object as_json(const std::vector<CheckedReceipt>& all) {
    bj::array items;
    std::int64_t good = 0;
    for (const auto& checked : all) {
        bj::object item{{"good", checked.receipt.has_value()},
                        {"signed_by", nullptr},
                        {"receipt", nullptr},
                        {"error", nullptr}};
        if (checked.receipt) {
            ++good;
            item["signed_by"] = checked.signed_by;
            item["receipt"] = licensing::to_json(*checked.receipt);
        } else {
            item["error"] = bj::object{{"code", checked.problem.name()},
                                       {"title", checked.problem.title()},
                                       {"detail", checked.problem.detail},
                                       {"remedy", checked.problem.remedy_text()}};
        }
        items.push_back(std::move(item));
    }
    const auto count = static_cast<std::int64_t>(all.size());
    return {{"receipts", std::move(items)}, {"good", good}, {"bad", count - good}};
}

}  // namespace latchkey::keyserver
