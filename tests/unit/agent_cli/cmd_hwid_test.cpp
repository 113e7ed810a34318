// latchkey hwid, on the machines of tests/machines.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "agent/cli/cmd.h"
#include "agent/cli/comparison.h"
#include "agent/cli/pairs.h"
#include "base/strict_json.h"
#include "platform/secure_file.h"
#include "tests/unit/agent_cli/string_console.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::cli {
namespace {

namespace bj = json::bj;

constexpr std::array kVerbs{Verb{"hwid", "", cmd_hwid}};

std::string machine_file(const std::string& name) {
    return std::string(LATCHKEY_MACHINES) + "/" + name + ".json";
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Outcome {
    int exit_code;
    std::string out;
    std::string err;
    bj::value document() const {
        return json::parse_strict(out, {.max_bytes = out.size(), .allow_doubles = true})
            .value_or(nullptr);
    }
};

Outcome call(std::vector<std::string_view> arguments, std::string input = {}) {
    StringConsole console;
    console.input = std::move(input);
    arguments.insert(arguments.begin(), "hwid");
    const int exit_code = run(kVerbs, arguments, console);
    return {exit_code, console.out_text, console.err_text};
}

bj::object compare_json(const std::string& before, const std::string& after) {
    const Outcome got = call({"compare", machine_file(before), machine_file(after), "--json"});
    EXPECT_EQ(got.exit_code, 0) << got.err;
    const auto document = got.document();
    EXPECT_TRUE(document.is_object()) << got.out;
    return document.is_object() ? document.as_object() : bj::object();
}

int count_of(const bj::object& comparison, std::string_view rule) {
    return static_cast<int>(comparison.at("counts").at(rule).as_int64());
}

TEST(HwidCompare, C2_C5_a_new_network_card_counts_under_any_change_only) {
    const auto got = compare_json("desktop", "desktop-nic-swapped");
    EXPECT_EQ(got.at("verdict"), "same");
    EXPECT_EQ(got.at("significant"), false);
    EXPECT_EQ(got.at("changed_any"), true);
    EXPECT_EQ(count_of(got, "significant-change"), 0);
    EXPECT_EQ(count_of(got, "any-change"), 1);
    EXPECT_EQ(count_of(got, "every-activation"), 1);
}

TEST(HwidCompare, C4_C6_the_very_same_machine_counts_under_every_activation_only) {
    const auto got = compare_json("desktop", "desktop");
    EXPECT_EQ(got.at("verdict"), "same");
    EXPECT_EQ(got.at("changed_any"), false);
    EXPECT_EQ(count_of(got, "significant-change"), 0);
    EXPECT_EQ(count_of(got, "any-change"), 0);
    EXPECT_EQ(count_of(got, "every-activation"), 1);
}

TEST(HwidCompare, C3_a_replaced_board_counts) {
    const auto got = compare_json("desktop", "desktop-board-replaced");
    EXPECT_EQ(got.at("significant"), true);
    EXPECT_EQ(count_of(got, "significant-change"), 1);
}

TEST(HwidCompare, C1_a_twin_of_the_same_model_is_another_machine) {
    const auto got = compare_json("desktop", "desktop-twin");
    EXPECT_EQ(got.at("verdict"), "different");
    for (const char* rule : {"significant-change", "any-change", "every-activation"})
        EXPECT_EQ(count_of(got, rule), 1);
}

TEST(HwidCompare, answers_with_the_members_of_the_contract) {
    const auto got = compare_json("desktop", "desktop-nic-swapped");
    for (const char* member : {"schema_version", "verdict", "significant", "changed_any", "score",
                               "counts", "components"})
        EXPECT_TRUE(got.contains(member)) << member;
    EXPECT_TRUE(got.at("score").is_double());
    for (const auto& component : got.at("components").as_array())
        for (const char* member : {"kind", "result", "weight", "why"})
            EXPECT_TRUE(component.as_object().contains(member)) << member;
}

TEST(HwidCompare, explains_itself_in_text_without_raw_serial_numbers) {
    const Outcome got = call({"compare", machine_file("desktop"), machine_file("desktop-twin")});
    EXPECT_EQ(got.exit_code, 0);
    EXPECT_TRUE(got.out.starts_with("A different machine (-")) << got.out;
    EXPECT_NE(got.out.find("An activation now would use\n  1 under significant-change\n"),
              std::string::npos);
    const auto snapshot = json::parse_strict(text_of(machine_file("desktop")));
    for (const auto& component : snapshot->at("components").as_array())
        if (component.at("kind") == "disk" || component.at("kind") == "system_uuid") {
            EXPECT_EQ(got.out.find(component.at("value").as_string().c_str()), std::string::npos);
        }
}

TEST(HwidCompare, reads_one_side_from_standard_input) {
    const Outcome got =
        call({"compare", "-", machine_file("desktop")}, text_of(machine_file("desktop")));
    EXPECT_EQ(got.exit_code, 0) << got.err;
    EXPECT_TRUE(got.out.starts_with("The same machine, unchanged ("));
}

TEST(HwidCompare, unreadable_files_exit_65_and_are_named) {
    for (const std::string bad : {"/nonexistent.json", "/", "/dev/null"}) {
        const Outcome got = call({"compare", bad, machine_file("desktop")});
        EXPECT_EQ(got.exit_code, 65) << bad;
        EXPECT_NE(got.err.find(bad), std::string::npos) << got.err;
    }
    EXPECT_EQ(call({"compare", machine_file("desktop")}).exit_code, 64);
    EXPECT_EQ(call({"compare", "--pairs", "x", "y"}).exit_code, 64);
    EXPECT_EQ(call({"compare", "--pairs", "/nonexistent"}).exit_code, 65);
}

std::string pair_line(const std::string& id, const std::string& before, const std::string& after) {
    const auto value = [](const std::string& name) {
        return json::parse_strict(text_of(machine_file(name))).value();
    };
    return json::to_text(
               {{"id", id}, {"label", 0.5}, {"before", value(before)}, {"after", value(after)}}) +
           "\n";
}

struct Pairs {
    PairsSummary summary;
    std::vector<std::string> lines;
    std::string err;
};

Pairs compare_all(const std::string& text, bool brief, bool on_terminal = false) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
    std::fwrite(text.data(), 1, text.size(), file.get());
    std::rewind(file.get());
    StringConsole console;
    console.terminal = on_terminal;
    Pairs pairs{compare_pairs(file.get(), brief, console).value(), {}, console.err_text};
    for (std::size_t at = 0; at < console.out_text.size();) {
        const auto end = console.out_text.find('\n', at);
        pairs.lines.push_back(console.out_text.substr(at, end - at));
        at = end + 1;
    }
    return pairs;
}

TEST(HwidPairs, gives_one_result_a_line_with_the_pairs_id) {
    const auto got = compare_all(pair_line("first", "desktop", "desktop-twin") + "\n" +
                                     pair_line("se\"cond", "desktop", "desktop"),
                                 true);
    ASSERT_EQ(got.lines.size(), 2u);
    EXPECT_TRUE(got.lines[0].starts_with(R"({"id":"first","verdict":"different",)"));
    EXPECT_TRUE(got.lines[1].starts_with(R"({"id":"se\"cond","verdict":"same",)"));
    EXPECT_EQ(got.lines[1].find("components"), std::string::npos);
    EXPECT_EQ(got.summary.pairs, 2);
    EXPECT_EQ(got.summary.same, 1);
    EXPECT_EQ(got.summary.different, 1);
    EXPECT_EQ(got.err, "");
}

TEST(HwidPairs, says_the_same_as_comparing_two_files) {
    const auto got = compare_all(pair_line("p", "desktop", "desktop-nic-swapped"), false);
    const Outcome single =
        call({"compare", machine_file("desktop"), machine_file("desktop-nic-swapped"), "--json"});
    ASSERT_EQ(got.lines.size(), 1u);
    EXPECT_EQ(
        "{\"schema_version\":\"1.0\"," + got.lines[0].substr(got.lines[0].find("\"verdict")) + "\n",
        single.out);
}

TEST(HwidPairs, skips_bad_lines_by_number_and_goes_on) {
    const std::string good = pair_line("good", "desktop", "desktop");
    const auto got = compare_all("not json\n" + good +
                                     "{\"id\":1}\n[]\n{\"id\":2,\"before\":{},"
                                     "\"after\":{}}\n" +
                                     std::string(1'400'000, 'x') + "\n" + good,
                                 true);
    EXPECT_EQ(got.lines.size(), 2u);
    EXPECT_EQ(got.summary.pairs, 2);
    EXPECT_EQ(got.summary.skipped, 5);
    for (const char* line : {"line 1: ", "line 3: \"before\" is missing", "line 4: not an object",
                             "line 5: \"before\": ", "line 6: longer than a pair may be"})
        EXPECT_NE(got.err.find(line), std::string::npos) << line << "\n" << got.err;
}

std::string snapshot_text(const std::string& components) {
    return R"({"schema":"latchkey.hwid.snapshot/1","components":)" + components + "}";
}

std::string raw_pair(const std::string& before, const std::string& after) {
    return R"({"id":1,"before":)" + before + R"(,"after":)" + after + "}\n";
}

std::string repeated(const std::string& element, int times) {
    std::string out = "[" + element;
    for (; times > 1; --times) out += "," + element;
    return out + "]";
}

TEST(HwidPairs, names_line_and_field_of_what_is_wrong_and_goes_on) {
    const std::string nic = R"({"kind":"nic","value":"3c:52:82:00:11:22"})";
    const std::string good = snapshot_text("[" + nic + "]");
    const auto only = [](const std::string& member) { return snapshot_text("[{" + member + "}]"); };
    const std::vector<std::pair<std::string, std::string>> cases{
        {raw_pair(snapshot_text(repeated(nic, 257)), good),
         R"("before": hardware snapshot: "components" has more than 256 elements)"},
        {raw_pair(good, only(R"("kind":"nic","value":")" + std::string(257, 'x') + "\"")),
         R"("after": hardware snapshot: component 0: "value" is longer than 256 bytes)"},
        {raw_pair(R"({"schema":"latchkey.hwid.snapshot/2","components":[]})", good),
         R"("before": hardware snapshot: "schema" must be "latchkey.hwid.snapshot/1")"},
        {raw_pair(only(R"("kind":"nic","value":7)"), good),
         R"("before": hardware snapshot: component 0: "value" must be a string)"},
        {raw_pair(only(R"("kind":["nic"],"value":"x")"), good), R"("kind" must be a string)"},
        {raw_pair(only(R"("kind":"nic","attributes":{"model":1})"), good),
         R"("attributes" must hold strings)"},
        {raw_pair(snapshot_text("{}"), good), R"("components" must be an array)"},
        {raw_pair(good, "NaN"), R"((behind "after"): )"},
        {raw_pair(good, only(R"("kind":"nic","value":NaN)")), R"((behind "value"): )"},
        {raw_pair(R"({"schema":"latchkey.hwid.snapshot/1","os":1e999,"components":[]})", good),
         R"("os" must be a string)"},
        {raw_pair(good, only(R"("kind":"nic","kind":"nic")")),
         R"(the member "kind" appears twice)"},
        {raw_pair(snapshot_text(repeated("{}", 200'000)), good), R"((behind "components"): )"},
        {raw_pair(snapshot_text(repeated(nic, 1'000'000)), good),
         "longer than a pair may be (1280 KiB)"},
        {"{\"before\":\x1b[31m}\n", "not valid JSON"},
    };
    std::string text;
    for (const auto& [line, why] : cases) text += line + raw_pair(good, good);
    const auto got = compare_all(text, true);
    EXPECT_EQ(got.summary.pairs, static_cast<std::int64_t>(cases.size())) << "every other line";
    EXPECT_EQ(got.summary.same, got.summary.pairs);
    EXPECT_EQ(got.summary.skipped, got.summary.pairs);
    std::size_t at = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto end = got.err.find('\n', at);
        const auto line = got.err.substr(at, end - at);
        EXPECT_TRUE(line.starts_with("line " + std::to_string(2 * i + 1) + ": ")) << line;
        EXPECT_NE(line.find(cases[i].second), std::string::npos) << line;
        EXPECT_EQ(line.find('\x1b'), std::string::npos);
        at = end + 1;
    }
    EXPECT_EQ(at, got.err.size());
}

TEST(HwidPairs, ignores_members_it_does_not_know_and_gives_any_id_back) {
    const std::string side =
        R"({"schema":"latchkey.hwid.snapshot/1","components":[],"more":[1.5]})";
    const auto got = compare_all(R"({"label":"same","id":{"a":[1,null]},"before":)" + side +
                                     R"(,"after":)" + side + R"(,"weights":{"x":-0.25}})" + "\n" +
                                     R"({"before":)" + side + R"(,"after":)" + side + "}",
                                 true);
    ASSERT_EQ(got.lines.size(), 2u) << got.err;
    EXPECT_TRUE(got.lines[0].starts_with(R"({"id":{"a":[1,null]},"verdict":)"));
    EXPECT_TRUE(got.lines[1].starts_with(R"({"id":null,"verdict":)")) << "and no line break needed";
}

TEST(HwidPairs, gives_an_id_back_as_it_was_or_says_why_it_cannot) {
    const std::string side = R"({"schema":"latchkey.hwid.snapshot/1","components":[]})";
    const auto line = [&](const std::string& id) {
        return compare_all(R"({"id":)" + id + R"(,"before":)" + side + R"(,"after":)" + side + "}",
                           true);
    };
    for (const std::string id :
         {"9223372036854775807", "-9223372036854775808", "-1", "1.5", R"("M\u00fcller")", "true"})
        EXPECT_EQ(line(id).lines.size(), 1u) << id;
    EXPECT_TRUE(
        line("9223372036854775807").lines.at(0).starts_with(R"({"id":9223372036854775807,)"));
    EXPECT_TRUE(line(R"("M\u00fcller")").lines.at(0).starts_with("{\"id\":\"M\u00fcller\","));
    EXPECT_TRUE(line(R"("a\u202eb\u009b\ud83d\ude00\u007f")")
                    .lines.at(0)
                    .starts_with(R"({"id":"a\u202eb\u009b\ud83d\ude00\u007f",)"));
    for (const std::string id : {"1e400", "-1e400", "18446744073709551615", "1e300", "[[1e400]]",
                                 R"({"a":99999999999999999999})"}) {
        const auto got = line(id);
        EXPECT_TRUE(got.lines.empty()) << id;
        EXPECT_TRUE(got.err.starts_with("line 1: ")) << got.err;
    }
}

TEST(HwidPairs, reads_a_file_that_begins_with_a_byte_order_mark) {
    const auto got = compare_all("\xef\xbb\xbf" + pair_line("7", "desktop", "desktop"), true);
    EXPECT_EQ(got.lines.size(), 1u) << got.err;
}

TEST(HwidPairs, takes_its_options_in_any_order) {
    const platform::TemporaryDirectory directory;
    const std::string file = (directory / "pairs.jsonl").string();
    std::ofstream(file) << pair_line("7", "desktop", "desktop-twin");
    const auto expected = call({"compare", "--pairs", file, "--brief"}).out;
    EXPECT_NE(expected, "");
    EXPECT_EQ(call({"compare", "--pairs", "--brief", file}).out, expected);
    EXPECT_EQ(call({"compare", "--brief", "--pairs", file}).out, expected);
}

TEST(HwidPairs, stops_where_its_results_cannot_be_written) {
    StringConsole console;
    console.disk_full = true;
    const platform::TemporaryDirectory directory;
    const std::string file = (directory / "pairs.jsonl").string();
    std::ofstream(file) << pair_line("1", "desktop", "desktop-twin")
                        << pair_line("2", "desktop", "desktop-twin");
    const std::vector<std::string_view> arguments{"hwid", "compare", "--pairs", file};
    EXPECT_EQ(run(kVerbs, arguments, console), 1);
    EXPECT_EQ(console.err_text,
              "error: standard output could not be written: No space left on device\n");
    EXPECT_EQ(std::count(console.out_text.begin(), console.out_text.end(), '\n'), 1);
}

TEST(HwidPairs, scores_have_one_decimal) {
    for (const auto& [tenths, text] : std::vector<std::pair<std::int32_t, std::string>>{
             {0, "0.0"}, {7, "0.7"}, {-7, "-0.7"}, {123, "12.3"}, {-120, "-12.0"}})
        EXPECT_EQ(bits(tenths), text);
}

TEST(HwidPairs, shows_progress_on_a_terminal_alone) {
    std::string text;
    for (int i = 0; i < 1001; ++i) text += raw_pair(snapshot_text("[]"), snapshot_text("[]"));
    EXPECT_EQ(compare_all(text, true).err, "");
    EXPECT_EQ(compare_all(text, true, true).err, "\r1000 pairs\r");
}

TEST(HwidPairs, bad_lines_make_it_exit_65_after_everything_was_done) {
    const platform::TemporaryDirectory directory;
    const std::string file = (directory / "pairs.jsonl").string();
    std::ofstream(file) << "oops\n" << pair_line("7", "desktop", "desktop-twin");
    const Outcome got = call({"compare", "--pairs", file, "--brief"});
    EXPECT_EQ(got.exit_code, 65);
    EXPECT_TRUE(got.out.starts_with(R"({"id":"7","verdict":"different")"));
    EXPECT_TRUE(
        got.err.ends_with("1 pair: 0 same (0 significantly changed), 1 different, 0 "
                          "insufficient; 1 line skipped\n"))
        << got.err;
    std::ofstream(file) << pair_line("7", "desktop", "desktop-twin");
    EXPECT_EQ(call({"compare", "--pairs", file}).exit_code, 0);
}

TEST(HwidCapture, writes_a_private_file_that_show_and_compare_read) {
    const platform::TemporaryDirectory directory;
    const std::string file = (directory / "me.json").string();
    ASSERT_EQ(call({"capture", "-o", file}).exit_code, 0);
    const auto rights = platform::rights_of(file).value().value();
    EXPECT_FALSE(rights.others_may_read) << rights.shown;
    EXPECT_FALSE(rights.others_may_change) << rights.shown;
    EXPECT_EQ(call({"show", file}).exit_code, 0);
    EXPECT_EQ(call({"compare", file, file}).exit_code, 0);
    const Outcome refused = call({"capture", "-o", "/nonexistent/me.json"});
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_NE(refused.err.find("Check that /nonexistent/me.json may be written"), std::string::npos)
        << refused.err;
}

TEST(HwidCapture, prints_the_snapshot_alone_on_standard_output) {
    const Outcome got = call({"capture"});
    EXPECT_EQ(got.exit_code, 0);
    EXPECT_EQ(got.document().at("schema"), "latchkey.hwid.snapshot/1");
}

TEST(HwidShow, hides_serial_numbers_unless_asked) {
    const auto snapshot = json::parse_strict(text_of(machine_file("server"))).value();
    const Outcome hidden = call({"show", machine_file("server")});
    const Outcome hidden_json = call({"show", machine_file("server"), "--json"});
    const Outcome shown = call({"show", machine_file("server"), "--reveal"});
    EXPECT_EQ(hidden.exit_code, 0);
    int secrets = 0;
    for (const auto& component : snapshot.at("components").as_array()) {
        const std::string_view kind = component.at("kind").as_string();
        const std::string value = component.at("value").as_string().c_str();
        if ((kind != "nic" && kind != "disk" && kind != "system_serial" && kind != "tpm_ek") ||
            value.size() <= 6)
            continue;
        ++secrets;
        EXPECT_EQ(hidden.out.find(value), std::string::npos) << kind;
        EXPECT_EQ(hidden_json.out.find(value), std::string::npos) << kind;
        EXPECT_NE(shown.out.find(value), std::string::npos) << kind;
    }
    EXPECT_GT(secrets, 3);
}

TEST(HwidShow, names_the_quality_of_what_it_sees) {
    const Outcome got = call({"show", machine_file("whitebox")});
    EXPECT_NE(got.out.find("placeholder"), std::string::npos) << got.out;
    EXPECT_NE(got.out.find("Evidence of identity: "), std::string::npos);
}

}  // namespace
}  // namespace latchkey::cli
