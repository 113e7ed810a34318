// What one of an installer's actions hands to a later one.

#include "service-install/notes.h"

#include <gtest/gtest.h>

namespace latchkey::service_install {
namespace {

TEST(Notes, any_bytes_come_through_as_they_are) {
    const Notes notes{{"empty", ""},
                      {"brackets", "[KEY_FILE] {x} [\\[]; a=b"},
                      {"quotes", "\"'\r\n"},
                      {"zero", std::string("a\0b", 3)},
                      {"words", "Zürich, 東京"},
                      {"long", std::string(10'000, 'x')}};
    EXPECT_EQ(notes_of(text_of(notes)), notes);
}

TEST(Notes, the_text_holds_nothing_that_an_installer_could_take_for_more) {
    const auto text = text_of({{"a", "[b]; %c% \"d\""}});
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_=;"), std::string::npos)
        << text;
}

TEST(Notes, what_else_it_may_be_is_refused) {
    for (const char* bad :
         {"a", "a=", "a=6", "a=6;", "a=6x;", "=61;", "a b=61;", "a=61;a=62;", ";"})
        EXPECT_FALSE(notes_of(bad)) << bad;
    EXPECT_EQ(notes_of(""), Notes{});
}

TEST(Notes, what_was_told_is_told_again) {
    Told told;
    for (const auto& property : told_properties())
        told.*property.value = "value of " + std::string(property.name);
    Notes notes{{"bindir", "x"}};
    note(notes, told);
    const auto again = told_in(notes);
    for (const auto& property : told_properties())
        EXPECT_EQ(again.*property.value, told.*property.value) << property.name;
    EXPECT_TRUE(told_in({}).product.empty());
}

TEST(Notes, what_files_hold_is_handed_on_with_them) {
    ToldFiles files;
    files.copies = {{"CA_FILE", "a", "b", false, "an authority"},
                    {"KEY_FILE", "c", "d", true, std::string("\0;=", 3)}};
    Notes notes;
    note_contents(notes, files);
    ToldFiles again = files;
    for (auto& copy : again.copies) copy.content.clear();
    ASSERT_TRUE(take_contents(notes_of(text_of(notes)).value(), again));
    EXPECT_EQ(again.copies[0].content, "an authority");
    EXPECT_EQ(again.copies[1].content, files.copies[1].content);
    EXPECT_FALSE(take_contents({}, again));
}

}  // namespace
}  // namespace latchkey::service_install
