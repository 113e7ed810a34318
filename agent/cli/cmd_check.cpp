// latchkey check: monitoring plugin. Its exit codes are the plugin interface's: 0 OK, 1 WARNING, 2
// CRITICAL, 3 UNKNOWN, also for a wrong command line.

#include "agent/cli/agent_call.h"
#include "agent/cli/check_line.h"
#include "agent/cli/cmd.h"
#include "agent/cli/problem_text.h"
#include "agent/cli/status_text.h"
#include "platform/clock.h"

namespace latchkey::cli {
namespace {

constexpr std::string_view kAbout =
    "Monitoring plugin: one line with performance data; exit 0 OK, 1 WARNING, 2 CRITICAL, 3 "
    "UNKNOWN.";

Result<CheckLine> look(const Common& common, const std::string& id) {
    const auto status = ask(common, "GET", "/v1/status");
    if (!status) return fail(status.error());
    const WallTime now = platform::calendar_time();
    if (id.empty()) return check_all(*status, now);
    const View product = find_product(*status, id);
    if (product.is_null())
        return fail(Code::product_unknown, "the agent knows no product '" + id + "'");
    return check_product(*status, product, now);
}

int say(Call& call, const CheckLine& line) {
    if (call.common.json)
        print_document(call.console, {{"schema_version", "1.0"},
                                      {"level", name(line.level)},
                                      {"text", line.text},
                                      {"perfdata", line.perfdata}});
    else
        out(call.console, line_text(line));
    return static_cast<int>(line.level);
}

int say_unknown(Call& call, const Problem& problem) {
    if (call.common.json)
        print_problem(call.console, problem, true);
    else
        out(call.console, line_text(check_failed(problem)));
    return static_cast<int>(Level::unknown);
}

}  // namespace

Result<int> cmd_check(Call& call) {
    std::string product;
    Options options("check", kAbout);
    options.text("--product", product, "this product only");
    const auto go_on = parse_options(call, options);
    if (!go_on) return say_unknown(call, go_on.error());
    if (!*go_on) return kDone;
    const auto line = look(call.common, product);
    return line ? say(call, *line) : say_unknown(call, line.error());
}

}  // namespace latchkey::cli
