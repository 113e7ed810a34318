#include "platform/service/syslog_line.h"

namespace latchkey::platform {

std::string syslog_line(std::string_view message, std::span<const LogField> fields) {
    std::string line(message);
    char before = '[';
    for (const auto& field : fields) {
        if (!field.name.starts_with("LATCHKEY_")) continue;
        if (before == '[') line += ' ';
        line += before + field.name + "=" + field.value;
        before = ' ';
    }
    if (before == ' ') line += ']';
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return line;
}

}  // namespace latchkey::platform
