#include "keyserver/console/html.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace latchkey::keyserver::console {
namespace {

TEST(ConsoleHtml, text_cannot_become_markup) {
    EXPECT_EQ(text("<script>alert('x') & \"y\"</script>").markup(),
              "&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;&lt;/script&gt;");
    EXPECT_EQ(element("a", {{"href", "\"><script>"}}, text("<b>")).markup(),
              "<a href=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;</a>");
}

TEST(ConsoleHtml, a_string_cannot_be_put_in_as_it_is) {
    static_assert(!std::is_convertible_v<std::string, Html>);
    static_assert(!std::is_constructible_v<Html, std::string>);
    static_assert(!std::is_constructible_v<Html, const char*>);
    static_assert(!std::is_constructible_v<Name, std::string>);
}

TEST(ConsoleHtml, what_turns_the_reading_direction_or_ends_a_line_is_left_out) {
    EXPECT_EQ(text("a\u202Eb").markup(), "ab");
    EXPECT_EQ(text("a\nb\x1b[31m").markup(), "a b[31m");
    EXPECT_EQ(text("\xff").markup(), "?");
}

TEST(ConsoleHtml, elements_nest_and_void_ones_have_no_end) {
    EXPECT_EQ(element("p", text("a"), element("br"), text("b")).markup(), "<p>a<br>b</p>");
    EXPECT_EQ(element("input", {{"required", "", true}, {"class", "x", false}}).markup(),
              "<input required=\"\">");
}

TEST(ConsoleHtml, a_piece_of_a_path_stays_one_piece) {
    EXPECT_EQ(path_piece("mch_a-b.c~1"), "mch_a-b.c~1");
    EXPECT_EQ(path_piece("../x?y=1#z"), "..%2fx%3fy%3d1%23z");
}

}  // namespace
}  // namespace latchkey::keyserver::console
