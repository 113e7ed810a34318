#include "agent/cli/hwid_files.h"

#include "agent/cli/problem_text.h"
#include "base/path_text.h"
#include "hwid/assemble.h"
#include "hwid/snapshot.h"
#include "hwid/unread.h"
#include "platform/clock.h"
#include "platform/hardware/hardware.h"
#include "platform/secure_file.h"

namespace latchkey::cli {
namespace {

constexpr Duration kPatiencePerSource = seconds{2};
constexpr std::size_t kMaxSnapshotBytes = 512 * 1024;

}  // namespace

hwid::Snapshot capture_this_machine(Console& console) {
    const auto raw = platform::system_hardware()->read(kPatiencePerSource);
    for (const auto& sentence : hwid::unread_sources(raw)) warn(console, sentence);
    return hwid::assemble(raw, platform::calendar_time());
}

Result<std::string> load_text(const std::string& file, Console& console) {
    if (file == "-") return console.read_input(kMaxSnapshotBytes);
    auto text = platform::read_file(utf8_path(file), kMaxSnapshotBytes);
    if (!text) return fail(Code::input_unreadable, text.error().detail);
    return text;
}

Result<hwid::Snapshot> load_snapshot(const std::string& file, Console& console) {
    const auto text = load_text(file, console);
    if (!text) return fail(text.error());
    auto snapshot = hwid::parse_snapshot(*text);
    if (!snapshot) return fail(Code::input_unreadable, file + ": " + snapshot.error().detail);
    return snapshot;
}

}  // namespace latchkey::cli
