// docs/rules.md names the tests that prove each rule; a test that was renamed or lost shows here.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/arch/source_tree.h"

namespace latchkey::arch {
namespace {

std::string rules_page() {
    std::ifstream in(repository() / "docs/rules.md");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// "Suite.test" of every test there is.
std::set<std::string> tests_that_exist() {
    std::set<std::string> names;
    for (const auto& source : sources()) {
        if (!source.is_test()) continue;
        std::string whole;
        for (const auto& line : source.lines) whole += line.text + '\n';
        using Matches = std::sregex_iterator;
        const std::regex anywhere(R"(\nTEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
        for (Matches match(whole.begin(), whole.end(), anywhere), end; match != end; ++match)
            names.insert((*match)[1].str() + "." + (*match)[2].str());
    }
    return names;
}

TEST(RulesPage, every_named_test_exists_and_every_rule_has_one) {
    const auto exist = tests_that_exist();
    const std::regex row(R"(\n\| ([CKE]\d+) \|[^|]*\|([^|]*)\|)");
    const std::regex name(R"(`(\w+\.\w+)`)");
    const std::string page = rules_page();
    std::size_t rows = 0;
    for (std::sregex_iterator match(page.begin(), page.end(), row), end; match != end; ++match) {
        ++rows;
        const std::string proofs = (*match)[2];
        std::size_t proved = 0;
        for (std::sregex_iterator proof(proofs.begin(), proofs.end(), name); proof != end;
             ++proof) {
            ++proved;
            EXPECT_TRUE(exist.contains((*proof)[1])) << (*match)[1] << ": " << (*proof)[1];
        }
        EXPECT_GE(proved, 1u) << (*match)[1];
    }
    EXPECT_GE(rows, 20u);
}

}  // namespace
}  // namespace latchkey::arch
