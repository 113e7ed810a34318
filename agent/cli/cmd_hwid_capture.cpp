// latchkey hwid capture: the raw facts, serial numbers included; hence a private file.

#include <algorithm>

#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/hwid_files.h"
#include "agent/cli/words.h"
#include "base/path_text.h"
#include "hwid/snapshot.h"
#include "platform/secure_file.h"

namespace latchkey::cli {
namespace {

std::string summary(const std::string& file, const hwid::Snapshot& snapshot) {
    const auto unreadable =
        std::count_if(snapshot.components.begin(), snapshot.components.end(),
                      [](const hwid::Component& c) { return c.state == hwid::State::unreadable; });
    return file + ": " +
           counted(static_cast<std::int64_t>(snapshot.components.size()), "component") + ", " +
           std::to_string(unreadable) + " unreadable; it holds serial numbers, keep it private\n";
}

}  // namespace

Result<int> cmd_hwid_capture(Call& call) {
    std::string file;
    Options options("hwid capture", "A raw snapshot of this machine, serial numbers included.");
    options.text("-o,--output", file, "write this file, for you alone, instead of standard output");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    const hwid::Snapshot snapshot = capture_this_machine(call.console);
    const bj::value document = hwid::to_json(snapshot);
    if (file.empty() || file == "-") {
        print_document(call.console, document);
        return kDone;
    }
    const auto written =
        platform::write_private_output(utf8_path(file), json::to_pretty_text(document) + "\n");
    if (!written)
        return fail(Problem{written.error().code, written.error().detail,
                            "Check that " + file + " may be written and has room."});
    if (call.common.json)
        print_document(call.console,
                       {{"schema_version", "1.0"},
                        {"file", file},
                        {"components", static_cast<std::int64_t>(snapshot.components.size())}});
    else
        err(call.console, summary(file, snapshot));
    return kDone;
}

}  // namespace latchkey::cli
