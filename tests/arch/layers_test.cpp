// The arrows of layers.txt, held against every #include.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "tests/arch/source_tree.h"

namespace latchkey::arch {
namespace {

struct Layers {
    std::map<std::string, std::vector<std::string>> arrows;  // folder -> allowed prefixes
    std::vector<std::pair<std::string, std::vector<std::string>>>
        libraries;  // include prefix -> places
};

Layers parse_layers(std::istream& in) {
    Layers layers;
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words(line);
        std::string name, mark, word;
        words >> name;
        std::vector<std::string>* list = nullptr;
        if (name == "library") {
            words >> name >> mark;
            list = &layers.libraries.emplace_back(name, std::vector<std::string>{}).second;
        } else {
            words >> mark;
            list = &layers.arrows[name];
        }
        EXPECT_TRUE(mark == "->" || mark == ":") << line;
        while (words >> word) list->push_back(word);
    }
    return layers;
}

const Layers& layers() {
    static const Layers parsed = [] {
        std::ifstream in(repository() / "tests/arch/layers.txt");
        return parse_layers(in);
    }();
    return parsed;
}

/// "agent/core" for "agent/core/step.cpp"; the longest folder of the list that holds the path.
std::optional<std::string> room_of(const std::string& path, const Layers& all) {
    std::optional<std::string> best;
    for (const auto& [room, allowed] : all.arrows)
        if (path.starts_with(room + "/") && (!best || room.size() > best->size())) best = room;
    return best;
}

/// The included path and whether it is one of ours ("...") or a library's (<...>).
std::optional<std::pair<std::string, bool>> include_of(const std::string& line) {
    const auto hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') return std::nullopt;
    const auto word = line.find("include", hash);
    if (word == std::string::npos) return std::nullopt;
    const auto open = line.find_first_of("<\"", word);
    if (open == std::string::npos) return std::nullopt;
    const bool ours = line[open] == '"';
    const auto close = line.find(ours ? '"' : '>', open + 1);
    return std::pair{line.substr(open + 1, close - open - 1), ours};
}

bool covers(const std::string& place, const std::string& path) {
    if (place == "*") return true;
    const bool is_file = place.find('.') != std::string::npos || !path.starts_with(place + "/");
    return is_file ? path.starts_with(place) && (place.find('/') != std::string::npos) : true;
}

/// "a" stands for all below it, "a/" for the files of the folder itself, "a/b.h" for the file.
bool allows(const std::string& allowed, const std::string& included) {
    if (allowed == "*" || included == allowed) return true;
    if (allowed.ends_with('/'))
        return included.starts_with(allowed) &&
               included.find('/', allowed.size()) == std::string::npos;
    return included.starts_with(allowed + "/");
}

std::string violation(const std::string& path, const std::string& included, const Layers& all) {
    const auto from = room_of(path, all);
    const auto to = room_of(included, all);
    if (!from) return "stands in no room of layers.txt";
    if (!to) return "includes \"" + included + "\", which is not written from the repository root";
    if (*from == *to || *to == "base") return {};
    for (const auto& allowed : all.arrows.at(*from))
        if (allows(allowed, included)) return {};
    return "includes \"" + included + "\": there is no arrow " + *from + " -> " + *to;
}

TEST(Layers, every_include_follows_an_arrow) {
    for (const auto& source : sources()) {
        for (const auto& line : source.lines) {
            const auto include = include_of(line.text);
            if (!include || !include->second) continue;
            const auto why = violation(source.path, include->first, layers());
            EXPECT_TRUE(why.empty()) << source.path << ":" << line.number << ": " << why;
        }
    }
}

TEST(Layers, libraries_stay_in_their_rooms) {
    for (const auto& source : sources()) {
        if (source.is_test()) continue;
        for (const auto& line : source.lines) {
            const auto include = include_of(line.text);
            if (!include || include->second) continue;
            for (const auto& [library, places] : layers().libraries) {
                if (!include->first.starts_with(library)) continue;
                const bool allowed =
                    std::any_of(places.begin(), places.end(),
                                [&](const auto& place) { return covers(place, source.path); });
                EXPECT_TRUE(allowed) << source.path << ":" << line.number << ": <" << include->first
                                     << "> is not for this room";
            }
        }
    }
}

TEST(Layers, nothing_includes_tests) {
    for (const auto& source : sources()) {
        if (source.is_test()) continue;
        for (const auto& line : source.lines) {
            const auto include = include_of(line.text);
            EXPECT_FALSE(include && include->first.starts_with("tests/"))
                << source.path << ":" << line.number;
        }
    }
}

// The checker itself must be able to fail.
TEST(Layers, a_wrong_arrow_is_seen) {
    EXPECT_FALSE(violation("hwid/match.cpp", "licensing/license.h", layers()).empty());
    EXPECT_FALSE(violation("agent/core/step.cpp", "agent/store/store.h", layers()).empty());
    EXPECT_FALSE(violation("platform/clock_linux.cpp", "hwid/match.h", layers()).empty());
    EXPECT_FALSE(violation("platform/clock_linux.cpp", "hwid/raw.h", layers()).empty());
    EXPECT_TRUE(violation("platform/tpm/tpm.cpp", "hwid/raw.h", layers()).empty());
    EXPECT_TRUE(violation("platform/tpm/tpm.cpp", "platform/clock.h", layers()).empty());
    EXPECT_FALSE(
        violation("platform/tpm/tpm.cpp", "platform/trust/trust_store.h", layers()).empty());
    EXPECT_TRUE(violation("agent/net/proxy.h", "platform/trust/trust_store.h", layers()).empty());
    EXPECT_TRUE(violation("agent/daemon/runner.cpp", "agent/core/step.h", layers()).empty());
    EXPECT_FALSE(violation("agent/cli/main.cpp", "match.h", layers()).empty());
}

}  // namespace
}  // namespace latchkey::arch
