// latchkey hwid compare: are these one machine? Offline; the key server judges by the same code.

#include <algorithm>
#include <memory>
#include <vector>

#include "agent/cli/cmd.h"
#include "agent/cli/comparison.h"
#include "agent/cli/document.h"
#include "agent/cli/hwid_files.h"
#include "agent/cli/pairs.h"
#include "agent/cli/problem_text.h"
#include "agent/cli/terminal.h"
#include "agent/cli/words.h"
#include "base/path_text.h"
#include "platform/stream.h"

namespace latchkey::cli {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdin) std::fclose(file);
    }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string summary_text(const PairsSummary& summary) {
    std::string text = counted(summary.pairs, "pair") + ": " + std::to_string(summary.same) +
                       " same (" + std::to_string(summary.significant) +
                       " significantly changed), " + std::to_string(summary.different) +
                       " different, " + std::to_string(summary.insufficient) + " insufficient";
    if (summary.skipped > 0) text += "; " + counted(summary.skipped, "line") + " skipped";
    return text + "\n";
}

Result<int> many(Call& call, const std::string& path, bool brief) {
    const File file(path == "-" ? stdin : platform::open_stream(utf8_path(path)));
    if (!file) return fail(Code::input_unreadable, "cannot open " + path);
    const auto summary = compare_pairs(file.get(), brief, call.console);
    if (!summary) return fail(summary.error());
    // What was compared after that nobody has seen; run() says why.
    if (!call.console.flush()) return kDone;
    err(call.console, summary_text(*summary));
    return summary->skipped == 0 ? kDone : static_cast<int>(ExitCode::input_unreadable);
}

Result<int> two(Call& call, const std::string& before_file, const std::string& after_file) {
    const auto before = load_snapshot(before_file, call.console);
    if (!before) return fail(before.error());
    const auto after = load_snapshot(after_file, call.console);
    if (!after) return fail(after.error());
    const Comparison comparison = compare(*before, *after);
    if (call.common.json) {
        std::string text = R"({"schema_version":"1.0",)";
        append_verdict_json(text, comparison);
        text += ',';
        append_components_json(text, comparison, *before, *after);
        print_document_text(call.console, text + "}");
        return kDone;
    }
    const bool color = call.console.is_terminal(Stream::out) && environment_allows_color();
    show(call.console, comparison_text(comparison, *before, *after, color));
    return kDone;
}

/// "--pairs --brief FILE" is an order as good as any other.
std::vector<std::string_view> brief_first(Arguments arguments) {
    std::vector<std::string_view> sorted(arguments.begin(), arguments.end());
    std::stable_partition(sorted.begin(), sorted.end(),
                          [](std::string_view argument) { return argument == "--brief"; });
    return sorted;
}

}  // namespace

Result<int> cmd_hwid_compare(Call& call) {
    std::string before;
    std::string after;
    std::string pairs;
    bool brief = false;
    Options options("hwid compare", "The verdict between two snapshots; needs no agent.");
    options.operand("before", before, "the earlier snapshot, \"-\" for standard input");
    options.operand("after", after, "the later snapshot");
    options.text("--pairs", pairs, "many: one {\"id\",\"before\",\"after\"} a line");
    options.flag("--brief", brief, "with --pairs: leave the components out");
    const auto arguments = brief_first(call.arguments);
    call.arguments = arguments;
    const auto go_on = parse_options(call, options);
    call.arguments = {};
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    if (!pairs.empty() && before.empty()) return many(call, pairs, brief);
    if (!pairs.empty() || after.empty())
        return fail(Code::usage, "name two snapshot files, or take --pairs FILE");
    return two(call, before, after);
}

}  // namespace latchkey::cli
