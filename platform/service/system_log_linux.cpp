#include "platform/service/system_log_linux.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "platform/socket_address_posix.h"

namespace latchkey::platform {
namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";
constexpr std::size_t kLongestName = 64;

/// As syslog(3) counts.
char digit(LogPriority priority) {
    switch (priority) {
        case LogPriority::critical:
            return '2';
        case LogPriority::error:
            return '3';
        case LogPriority::warning:
            return '4';
        case LogPriority::info:
            return '6';
        case LogPriority::debug:
            return '7';
    }
    return '6';
}

bool is_field_name(std::string_view name) {
    if (name.empty() || name.size() > kLongestName || name[0] < 'A' || name[0] > 'Z') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

void append(std::string& datagram, std::string_view name, std::string_view value) {
    datagram += name;
    if (value.find('\n') == std::string_view::npos) {
        datagram += '=';
    } else {
        datagram += '\n';
        for (std::uint64_t size = value.size(), i = 0; i < sizeof size; ++i, size >>= 8)
            datagram += static_cast<char>(size & 0xff);
    }
    datagram += value;
    datagram += '\n';
}

}  // namespace

std::string journal_datagram(LogPriority priority, std::string_view message,
                             std::span<const LogField> fields) {
    std::string datagram;
    append(datagram, "MESSAGE", message);
    append(datagram, "PRIORITY", std::string(1, digit(priority)));
    for (const auto& field : fields)
        if (is_field_name(field.name)) append(datagram, field.name, field.value);
    return datagram;
}

bool is_journal_stream(int fd, std::string_view journal_stream) {
    struct stat file {};
    if (journal_stream.empty() || ::fstat(fd, &file) != 0) return false;
    return journal_stream == std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
}

Journal::Journal(std::string socket)
    : socket_(std::move(socket)), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

bool Journal::write(LogPriority priority, std::string_view message,
                    std::span<const LogField> fields) {
    const auto to = socket_address(socket_, false);
    if (!fd_ || !to) return false;
    const auto datagram = journal_datagram(priority, message, fields);
    return ::sendto(fd_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                    to->get(), to->size) == static_cast<ssize_t>(datagram.size());
}

std::unique_ptr<SystemLog> system_log() {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    if (stream == nullptr || !is_journal_stream(STDERR_FILENO, stream)) return nullptr;
    return std::make_unique<Journal>(kSocket);
}

}  // namespace latchkey::platform
