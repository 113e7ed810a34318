#include "agent/cli/comparison.h"

#include <boost/json/serialize.hpp>

#include <array>

#include "agent/cli/table.h"
#include "agent/cli/words.h"
#include "base/printable.h"
#include "hwid/explain.h"
#include "hwid/fingerprint.h"
#include "licensing/counting.h"

namespace latchkey::cli {
namespace {

using licensing::CountingRule;

constexpr std::array kRules{CountingRule::significant_change, CountingRule::any_change,
                            CountingRule::every_activation};

std::string why(const hwid::ComponentResult& component, const Comparison& comparison,
                const hwid::Snapshot& before, const hwid::Snapshot& after) {
    return hwid::explain(component, comparison.result, comparison.before, comparison.after, &before,
                         &after, hwid::Reveal::redacted);
}

std::string_view boolean(bool value) { return value ? "true" : "false"; }

Tone tone_of(hwid::Outcome outcome) {
    switch (outcome) {
        case hwid::Outcome::match:
            return Tone::good;
        case hwid::Outcome::changed:
        case hwid::Outcome::added:
        case hwid::Outcome::removed:
            return Tone::warning;
        case hwid::Outcome::unreadable:
        case hwid::Outcome::ignored:
            return Tone::plain;
    }
    return Tone::plain;
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

}  // namespace

Comparison compare(const hwid::Snapshot& before, const hwid::Snapshot& after) {
    Comparison comparison{hwid::fingerprint(before, hwid::plain_digest, ""),
                          hwid::fingerprint(after, hwid::plain_digest, ""),
                          {}};
    comparison.result = hwid::match(comparison.before, comparison.after, hwid::default_weights());
    return comparison;
}

int counts(const Comparison& comparison, CountingRule rule) {
    const hwid::MatchResult& result = comparison.result;
    return licensing::decide_count(rule, result.verdict, result.significant, result.changed_any)
        .counted;
}

std::string bits(std::int32_t tenths) {
    const std::int32_t size = tenths < 0 ? -tenths : tenths;
    return (tenths < 0 ? "-" : "") + std::to_string(size / 10) + "." + std::to_string(size % 10);
}

void append_verdict_json(std::string& out, const Comparison& comparison) {
    const hwid::MatchResult& result = comparison.result;
    out.append(R"("verdict":")").append(hwid::name(result.verdict));
    out.append(R"(","significant":)").append(boolean(result.significant));
    out.append(R"(,"changed_any":)").append(boolean(result.changed_any));
    out.append(R"(,"score":)").append(bits(result.score)).append(R"(,"counts":{)");
    for (const CountingRule rule : kRules) {
        out.append(rule == kRules.front() ? "\"" : ",\"").append(licensing::name(rule));
        out.append(counts(comparison, rule) == 0 ? "\":0" : "\":1");
    }
    out += '}';
}

void append_components_json(std::string& out, const Comparison& comparison,
                            const hwid::Snapshot& before, const hwid::Snapshot& after) {
    out += R"("components":[)";
    bool first = true;
    for (const auto& component : comparison.result.components) {
        out.append(first ? R"({"kind":")" : R"(,{"kind":")").append(hwid::name(component.kind));
        out.append(R"(","result":")").append(hwid::name(component.outcome));
        out.append(R"(","weight":)").append(bits(component.weight)).append(R"(,"why":)");
        out += boost::json::serialize(
            boost::json::string_view(why(component, comparison, before, after)));
        out += '}';
        first = false;
    }
    out += ']';
}

std::string comparison_text(const Comparison& comparison, const hwid::Snapshot& before,
                            const hwid::Snapshot& after, bool color) {
    const hwid::MatchResult& result = comparison.result;
    std::string text = capitalised(verdict_words(hwid::name(result.verdict), result.significant,
                                                 result.changed_any)) +
                       " (" + bits(result.score) + " bits of evidence).\n";
    for (const auto& reason : hwid::reasons(result)) text += "  - " + printable(reason) + "\n";
    text += "An activation now would use\n";
    for (const CountingRule rule : kRules)
        text += "  " + std::to_string(counts(comparison, rule)) + " under " +
                std::string(licensing::name(rule)) + "\n";
    Table table(2);
    table.heading({"COMPONENT", "RESULT", "BITS", "WHY"});
    for (const auto& component : result.components)
        table.row({{std::string(hwid::title(component.kind))},
                   {std::string(hwid::name(component.outcome)), tone_of(component.outcome)},
                   {component.weight == 0 ? "" : bits(component.weight)},
                   {why(component, comparison, before, after)}});
    return text + "\n" + table.text(color);
}

}  // namespace latchkey::cli
