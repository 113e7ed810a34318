#include "service-install/launchd_answers.h"

#include <algorithm>
#include <string>

namespace latchkey::service_install {
namespace {

/// Takes the first line off the text.
std::string_view next_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

bool says_running(std::string_view printed) {
    while (!printed.empty())
        if (next_line(printed) == "\tstate = running") return true;
    return false;
}

bool says_disabled(std::string_view printed, std::string_view label) {
    const std::string begins = "\"" + std::string(label) + "\" => ";
    while (!printed.empty()) {
        const auto line = trimmed(next_line(printed));
        if (!line.starts_with(begins)) continue;
        const auto word = line.substr(begins.size());
        return word == "disabled" || word == "true";
    }
    return false;
}

}  // namespace latchkey::service_install
