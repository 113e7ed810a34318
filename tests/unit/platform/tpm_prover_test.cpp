// A TPM's proof that it is itself, between the real prover, a real TPM in software and the key
// server's half in licensing/tpm_credential.h.

#include "licensing/tpm_credential.h"
#include "licensing/tpm_messages.h"
#include "tests/unit/platform/temporary_directory.h"
#include "tests/unit/platform/tpm_owner.h"
#include "tests/unit/platform/tpm_ways.h"

namespace latchkey::platform {
namespace {

using fakes::TpmSimulator;
using licensing::Sha256;

/// A TPM that can be switched off and on, and the prover before it.
class Machine {
public:
    explicit Machine(Way way) : tpm_(std::make_unique<TpmSimulator>(state_.path())) {
        prover_ = by(way);
    }
    std::unique_ptr<TpmProver> by(Way way) {
        return prover_by(
            way, [this] { return tpm_->open(); }, fakes::kAmplePatience);
    }
    void switch_off_and_on() {
        tpm_.reset();
        tpm_ = std::make_unique<TpmSimulator>(state_.path());
    }
    TpmProver& prover() { return *prover_; }
    TpmOwner owner() { return TpmOwner(tpm_->fd()); }
    TpmKeys keys(std::string_view publisher = "example.org") {
        auto keys = prover_->keys(licensing::tpm_label(publisher));
        EXPECT_TRUE(keys) << keys.error().detail;
        return keys ? std::move(*keys) : TpmKeys{};
    }
    std::string_view why_not() {
        const auto keys = prover_->keys(licensing::tpm_label("example.org"));
        return keys ? "it has" : name(keys.error().failure);
    }

private:
    TemporaryDirectory state_;
    std::unique_ptr<TpmSimulator> tpm_;
    std::unique_ptr<TpmProver> prover_;
};

/// The key server's side of one proof.
struct Challenge {
    Sha256 secret = licensing::sha256("a secret");
    Sha256 asked = licensing::sha256("a nonce and a device key");
    licensing::TpmCredential credential;

    explicit Challenge(const TpmKeys& keys) {
        const auto key = licensing::parse_endorsement_key(keys.ek_public);
        EXPECT_TRUE(key) << key.error().detail;
        credential =
            *licensing::make_tpm_credential(*key, licensing::tpm_name(keys.ak_public), secret);
    }
};

TpmResult<TpmProofParts> answer(Machine& machine, const Challenge& challenge,
                                std::string_view publisher = "example.org") {
    return machine.prover().prove(licensing::tpm_label(publisher), challenge.credential.blob,
                                  challenge.credential.encrypted_secret, challenge.asked);
}

void expect_proof(Machine& machine, const TpmKeys& keys) {
    const Challenge challenge(keys);
    const auto proof = answer(machine, challenge);
    ASSERT_TRUE(proof) << proof.error().detail;
    EXPECT_EQ(proof->secret, Bytes(challenge.secret.begin(), challenge.secret.end()));
    const auto quote = licensing::parse_tpm_quote(proof->quote);
    ASSERT_TRUE(quote) << quote.error().detail;
    EXPECT_EQ(quote->extra, Bytes(challenge.asked.begin(), challenge.asked.end()));
    EXPECT_EQ(quote->signer, licensing::tpm_endorsed_name(licensing::tpm_name(keys.ak_public)));
    const auto key = licensing::parse_attestation_key(keys.ak_public);
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_TRUE(licensing::verify_tpm_signature(*key, proof->quote, proof->signature));
}

class TpmProof : public testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(, TpmProof, kWays, way_name);

TEST_P(TpmProof, is_by_the_same_keys_whichever_way_they_are_asked_for) {
    Machine machine(GetParam());
    const auto keys = machine.keys();
    for (const auto way : {Way::library, Way::wire}) {
        const auto again = machine.by(way)->keys(licensing::tpm_label("example.org"));
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_EQ(again->ek_public, keys.ek_public);
        EXPECT_EQ(again->ak_public, keys.ak_public);
    }
}

TEST_P(TpmProof, of_a_real_tpm_satisfies_the_key_servers_half) {
    Machine machine(GetParam());
    const auto keys = machine.keys();
    expect_proof(machine, keys);
}

TEST_P(TpmProof, is_by_the_same_keys_after_a_reimage_and_by_others_on_another_tpm) {
    Machine machine(GetParam()), other(GetParam());
    const auto keys = machine.keys();
    machine.switch_off_and_on();
    EXPECT_EQ(machine.keys().ek_public, keys.ek_public);
    EXPECT_EQ(machine.keys().ak_public, keys.ak_public);
    EXPECT_NE(other.keys().ek_public, keys.ek_public);
    EXPECT_NE(other.keys().ak_public, keys.ak_public);
}

TEST_P(TpmProof, shows_each_publisher_another_attestation_key) {
    Machine machine(GetParam());
    EXPECT_EQ(machine.keys("one").ek_public, machine.keys("two").ek_public);
    EXPECT_NE(machine.keys("one").ak_public, machine.keys("two").ak_public);
}

TEST_P(TpmProof, survives_a_clear_and_not_a_new_endorsement_seed) {
    Machine machine(GetParam());
    const auto keys = machine.keys();
    machine.owner().clear();
    EXPECT_EQ(machine.keys().ek_public, keys.ek_public);
    EXPECT_EQ(machine.keys().ak_public, keys.ak_public);
    expect_proof(machine, keys);
    machine.owner().change_endorsement_seed();
    EXPECT_NE(machine.keys().ek_public, keys.ek_public);
    EXPECT_NE(machine.keys().ak_public, keys.ak_public);
}

TEST_P(TpmProof, begun_before_the_tpm_was_reset_is_finished_after_it) {
    Machine machine(GetParam());
    const auto keys = machine.keys();
    machine.switch_off_and_on();
    expect_proof(machine, keys);
}

TEST_P(TpmProof, leaves_nothing_in_the_tpm) {
    Machine machine(GetParam());
    const auto before = machine.owner().nv_indexes();
    const auto keys = machine.keys();
    for (int more_often_than_a_tpm_has_room = 0; more_often_than_a_tpm_has_room < 4;
         ++more_often_than_a_tpm_has_room)
        expect_proof(machine, keys);
    auto owner = machine.owner();
    EXPECT_EQ(owner.keys_in_use(), 0u);
    EXPECT_EQ(owner.sessions_in_use(), 0u);
    EXPECT_EQ(owner.keys_kept(), 0u);
    EXPECT_EQ(owner.nv_indexes(), before);
}

TEST_P(TpmProof, opens_no_challenge_for_another_tpm_or_another_publisher) {
    Machine machine(GetParam()), other(GetParam());
    const Challenge for_other(other.keys());
    auto refused = answer(machine, for_other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, TpmFailure::refused);
    const Challenge for_one(machine.keys("one"));
    EXPECT_TRUE(answer(machine, for_one, "one"));
    refused = answer(machine, for_one, "two");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, TpmFailure::refused);
    EXPECT_EQ(machine.owner().keys_in_use(), 0u);
    EXPECT_EQ(machine.owner().sessions_in_use(), 0u) << "also where it refused";
}

TEST_P(TpmProof, is_missing_where_the_endorsement_hierarchy_has_a_password) {
    Machine machine(GetParam());
    const auto keys = machine.keys();
    const Challenge challenge(keys);
    machine.owner().set_password(ESYS_TR_RH_ENDORSEMENT);
    EXPECT_EQ(machine.why_not(), "hierarchy_locked");
    const auto refused = answer(machine, challenge);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, TpmFailure::hierarchy_locked);
    EXPECT_EQ(machine.owner().sessions_in_use(), 0u);
}

TEST_P(TpmProof, does_not_mind_an_owner_password_or_a_lockout) {
    Machine owned(GetParam());
    owned.owner().set_password(ESYS_TR_RH_OWNER);
    expect_proof(owned, owned.keys());
    Machine locked(GetParam());
    locked.owner().lock_out();
    expect_proof(locked, locked.keys());
}

TEST_P(TpmProof, that_never_comes_is_given_up) {
    const auto ends = fakes::socket_pair();
    const auto prover = prover_by(
        GetParam(), [&]() -> TpmResult<UniqueFd> { return UniqueFd(::dup(ends.first.get())); },
        Duration(20));
    const auto none = prover->keys({});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().failure, TpmFailure::timed_out);
}

TEST_P(TpmProof, is_missing_for_the_reason_that_keeps_the_tpm_closed) {
    for (const auto why : {TpmFailure::absent, TpmFailure::too_old, TpmFailure::not_permitted}) {
        const auto prover = prover_by(
            GetParam(),
            [why]() -> TpmResult<UniqueFd> {
                return tl::unexpected(TpmTrouble{why, "it says"});
            },
            Duration(20));
        const auto none = prover->keys({});
        ASSERT_FALSE(none);
        EXPECT_EQ(none.error().failure, why);
        EXPECT_EQ(none.error().detail, "it says");
    }
}

TEST(TpmProofHere, of_this_machine_fails_with_a_reason_or_not_at_all) {
    const auto keys = tpm_prover()->keys({});
    if (keys) return;
    EXPECT_FALSE(keys.error().detail.empty());
    EXPECT_EQ(keys.error().failure == TpmFailure::absent,
              !std::filesystem::exists("/sys/class/tpm/tpm0"));
}

TEST(TpmFailure, names_are_those_the_messages_have_words_for) {
    for (const auto why : {TpmFailure::absent, TpmFailure::too_old, TpmFailure::no_library,
                           TpmFailure::not_permitted, TpmFailure::hierarchy_locked,
                           TpmFailure::locked_out, TpmFailure::refused, TpmFailure::timed_out})
        EXPECT_EQ(licensing::tpm_failure_text(name(why)).find('"'), std::string::npos) << name(why);
}

}  // namespace
}  // namespace latchkey::platform
