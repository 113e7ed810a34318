// Two publishers chose the same product id. Whose manifest is there decides whose product it is;
// nothing of the one is ever taken for the other.

#include <set>

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

TEST(TwoPublishers, the_second_ones_product_starts_on_its_own_and_gets_nothing_of_the_firsts) {
    Stage stage;
    stage.vendor().add_product("editor");
    const auto key = stage.vendor().sell("editor", "ai-cloud", 10);
    stage.install("editor");
    ASSERT_EQ(stage.activate("editor", key).status, 200);
    const auto manifest = stage.folder() / "products.d" / "editor.jws";

    Vendor other(stage.folder() / "other", "example.net");
    other.add_product("editor");
    std::filesystem::remove(manifest);
    other.export_manifest("editor", manifest);
    ASSERT_EQ(stage.post("/v1/reload").status, 200);
    stage.quiet();
    EXPECT_EQ(stage.state("editor"), "initial_grace");
    EXPECT_EQ(stage.get("/v1/products/editor/license").code(), "not_activated");
    EXPECT_EQ(stage.activate("editor").code(), "usage") << "no key of its own";
    stage.restart();
    EXPECT_EQ(stage.state("editor"), "initial_grace") << "nor after a restart";

    std::filesystem::remove(manifest);
    stage.install("editor");
    EXPECT_EQ(stage.state("editor"), "licensed") << "the first one's comes back as it was";
    EXPECT_EQ(stage.used("editor"), 1);
}

TEST(TwoPublishers, the_history_of_a_product_is_its_publishers_alone) {
    Stage stage;
    stage.vendor().add_product("editor");
    const auto key = stage.vendor().sell("editor", "ai-cloud", 10);
    stage.install("editor");
    stage.activate("editor", key);
    const auto manifest = stage.folder() / "products.d" / "editor.jws";
    Vendor other(stage.folder() / "other", "example.net");
    other.add_product("editor");
    std::filesystem::remove(manifest);
    other.export_manifest("editor", manifest);
    stage.post("/v1/reload");

    const auto publishers = [&] {
        std::set<std::string> named;
        const auto history = stage.history("editor");
        for (const auto& entry : history.at("entries").as_array())
            named.emplace(entry.at("publisher").as_string());
        return named;
    };
    EXPECT_EQ(publishers(), std::set<std::string>{"example.net"});
    std::filesystem::remove(manifest);
    stage.post("/v1/reload");
    EXPECT_EQ(publishers(), (std::set<std::string>{"example.net", "example.org"}))
        << "nobody's product now: everything there is";
    stage.install("editor");
    EXPECT_EQ(publishers(), std::set<std::string>{"example.org"});
}

}  // namespace
}  // namespace latchkey::scenario
