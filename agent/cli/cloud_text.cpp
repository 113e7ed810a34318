#include "agent/cli/cloud_text.h"

#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

/// "2027-06-30 (in 7 months)" while that is far; the bare distance where it is a warning.
std::string end_words(View entitlement, WallTime now) {
    const auto ends = time_of(entitlement["ends_at"]);
    if (!ends) return {};
    const auto state = entitlement["state"].text();
    if (*ends <= now) return "ended " + distance_words(*ends, now);
    if (state == "ending") return "ends " + distance_words(*ends, now);
    return "until " + when_words(*ends, now);
}

}  // namespace

std::string cloud_words(View entitlement, WallTime now) {
    std::string text = printable(entitlement["service"].text()) + " (" +
                       printable(entitlement["program"].text()) + ")";
    if (const auto seats = entitlement["seats"].number()) text += ", " + counted(*seats, "seat");
    if (const auto end = end_words(entitlement, now); !end.empty()) text += ", " + end;
    if (entitlement["state"].text() == "renewed") text += ", renewed by a later token";
    return text;
}

std::string cloud_warning(View entitlement, WallTime now) {
    if (entitlement["severity"].text() != "warning") return {};
    return printable(entitlement["service"].text()) + " " + end_words(entitlement, now);
}

std::string redeemed_text(View answer) {
    const View given = answer["cloud_entitlement"];
    std::string text = printable(given["service"].text());
    if (const auto seats = given["seats"].number()) text += ": " + counted(*seats, "seat");
    text += " under " + printable(given["program"].text());
    text += " until " + date_of(given["ends_at"].text());
    text += ", with the token ending in " + printable(given["token_last5"].text()) + "\n";
    if (!answer["note"].text().empty()) text += printable(answer["note"].text()) + "\n";
    return text;
}

}  // namespace latchkey::cli
