// Our own talk with a TPM, against a real one in software: the endorsement key, what is said for
// it, and that what is loaded is flushed. Provers and counters over it: tpm_prover_test.cpp,
// tpm_counter_test.cpp.

#include "platform/tpm/tpm_talk.h"

#include <array>

#include "platform/tpm/tpm_codes.h"
#include "tests/unit/platform/temporary_directory.h"
#include "tests/unit/platform/tpm_owner.h"
#include "tests/unit/platform/tpm_ways.h"

namespace latchkey::platform {
namespace {

using fakes::RecordingWire;
using fakes::TpmSimulator;
using hwid::Access;

constexpr auto kAmple = fakes::kAmplePatience;

hwid::RawTpm read_by_wire(const TpmSimulator& tpm) {
    return read_endorsement_key_over(wire_to([&] { return tpm.open(); }, kAmple), "a wire");
}

hwid::RawTpm read_by_library(const TpmSimulator& tpm) {
    FileTcti tcti(tpm.fd(), kAmple);
    return read_endorsement_key(tcti.context());
}

Bytes marshalled(const TPM2B_PUBLIC& key) {
    Bytes bytes(sizeof key);
    std::size_t used = 0;
    EXPECT_EQ(TpmLibrary::get()->marshal(&key, bytes.data(), bytes.size(), &used), TSS2_RC_SUCCESS);
    bytes.resize(used);
    return bytes;
}

TEST(TpmTalk, has_the_librarys_templates_to_the_letter) {
    EXPECT_EQ(hex(endorsement_template_bytes()), hex(marshalled(endorsement_template())));
    std::array<std::uint8_t, 32> unique{1, 2, 3};
    EXPECT_EQ(hex(attestation_template_bytes(unique)),
              hex(marshalled(attestation_template(unique))));
}

TEST(TpmTalk, reads_the_key_that_the_library_reads) {
    const TemporaryDirectory state;
    const TpmSimulator tpm(state.path());
    const auto key = read_by_wire(tpm);
    ASSERT_EQ(key.ek_public.access, Access::read) << key.ek_public.origin;
    EXPECT_EQ(key.ek_public.value, read_by_library(tpm).ek_public.value);
    EXPECT_EQ(key.ek_public.origin, "a wire");
    EXPECT_EQ(TpmOwner(tpm.fd()).keys_in_use(), 0u);
}

TEST(TpmTalk, reads_a_kept_key_and_does_not_make_it_though_the_hierarchy_is_locked) {
    const TemporaryDirectory state;
    const TpmSimulator tpm(state.path());
    const auto made = read_by_wire(tpm);
    TpmOwner owner(tpm.fd());
    owner.keep(endorsement_template(), ESYS_TR_RH_ENDORSEMENT);
    owner.set_endorsement_password();
    const auto log = std::make_shared<RecordingWire::Log>();
    const auto open = wire_to([&] { return tpm.open(); }, kAmple);
    const auto kept = read_endorsement_key_over(
        [&]() -> TpmResult<std::unique_ptr<TpmWire>> {
            return std::make_unique<RecordingWire>(std::move(*open()), log);
        },
        "a wire");
    EXPECT_EQ(kept.ek_public.value, made.ek_public.value);
    EXPECT_TRUE(log->saw(tpm2::kReadPublic));
    EXPECT_FALSE(log->saw(tpm2::kCreatePrimary)) << "making it can take many seconds";
}

TEST(TpmTalk, takes_no_other_key_in_that_place_for_it) {
    const TemporaryDirectory state;
    const TpmSimulator tpm(state.path());
    const auto made = read_by_wire(tpm);
    auto other = endorsement_template();
    other.publicArea.unique.rsa.buffer[0] = 1;  // a label of somebody's own
    other.publicArea.objectAttributes |= TPMA_OBJECT_USERWITHAUTH;
    TpmOwner(tpm.fd()).keep(other, ESYS_TR_RH_ENDORSEMENT);
    EXPECT_EQ(read_by_wire(tpm).ek_public.value, made.ek_public.value);
}

TEST(TpmTalk, says_that_the_hierarchy_is_locked) {
    const TemporaryDirectory state;
    const TpmSimulator tpm(state.path());
    TpmOwner(tpm.fd()).set_endorsement_password();
    const auto locked = read_by_wire(tpm);
    EXPECT_EQ(locked.ek_public.access, Access::failed);
    EXPECT_EQ(locked.ek_public.origin, read_by_library(tpm).ek_public.origin) << "in one voice";
}

TEST(TpmTalk, gives_up_one_that_never_answers_at_the_first_question) {
    const auto ends = fakes::socket_pair();
    const auto none = read_endorsement_key_over(
        wire_to([&]() -> TpmResult<UniqueFd> { return UniqueFd(::dup(ends.first.get())); },
                Duration(20)),
        "a wire");
    EXPECT_EQ(none.ek_public.access, Access::timed_out);
    std::array<char, 256> said{};
    EXPECT_EQ(::recv(ends.second.get(), said.data(), said.size(), MSG_DONTWAIT), 22)
        << "one question, and no more after it";
}

/// What a field may be at most is a TPM's business; what cannot be said at all is ours.
TEST(TpmTalk, refuses_what_no_tpm_takes) {
    const TemporaryDirectory state;
    const TpmSimulator tpm(state.path());
    const auto prover = prover_by(
        Way::wire, [&] { return tpm.open(); }, kAmple);
    const Bytes big(70'000);
    for (const auto& [blob, qualifying] :
         {std::pair{big, Bytes(32)}, std::pair{Bytes(1000), Bytes(32)},
          std::pair{Bytes(), Bytes(32)}}) {
        const auto refused = prover->prove({}, blob, Bytes(256), qualifying);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().failure, TpmFailure::refused);
    }
    TpmOwner owner(tpm.fd());
    EXPECT_EQ(owner.keys_in_use(), 0u);
    EXPECT_EQ(owner.sessions_in_use(), 0u);
}

}  // namespace
}  // namespace latchkey::platform
