#include "tests/fakes/copy_folder.h"

#include <limits>
#include <stdexcept>

#include "platform/secure_file.h"

namespace latchkey::fakes {
namespace {

namespace fs = std::filesystem;

void check(bool done, const fs::path& path) {
    if (!done) throw std::runtime_error("cannot copy " + path.string());
}

void copy_one(const fs::path& from, const fs::path& to) {
    const auto content = platform::read_file(from, std::numeric_limits<int>::max());
    check(content && platform::write_private_file(to, *content).has_value(), from);
}

}  // namespace

void copy_folder(const fs::path& from, const fs::path& to) {
    check(platform::ensure_private_directory(to).has_value(), to);
    for (const auto& entry : fs::directory_iterator(from)) {
        const auto copy = to / entry.path().filename();
        if (entry.is_symlink())
            fs::copy_symlink(entry.path(), copy);
        else if (entry.is_directory())
            copy_folder(entry.path(), copy);
        else
            copy_one(entry.path(), copy);
    }
}

}  // namespace latchkey::fakes
