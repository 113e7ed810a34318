// Inline SVG of rectangles: nothing in it is text, so that nothing shrinks on a small screen.

#include <algorithm>
#include <numeric>

#include "keyserver/console/parts.h"

namespace latchkey::keyserver::console {
namespace {

constexpr std::int64_t kFull = 100;
/// From here on a bar warns.
constexpr std::int64_t kHigh = 80;
constexpr std::int64_t kSlot = 10, kBarWidth = 7, kHeight = 40;

std::string number(std::int64_t value) { return std::to_string(value); }

std::int64_t percent(std::int64_t part, std::int64_t whole) {
    if (whole <= 0) return 0;
    return std::clamp<std::int64_t>(part * kFull / whole, 0, kFull);
}

std::string_view mood_of(std::int64_t used, std::int64_t limit) {
    if (limit > 0 && used >= limit) return "all";
    return percent(used, limit) >= kHigh ? "most" : "some";
}

std::string counted_words(std::int64_t count) {
    return number(count) + (count == 1 ? " activation counted" : " activations counted");
}

}  // namespace

Html use_bar(std::int64_t used, std::int64_t limit) {
    const std::int64_t left = std::max<std::int64_t>(0, limit - used);
    const std::string words = number(used) + " used, " + number(left) + " left of " + number(limit);
    const Html bar =
        element("svg",
                {{"class", "use"},
                 {"viewBox", "0 0 100 8"},
                 {"preserveAspectRatio", "none"},
                 {"aria-hidden", "true"},
                 {"focusable", "false"}},
                element("rect", {{"class", "track"}, {"width", "100"}, {"height", "8"}}),
                element("rect", {{"class", std::string(mood_of(used, limit))},
                                 {"width", number(percent(used, limit))},
                                 {"height", "8"}}));
    return element("span", {{"class", "use"}}, bar, element("span", text(words)));
}

Html trend_chart(const Trend& trend) {
    const auto total = std::accumulate(trend.weeks.begin(), trend.weeks.end(), std::int64_t{0});
    const auto most =
        trend.weeks.empty() ? 0 : *std::max_element(trend.weeks.begin(), trend.weeks.end());
    Html bars;
    std::vector<Row> rows;
    ServerTime begin = trend.since;
    std::int64_t x = 0;
    for (const auto count : trend.weeks) {
        const auto height = count == 0 ? 0 : std::max<std::int64_t>(1, count * kHeight / most);
        const std::string label =
            "Week of " + format_rfc3339(begin).substr(0, 10) + ": " + counted_words(count);
        bars += element("rect",
                        {{"class", count == 0 ? "none" : "some"},
                         {"x", number(x)},
                         {"y", number(count == 0 ? kHeight - 1 : kHeight - height)},
                         {"width", number(kBarWidth)},
                         {"height", number(count == 0 ? 1 : height)}},
                        element("title", text(label)));
        rows.push_back({day(begin), text(number(count))});
        begin += Days{7};
        x += kSlot;
    }
    const std::string width = number(x - (kSlot - kBarWidth));
    const std::string summary = counted_words(total) + " in " + number(std::ssize(trend.weeks)) +
                                " weeks, at most " + number(most) + " in one";
    return element("figure", {{"class", "trend"}},
                   element("svg",
                           {{"viewBox", "0 0 " + width + " " + number(kHeight)},
                            {"preserveAspectRatio", "none"},
                            {"role", "img"},
                            {"aria-label", summary}},
                           bars),
                   element("div", {{"class", "axis"}, {"aria-hidden", "true"}},
                           element("span", day(trend.since)), element("span", text("this week"))),
                   element("figcaption", text(summary + ".")),
                   element("details", element("summary", text("The same in numbers")),
                           table("Activations that counted, by week",
                                 {{"Week of"}, {"Counted", true}}, rows)));
}

}  // namespace latchkey::keyserver::console
