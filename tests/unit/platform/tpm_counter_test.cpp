// The counter in a TPM's own memory, against a real TPM in software.

#include "platform/tpm/tpm_counter.h"

#include "tests/unit/platform/temporary_directory.h"
#include "tests/unit/platform/tpm_owner.h"
#include "tests/unit/platform/tpm_ways.h"

namespace latchkey::platform {
namespace {

using fakes::TpmSimulator;

const TpmCounterPlace kPlace{7, {1, 2, 3}};
constexpr TPM2_HANDLE kCounter = 0x01800000 + 2 * 7;
constexpr TPM2_HANDLE kBase = kCounter + 1;

class Counter : public testing::TestWithParam<Way> {
protected:
    std::uint32_t read(const TpmCounterPlace& place = kPlace) {
        return counter->read(place).value();
    }
    std::uint32_t raise(std::uint32_t target, const TpmCounterPlace& place = kPlace) {
        return counter->raise(place, target).value();
    }
    TpmOwner owner() { return TpmOwner(tpm->fd()); }
    void switch_off_and_on() {
        tpm.reset();
        tpm = std::make_unique<TpmSimulator>(state.path());
    }

    TemporaryDirectory state;
    std::unique_ptr<TpmSimulator> tpm = std::make_unique<TpmSimulator>(state.path());
    std::unique_ptr<TpmCounter> counter = counter_by(
        GetParam(), [this] { return tpm->open(); }, fakes::kAmplePatience);
};

INSTANTIATE_TEST_SUITE_P(, Counter, kWays, way_name);

TEST_P(Counter, that_nobody_made_says_nothing_and_reading_makes_none) {
    const auto before = owner().nv_indexes();
    EXPECT_EQ(read(), 0u);
    EXPECT_EQ(raise(0), 0u);
    EXPECT_EQ(owner().nv_indexes(), before);
}

TEST_P(Counter, counts_up_to_what_it_is_told_and_never_down) {
    EXPECT_EQ(raise(2), 2u);
    EXPECT_EQ(raise(1), 2u);
    EXPECT_EQ(raise(2), 2u);
    EXPECT_EQ(read(), 2u);
    EXPECT_EQ(raise(5), 5u);
    EXPECT_EQ(owner().keys_in_use(), 0u);
    EXPECT_EQ(owner().sessions_in_use(), 0u);
}

TEST_P(Counter, survives_the_disk) {
    raise(3);
    switch_off_and_on();
    EXPECT_EQ(read(), 3u);
    EXPECT_EQ(raise(4), 4u);
}

TEST_P(Counter, of_another_product_is_another) {
    raise(3);
    EXPECT_EQ(read({8, {1, 2, 3}}), 0u);
    EXPECT_EQ(raise(1, {8, {1, 2, 3}}), 1u) << "though a TPM starts none below its highest";
    EXPECT_EQ(read(), 3u);
}

TEST_P(Counter, starts_anew_on_another_tpm_and_after_a_clear) {
    raise(3);
    owner().clear();
    EXPECT_EQ(read(), 0u);
    EXPECT_EQ(raise(1), 1u);
}

TEST_P(Counter, that_was_taken_away_and_made_again_does_not_go_back) {
    raise(3);
    owner().take_away(kCounter);
    EXPECT_EQ(read(), 0u) << "half of it is none";
    EXPECT_GT(raise(1), 3u) << "the TPM remembers how far it was";
}

TEST_P(Counter, whose_beginning_was_taken_away_starts_anew) {
    raise(3);
    owner().take_away(kBase);
    EXPECT_EQ(read(), 0u);
    EXPECT_EQ(raise(1), 1u);
}

TEST_P(Counter, has_a_beginning_that_nobody_writes_again) {
    raise(1);
    EXPECT_FALSE(owner().write(kBase, kPlace.authorisation));
    EXPECT_EQ(read(), 1u);
}

TEST_P(Counter, is_not_made_where_the_owner_set_a_password) {
    owner().set_password(ESYS_TR_RH_OWNER);
    const auto none = counter->raise(kPlace, 1);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().failure, TpmFailure::hierarchy_locked);
    EXPECT_EQ(read(), 0u);
}

TEST_P(Counter, that_is_made_goes_on_under_a_password_and_in_lockout) {
    raise(1);
    owner().set_password(ESYS_TR_RH_OWNER);
    EXPECT_EQ(raise(2), 2u);
    TemporaryDirectory other;
    tpm = std::make_unique<TpmSimulator>(other.path());
    raise(1);
    owner().lock_out();
    EXPECT_EQ(raise(2), 2u);
}

TEST_P(Counter, leaves_somebody_elses_place_alone) {
    owner().define(kCounter);
    const auto refused = counter->raise(kPlace, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, TpmFailure::refused);
    EXPECT_FALSE(counter->read(kPlace));
}

TEST_P(Counter, is_the_same_one_whichever_way_it_was_made_and_counted) {
    const auto other_way = counter_by(
        GetParam() == Way::wire ? Way::library : Way::wire, [this] { return tpm->open(); },
        fakes::kAmplePatience);
    EXPECT_EQ(raise(2), 2u);
    EXPECT_EQ(other_way->read(kPlace).value(), 2u);
    EXPECT_EQ(other_way->raise(kPlace, 3).value(), 3u);
    EXPECT_EQ(raise(1), 3u) << "it does not go back";
    EXPECT_EQ(raise(4), 4u);
}

TEST_P(Counter, does_not_wear_the_memory_for_ever) {
    EXPECT_LE(raise(0xffffffff), kTpmCounterMost);
}

}  // namespace
}  // namespace latchkey::platform
