#include "agent/store/rows.h"

#include <gtest/gtest.h>

#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store {
namespace {

TEST(ProductRow, keeps_everything) {
    const auto text = to_row(with_everything());
    const auto back = product_from_row(text);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(to_row(*back), text);
    EXPECT_EQ(back->license->activations.limit, 10);
    EXPECT_EQ(back->license->delegation->products.size(), 2u);
    EXPECT_EQ(back->matching_baseline->evidence.at(0).digest[15], 7);
    EXPECT_EQ(back->queued->idempotency_key, "idem");
    EXPECT_EQ(back->tolerance_used, Days{3});
    EXPECT_EQ(back->last_decision->reasons.at(0), "Because.");
}

TEST(ProductRow, keeps_nothing_as_nothing) {
    const core::ProductState empty;
    const auto back = product_from_row(to_row(empty));
    ASSERT_TRUE(back);
    EXPECT_FALSE(back->license || back->grace || back->intent || back->next_attempt_at);
    EXPECT_EQ(to_row(*back), to_row(empty));
}

TEST(ProductRow, keeps_a_grace_to_the_millisecond) {
    auto state = in_initial_grace("paint");
    state.grace->frozen = true;
    state.grace->off_clock = Duration{-5};
    state.grace->scale_set = Duration{1};
    EXPECT_EQ(product_from_row(to_row(state))->grace, state.grace);
}

TEST(ProductRow, refuses_what_it_does_not_know) {
    auto text = to_row(core::ProductState{});
    EXPECT_FALSE(product_from_row(text.substr(0, text.size() - 1)));
    EXPECT_FALSE(product_from_row("[]"));
    text.insert(1, "\"more\":1,");
    EXPECT_FALSE(product_from_row(text));
    auto other = to_row(core::ProductState{});
    other.replace(other.find("\"unlicensed\""), 12, "\"genuine\"");
    const auto refused = product_from_row(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::state_corrupt);
}

TEST(ProductRow, free_text_of_any_bytes_can_be_read_back) {
    auto state = in_initial_grace("paint");
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    state.last_attempt = core::Attempt{kNow, "failed", "internal", bytes + std::string(5000, 'x')};
    state.last_decision.emplace();
    state.last_decision->reasons = {bytes, "line\nbreak"};
    const auto back = product_from_row(to_row(state));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->last_decision->reasons.at(1), "line?break");
}

TEST(PublisherRow, keeps_the_root_chain_and_says_nothing_where_there_is_none) {
    PublisherState state;
    state.root.publisher = "acme";
    EXPECT_EQ(to_row(state).find("root_chain"), std::string::npos);
    EXPECT_TRUE(publisher_from_row(to_row(state))->root_chain.empty());
    state.root_chain = {"eyJ.to2.sig", "eyJ.to3.sig"};
    const auto back = publisher_from_row(to_row(state));
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->root_chain, state.root_chain);
}

TEST(Printable, keeps_words_and_replaces_the_rest) {
    EXPECT_EQ(printable("Zürich – 東京 🙂", 100), "Zürich – 東京 🙂");
    EXPECT_EQ(printable("a\x1b[31mb\x7f", 100), "a?[31mb?");
    EXPECT_EQ(printable("\xc0\xaf", 100), "??") << "over-long";
    EXPECT_EQ(printable("\xed\xa0\x80", 100), "???") << "a surrogate";
    EXPECT_EQ(printable("\xf4\x90\x80\x80", 100), "????") << "beyond Unicode";
    EXPECT_EQ(printable("\xe2\x82", 100), "??") << "cut off";
    EXPECT_EQ(printable("東京", 4), "東") << "never cut in the middle";
}

TEST(TimeRow, keeps_everything) { EXPECT_EQ(time_from_row(to_row(some_time())), some_time()); }

TEST(PublisherRow, keeps_everything) {
    PublisherState state;
    state.root = {"acme", 2, {}};
    state.root.root.fill(9);
    state.key_set_jws = "eyJ.a.b";
    state.key_set_version = 5;
    state.device_seed = Bytes(32, 1);
    const auto back = publisher_from_row(to_row(state));
    ASSERT_TRUE(back);
    EXPECT_EQ(to_row(*back), to_row(state));
    EXPECT_EQ(back->root.root, state.root.root);
    EXPECT_EQ(back->device_seed, state.device_seed);
}

}  // namespace
}  // namespace latchkey::store
