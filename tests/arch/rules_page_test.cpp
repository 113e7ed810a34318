// docs/rules.md names the tests that prove each rule, its refusal codes, and what the user reads: a
// test that was renamed or lost, a code that no such test expects, and words that the program does
// not say show here.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "agent/cli/problem_text.h"
#include "licensing/counting.h"
#include "tests/arch/source_tree.h"

namespace latchkey::arch {
namespace {

std::string rules_page() {
    std::ifstream in(repository() / "docs/rules.md");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// What stands in the body of every test there is, by "Suite.test". Where two programs have one of
/// the same name, both.
std::map<std::string, std::string> tests_that_exist() {
    std::map<std::string, std::string> bodies;
    const std::regex head(R"(^TEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
    for (const auto& source : sources()) {
        if (!source.is_test()) continue;
        std::string* body = nullptr;
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            std::string text = source.lines[i].text;
            // A long name stands on the next line.
            if (text.starts_with("TEST") && text.find(')') == text.npos &&
                i + 1 < source.lines.size())
                text += source.lines[i + 1].text;
            std::smatch match;
            if (std::regex_search(text, match, head))
                body = &bodies[match[1].str() + "." + match[2].str()];
            else if (body)
                *body += source.lines[i].text + '\n';
            if (source.lines[i].text == "}") body = nullptr;
        }
    }
    return bodies;
}

struct Row {
    std::string id;
    std::string codes;
    std::string words;
    std::string proofs;
};

std::vector<Row> rows_of(const std::string& page) {
    const std::regex row(R"(\n\| ([CKE]\d+) \|[^|\n]*\| ([^|\n]*) \| ([^|\n]*) \|([^|\n]*)\|)");
    std::vector<Row> rows;
    for (std::sregex_iterator match(page.begin(), page.end(), row), end; match != end; ++match)
        rows.push_back({(*match)[1], (*match)[2], (*match)[3], (*match)[4]});
    return rows;
}

std::vector<std::string> quoted(const std::string& cell) {
    const std::regex word(R"(`([\w.]+)`)");
    std::vector<std::string> words;
    for (std::sregex_iterator match(cell.begin(), cell.end(), word), end; match != end; ++match)
        words.push_back((*match)[1]);
    return words;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) out += (out.empty() ? "" : "<br>") + line;
    return out.empty() ? "–" : out;
}

/// As `latchkey` prints it, without the detail of a case.
std::vector<std::string> lines_about(Code code) {
    std::istringstream text(cli::problem_text({code, {}, {}}));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);)
        lines.push_back(line.substr(line.find_first_not_of(' ')));
    return lines;
}

/// Of the rules that decide a count and refuse nothing.
std::vector<std::string> reasons_of(const std::string& id) {
    using licensing::CountingRule;
    using enum hwid::Verdict;
    const auto said = [](CountingRule rule, hwid::Verdict verdict, bool significant, bool changed) {
        return licensing::decide_count(rule, verdict, significant, changed).reason;
    };
    if (id == "C1")
        return {licensing::decide_count_new_machine().reason,
                said(CountingRule::any_change, different, true, true)};
    if (id == "C2") return {said(CountingRule::significant_change, same, false, true)};
    if (id == "C3") return {said(CountingRule::significant_change, same, true, true)};
    if (id == "C4") return {said(CountingRule::any_change, same, false, false)};
    if (id == "C5") return {said(CountingRule::any_change, same, false, true)};
    if (id == "C6") return {said(CountingRule::every_activation, same, false, false)};
    return {};
}

/// What the third column has to hold, by the second.
std::string words_of(const Row& row) {
    std::vector<std::string> lines = reasons_of(row.id);
    for (const auto& name : quoted(row.codes))
        if (const auto code = code_from_name(name))
            for (auto& line : lines_about(*code)) lines.push_back(std::move(line));
    return joined(lines);
}

bool expects(const std::string& body, const std::string& code) {
    return std::regex_search(body, std::regex("\\b" + code + "\\b"));
}

TEST(RulesPage, every_named_test_exists_and_every_rule_has_one) {
    const auto exist = tests_that_exist();
    const auto rows = rows_of(rules_page());
    for (const auto& row : rows) {
        const auto proofs = quoted(row.proofs);
        for (const auto& proof : proofs)
            EXPECT_TRUE(exist.contains(proof)) << row.id << ": " << proof;
        EXPECT_FALSE(proofs.empty()) << row.id;
    }
    EXPECT_GE(rows.size(), 20u);
}

TEST(RulesPage, every_refusal_code_exists_and_a_named_test_expects_it) {
    const auto exist = tests_that_exist();
    std::size_t codes = 0;
    for (const auto& row : rows_of(rules_page())) {
        if (row.codes == "–") continue;
        for (const auto& code : quoted(row.codes)) {
            ++codes;
            EXPECT_TRUE(code_from_name(code)) << row.id << ": " << code;
            bool expected = false;
            for (const auto& proof : quoted(row.proofs))
                expected = expected || (exist.contains(proof) && expects(exist.at(proof), code));
            EXPECT_TRUE(expected) << row.id << ": no test in its row expects " << code;
        }
        EXPECT_FALSE(quoted(row.codes).empty()) << row.id;
    }
    EXPECT_GE(codes, 15u);
}

TEST(RulesPage, what_the_user_reads_is_what_the_agent_prints) {
    for (const auto& row : rows_of(rules_page())) EXPECT_EQ(row.words, words_of(row)) << row.id;
}

TEST(RulesPage, a_drifted_row_is_seen) {
    const auto rows = rows_of(
        "\n| E1 | shared | `territory` | error: Stay at home. | `Sharing.E1_x` |\n"
        "| C4 | free | – | Not counted. | `Counting.C4_x` |\n");
    ASSERT_EQ(rows.size(), 2u);
    for (const auto& row : rows) EXPECT_NE(row.words, words_of(row)) << row.id;
    EXPECT_EQ(words_of(rows[0]), joined(lines_about(Code::territory)));
    EXPECT_FALSE(expects("EXPECT_EQ(x, Code::territory_other);", "territory"));
    EXPECT_TRUE(expects("EXPECT_EQ(x, Code::territory);", "territory"));
}

}  // namespace
}  // namespace latchkey::arch
