#include "agent/daemon/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>

namespace latchkey::daemon {
namespace {

constexpr std::size_t kMaxPrinted = 500;

/// "<6>" and its kin: what sd-daemon(3) calls the priority prefix.
class PriorityFlag final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& into) override {
        const std::string_view prefix = prefix_of(message.level);
        into.append(prefix.data(), prefix.data() + prefix.size());
    }
    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<PriorityFlag>();
    }

private:
    static std::string_view prefix_of(spdlog::level::level_enum level) {
        switch (level) {
            case spdlog::level::critical:
                return "<2>";
            case spdlog::level::err:
                return "<3>";
            case spdlog::level::warn:
                return "<4>";
            case spdlog::level::info:
                return "<6>";
            case spdlog::level::trace:
            case spdlog::level::debug:
            case spdlog::level::off:
            case spdlog::level::n_levels:
                break;
        }
        return "<7>";
    }
};

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
    auto logger = std::make_shared<spdlog::logger>(
        "latchkeyd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    // Reporting the failure of reporting would go the same way.
    logger->set_error_handler([](const std::string&) {});
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    if (std::getenv("JOURNAL_STREAM") != nullptr)
        formatter->add_flag<PriorityFlag>('*').set_pattern("%*%v");
    else
        formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->set_formatter(std::move(formatter));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
    set_log_level(level);
}

void set_log_level(LogLevel level) { spdlog::set_level(spdlog_level(level)); }

std::string printable(std::string_view text) {
    std::string out(text.substr(0, kMaxPrinted));
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text.size() > kMaxPrinted ? out + "..." : out;
}

}  // namespace latchkey::daemon
