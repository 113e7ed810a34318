// Texts that an administrator of Windows sees speak no Unix: no systemctl, chmod, root, /etc.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <regex>

#include "tests/arch/source_tree.h"

namespace latchkey::arch {
namespace {

// "root" is also a key, a certificate and a directory: only the user is meant.
const std::regex kUnix(
    R"(systemd|systemctl|journalctl|launchctl|\b(chmod|chown|sudo|dmesg|apt|dnf)\b|(as|need|needs|to|or|by) root\b|\broot (or|may|can)\b|root's|\buid\b|\b0(600|640|644|660|700|750|755)\b|libtss2|tpm2-tss|/(etc|run|var|usr|dev|sys|proc)/|PREFIX/bin|\.service\b)");

struct Excused {
    std::string_view path;
    std::string_view why;
};

// Files of several systems whose words are chosen by the system that is spoken of.
constexpr std::array kExcused{
    Excused{"hwid/unread.cpp", "chosen by the snapshot's system"},
    Excused{"licensing/tpm_messages.cpp", "names the system of which it speaks"},
    Excused{"platform/service/closed_folders.h", "of Linux' unit"},
    Excused{"service-install/plan.cpp", "chosen by the service manager"},
    Excused{"service-install/plan_launchd.cpp", "macOS' plan"},
    Excused{"service-install/plan_systemd.cpp", "Linux' plan"},
    Excused{"service-install/systemd_unit.cpp", "Linux' unit"},
};

bool runs_on_windows(const std::string& path) {
    const auto has = [&](std::string_view part) { return path.find(part) != std::string::npos; };
    const bool shipped = !path.starts_with("tests/") && !path.starts_with("keyserver/");
    return shipped && !has("_linux.") && !has("_posix.") && !has("_mac.");
}

/// The string literals of a file, each with its line's number; raw ones over several lines, too.
std::vector<Line> texts_of(const Source& source) {
    std::vector<Line> texts;
    bool raw = false;
    for (const auto& line : source.lines) {
        std::string text;
        bool plain = false;
        for (std::size_t i = 0; i < line.text.size(); ++i) {
            const auto rest = std::string_view(line.text).substr(i);
            if (raw) {
                raw = !rest.starts_with(")\"");
                if (raw)
                    text += rest.front();
                else
                    ++i;
            } else if (plain) {
                plain = rest.front() != '"';
                if (rest.front() == '\\') ++i;
                if (plain) text += line.text[std::min(i, line.text.size() - 1)];
            } else if (rest.starts_with("R\"(")) {
                raw = true;
                i += 2;
            } else if (rest.starts_with("'\"'") || rest.starts_with("'\\\"'")) {
                i += rest[1] == '"' ? 2 : 3;
            } else if (rest.starts_with("//") || rest.starts_with("#include")) {
                break;
            } else {
                plain = rest.front() == '"';
                if (plain) text += ' ';
            }
        }
        if (!text.empty()) texts.push_back({line.number, text});
    }
    return texts;
}

std::vector<std::string> unix_words(const Source& source) {
    std::vector<std::string> found;
    for (const auto& text : texts_of(source))
        if (std::regex_search(text.text, kUnix))
            found.push_back(source.path + ":" + std::to_string(text.number) + ": " + text.text);
    return found;
}

TEST(Words, what_windows_administrators_read_speaks_no_unix) {
    std::size_t read = 0;
    for (const auto& source : sources()) {
        const auto excused = std::find_if(kExcused.begin(), kExcused.end(),
                                          [&](const auto& one) { return source.path == one.path; });
        if (!runs_on_windows(source.path) || excused != kExcused.end()) continue;
        read += texts_of(source).size();
        for (const auto& place : unix_words(source)) ADD_FAILURE() << place;
    }
    EXPECT_GT(read, 2'000u) << "texts are not found at all";
}

TEST(Words, whoever_is_excused_has_such_words) {
    for (const auto& excused : kExcused) {
        const auto source = std::find_if(sources().begin(), sources().end(),
                                         [&](const auto& one) { return one.path == excused.path; });
        ASSERT_NE(source, sources().end()) << excused.path;
        EXPECT_FALSE(unix_words(*source).empty()) << excused.path << ": " << excused.why;
    }
}

TEST(Words, the_pattern_can_fail) {
    const auto finds = [](const std::string& text) {
        return !unix_words({"a.cpp", {{1, text}}}).empty();
    };
    EXPECT_TRUE(finds(R"(x = "Run 'systemctl start latchkeyd'.";)"));
    EXPECT_TRUE(finds(R"(x = "run it as root";)"));
    EXPECT_TRUE(finds("x = \"(chmod 644)\";"));
    EXPECT_TRUE(finds(R"(x = "see /etc/latchkey";)"));
    EXPECT_TRUE(finds("x = \"asked by {} (uid {})\";"));
    EXPECT_TRUE(finds("x = R\"(need root)\";"));
    EXPECT_FALSE(finds(R"(x = "the root is no signing key";)"));
    EXPECT_FALSE(finds(R"(x = y;  // "systemctl" )"));
    EXPECT_FALSE(finds(R"(x = '"'; /* as root */)"));
}

}  // namespace
}  // namespace latchkey::arch
