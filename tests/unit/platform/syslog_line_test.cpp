#include "platform/service/syslog_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace latchkey::platform {
namespace {

TEST(SyslogLine, the_agents_own_fields_stand_behind_the_message) {
    const std::vector<LogField> fields{{"LATCHKEY_EVENT", "activated"},
                                       {"SYSLOG_IDENTIFIER", "latchkeyd"},
                                       {"LATCHKEY_PRODUCT", "suite"}};
    EXPECT_EQ(syslog_line("activated suite", fields),
              "activated suite [LATCHKEY_EVENT=activated LATCHKEY_PRODUCT=suite]");
}

TEST(SyslogLine, a_message_without_fields_stays_as_it_is) {
    const std::vector<LogField> fields{{"SYSLOG_IDENTIFIER", "latchkeyd"}};
    EXPECT_EQ(syslog_line("ready", {}), "ready");
    EXPECT_EQ(syslog_line("ready", fields), "ready");
}

TEST(SyslogLine, nothing_begins_a_line_of_its_own) {
    const std::vector<LogField> fields{{"LATCHKEY_DETAIL", "one\ntwo\ttabs"}};
    EXPECT_EQ(syslog_line("a\r\nb", fields), "a  b [LATCHKEY_DETAIL=one two tabs]");
}

}  // namespace
}  // namespace latchkey::platform
