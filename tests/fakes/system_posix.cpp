#include "tests/fakes/system.h"

#include <stdlib.h>
#include <sys/resource.h>

#include <csignal>

namespace latchkey::fakes {

void set_variable(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

void unset_variable(const char* name) { ::unsetenv(name); }

std::filesystem::path new_endpoint(const std::filesystem::path& directory) {
    return directory / "agent.sock";
}

std::filesystem::path make_private_directory(const std::filesystem::path& in) {
    std::string name = (in / "latchkey-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    return name;
}

FileSizeLimit::FileSizeLimit(std::uint64_t bytes) {
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    before_ = limit.rlim_cur;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
}

FileSizeLimit::~FileSizeLimit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = before_;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, handler_);
}

}  // namespace latchkey::fakes
