#include "agent/cli/pairs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

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

/// A number that is not held to the last digit would come back as another one.
bool is_exact(const bj::value& value) {
    if (const auto* const number = value.if_double())
        return std::abs(*number) < 9007199254740992.0;  // 2^53
    if (const auto* const list = value.if_array())
        return std::all_of(list->begin(), list->end(), is_exact);
    if (const auto* const object = value.if_object())
        return std::all_of(object->begin(), object->end(),
                           [](const auto& member) { return is_exact(member.value()); });
    return true;
}

/// JSON text in which nothing is left that could paint a terminal or turn its direction.
std::string ascii_only(std::string_view json) {
    std::string out;
    for (std::size_t i = 0; i < json.size();) {
        const auto byte = static_cast<std::uint8_t>(json[i]);
        if (byte < 0x7f) {
            out += json[i++];
            continue;
        }
        // The parser has seen to it that this is UTF-8.
        const int length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0x80 ? 2 : 1;
        std::uint32_t point = length == 1 ? byte : byte & (0xffu >> (length + 1));
        for (int n = 1; n < length && i + 1 < json.size(); ++n)
            point = point << 6 | (static_cast<std::uint8_t>(json[++i]) & 0x3fu);
        ++i;
        const auto unit = [&out](std::uint32_t value) {
            std::array<char, 8> text{};
            std::snprintf(text.data(), text.size(), "\\u%04x", value & 0xffffu);
            out += text.data();
        };
        if (point >= 0x10000) unit(0xd800 + ((point - 0x10000) >> 10));
        unit(point >= 0x10000 ? 0xdc00 + ((point - 0x10000) & 0x3ff) : point);
    }
    return out;
}

/// As it was, for whoever joins the results with what they were asked.
Result<std::string> read_id(const bj::object& pair) {
    const auto* const id = pair.if_contains("id");
    if (id == nullptr) return "null";
    if (!is_exact(*id))
        return fail(Code::input_unreadable,
                    "\"id\": a number of more than 64 bits cannot be given back; make it a text");
    std::string text = json::to_text(*id);
    return printable(text) == text ? text : ascii_only(text);
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
    auto id = read_id(*object);
    if (!id) return fail(id.error());
    return Pair{*std::move(id), *std::move(before), *std::move(after)};
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

/// Some editors and Windows programs put it before the first line of a UTF-8 file.
std::string_view without_byte_order_mark(std::string_view line) {
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    if (line.starts_with(kMark)) line.remove_prefix(kMark.size());
    return line;
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
        const auto content = number == 1 ? without_byte_order_mark(line->text) : line->text;
        if (is_blank(content)) continue;
        const auto pair = read_pair(content);
        if (!pair) {
            skip(pair.error().detail);
            continue;
        }
        const Comparison comparison = compare(pair->before, pair->after);
        count(summary, comparison.result);
        text.clear();
        append_line(text, *pair, comparison, brief);
        out(console, text);
        if (!console.trouble().empty()) break;
        if (shows_progress && summary.pairs % kProgressEvery == 0)
            err(console, "\r" + std::to_string(summary.pairs) + " pairs\r");
    }
    if (lines.failed())
        return fail(Code::input_unreadable,
                    "reading stopped at line " + std::to_string(number + 1));
    return summary;
}

}  // namespace latchkey::cli
