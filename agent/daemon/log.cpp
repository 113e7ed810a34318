#include "agent/daemon/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>

#include "platform/service/system_log.h"

namespace latchkey::daemon {
namespace {

constexpr std::size_t kMaxPrinted = 500;

// A pointer, because a thread_local object with a destructor is given back before it is destroyed
// where MinGW's runtime ends a thread.
thread_local const LogFields* current = nullptr;

platform::LogPriority priority_of(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::critical:
            return platform::LogPriority::critical;
        case spdlog::level::err:
            return platform::LogPriority::error;
        case spdlog::level::warn:
            return platform::LogPriority::warning;
        case spdlog::level::info:
            return platform::LogPriority::info;
        case spdlog::level::trace:
        case spdlog::level::debug:
        case spdlog::level::off:
        case spdlog::level::n_levels:
            break;
    }
    return platform::LogPriority::debug;
}

/// Into the system's log; on standard error what that does not take.
class SystemSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit SystemSink(std::unique_ptr<platform::SystemLog> log) : log_(std::move(log)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        auto fields = LogFields::of_this_thread();
        fields.push_back({"SYSLOG_IDENTIFIER", "latchkeyd"});
        if (!log_->write(priority_of(message.level), text, fields)) stderr_.log(message);
    }
    void flush_() override {}

    std::unique_ptr<platform::SystemLog> log_;
    spdlog::sinks::stderr_sink_st stderr_;
};

spdlog::sink_ptr sink() {
    if (auto log = platform::system_log()) return std::make_shared<SystemSink>(std::move(log));
    return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::trace:
            return spdlog::level::trace;
    }
    return spdlog::level::info;
}

}  // namespace

void start_log(LogLevel level) {
    auto logger = std::make_shared<spdlog::logger>("latchkeyd", sink());
    // Reporting the failure of reporting would go the same way.
    logger->set_error_handler([](const std::string&) {});
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
    set_log_level(level);
}

void set_log_level(LogLevel level) { spdlog::set_level(spdlog_level(level)); }

LogFields::LogFields(const Values& values) : outer_(current) {
    const auto add = [&](const char* name, std::string_view value) {
        if (!value.empty()) fields_.push_back({name, printable(value)});
    };
    add("LATCHKEY_PRODUCT", values.product);
    add("LATCHKEY_PUBLISHER", values.publisher);
    add("LATCHKEY_EVENT", values.event);
    add("LATCHKEY_CODE", values.code);
    current = this;
}

LogFields::~LogFields() { current = outer_; }

std::vector<platform::LogField> LogFields::of_this_thread() {
    return current ? current->fields_ : std::vector<platform::LogField>{};
}

std::string printable(std::string_view text) {
    std::string out(text.substr(0, kMaxPrinted));
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text.size() > kMaxPrinted ? out + "..." : out;
}

}  // namespace latchkey::daemon
