#include "agent/daemon/settings_log.h"

#include <algorithm>

#include "agent/daemon/log.h"
#include "agent/daemon/managed.h"

namespace latchkey::daemon {
namespace {

const Setting* find(const std::vector<Setting>& settings, const std::string& name) {
    const auto same = std::find_if(settings.begin(), settings.end(),
                                   [&](const auto& one) { return one.name == name; });
    return same == settings.end() ? nullptr : &*same;
}

bool is_news(const Setting& setting, const Setting* before) {
    return before ? !(setting == *before) : setting.by != SetBy::initial;
}

}  // namespace

std::vector<std::string> changed_settings(const std::vector<Setting>& now,
                                          const std::vector<Setting>& before) {
    std::vector<std::string> lines;
    for (const auto& one : now)
        if (is_news(one, find(before, one.name)))
            lines.push_back("setting " + one.name + " = \"" + one.value + "\" from " + one.source);
    for (const auto& one : before)
        if (!find(now, one.name)) lines.push_back("setting " + one.name + " is set no more");
    return lines;
}

void log_settings(const std::vector<Setting>& now, const std::vector<Setting>& before) {
    for (const auto& line : changed_settings(now, before)) spdlog::info("{}", printable(line));
}

void log_unknown_policy(const std::vector<std::string>& now,
                        const std::vector<std::string>& before) {
    if (now.empty() || now == before) return;
    const LogFields fields({{}, {}, "policy_unknown"});
    spdlog::warn("{}", printable(words_of_unknown(now)));
}

}  // namespace latchkey::daemon
