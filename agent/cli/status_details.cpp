// `status --product`: all that is known of one product.

#include "agent/cli/product_card.h"
#include "agent/cli/status_text.h"
#include "agent/cli/words.h"
#include "base/printable.h"

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
    return (at ? when_words(*at, now) + ": " : "") +
           verdict_words(decision["verdict"].text(), decision["significant"].truth(),
                         std::nullopt) +
           ", counted " + std::to_string(decision["counted"].number().value_or(0)) + " under " +
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

/// What the key server knows of this hardware's grace, or why that is not known.
std::string ledger_words(View ledger, WallTime now) {
    if (!ledger["refused"].text().empty())
        return "none is kept by the key server (" + printable(ledger["refused"].text()) +
               "); what this machine counts decides";
    const auto ask_at = time_of(ledger["ask_at"]);
    const auto first = time_of(ledger["first_grace_at"]);
    std::string words;
    if (first) {
        words = "this hardware's grace began on " + when_words(*first, now);
        const auto graces = ledger["graces_this_year"].number();
        const auto allowed = ledger["graces_allowed"].number();
        if (graces && allowed)
            words +=
                ", " + std::to_string(*graces) + " of " + counted(*allowed, "grace") + " this year";
        if (const auto told = time_of(ledger["as_of"])) words += "; told " + when_words(*told, now);
    } else {
        words = "not heard of yet; this machine counts alone";
    }
    if (ask_at) words += "; the key server is asked " + when_words(*ask_at, now);
    return words;
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
    }
    if (!product["last_attempt"].is_null())
        say("last attempt", attempt_words(product["last_attempt"], now));
    if (!product["grace_ledger"].is_null())
        say("grace ledger", ledger_words(product["grace_ledger"], now));
    if (const auto used = time_of(product["first_used_at"]))
        say("first used", when_words(*used, now));
    return card.take();
}

}  // namespace latchkey::cli
