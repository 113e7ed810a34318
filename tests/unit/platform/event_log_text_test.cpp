#include "platform/service/event_log_text.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>
#include <vector>

namespace latchkey::platform {
namespace {

using testing::ElementsAre;

std::string file(const std::string& name) {
    std::ifstream in(SOURCE_DIRECTORY "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::uint16_t id(LogPriority priority, const std::vector<LogField>& fields = {}) {
    return event_id(priority, fields);
}

TEST(EventLogText, an_event_has_its_number_at_every_level) {
    EXPECT_EQ(id(LogPriority::info, {{"LATCHKEY_EVENT", "activated"}}), 100);
    EXPECT_EQ(id(LogPriority::error, {{"LATCHKEY_EVENT", "activated"}}), 100);
    EXPECT_EQ(
        id(LogPriority::error, {{"LATCHKEY_EVENT", "refused"}, {"LATCHKEY_CODE", "key_blocked"}}),
        300);
}

TEST(EventLogText, the_number_says_how_bad_it_is) {
    EXPECT_EQ(event_level(LogPriority::info, 100), LogPriority::info);
    EXPECT_EQ(event_level(LogPriority::info, 200), LogPriority::warning);
    EXPECT_EQ(event_level(LogPriority::error, 200), LogPriority::error);
    EXPECT_EQ(event_level(LogPriority::info, 303), LogPriority::error);
    EXPECT_EQ(event_level(LogPriority::warning, 10), LogPriority::warning);
}

TEST(EventLogText, what_is_no_event_goes_by_its_code_or_its_level) {
    EXPECT_EQ(id(LogPriority::error, {{"LATCHKEY_CODE", "config_invalid"}}), 10);
    EXPECT_EQ(id(LogPriority::warning,
                 {{"LATCHKEY_EVENT", "status"}, {"LATCHKEY_CODE", "config_invalid"}}),
              10);
    EXPECT_EQ(id(LogPriority::critical), 1);
    EXPECT_EQ(id(LogPriority::error), 2);
    EXPECT_EQ(id(LogPriority::warning), 3);
    EXPECT_EQ(id(LogPriority::info, {{"LATCHKEY_EVENT", "status"}}), 4);
    EXPECT_EQ(id(LogPriority::debug), 5);
}

TEST(EventLogText, the_agents_fields_follow_the_line) {
    const std::vector<LogField> fields{{"LATCHKEY_PRODUCT", "editor"},
                                       {"SYSLOG_IDENTIFIER", "latchkeyd"},
                                       {"LATCHKEY_EVENT", "activated"}};
    EXPECT_THAT(
        event_strings("activated", fields),
        ElementsAre("activated", "LATCHKEY_PRODUCT=editor", "LATCHKEY_EVENT=activated", "", ""));
}

TEST(EventLogText, a_line_cannot_ask_for_another_string) {
    EXPECT_EQ(event_strings("fe80::1%12 100% %%1", {})[0], "fe80::1% 12 100% %% 1");
    EXPECT_EQ(event_strings(std::string_view("a\0b", 3), {})[0], "a?b");
    EXPECT_LE(event_strings(std::string(100'000, 'x'), {})[0].size(), 31'839u);
}

TEST(EventLogText, every_number_has_a_text_and_a_place_in_the_docs) {
    const std::string texts = file("platform/service/events.mc");
    const std::string docs = file("docs/windows.md");
    std::set<int> used{1, 2, 3, 4, 5, 10};
    for (const auto& row : event_numbers()) {
        EXPECT_TRUE(used.insert(row.id).second) << row.id << " is used twice";
        EXPECT_NE(docs.find("| " + std::to_string(row.id) + " | `" + std::string(row.event) + "`"),
                  std::string::npos)
            << row.event;
    }
    std::set<int> there;
    const std::regex line("MessageId=(\\d+)\n");
    for (std::sregex_iterator found(texts.begin(), texts.end(), line), end; found != end; ++found)
        there.insert(std::stoi((*found)[1]));
    EXPECT_EQ(there, used);
}

}  // namespace
}  // namespace latchkey::platform
