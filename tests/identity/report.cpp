#include "tests/identity/report.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/strict_json.h"
#include "hwid/match.h"
#include "licensing/counting.h"
#include "tests/identity/rivals.h"

namespace latchkey::identity {
namespace {

namespace bj = json::bj;

constexpr std::array<std::string_view, kMethodCount> kMethods{"latchkey", "majority",
                                                              "seven_points"};

/// What each method makes of one pair.
struct Judged {
    std::array<int, kMethodCount> counted{};
    hwid::Verdict verdict = hwid::Verdict::insufficient;
};

Judged judge(const Pair& pair) {
    const auto result = hwid::match(*pair.before, *pair.after, hwid::default_weights());
    const int ours = licensing::decide_count(licensing::CountingRule::significant_change,
                                             result.verdict, result.significant, result.changed_any)
                         .counted;
    return {{ours, majority_says_same(*pair.before, *pair.after) ? 0 : 1,
             seven_points_say_same(*pair.before, *pair.after) ? 0 : 1},
            result.verdict};
}

/// The bars the decision is held to (docs/identity.md).
struct Bars {
    double counted_adjacent = 0.005;
    double counted_life = 0.015;
    double different = 0.003;
    double scenario = 0.99;
    double scenario_parts_replaced = 0.97;
};

/// Where every card or disk was replaced, a board without identity leaves nothing to go by.
bool is_parts_replaced(std::string_view scenario) {
    return scenario.starts_with("S4 ") || scenario.starts_with("S5 ");
}

class Measurer {
public:
    void add_real(const Pair& pair) {
        const auto got = judge(pair);
        if (!*pair.same) {
            auto& accepts = at(pair.set, "false accepts", 0.0, false);
            for (std::size_t i = 0; i < kMethodCount; ++i) accepts.by[i].add(got.counted[i] == 0);
            // Ours may also say "the same, significantly changed": that is an accept too.
            if (got.verdict == hwid::Verdict::same && got.counted[0] == 1) ++accepts.by[0].hits;
            return;
        }
        const Bars bars;
        const auto limit = pair.set == "life" ? bars.counted_life : bars.counted_adjacent;
        auto& counted = at(pair.set, "counted although the same", limit, false);
        for (std::size_t i = 0; i < kMethodCount; ++i) counted.by[i].add(got.counted[i] == 1);
        auto& different = at(pair.set, "called different", bars.different, false);
        different.only_ours = true;
        different.by[0].add(got.verdict == hwid::Verdict::different);
    }

    void add_scenario(const Pair& pair) {
        const auto got = judge(pair);
        if (pair.expected) {
            const Bars bars;
            const auto limit =
                is_parts_replaced(pair.set) ? bars.scenario_parts_replaced : bars.scenario;
            auto& met = at(pair.set, "expectation met", limit, true);
            for (std::size_t i = 0; i < kMethodCount; ++i)
                met.by[i].add(got.counted[i] == *pair.expected);
        } else {
            auto& counted = at(pair.set, "counted (a matter of policy)", std::nullopt, false);
            for (std::size_t i = 0; i < kMethodCount; ++i) counted.by[i].add(got.counted[i] == 1);
        }
        if (pair.same && !*pair.same) {
            auto& free = at("all scenarios", "another machine, not counted", 0.0, false);
            for (std::size_t i = 0; i < kMethodCount; ++i) free.by[i].add(got.counted[i] == 0);
        }
    }

    std::vector<Measure> take() { return std::move(measures_); }

private:
    Measure& at(const std::string& set, const std::string& what, std::optional<double> bar,
                bool at_least) {
        const auto [place, is_new] = index_.emplace(std::pair(set, what), measures_.size());
        if (is_new) {
            measures_.push_back({set, what, {}, false, bar, at_least});
        }
        return measures_[place->second];
    }

    std::vector<Measure> measures_;
    std::map<std::pair<std::string, std::string>, std::size_t> index_;
};

std::string percent(double rate) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", 100 * rate);
    return text;
}

std::string cell(const Tally& tally) {
    const auto [low, high] = tally.bounds();
    return percent(tally.rate()) + " (" + percent(low) + "-" + percent(high) + ")";
}

std::string bar_text(const Measure& measure) {
    if (!measure.bar) return "";
    return (measure.at_least ? ">= " : "<= ") + percent(*measure.bar) +
           (measure.met() ? " met" : " MISSED");
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size() + 1), ' ');
    return text;
}

std::string line(const std::string& what, const std::string& pairs,
                 const std::array<std::string, kMethodCount>& cells, const std::string& bar) {
    std::string out = "  " + padded(what, 54) + padded(pairs, 8);
    for (const auto& text : cells) out += padded(text, 22);
    out += bar;
    return out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
}

bj::object tally_json(const Tally& tally) {
    const auto [low, high] = tally.bounds();
    return {{"hits", tally.hits}, {"rate", tally.rate()}, {"low", low}, {"high", high}};
}

}  // namespace

bool Measure::met() const {
    if (!bar) return true;
    return at_least ? by[0].rate() >= *bar : by[0].rate() <= *bar;
}

bool Report::met() const {
    return std::all_of(measures.begin(), measures.end(),
                       [](const Measure& measure) { return measure.met(); });
}

Report measure(const Dataset& data) {
    Measurer measurer;
    for (const auto& pair : data.real) measurer.add_real(pair);
    for (const auto& pair : data.scenarios) measurer.add_scenario(pair);
    return {measurer.take(), data.real.size() + data.scenarios.size(), data.left_out};
}

std::string as_text(const Report& report) {
    std::string out =
        std::to_string(report.pairs) + " pairs judged, " + std::to_string(report.left_out) +
        " left out (their label is doubtful). Per cent, with 95 % bounds (Wilson).\n"
        "  majority: every kind one vote; seven points: after Windows XP's activation "
        "(tests/identity/rivals.h).\n\n";
    out += line("", "PAIRS", {"LATCHKEY", "MAJORITY", "SEVEN POINTS"}, "BAR");
    for (const auto& m : report.measures) {
        std::array<std::string, kMethodCount> cells;
        for (std::size_t i = 0; i < kMethodCount; ++i)
            cells[i] = i > 0 && m.only_ours ? "-" : cell(m.by[i]);
        const bool is_scenario = m.at_least || !m.bar;
        const std::string what =
            is_scenario ? m.set + (m.bar ? "" : ": counted") : m.set + ": " + m.what;
        out += line(what, std::to_string(m.by[0].total), cells, bar_text(m));
    }
    return out;
}

std::string as_json(const Report& report) {
    bj::array measures;
    for (const auto& m : report.measures) {
        bj::object row{{"set", m.set}, {"measure", m.what}, {"pairs", m.by[0].total}};
        for (std::size_t i = 0; i < kMethodCount; ++i)
            if (i == 0 || !m.only_ours) row[kMethods[i]] = tally_json(m.by[i]);
        if (m.bar) {
            row["bar"] = *m.bar;
            row["bar_is"] = m.at_least ? "at_least" : "at_most";
            row["met"] = m.met();
        }
        measures.push_back(std::move(row));
    }
    return json::to_pretty_text(bj::object{{"schema_version", "1.0"},
                                           {"pairs", report.pairs},
                                           {"left_out", report.left_out},
                                           {"met", report.met()},
                                           {"measures", std::move(measures)}});
}

}  // namespace latchkey::identity
