// Every state at every width, and the page of the documentation that shows them.

#include "tests/unit/agent_cli/gallery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "agent/cli/check_line.h"
#include "agent/cli/status_text.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

const WallTime kWrongClock{};  // never asked: the documents say the time themselves

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::string without_colours(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b')
            i = text.find('m', i);
        else
            plain += text[i];
    }
    return plain;
}

std::vector<std::string> pictures_of(const Exhibit& exhibit, const Look& look) {
    std::vector<std::string> pictures{status_picture(exhibit.status, kWrongClock, look)};
    for (const auto& product : View(exhibit.status)["products"].items())
        pictures.push_back(product_details(exhibit.status, product, kWrongClock, look));
    return pictures;
}

TEST(Gallery, no_line_is_wider_than_the_terminal) {
    for (const auto& exhibit : gallery())
        for (const std::size_t width : {30u, 40u, 60u, 80u, 81u, 99u, 120u, 200u})
            for (const bool unicode : {true, false})
                for (const auto& picture :
                     pictures_of(exhibit, {.color = false, .unicode = unicode, .width = width}))
                    for (const auto& line : lines_of(picture))
                        EXPECT_LE(columns(line), width) << exhibit.title << "\n" << line;
}

TEST(Gallery, colours_change_no_letter_and_are_always_ended) {
    for (const auto& exhibit : gallery())
        for (const std::size_t width : {40u, 80u, 200u}) {
            const auto plain = pictures_of(exhibit, {.color = false, .width = width});
            const auto colored = pictures_of(exhibit, {.color = true, .width = width});
            for (std::size_t i = 0; i < plain.size(); ++i) {
                EXPECT_EQ(without_colours(colored[i]), plain[i]) << exhibit.title;
                EXPECT_EQ(plain[i].find('\x1b'), std::string::npos) << exhibit.title;
                for (const auto& line : lines_of(colored[i])) {
                    const auto last = line.rfind('\x1b');
                    EXPECT_TRUE(last == std::string::npos || line.substr(last, 4) == "\x1b[0m")
                        << line;
                }
            }
        }
}

TEST(Gallery, without_unicode_every_byte_is_ascii) {
    for (const auto& exhibit : gallery())
        for (const auto& picture : pictures_of(exhibit, {.unicode = false, .width = 80}))
            for (const char c : picture) EXPECT_GE(c, 0) << exhibit.title << "\n" << picture;
}

TEST(Gallery, nothing_trails) {
    for (const auto& exhibit : gallery())
        for (const std::size_t width : {40u, 80u})
            for (const auto& picture : pictures_of(exhibit, {.width = width}))
                for (const auto& line : lines_of(picture))
                    EXPECT_FALSE(line.ends_with(' ')) << exhibit.title << "\n" << line;
}

TEST(Gallery, check_says_of_each_what_its_picture_says) {
    for (const auto& exhibit : gallery()) {
        const View status(exhibit.status);
        const auto line = check_all(status, kWrongClock);
        EXPECT_EQ(line.level, level_of(status["overall"].text())) << exhibit.title;
        const auto picture = status_picture(status, kWrongClock, {});
        EXPECT_EQ(picture.starts_with("●"), line.level == Level::ok) << exhibit.title;
        EXPECT_EQ(picture.starts_with("×"), line.level == Level::critical) << exhibit.title;
    }
}

std::string picture_block(const Exhibit& exhibit, const Look& look) {
    return "```\n" + status_picture(exhibit.status, kWrongClock, look) + "```\n";
}

std::string check_block(const Exhibit& exhibit) {
    const auto line = check_all(exhibit.status, kWrongClock);
    return "`check` exits " + std::to_string(static_cast<int>(line.level)) + ":\n\n```\n" +
           line_text(line) + "```\n";
}

std::string lab_details(const std::vector<Exhibit>& exhibits, const Look& look) {
    const auto lab = std::find_if(exhibits.begin(), exhibits.end(), [](const Exhibit& exhibit) {
        return exhibit.title == "A lab machine";
    });
    if (lab == exhibits.end()) return "nothing\n";
    return product_details(lab->status, find_product(lab->status, "studio"), kWrongClock, look);
}

std::string page() {
    const auto exhibits = gallery();
    std::string text =
        "# What `status` and `check` show\n\n"
        "Every state of [lifecycle.md](lifecycle.md), as the code shows it: "
        "`tests/unit/agent_cli/gallery_test.cpp` fails where this page says\n"
        "something else. It is 2026-11-22 14:00 UTC on a terminal of 80 columns.\n";
    for (const auto& exhibit : exhibits)
        text += "\n## " + exhibit.title + "\n\n" + picture_block(exhibit, {.width = 80}) + "\n" +
                check_block(exhibit);
    text += "\n## Other terminals\n\nThe first machine at 120 columns:\n\n" +
            picture_block(exhibits.front(), {.width = 120}) + "\nat 200:\n\n" +
            picture_block(exhibits.front(), {.width = 200}) + "\nat 60:\n\n" +
            picture_block(exhibits.front(), {.width = 60}) + "\nat 40:\n\n" +
            picture_block(exhibits.front(), {.width = 40}) +
            "\nand where the locale is not UTF-8:\n\n" +
            picture_block(exhibits.front(), {.unicode = false, .width = 80}) +
            "\n## `status --product draw`\n\n```\n" +
            product_details(exhibits.front().status, find_product(exhibits.front().status, "draw"),
                            kWrongClock, {.width = 80}) +
            "```\n\n## `status --product studio`, a lab machine at 60 columns\n\n```\n" +
            lab_details(exhibits, {.width = 60}) + "```\n";
    return text;
}

TEST(Gallery, the_page_shows_what_the_code_draws) {
    std::ifstream file(LATCHKEY_STATUS_PAGE);
    std::stringstream documented;
    documented << file.rdbuf();
    const std::string made = page();
    const auto shown = lines_of(documented.str());
    const auto drawn = lines_of(made);
    for (std::size_t i = 0; i < std::max(shown.size(), drawn.size()); ++i) {
        const std::string there = i < shown.size() ? shown[i] : "(the page ends)";
        const std::string here = i < drawn.size() ? drawn[i] : "(nothing more is drawn)";
        if (there == here) continue;
        const std::string file = testing::TempDir() + "status.md";
        std::ofstream(file) << made;
        FAIL() << "docs/status.md, line " << i + 1 << ":\n  " << there << "\nis drawn as\n  "
               << here << "\nThe whole page as it should be: " << file;
    }
}

TEST(Gallery, in_colour_the_state_is_what_stands_out) {
    const auto picture =
        status_picture(gallery().front().status, kWrongClock, {.color = true, .width = 80});
    EXPECT_EQ(lines_of(picture).at(4),
              "\x1b[33m▲\x1b[0m cad      \x1b[33min grace\x1b[0m        "
              "\x1b[33m██████\x1b[0m\x1b[2m░░░░\x1b[0m 18 days   -             ends in 18 days");
    EXPECT_NE(picture.find("\x1b[32m●\x1b[0m draw     \x1b[32mlicensed\x1b[0m"), std::string::npos);
    EXPECT_NE(
        picture.find("to do   \x1b[1mlatchkey activate --product cad --key-file FILE\x1b[0m\n"),
        std::string::npos);
}

}  // namespace
}  // namespace latchkey::cli
