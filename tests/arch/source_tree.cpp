#include "tests/arch/source_tree.h"

#include <algorithm>
#include <fstream>

namespace latchkey::arch {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRooms[] = {"base",       "hwid",      "licensing",       "platform", "agent",
                                  "installers", "keyserver", "service-install", "tests"};

Source read_source(const fs::path& file) {
    Source source{fs::relative(file, repository()).generic_string(), {}};
    std::ifstream in(file);
    std::string text;
    for (int number = 1; std::getline(in, text); ++number) source.lines.push_back({number, text});
    return source;
}

std::vector<Source> read_all() {
    std::vector<Source> all;
    for (const char* room : kRooms) {
        for (const auto& entry : fs::recursive_directory_iterator(repository() / room)) {
            const auto extension = entry.path().extension();
            if (entry.is_regular_file() && (extension == ".h" || extension == ".cpp"))
                all.push_back(read_source(entry.path()));
        }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return all;
}

}  // namespace

fs::path repository() { return LATCHKEY_SOURCE_DIR; }

const std::vector<Source>& sources() {
    static const std::vector<Source> all = read_all();
    return all;
}

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

std::string code_of(const std::string& line) {
    std::string code;
    bool in_string = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (!in_string && line.compare(i, 2, "//") == 0) break;
        if (in_string && line[i] == '\\') {
            ++i;
            continue;
        }
        if (line[i] == '"') {
            in_string = !in_string;
            code += '"';
            continue;
        }
        if (!in_string) code += line[i];
    }
    return code;
}

}  // namespace latchkey::arch
