#include "platform/service/event_log_text.h"

#include <algorithm>

namespace latchkey::platform {
namespace {

constexpr std::string_view kOurs = "LATCHKEY_";
constexpr std::uint16_t kProblem = 10;
constexpr std::uint16_t kFirstWarning = 200;
constexpr std::uint16_t kFirstError = 300;
/// ReportEvent takes 31,839 characters a string.
constexpr std::size_t kLongest = 30'000;

constexpr std::array kNumbers{
    EventNumber{100, "activated"},
    EventNumber{101, "renewed"},
    EventNumber{102, "licensed"},
    EventNumber{103, "hardware_is_back"},
    EventNumber{104, "grace_given_back"},
    EventNumber{105, "activation_not_required"},
    EventNumber{106, "redeemed"},
    EventNumber{107, "state_is_back"},
    EventNumber{108, "ledger_told"},
    EventNumber{109, "state_upgraded"},
    EventNumber{200, "grace_started"},
    EventNumber{201, "rearmed"},
    EventNumber{202, "activation_held"},
    EventNumber{203, "hardware_changed"},
    EventNumber{204, "attempt_failed"},
    EventNumber{205, "reminder"},
    EventNumber{206, "redemption_failed"},
    EventNumber{207, "ledger_unreachable"},
    EventNumber{208, "ledger_refused"},
    EventNumber{209, "state_repaired"},
    EventNumber{210, "state_foreign"},
    EventNumber{211, "policy_unknown"},
    EventNumber{300, "refused"},
    EventNumber{301, "grace_ended"},
    EventNumber{302, "license_revoked"},
    EventNumber{303, "suspected_clone"},
    EventNumber{304, "redemption_refused"},
};

std::string_view value_of(std::string_view name, std::span<const LogField> fields) {
    for (const auto& field : fields)
        if (field.name == name) return field.value;
    return {};
}

std::uint16_t id_of_level(LogPriority priority) {
    switch (priority) {
        case LogPriority::critical:
            return 1;
        case LogPriority::error:
            return 2;
        case LogPriority::warning:
            return 3;
        case LogPriority::info:
            return 4;
        case LogPriority::debug:
            return 5;
    }
    return 4;
}

/// The viewer would put a string of its own where one of ours says "%1".
std::string inserted(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kLongest)) {
        if (c >= '0' && c <= '9' && out.ends_with('%')) out += ' ';
        out += c == '\0' ? '?' : c;
    }
    return out;
}

}  // namespace

std::span<const EventNumber> event_numbers() { return kNumbers; }

std::uint16_t event_id(LogPriority priority, std::span<const LogField> fields) {
    const auto event = value_of("LATCHKEY_EVENT", fields);
    const auto known = std::find_if(kNumbers.begin(), kNumbers.end(),
                                    [&](const auto& row) { return row.event == event; });
    if (known != kNumbers.end()) return known->id;
    return value_of("LATCHKEY_CODE", fields).empty() ? id_of_level(priority) : kProblem;
}

LogPriority event_level(LogPriority priority, std::uint16_t id) {
    if (id < kFirstWarning) return priority;
    return std::min(priority, id < kFirstError ? LogPriority::warning : LogPriority::error);
}

EventStrings event_strings(std::string_view message, std::span<const LogField> fields) {
    EventStrings strings;
    strings[0] = inserted(message);
    std::size_t next = 1;
    for (const auto& field : fields)
        if (next < strings.size() && field.name.starts_with(kOurs))
            strings[next++] = inserted(field.name + "=" + field.value);
    return strings;
}

}  // namespace latchkey::platform
