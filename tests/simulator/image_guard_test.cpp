// The rules of golden images: each is seen to notice what it is there for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/image_guard.h"

namespace latchkey::simulator {
namespace {

using core::ProductStatus;
using testing::HasSubstr;

constexpr ServerTime kNow{seconds{1'780'272'000}};

std::string told(const std::vector<Breach>& breaches) {
    std::string all;
    for (const auto& breach : breaches) all += breach.rule + ": " + breach.what + "; ";
    return all;
}

Newborn newborn(const std::string& machine_id) {
    Newborn machine;
    machine.machine_id = machine_id;
    machine.owed_all = true;
    machine.age = hours{4};
    machine.now = kNow;
    core::ProductState state;
    state.product = "studio";
    state.status = ProductStatus::initial_grace;
    state.grace = core::Grace{.started_at = kNow, .ends_at = kNow + Days{30}};
    machine.products.push_back({state, Days{30}});
    return machine;
}

TEST(ImageGuard, machine_in_its_own_initial_grace_is_as_it_should_be) {
    ImageGuard guard;
    guard.spent("mid_reference");
    EXPECT_EQ(told(guard.see(newborn("mid_a"))), "");
    EXPECT_EQ(told(guard.see(newborn("mid_b"))), "");
}

TEST(ImageGuard, no_two_machines_have_one_id) {
    ImageGuard guard;
    guard.spent("mid_reference");
    EXPECT_THAT(told(guard.see(newborn("mid_reference"))), HasSubstr("another one's machine id"));
    EXPECT_EQ(told(guard.see(newborn("mid_a"))), "");
    EXPECT_THAT(told(guard.see(newborn("mid_a"))), HasSubstr("another one's machine id"));
    EXPECT_THAT(told(guard.see(newborn(""))), HasSubstr("no machine id"));
}

TEST(ImageGuard, grace_is_whole_where_nothing_was_used_on_the_hardware) {
    ImageGuard guard;
    auto late = newborn("mid_a");
    late.products[0].state.grace->ends_at = kNow + Days{30} - hours{6};
    EXPECT_EQ(told(guard.see(late)), "") << "it may have died in its first boot, hours ago";
    late.machine_id = "mid_b";
    late.products[0].state.grace->ends_at = kNow + Days{10};
    EXPECT_THAT(told(guard.see(late)), HasSubstr("begins with 10 d of grace"));
    late.machine_id = "mid_c";
    late.owed_all = false;
    EXPECT_EQ(told(guard.see(late)), "") << "the key server remembers a workstation's hardware";
}

TEST(ImageGuard, nothing_of_the_reference_machine_comes_along) {
    ImageGuard guard;
    int id = 0;
    const auto with = [&](const auto& change) {
        auto machine = newborn("mid_" + std::to_string(++id));
        change(machine, machine.products[0].state);
        return told(guard.see(machine));
    };
    EXPECT_THAT(with([](auto&, auto& state) { state.license.emplace(); }), HasSubstr("license"));
    EXPECT_THAT(with([](auto&, auto& state) { state.product_key = "AAAAA"; }),
                HasSubstr("license"));
    EXPECT_THAT(with([](auto&, auto& state) { state.rearms_used = 1; }), HasSubstr("rearms"));
    EXPECT_EQ(with([](auto&, auto& state) {
                  state.rearms_used = 1;
                  state.ledger.told = core::LedgerWord{kNow, 1, 26, kNow};
              }),
              "")
        << "the key server says so of this hardware";
    EXPECT_THAT(with([](auto&, auto& state) { state.suspected_clone = true; }), HasSubstr("clone"));
    EXPECT_THAT(with([](auto&, auto& state) { state.status = ProductStatus::extended_grace; }),
                HasSubstr("begins in extended_grace"));
    EXPECT_THAT(with([](auto& machine, auto&) { machine.foreign = true; }),
                HasSubstr("another machine's state"));
    EXPECT_THAT(with([](auto& machine, auto&) { machine.products.clear(); }),
                HasSubstr("nothing starts"));
}

TEST(ImageGuard, nothing_starts_on_an_image_and_nothing_remains_on_it) {
    EXPECT_EQ(told(ImageGuard::see(Image{"", 0, true})), "");
    EXPECT_THAT(told(ImageGuard::see(Image{"mid_a", 0, true})), HasSubstr("machine id"));
    EXPECT_THAT(told(ImageGuard::see(Image{"", 1, true})), HasSubstr("started"));
    EXPECT_THAT(told(ImageGuard::see(Image{"", 0, false})), HasSubstr("remains"));
}

}  // namespace
}  // namespace latchkey::simulator
