// latchkey hwid, on the machines of tests/machines.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "agent/cli/cmd.h"
#include "agent/cli/pairs.h"
#include "base/strict_json.h"
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

Pairs compare_all(const std::string& text, bool brief) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
    std::fwrite(text.data(), 1, text.size(), file.get());
    std::rewind(file.get());
    StringConsole console;
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

TEST(HwidPairs, bad_lines_make_it_exit_65_after_everything_was_done) {
    const platform::TemporaryDirectory directory;
    const std::string file = (directory / "pairs.jsonl").native();
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
    const std::string file = (directory / "me.json").native();
    ASSERT_EQ(call({"capture", "-o", file}).exit_code, 0);
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
    EXPECT_EQ(call({"show", file}).exit_code, 0);
    EXPECT_EQ(call({"compare", file, file}).exit_code, 0);
    EXPECT_NE(call({"capture", "-o", "/nonexistent/me.json"}).exit_code, 0);
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
