#include "tests/fakes/system.h"

#include <array>
#include <cstdlib>

#include "base/encoding.h"
#include "platform/random.h"
#include "platform/secure_file.h"

namespace latchkey::fakes {
namespace {

std::string fresh_name() {
    std::array<std::uint8_t, 8> bytes{};
    platform::fill_random(bytes);
    return "latchkey-" + hex(bytes);
}

}  // namespace

void set_variable(const char* name, const std::string& value) { ::_putenv_s(name, value.c_str()); }

void unset_variable(const char* name) { ::_putenv_s(name, ""); }

std::filesystem::path new_endpoint(const std::filesystem::path&) {
    return R"(\\.\pipe\)" + fresh_name();
}

std::filesystem::path make_private_directory(const std::filesystem::path& in) {
    const auto path = in / fresh_name();
    if (!platform::ensure_private_directory(path)) std::abort();
    return path;
}

FileSizeLimit::FileSizeLimit(std::uint64_t) { std::abort(); }
FileSizeLimit::~FileSizeLimit() = default;

}  // namespace latchkey::fakes
