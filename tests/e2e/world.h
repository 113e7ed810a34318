#pragma once

// One test's world: a directory of its own under TMPDIR, and the shipped programs. Removed at the
// end; kept, and named on stderr, where the test failed.

#include <boost/json/value.hpp>

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/e2e/process.h"

namespace latchkey::e2e {

using Json = boost::json::value;

class World {
public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    fs::path path(std::string_view name) const { return root_ / name; }
    /// Makes the directories on the way.
    fs::path write(std::string_view name, std::string_view text) const;

private:
    fs::path root_;
};

std::string read_file(const fs::path& path);
void write_file(const fs::path& path, std::string_view text);

/// Where the build left its programs: build/dev/bin/latchkeyd.
std::string program(std::string_view name);
/// A file of the source tree.
fs::path source_file(std::string_view name);

/// One JSON document, strictly: duplicate members and trailing text throw.
Json parse_json(std::string_view text);

/// The member at a path of names and indices, "products.0.activations.used"; throws where it is
/// missing, so that a test never passes for lack of a field.
const Json& at(const Json& document, std::string_view path);
std::string text_at(const Json& document, std::string_view path);
std::int64_t number_at(const Json& document, std::string_view path);

}  // namespace latchkey::e2e
