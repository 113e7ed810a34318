#include "keyserver/http/access_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "base/printable.h"
#include "base/strict_json.h"

namespace latchkey::keyserver {
namespace {

constexpr std::size_t kMaxPath = 128;
constexpr std::size_t kDeviceShown = 8;

class FileLog final : public AccessLog {
public:
    explicit FileLog(std::filesystem::path path) : path_(std::move(path)) {}

    /// False: it cannot be written.
    bool open() {
        namespace fs = std::filesystem;
        std::error_code ignored;
        const bool is_new = !fs::exists(path_, ignored);
        std::ofstream file(path_, std::ios::app | std::ios::binary);
        if (!file) return false;
        if (is_new)
            fs::permissions(path_,
                            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read,
                            ignored);
        file_ = std::move(file);
        return true;
    }

    void write(const AccessEntry& entry) override {
        file_.clear();
        // Flushed at once, so that a line is one write and nothing is lost with the process.
        const bool written = bool(file_ << to_line(entry) << std::flush);
        if (!written && !std::exchange(failing_, true))
            spdlog::error("{} cannot be written", path_.string());
        if (written) failing_ = false;
    }

    void reopen() override {
        if (!open()) spdlog::error("{} cannot be opened anew", path_.string());
    }

private:
    const std::filesystem::path path_;
    std::ofstream file_;
    bool failing_ = false;
};

}  // namespace

std::string to_line(const AccessEntry& entry) {
    const auto path = entry.path.substr(0, std::min(entry.path.find('?'), kMaxPath));
    json::bj::object line{{"at", format_rfc3339(entry.at)},
                          {"peer", entry.peer},
                          {"method", printable(entry.method)},
                          {"path", printable(path)},
                          {"status", entry.status},
                          {"bytes", entry.bytes},
                          {"ms", entry.took.count()}};
    if (!entry.code.empty()) line["code"] = entry.code;
    if (!entry.device.empty()) line["device"] = printable(entry.device.substr(0, kDeviceShown));
    return json::to_text(line) + "\n";
}

Result<std::unique_ptr<AccessLog>> open_access_log(const std::filesystem::path& file) {
    auto log = std::make_unique<FileLog>(file);
    if (!log->open())
        return fail(Problem{Code::config_invalid, "cannot write " + file.string(),
                            "Name a file that the server's user may write with --access-log."});
    return log;
}

}  // namespace latchkey::keyserver
