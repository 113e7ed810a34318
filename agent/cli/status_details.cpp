// `status --product`: all that is known of one product.

#include "agent/cli/product_card.h"
#include "agent/cli/status_text.h"
#include "agent/cli/words.h"
#include "base/printable.h"
#include "base/problem.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kLabelWidth = 13;  // of "counting rule"

std::string or_none(std::string_view text, std::string_view none) {
    return text.empty() ? std::string(none) : printable(text);
}

std::string license_words(View license, WallTime now) {
    if (license.is_null()) return "none";
    std::string words = printable(license["kind"].text());
    if (const auto issued = time_of(license["issued_at"]))
        words += ", issued " + when_words(*issued, now);
    if (const auto expires = time_of(license["expires_at"]))
        words += ", until " + when_words(*expires, now);
    return words;
}

std::string decision_words(View decision, WallTime now) {
    const auto at = time_of(decision["at"]);
    // Of a key's first machine there is none that it could differ from.
    const std::string verdict = decision["verdict"].text() == "different"
                                    ? "a new or different machine"
                                    : verdict_words(decision["verdict"].text(),
                                                    decision["significant"].truth(), std::nullopt);
    return (at ? when_words(*at, now) + ": " : "") + verdict + ", counted " +
           std::to_string(decision["counted"].number().value_or(0)) + " under " +
           printable(decision["rule"].text());
}

std::string attempt_words(View attempt, WallTime now) {
    const auto at = time_of(attempt["at"]);
    std::string words =
        (at ? when_words(*at, now) + ": " : "") + printable(attempt["outcome"].text());
    if (!attempt["code"].text().empty()) words += ", " + printable(attempt["code"].text());
    if (!attempt["detail"].text().empty())
        words += " (" + printable(attempt["detail"].text()) + ")";
    return words;
}

/// What the key server knows of this hardware's grace, since when, and why not.
std::string ledger_words(View ledger, WallTime now) {
    std::string words;
    if (const auto began = time_of(ledger["first_grace_at"])) {
        words = "this hardware's grace began " + when_words(*began, now);
        const auto allowed = ledger["graces_allowed"].number().value_or(1);
        if (const auto graces = ledger["graces_this_year"].number(); graces && allowed > 1)
            words += ", initial grace " + std::to_string(*graces) + " of " +
                     std::to_string(allowed) + " in a year";
        if (const auto told = time_of(ledger["as_of"]))
            words += "; the key server said so " + when_words(*told, now);
    }
    if (const auto refused = ledger["refused"].text(); !refused.empty()) {
        const auto code = code_from_name(refused);
        words += (words.empty() ? "" : "; ") + std::string("the key server keeps no record: ") +
                 (code ? std::string(info(*code).title) : printable(refused));
    } else if (const auto ask = time_of(ledger["ask_at"])) {
        words += words.empty() ? "the key server has not said yet, this machine counts alone" : "";
        words += *ask <= now ? "; it is asked now" : "; it is asked " + when_words(*ask, now);
    }
    return words;
}

/// What tied the machine to its earlier activation.
std::string continuity_words(std::string_view continuity) {
    if (continuity == "device_key") return "the device key of the earlier activation";
    if (continuity == "tpm") return "its TPM, which answered for it";
    if (continuity == "digests") return "what its hardware shows";
    return {};
}

}  // namespace

std::string product_details(View status, View product, WallTime clock, const Look& look) {
    const WallTime now = now_of(status, clock);
    Card card(look, kLabelWidth);
    fill(card, status, product, now, look, false);
    const auto say = [&](std::string_view label, std::string text) {
        card.line(label, {{std::move(text)}});
    };
    if (product["state"].text() == "not_required") return card.take();
    if (const auto words = ledger_words(product["grace_ledger"], now); !words.empty())
        say("grace ledger", words);
    const auto last5 = product["key_last5"].text();
    say("product key", last5.empty() ? "none installed" : "ends in " + printable(last5));
    say("license", license_words(product["license"], now));
    if (const auto quantity = product["license_quantity"].number())
        say("quantity", counted(*quantity, "license"));
    say("program", or_none(product["program"].text(), "not known before the first activation"));
    if (!product["counting_rule"].text().empty())
        say("counting rule", printable(product["counting_rule"].text()));
    if (const auto by = time_of(product["activate_by"])) say("activate by", when_words(*by, now));
    const View decision = product["last_decision"];
    if (!decision.is_null()) {
        say("last decision", decision_words(decision, now));
        for (const auto& reason : decision["reasons"].items())
            say("last decision", printable(View(reason).text()));
        if (const auto words = continuity_words(decision["continuity"].text()); !words.empty())
            say("known by", words);
    }
    if (!product["last_attempt"].is_null())
        say("last attempt", attempt_words(product["last_attempt"], now));
    if (const auto used = time_of(product["first_used_at"]))
        say("first used", when_words(*used, now));
    if (const auto version = product["weights_version"].number(); version && *version > 0)
        say("evidence", "compared by table version " + std::to_string(*version));
    return card.take();
}

}  // namespace latchkey::cli
