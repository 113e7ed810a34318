#include "hwid/snapshot.h"

#include <gtest/gtest.h>

#include <random>

namespace latchkey::hwid {
namespace {

constexpr std::string_view kDesktop =
    R"({"schema":"latchkey.hwid.snapshot/1","os":"linux","captured_at":"2026-11-22T13:51:00Z","components":[
  {"kind":"system_serial","value":"9BK5V33"},
  {"kind":"disk","value":"S5GX","slot":"nvme0n1","attributes":{"bus":"nvme","size_gb":"1000"},"state":"present"},
  {"kind":"tpm_ek","value":"","state":"unreadable"},
  {"kind":"nic","state":"absent"}]})";

std::string around(std::string_view components) {
    return R"({"schema":"latchkey.hwid.snapshot/1","os":"linux","captured_at":null,"components":[)" +
           std::string(components) + "]}";
}

void expect_refused(std::string_view text, std::string_view word) {
    const auto got = parse_snapshot(text);
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().code, Code::input_unreadable);
    EXPECT_NE(got.error().detail.find(word), std::string::npos) << got.error().detail;
}

TEST(SnapshotJson, what_is_written_reads_back_the_same) {
    const auto got = parse_snapshot(kDesktop);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->os, "linux");
    ASSERT_EQ(got->components.size(), 4u);
    EXPECT_EQ(got->components[1].slot, "nvme0n1");
    EXPECT_EQ(got->components[1].attribute("size_gb"), "1000");
    EXPECT_EQ(got->components[2].state, State::unreadable);
    EXPECT_EQ(got->components[3].state, State::absent);
    const auto again = parse_snapshot(json::to_text(to_json(*got)));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *got);
    ASSERT_TRUE(got->captured_at);
    EXPECT_EQ(format_rfc3339(*got->captured_at), "2026-11-22T13:51:00Z");
}

TEST(SnapshotJson, a_capture_without_time_is_fine) {
    for (const auto* time : {R"("captured_at":null,)", R"("captured_at":"",)", ""}) {
        const auto got = parse_snapshot(std::string(R"({"schema":"latchkey.hwid.snapshot/1",)") +
                                        time + R"("components":[]})");
        ASSERT_TRUE(got) << got.error().detail;
        EXPECT_FALSE(got->captured_at);
        EXPECT_TRUE(parse_snapshot(json::to_text(to_json(*got))));
    }
}

TEST(SnapshotJson, unknown_kinds_and_members_are_ignored) {
    const auto got = parse_snapshot(around(
        R"({"kind":"flux_capacitor","value":7,"x":1.5},{"kind":"disk","value":"S1","colour":"red"})"));
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->components.size(), 1u);
}

TEST(SnapshotJson, control_and_bidi_characters_do_not_get_in) {
    const auto got = parse_snapshot(around(
        R"({"kind":"disk","value":"S\u0000\u001b1\u202e2 ","slot":"a\u0007","attributes":{"mo\u0001del":"x\u0085"}})"));
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->components[0].value, "S12");
    EXPECT_EQ(got->components[0].slot, "a");
    EXPECT_EQ(got->components[0].attribute("model"), "x");
}

TEST(SnapshotJson, refusals_say_what_and_where) {
    expect_refused("", "JSON");
    expect_refused("[]", "object");
    expect_refused("{}", "schema");
    expect_refused(R"({"schema":"latchkey.hwid.snapshot/2","components":[]})", "schema");
    expect_refused(R"({"schema":"latchkey.hwid.snapshot/1"})", "components");
    expect_refused(R"({"schema":"latchkey.hwid.snapshot/1","components":{}})", "array");
    expect_refused(
        R"({"schema":"latchkey.hwid.snapshot/1","os":"linux","os":"mac","components":[]})",
        "twice");
    expect_refused(
        R"({"schema":"latchkey.hwid.snapshot/1","captured_at":"yesterday","components":[]})",
        "captured_at");
    expect_refused(around(R"({"kind":"disk"},7)"), "component 1");
    expect_refused(around(R"({"value":"x"})"), "\"kind\" is missing");
    expect_refused(around(R"({"kind":5})"), "\"kind\" must be a string");
    expect_refused(around(R"({"kind":"disk","value":5})"), "component 0: \"value\"");
    expect_refused(around(R"({"kind":"disk","state":"gone"})"), "\"state\"");
    expect_refused(around(R"({"kind":"disk","attributes":[]})"), "\"attributes\"");
    expect_refused(around(R"({"kind":"disk","attributes":{"a":1}})"), "strings");
    expect_refused(around(R"({"kind":"disk","value":")" + std::string(257, 'x') + "\"}"), "256");
    expect_refused(around(R"({"kind":"disk","attributes":{"a":")" + std::string(257, 'x') + "\"}}"),
                   "too long");
}

TEST(SnapshotJson, limits_hold) {
    std::string many;
    for (int i = 0; i < 256; ++i)
        many += std::string(i ? "," : "") + R"({"kind":"disk","value":"S"})";
    EXPECT_TRUE(parse_snapshot(around(many)));
    expect_refused(around(many + R"(,{"kind":"disk"})"), "256");
    std::string attributes;
    for (int i = 0; i < 33; ++i)
        attributes += std::string(i ? "," : "") + "\"a" + std::to_string(i) + "\":\"\"";
    expect_refused(around(R"({"kind":"disk","attributes":{)" + attributes + "}}"), "too many");
    expect_refused(std::string(600 * 1024, ' '), "bytes");
    expect_refused(std::string(100, '['), "JSON");
}

TEST(SnapshotJson, every_truncation_is_refused) {
    for (std::size_t n = 0; n < kDesktop.size(); ++n) {
        EXPECT_FALSE(parse_snapshot(kDesktop.substr(0, n))) << n;
    }
}

TEST(SnapshotJson, mutated_bytes_never_crash) {
    std::mt19937 random(3);
    for (int round = 0; round < 10'000; ++round) {
        std::string text(kDesktop);
        for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
        if (const auto got = parse_snapshot(text)) {
            EXPECT_LE(got->components.size(), kMaxComponents);
        }
    }
}

}  // namespace
}  // namespace latchkey::hwid
