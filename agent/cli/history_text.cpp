#include "agent/cli/history_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <vector>

#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMostLabel = 34;  // of product and event together
constexpr std::size_t kNarrow = 72;     // below it the detail stands under its event
constexpr std::size_t kTimeWidth = 2 + 5 + 2;

struct EventWords {
    std::string_view event;
    std::string_view words;
    Tone tone;
};

constexpr std::array kEvents{
    EventWords{"activated", "activated", Tone::good},
    EventWords{"redeemed", "service redeemed", Tone::good},
    EventWords{"redemption_failed", "redeeming failed", Tone::warning},
    EventWords{"redemption_refused", "token refused", Tone::bad},
    EventWords{"licensed", "licensed again", Tone::good},
    EventWords{"renewed", "renewed", Tone::good},
    EventWords{"hardware_is_back", "hardware is back", Tone::good},
    EventWords{"grace_given_back", "grace given back", Tone::good},
    EventWords{"grace_started", "grace started", Tone::warning},
    EventWords{"rearmed", "rearmed", Tone::warning},
    EventWords{"activation_held", "activation held", Tone::warning},
    EventWords{"hardware_changed", "hardware changed", Tone::warning},
    EventWords{"attempt_failed", "attempt failed", Tone::warning},
    EventWords{"refused", "refused", Tone::bad},
    EventWords{"grace_ended", "grace ended", Tone::bad},
    EventWords{"license_revoked", "license revoked", Tone::bad},
    EventWords{"suspected_clone", "suspected clone", Tone::bad},
    EventWords{"activation_not_required", "needs no activation", Tone::plain},
    EventWords{"ledger_told", "ledger answered", Tone::plain},
    EventWords{"ledger_unreachable", "ledger not reached", Tone::warning},
    EventWords{"ledger_refused", "no ledger kept", Tone::warning},
    EventWords{"state_repaired", "state repaired", Tone::warning},
    EventWords{"state_upgraded", "state upgraded", Tone::plain},
    EventWords{"state_foreign", "another's state", Tone::warning},
    EventWords{"state_is_back", "state is back", Tone::good},
};

const EventWords* find_event(std::string_view event) {
    for (const auto& row : kEvents)
        if (row.event == event) return &row;
    return nullptr;
}

/// Product ids that more than one publisher on this page uses.
std::set<std::string> shared_ids(View history) {
    std::map<std::string, std::set<std::string>> publishers;
    for (const auto& item : history["entries"].items())
        if (const auto publisher = View(item)["publisher"].text(); !publisher.empty())
            publishers[std::string(View(item)["product"].text())].emplace(publisher);
    std::set<std::string> shared;
    for (const auto& [product, owners] : publishers)
        if (owners.size() > 1) shared.insert(product);
    return shared;
}

std::string product_words(View entry, const std::set<std::string>& shared) {
    const std::string product(entry["product"].text());
    const std::string publisher(entry["publisher"].text());
    if (product.empty()) return "this machine";
    return shared.contains(product) && !publisher.empty() ? publisher + "/" + product : product;
}

/// "Sunday 2026-11-22"; the text itself where it is no time.
std::string day_words(View at) {
    constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
    const auto time = time_of(at);
    if (!time) return at.text().empty() ? std::string("at an unknown time") : printable(at.text());
    const std::chrono::sys_time<Duration> instant{time->time_since_epoch()};
    const std::chrono::weekday day{std::chrono::floor<std::chrono::days>(instant)};
    return std::string(kDays[day.c_encoding()]) + " " + date_of(format_rfc3339(*time));
}

std::string hour_words(View at) {
    const auto time = time_of(at);
    return time ? format_rfc3339(*time).substr(11, 5) : std::string(5, ' ');
}

std::size_t widest(const std::vector<std::string>& texts, const Look& look) {
    std::size_t width = 0;
    for (const auto& text : texts) width = std::max(width, columns(shown(text, look)));
    return width;
}

std::string padded(std::string text, std::size_t width) {
    const std::size_t taken = columns(text);
    return text.append(width > taken ? width - taken : 0, ' ');
}

Line detail_of(View entry) {
    Line line;
    if (!entry["detail"].text().empty()) line.push_back({std::string(entry["detail"].text())});
    if (!entry["receipt_id"].text().empty()) {
        if (!line.empty()) line.push_back({" "});
        line.push_back({"receipt " + printable(entry["receipt_id"].text()), Tone::dim});
    }
    return line;
}

/// One page: how wide its columns are.
struct Page {
    const Look& look;
    std::size_t product_width = 0;
    std::size_t event_width = 0;
    bool narrow() const { return look.width < kNarrow || product_width + event_width > kMostLabel; }
};

std::string entry_text(View entry, const std::string& product, const Page& page) {
    const Look& look = page.look;
    const auto* const known = find_event(entry["event"].text());
    const std::string event = event_words(entry["event"].text());
    const Tone tone = known ? known->tone : Tone::plain;
    const std::string hour = "  " + hour_words(entry["at"]) + "  ";
    Line detail = detail_of(entry);
    if (page.narrow()) {
        std::string text = paragraph(hour, kTimeWidth, {{product + ": "}, {event, tone}}, look);
        if (!detail.empty())
            text += paragraph(std::string(kTimeWidth, ' '), kTimeWidth, detail, look);
        return text;
    }
    const std::string label =
        hour + padded(shown(product, look), page.product_width) + "  " +
        toned(padded(shown(event, look), detail.empty() ? 0 : page.event_width), tone, look.color);
    const std::size_t indent = kTimeWidth + page.product_width + 2 + page.event_width + 2;
    if (detail.empty()) return label + "\n";
    // The label may hold colours, which take no columns: the paragraph is laid out beside it.
    const std::string space(indent, ' ');
    return label + paragraph(space, indent, detail, look).substr(indent - 2);
}

}  // namespace

std::string event_words(std::string_view event) {
    if (const auto* const known = find_event(event)) return std::string(known->words);
    std::string words = printable(event);
    std::replace(words.begin(), words.end(), '_', ' ');
    return words.empty() ? "something" : words;
}

std::string history_text(View history, const Look& look) {
    const auto& entries = history["entries"].items();
    if (entries.empty()) return "Nothing is recorded yet.\n";
    const auto shared = shared_ids(history);
    std::vector<std::string> products;
    std::vector<std::string> events;
    for (const auto& item : entries) {
        products.push_back(product_words(View(item), shared));
        events.push_back(event_words(View(item)["event"].text()));
    }
    const Page page{look, widest(products, look), widest(events, look)};
    std::string text;
    std::string day;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const View entry(entries[i]);
        std::string today = day_words(entry["at"]);
        if (today != day) {
            const bool first = text.empty();
            text += (first ? "" : "\n") +
                    paragraph({}, 0, {{today, Tone::heading}, {first ? " (UTC)" : "", Tone::dim}},
                              look);
            day = std::move(today);
        }
        text += entry_text(entry, products[i], page);
    }
    const View next = history["next_cursor"];
    const std::string cursor =
        next.number() ? std::to_string(*next.number()) : printable(next.text());
    if (!cursor.empty())
        text += "\n" + paragraph({}, 0, {{"older entries: "}, {"--cursor " + cursor}}, look);
    return text;
}

}  // namespace latchkey::cli
