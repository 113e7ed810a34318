#include "agent/daemon/unseen_files.h"

#include "base/path_text.h"
#include "platform/service/service_user.h"

namespace latchkey::daemon {
namespace {

bool names_a_file(const Setting& setting) {
    return setting.name.starts_with("paths.") || setting.name.ends_with(".ca_file") ||
           setting.name.ends_with(".key_file");
}

}  // namespace

std::vector<std::string> words_of_unseen(const Config& config) {
    std::vector<std::string> words;
    for (const auto& setting : config.settings) {
        if (!names_a_file(setting)) continue;
        const auto remedy = platform::unseen_remedy(utf8_path(setting.value));
        if (remedy.empty()) continue;
        words.push_back(setting.source + ": " + setting.name + ": " + setting.value + ": " +
                        remedy);
    }
    return words;
}

}  // namespace latchkey::daemon
