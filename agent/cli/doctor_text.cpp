#include "agent/cli/doctor_text.h"

#include <algorithm>

#include "agent/cli/words.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kFindingColumns = 9;  // "warning", "skipped" and two spaces
constexpr std::size_t kIdColumns = 18;

Tone tone_of(std::string_view finding) {
    if (finding == "ok") return Tone::good;
    if (finding == "warning") return Tone::warning;
    if (finding == "failed") return Tone::bad;
    return Tone::dim;
}

std::string padded(std::string text, std::size_t columns) {
    text.resize(std::max(text.size() + 1, columns), ' ');
    return text;
}

/// "clock_difference" as people write it.
std::string spoken(std::string_view id) {
    std::string text(id);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string item_text(View item, const Look& look) {
    constexpr std::size_t kIndent = kFindingColumns + kIdColumns;
    const std::string finding(item["finding"].text());
    const std::string lead =
        toned(padded(shown(finding, look), kFindingColumns), tone_of(finding), look.color) +
        padded(shown(spoken(item["id"].text()), look), kIdColumns);
    std::string text = paragraph(lead, kIndent, {{std::string(item["text"].text())}}, look);
    if (!item["remedy"].is_null())
        text += paragraph(std::string(kIndent, ' '), kIndent,
                          {{"remedy: " + std::string(item["remedy"].text()), Tone::heading}}, look);
    return text;
}

/// Without one the agent has a note there.
bool has_product(const bj::array& items) {
    return std::none_of(items.begin(), items.end(), [](const bj::value& item) {
        return View(item)["id"].text() == "products" && View(item)["finding"].text() == "note";
    });
}

std::string summary(const bj::array& items) {
    const auto count = [&](std::string_view finding) {
        return std::count_if(items.begin(), items.end(), [&](const bj::value& item) {
            return View(item)["finding"].text() == finding;
        });
    };
    const auto failed = count("failed");
    const auto warned = count("warning");
    if (failed == 0 && warned == 0)
        return has_product(items) ? "Everything an activation needs is there.\n"
                                  : "The agent is well; no product is configured here.\n";
    std::string text = failed > 0 ? std::to_string(failed) + " failed" : "";
    if (warned > 0) text += (text.empty() ? "" : ", ") + counted(warned, "warning");
    return text + ".\n";
}

}  // namespace

std::string doctor_text(View answer, const Look& look) {
    std::string text;
    for (const auto& item : answer["items"].items()) text += item_text(View(item), look);
    return text + "\n" + summary(answer["items"].items());
}

}  // namespace latchkey::cli
