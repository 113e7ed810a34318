#include "agent/cli/product_card.h"

#include <algorithm>

#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMostUpcoming = 2;
constexpr Duration kLastDays = Days{3};

std::size_t bar_cells(const Look& look) {
    if (look.width >= 100) return 30;
    return look.width >= 56 ? 20 : 10;
}

/// Near enough that the hour matters, it is said.
std::string ends_words(WallTime at, WallTime now) {
    const std::string text = format_rfc3339(at);
    return at - now < Days{3} ? minute_of(text) : date_of(text);
}

void add_ends(Line& line, View product, WallTime now) {
    const View grace = product["grace"];
    const auto add = [&](std::string text) { line.push_back({std::move(text)}); };
    const auto ends =
        time_of(grace.is_null() ? product["license"]["expires_at"] : grace["ends_at"]);
    const auto rearms = grace["rearms_left"].number();
    const std::string rearms_words = rearms ? counted(*rearms, "rearm") + " left" : "";
    if (ends && *ends <= now)
        return add(" " + when_words(*ends, now) +
                   (rearms_words.empty() ? "" : ", " + rearms_words));
    if (!ends && grace.is_null()) return;
    add(rearms_words.empty() ? " left" : " and " + rearms_words);
    if (grace["waits_for_first_use"].truth())
        add(", from the first use on");
    else if (ends)
        add(", until " + ends_words(*ends, now));
}

std::string_view what_is_left(View product) {
    if (product["grace"].is_null())
        return product["license"]["kind"].text() == "perpetual" ? "left" : "lease";
    return product["grace"]["kind"].text() == "non_genuine" ? "notice" : "grace";
}

std::string uses_words(View activations, WallTime now) {
    std::string words = activations_words(activations);
    if (const auto as_of = time_of(activations["as_of"]))
        words += ", as the key server said " + when_words(*as_of, now);
    return words;
}

std::string upcoming_words(const Upcoming& event, WallTime now) {
    if (!event.at) return event.words;
    if (*event.at <= now) return "now: " + event.words;
    return when_words(*event.at, now) + ": " + event.words;
}

/// What of the grace ledger an admin should know without asking: nobody has heard of this grace for
/// a day, or a lab machine's next reimage begins no new one.
std::string ledger_note(View product, WallTime now) {
    const View ledger = product["grace_ledger"];
    const View grace = product["grace"];
    if (ledger.is_null() || grace.is_null()) return {};
    const auto started = time_of(grace["started_at"]);
    const bool owed = ledger["as_of"].text().empty() && ledger["refused"].text().empty();
    if (owed && started && *started + Days{1} < now)
        return "the key server could not be asked what it knows of this hardware; until then this "
               "machine counts alone";
    const auto graces = ledger["graces_this_year"].number().value_or(0);
    const auto allowed = ledger["graces_allowed"].number().value_or(0);
    if (allowed > 1 && graces >= allowed)
        return "initial grace " + std::to_string(graces) + " of " + std::to_string(allowed) +
               " in a year: the next reimage continues this one";
    return {};
}

}  // namespace

Span mark(Level level, bool matters) {
    if (!matters) return {"○", Tone::dim};
    switch (level) {
        case Level::ok:
            return {"●", Tone::good};
        case Level::warning:
            return {"▲", Tone::warning};
        case Level::critical:
            return {"×", Tone::bad};
        case Level::unknown:
            return {"○", Tone::plain};
    }
    return {"○", Tone::plain};
}

Line time_left_line(View product, WallTime now, Level level, std::size_t cells, bool of_whole) {
    const auto time = time_left(product, now);
    if (!time) {
        const bool forever = product["state"].text() == "licensed" &&
                             product["license"]["kind"].text() == "perpetual";
        return forever ? Line{{"no end"}} : Line{};
    }
    Line line;
    if (time->whole) {
        line = bar(std::chrono::duration<double>(time->left).count(),
                   std::chrono::duration<double>(*time->whole).count(), cells,
                   time->left <= kLastDays ? Tone::bad : level_tone(level));
        line.push_back({" "});
    }
    line.push_back({time_left_words(*time, of_whole)});
    return line;
}

void Card::title(Line line) {
    text_ += paragraph({}, 2, line, look_);
    last_label_.clear();
}

void Card::line(std::string_view label, Line text) {
    const std::size_t indent = 2 + label_width_ + 2;
    std::string lead = "  ";
    if (label != last_label_) lead += label;
    last_label_ = label;
    lead.append(indent - std::min(indent, lead.size()), ' ');
    text_ += paragraph(lead, indent, text, look_);
}

void fill(Card& card, View status, View product, WallTime now, const Look& look, bool brief) {
    const auto state = product["state"].text();
    const Level level = level_of_product(status, product, now);
    const std::string id = printable(product["id"].text());
    std::string name = printable(product["name"].text());
    const std::string behind = name.empty() || name == id ? "" : " (" + id + ")";
    if (name.empty()) name = id;
    card.title({mark(level, state != "not_required"),
                {" "},
                {name, Tone::heading},
                {behind + ": "},
                {state_words(state), state == "licensed" ? state_tone(state) : level_tone(level)}});
    if (Line left = time_left_line(product, now, level, bar_cells(look)); !left.empty()) {
        add_ends(left, product, now);
        card.line(what_is_left(product), std::move(left));
    }
    if (!product["activations"].is_null())
        card.line("uses", {{uses_words(product["activations"], now)}});
    if (!brief)
        for (Line& why : reasons(status, product, now)) card.line("why", std::move(why));
    if (const auto note = ledger_note(product, now); !note.empty()) card.line("record", {{note}});
    const auto events = upcoming(status, product, now);
    for (std::size_t i = 0; i < events.size() && i < (brief ? 1 : kMostUpcoming); ++i)
        card.line("next", {{upcoming_words(events[i], now)}});
    for (Line& step : advice(status, product, now)) card.line("to do", std::move(step));
}

}  // namespace latchkey::cli
