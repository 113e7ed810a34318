#include "agent/cli/history_text.h"

#include <gtest/gtest.h>

#include "base/printable.h"

namespace latchkey::cli {
namespace {

bj::value parsed(std::string_view text) {
    auto value = json::parse_strict(text, {.max_bytes = text.size(), .allow_doubles = true});
    EXPECT_TRUE(value) << value.error().detail;
    return value.value_or(nullptr);
}

constexpr std::string_view kHistory = R"({"entries":[
 {"number":9,"at":"2026-11-22T13:51:00Z","publisher":"contoso","product":"draw","event":"activated",
  "detail":"Counted 0 under any-change. Same machine, no hardware change: not counted.","receipt_id":"rcp_1"},
 {"number":8,"at":"2026-11-22T08:00:30Z","publisher":"contoso","product":"cad","event":"grace_ended",
  "detail":"The grace period has ended.","receipt_id":null},
 {"number":7,"at":"2026-11-21T23:59:59Z","publisher":null,"product":null,"event":"state_repaired",
  "detail":"","receipt_id":null}],"next_cursor":"7"})";

TEST(HistoryText, is_grouped_by_day_with_events_in_words_and_receipts) {
    EXPECT_EQ(
        history_text(parsed(kHistory), {.width = 90}),
        "Sunday 2026-11-22 (UTC)\n"
        "  13:51  draw          activated       Counted 0 under any-change. Same machine, no\n"
        "                                       hardware change: not counted. receipt rcp_1\n"
        "  08:00  cad           grace ended     The grace period has ended.\n"
        "\n"
        "Saturday 2026-11-21\n"
        "  23:59  this machine  state repaired\n"
        "\n"
        "older entries: --cursor 7\n");
}

TEST(HistoryText, in_a_narrow_window_stands_under_its_event) {
    EXPECT_EQ(history_text(parsed(kHistory), {.width = 44}),
              "Sunday 2026-11-22 (UTC)\n"
              "  13:51  draw: activated\n"
              "         Counted 0 under any-change. Same\n"
              "         machine, no hardware change: not\n"
              "         counted. receipt rcp_1\n"
              "  08:00  cad: grace ended\n"
              "         The grace period has ended.\n"
              "\n"
              "Saturday 2026-11-21\n"
              "  23:59  this machine: state repaired\n"
              "\n"
              "older entries: --cursor 7\n");
}

TEST(HistoryText, colours_the_event_and_moves_nothing) {
    const auto colored = history_text(parsed(kHistory), {.color = true, .width = 90});
    EXPECT_NE(colored.find("\x1b[32mactivated     \x1b[0m"), std::string::npos) << colored;
    EXPECT_NE(colored.find("\x1b[31mgrace ended   \x1b[0m"), std::string::npos) << colored;
}

TEST(HistoryText, says_what_became_of_the_grace_record_and_of_the_state_in_an_admins_words) {
    EXPECT_EQ(event_words("ledger_told"), "ledger answered");
    EXPECT_EQ(event_words("ledger_unreachable"), "ledger not reached");
    EXPECT_EQ(event_words("ledger_refused"), "no ledger kept");
    EXPECT_EQ(event_words("state_upgraded"), "state upgraded");
    EXPECT_EQ(event_words("state_foreign"), "another's state");
    EXPECT_EQ(event_words("state_is_back"), "state is back");
}

TEST(HistoryText, tolerates_entries_of_other_agents) {
    const auto history = parsed(
        R"({"entries":[{},null,{"at":"yesterday","event":"quantum_leap","product":7},
        {"at":null,"detail":"\u001b[2Jx"}]})");
    for (const std::size_t width : {40u, 100u}) {
        const auto text = history_text(history, {.width = width});
        EXPECT_NE(text.find("quantum leap"), std::string::npos) << text;
        EXPECT_EQ(text.find('\x1b'), std::string::npos);
    }
    EXPECT_EQ(history_text(parsed("{}"), {}), "Nothing is recorded yet.\n");
}

TEST(HistoryText, no_line_is_wider_than_the_terminal) {
    for (const std::size_t width : {40u, 60u, 72u, 80u, 200u}) {
        std::string_view rest = "";
        const auto text = history_text(parsed(kHistory), {.width = width});
        rest = text;
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            EXPECT_LE(columns(rest.substr(0, end)), width) << text;
            rest.remove_prefix(end + 1);
        }
    }
}

}  // namespace
}  // namespace latchkey::cli
