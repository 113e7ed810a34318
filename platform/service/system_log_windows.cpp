#include "platform/service/system_log.h"

#include <windows.h>

#include <array>

#include "platform/service/event_log_text.h"
#include "platform/service/service_manager_windows.h"
#include "platform/text_windows.h"

namespace latchkey::platform {
namespace {

/// The source that latchkey-service and the MSI register; its messages are in latchkeyd.exe.
constexpr const wchar_t* kSource = L"Latchkey";

WORD type_of(LogPriority priority) {
    switch (priority) {
        case LogPriority::critical:
        case LogPriority::error:
            return EVENTLOG_ERROR_TYPE;
        case LogPriority::warning:
            return EVENTLOG_WARNING_TYPE;
        case LogPriority::info:
        case LogPriority::debug:
            return EVENTLOG_INFORMATION_TYPE;
    }
    return EVENTLOG_INFORMATION_TYPE;
}

class EventLog final : public SystemLog {
public:
    explicit EventLog(HANDLE source) : source_(source) {}
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;
    ~EventLog() override { ::DeregisterEventSource(source_); }

    bool write(LogPriority priority, std::string_view message,
               std::span<const LogField> fields) override {
        const auto strings = event_strings(message, fields);
        std::array<std::wstring, std::tuple_size_v<EventStrings>> texts;
        std::array<const wchar_t*, std::tuple_size_v<EventStrings>> pointers;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            texts[i] = wide(strings[i]);
            pointers[i] = texts[i].c_str();
        }
        const auto id = event_id(priority, fields);
        return ::ReportEventW(source_, type_of(event_level(priority, id)), 0, id, nullptr,
                              static_cast<WORD>(pointers.size()), 0, pointers.data(),
                              nullptr) != FALSE;
    }

private:
    HANDLE source_;
};

}  // namespace

/// A service has no standard error that anybody reads.
std::unique_ptr<SystemLog> system_log() {
    if (!is_run_by_service_manager()) return nullptr;
    const HANDLE source = ::RegisterEventSourceW(nullptr, kSource);
    if (source == nullptr) return nullptr;
    return std::make_unique<EventLog>(source);
}

}  // namespace latchkey::platform
