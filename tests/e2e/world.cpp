#include "tests/e2e/world.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <boost/json/serialize.hpp>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/strict_json.h"

namespace latchkey::e2e {

World::World() {
    auto pattern = (fs::temp_directory_path() / "latchkey-e2e-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    root_ = pattern;
    // Some tests look at the world as a user without rights.
    chmod(root_.c_str(), 0755);
}

World::~World() {
    if (testing::Test::HasFailure()) {
        std::fprintf(stderr, "logs and state are kept in %s\n", root_.c_str());
        return;
    }
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

fs::path World::write(std::string_view name, std::string_view text) const {
    const auto file = path(name);
    write_file(file, text);
    return file;
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

void write_file(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string program(std::string_view name) {
    const fs::path path = fs::path(LATCHKEY_BIN_DIR) / name;
    if (!fs::exists(path)) throw std::runtime_error(path.string() + " has not been built");
    return path.string();
}

fs::path source_file(std::string_view name) { return fs::path(LATCHKEY_SOURCE_DIR) / name; }

Json parse_json(std::string_view text) {
    const auto value = json::parse_strict(
        text, {.max_bytes = 4 * 1024 * 1024, .max_depth = 32, .allow_doubles = true});
    if (!value)
        throw std::runtime_error("not JSON (" + value.error().detail + "): " + std::string(text));
    return *value;
}

const Json& at(const Json& document, std::string_view path) {
    const Json* here = &document;
    std::string_view rest = path;
    while (!rest.empty()) {
        const auto dot = rest.find('.');
        const auto name = rest.substr(0, dot);
        rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
        const Json* next = nullptr;
        if (const auto* object = here->if_object()) next = object->if_contains(name);
        if (const auto* array = here->if_array())
            next = array->if_contains(static_cast<std::size_t>(std::stoul(std::string(name))));
        if (next == nullptr)
            throw std::runtime_error("no '" + std::string(path) + "' in " +
                                     boost::json::serialize(document));
        here = next;
    }
    return *here;
}

std::string text_at(const Json& document, std::string_view path) {
    const auto& value = at(document, path);
    return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

std::int64_t number_at(const Json& document, std::string_view path) {
    const auto& value = at(document, path);
    if (!value.is_number())
        throw std::runtime_error("'" + std::string(path) + "' is no number in " +
                                 boost::json::serialize(document));
    return value.to_number<std::int64_t>();
}

}  // namespace latchkey::e2e
