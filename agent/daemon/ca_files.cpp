#include "agent/daemon/ca_files.h"

#include <algorithm>

#include "agent/daemon/log.h"
#include "agent/net/ca_file.h"
#include "base/path_text.h"

namespace latchkey::daemon {
namespace {

std::vector<Setting> ca_file_settings(const Config& config) {
    std::vector<Setting> found;
    for (const auto& setting : config.settings)
        if (setting.name.ends_with(".ca_file") && !setting.value.empty()) found.push_back(setting);
    return found;
}

bool holds(const std::vector<Problem>& troubles, const Problem& one) {
    return std::find(troubles.begin(), troubles.end(), one) != troubles.end();
}

}  // namespace

std::vector<Problem> check_ca_files(const Config& config) {
    std::vector<Problem> troubles;
    for (const auto& setting : ca_file_settings(config)) {
        auto good = net::check_ca_file(setting.value);
        if (good) continue;
        Problem trouble = std::move(good.error());
        trouble.detail = setting.source + ": " + setting.name + ": " + trouble.detail;
        troubles.push_back(std::move(trouble));
    }
    return troubles;
}

const std::vector<Problem>& CaFiles::troubles(const Config& config) { return look(config, false); }

const std::vector<Problem>& CaFiles::read_again(const Config& config) { return look(config, true); }

const std::vector<Problem>& CaFiles::look(const Config& config, bool anew) {
    Stamps now;
    for (const auto& setting : ca_file_settings(config)) {
        std::error_code ignored;
        now[setting.value] = std::filesystem::last_write_time(utf8_path(setting.value), ignored);
    }
    if (!anew && troubles_.empty() && now == seen_) return troubles_;
    seen_ = std::move(now);
    auto before = std::exchange(troubles_, check_ca_files(config));
    for (const auto& trouble : troubles_)
        if (!holds(before, trouble)) spdlog::warn("{}", printable(trouble.detail));
    if (!before.empty() && troubles_.empty()) spdlog::info("every CA file can be used again");
    return troubles_;
}

}  // namespace latchkey::daemon
