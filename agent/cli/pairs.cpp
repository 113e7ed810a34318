#include "agent/cli/pairs.h"

#include "agent/cli/comparison.h"
#include "agent/cli/document.h"
#include "agent/cli/line_reader.h"
#include "base/printable.h"
#include "hwid/snapshot.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMaxLine = 1280 * 1024;  // two snapshots of 512 KiB and what stands around
constexpr std::int64_t kProgressEvery = 1000;

struct Pair {
    std::string id;  ///< as JSON text
    hwid::Snapshot before;
    hwid::Snapshot after;
};

Result<hwid::Snapshot> read_side(const bj::object& pair, std::string_view name) {
    const auto* const side = pair.if_contains(name);
    if (side == nullptr)
        return fail(Code::input_unreadable, "\"" + std::string(name) + "\" is missing");
    auto snapshot = hwid::snapshot_from_json(*side);
    if (!snapshot)
        return fail(Code::input_unreadable,
                    "\"" + std::string(name) + "\": " + snapshot.error().detail);
    return snapshot;
}

Result<Pair> read_pair(std::string_view line) {
    const auto document = json::parse_strict(
        line,
        {.max_bytes = kMaxLine, .max_depth = 16, .allow_doubles = true, .name_members = true});
    if (!document) return fail(document.error());
    const auto* const object = document->if_object();
    if (object == nullptr) return fail(Code::input_unreadable, "not an object");
    auto before = read_side(*object, "before");
    if (!before) return fail(before.error());
    auto after = read_side(*object, "after");
    if (!after) return fail(after.error());
    const auto* const id = object->if_contains("id");
    return Pair{id ? json::to_text(*id) : "null", *std::move(before), *std::move(after)};
}

void count(PairsSummary& summary, const hwid::MatchResult& result) {
    ++summary.pairs;
    switch (result.verdict) {
        case hwid::Verdict::same:
            ++summary.same;
            summary.significant += result.significant ? 1 : 0;
            break;
        case hwid::Verdict::different:
            ++summary.different;
            break;
        case hwid::Verdict::insufficient:
            ++summary.insufficient;
            break;
    }
}

void append_line(std::string& out, const Pair& pair, const Comparison& comparison, bool brief) {
    out.append(R"({"id":)").append(pair.id) += ',';
    append_verdict_json(out, comparison);
    if (!brief) {
        out += ',';
        append_components_json(out, comparison, pair.before, pair.after);
    }
    out += "}\n";
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

Result<PairsSummary> compare_pairs(std::FILE* stream, bool brief, Console& console) {
    const bool shows_progress = console.is_terminal(Stream::err);
    LineReader lines(stream, kMaxLine);
    PairsSummary summary;
    std::int64_t number = 0;
    std::string text;
    const auto skip = [&](std::string_view why) {
        ++summary.skipped;
        err(console, "line " + std::to_string(number) + ": " + printable(why) + "\n");
    };
    while (const auto line = lines.next()) {
        ++number;
        if (line->too_long) {
            skip("longer than a pair may be (" + std::to_string(kMaxLine / 1024) + " KiB)");
            continue;
        }
        if (is_blank(line->text)) continue;
        const auto pair = read_pair(line->text);
        if (!pair) {
            skip(pair.error().detail);
            continue;
        }
        const Comparison comparison = compare(pair->before, pair->after);
        count(summary, comparison.result);
        text.clear();
        append_line(text, *pair, comparison, brief);
        out(console, text);
        if (shows_progress && summary.pairs % kProgressEvery == 0)
            err(console, "\r" + std::to_string(summary.pairs) + " pairs\r");
    }
    if (lines.failed())
        return fail(Code::input_unreadable,
                    "reading stopped at line " + std::to_string(number + 1));
    return summary;
}

}  // namespace latchkey::cli
