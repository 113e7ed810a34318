// The TPM's language as bytes: on what a TPM answered once, and on what none should.

#include "platform/tpm/tpm_wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "platform/tpm/tpm_codes.h"
#include "platform/tpm/tpm_over_wire.h"
#include "platform/tpm/tpm_reading.h"
#include "platform/tpm/tpm_talk.h"
#include "tests/fakes/tpm_captured.h"
#include "tests/fakes/tpm_scripted_wire.h"

namespace latchkey::platform {
namespace {

using fakes::TpmScript;
namespace captured = fakes::captured;

Bytes bytes_of(std::string_view text) { return from_hex(text).value(); }

const TpmCommand kQuestion{.code = tpm2::kGetCapability};
const TpmCommand kMaking{.code = tpm2::kCreatePrimary,
                         .handles = {tpm2::kEndorsement},
                         .authorisations = {{tpm2::kPassword}},
                         .answers_with_handle = true};
const TpmCommand kReading{.code = tpm2::kNvRead,
                          .handles = {0x0180000e, 0x0180000e},
                          .authorisations = {{tpm2::kPassword, {1, 2, 3}}}};
const TpmCommand kOpening{.code = tpm2::kStartAuthSession, .answers_with_handle = true};

struct Exchange {
    TpmCommand command;
    Bytes answer;
};
const std::vector<Exchange>& exchanges() {
    static const std::vector<Exchange> all{
        {kQuestion, bytes_of(captured::kOneHandle)},
        {kQuestion, bytes_of(captured::kRefusal)},
        {kMaking, bytes_of(captured::kAttestationKey)},
        {kReading, bytes_of(captured::kNumberAnswer)},
        {kOpening, bytes_of(captured::kSession)},
    };
    return all;
}

/// One conversation that asks for both keys, and one that proves by them.
TpmScript asked_for_keys() {
    return {.answers = {bytes_of(captured::kOneHandle), bytes_of(captured::kEndorsementKey),
                        bytes_of(captured::kAttestationKey), bytes_of(captured::kPlain)}};
}
TpmScript asked_for_proof() {
    auto script = asked_for_keys();
    script.answers.insert(script.answers.begin() + 3,
                          {bytes_of(captured::kSession), bytes_of(captured::kPolicyAnswer),
                           // TPM2_ActivateCredential, with two sessions
                           bytes_of("80020000002200000000"
                                    "0000000a"
                                    "00080102030405060708"
                                    "0000010000"
                                    "0000010000"),
                           bytes_of(captured::kQuoteAnswer), bytes_of(captured::kPlain)});
    return script;
}

TEST(TpmWriter, writes_big_endian_and_sizes_before) {
    const Bytes three{1, 2, 3};
    EXPECT_EQ(hex(TpmWriter().u8(1).u16(2).u32(3).u64(4).sized(three).raw(three).bytes()),
              "01"
              "0002"
              "00000003"
              "0000000000000004"
              "0003010203"
              "010203");
    EXPECT_EQ(TpmWriter().sized(Bytes(70'000)).bytes().size(), 2u + 0xffff);
}

TEST(TpmFields, once_something_was_too_long_nothing_follows) {
    const Bytes bytes{0, 2, 7, 8, 0, 9, 1};
    TpmFields in(bytes);
    const auto first = in.sized();
    EXPECT_EQ(Bytes(first.begin(), first.end()), (Bytes{7, 8}));
    EXPECT_TRUE(in.ok());
    EXPECT_TRUE(in.sized().empty()) << "it says nine";
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.u8(), 0) << "though one is left";
    EXPECT_EQ(in.u64(), 0u);
    EXPECT_FALSE(in.finished());
    TpmFields left(bytes);
    (void)left.u32();
    EXPECT_TRUE(left.ok());
    EXPECT_FALSE(left.finished());
}

TEST(TpmCommand, is_header_handles_authorisations_and_parameters) {
    EXPECT_EQ(hex(to_bytes({.code = 0x17a, .parameters = {9}})), "80010000000b0000017a09");
    EXPECT_EQ(hex(to_bytes({.code = 0x134,
                            .handles = {0x0180000e, 0x0180000e},
                            .authorisations = {{tpm2::kPassword, {1, 2}}, {0x03000000}},
                            .parameters = {9}})),
              "8002"
              "0000002b"
              "00000134"
              "0180000e"
              "0180000e"
              "00000014"
              "400000090000010002"
              "0102"
              "030000000000010000"
              "09");
}

TEST(TpmAnswer, is_read_as_it_was_captured) {
    const auto handles = parse_tpm_answer(kQuestion, bytes_of(captured::kOneHandle));
    ASSERT_TRUE(handles);
    EXPECT_EQ(hex(handles->parameters),
              "00"
              "00000001"
              "00000001"
              "81010001");
    const auto key = parse_tpm_answer(kMaking, bytes_of(captured::kAttestationKey));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->handle >> 24, 0x80u);
    EXPECT_EQ(key->parameters.size(), 0x121u);
    const auto number = parse_tpm_answer(kReading, bytes_of(captured::kNumberAnswer));
    ASSERT_TRUE(number);
    EXPECT_EQ(hex(number->parameters),
              "0008"
              "0000000000000001");
    const auto refusal = parse_tpm_answer(kReading, bytes_of(captured::kRefusal));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->code, 0x101u);
    EXPECT_TRUE(refusal->parameters.empty());
}

TEST(TpmAnswer, cut_short_or_with_something_after_it_is_none) {
    for (const auto& [command, answer] : exchanges()) {
        ASSERT_TRUE(parse_tpm_answer(command, answer));
        for (std::size_t size = 0; size < answer.size(); ++size) {
            Bytes cut(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_FALSE(parse_tpm_answer(command, cut)) << size;
            if (size < 6) continue;
            cut[4] = static_cast<std::uint8_t>(size >> 8);
            cut[5] = static_cast<std::uint8_t>(size);
            const auto kept = parse_tpm_answer(command, cut);
            // Only without sessions does nothing but the size say where the parameters end.
            EXPECT_FALSE(kept && !command.authorisations.empty()) << size;
        }
        Bytes longer = answer;
        longer.push_back(0);
        EXPECT_FALSE(parse_tpm_answer(command, longer));
    }
}

TEST(TpmAnswer, that_lies_about_its_sizes_is_none) {
    auto answer = bytes_of(captured::kNumberAnswer);
    for (const std::size_t size_field : {2u, 10u})
        for (const std::uint32_t lie : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
            auto bent = answer;
            for (std::size_t i = 0; i < 4; ++i)
                bent[size_field + i] = static_cast<std::uint8_t>(lie >> (8 * (3 - i)));
            EXPECT_FALSE(parse_tpm_answer(kReading, bent)) << size_field << ' ' << lie;
        }
    EXPECT_FALSE(parse_tpm_answer(kQuestion, answer)) << "sessions nobody opened";
    EXPECT_FALSE(parse_tpm_answer(kReading, bytes_of(captured::kOneHandle))) << "and none";
    Bytes huge(kMostTpmBytes + 1);
    std::copy_n(bytes_of("80010000100100000000").begin(), 10, huge.begin());
    EXPECT_FALSE(parse_tpm_answer(kQuestion, huge));
    huge.pop_back();
    huge[5] = 0;
    EXPECT_TRUE(parse_tpm_answer(kQuestion, huge));
}

TEST(TpmCodes, say_why) {
    using enum TpmFailure;
    const std::vector<std::pair<std::uint32_t, TpmFailure>> expected{{0x9a2, hierarchy_locked},
                                                                     {0x98e, hierarchy_locked},
                                                                     {0x921, locked_out},
                                                                     {0x01e, too_old},
                                                                     {0x80280400, not_permitted},
                                                                     {0x80284012, not_permitted},
                                                                     {0x1df, refused},
                                                                     {0x101, refused},
                                                                     {0x0a2, hierarchy_locked},
                                                                     {0x022, refused},
                                                                     {0x000b09a2, refused},
                                                                     {0xffffffff, refused}};
    for (const auto& [code, failure] : expected)
        EXPECT_EQ(tpm2::trouble_of_code(code).failure, failure) << std::hex << code;
    EXPECT_EQ(tpm2::trouble_of_code(0x9a2).detail, "the TPM refused (code 0x000009a2)");
}

TEST(TpmCodes, of_the_software_before_the_tpm_are_not_the_tpms_refusal) {
    for (const std::uint32_t own : {0x9a2U, 0x101U, 0x000b0143U})
        EXPECT_TRUE(is_tpms_own(own)) << std::hex << own;
    for (const std::uint32_t other : {0x000a000aU, 0x00070001U, 0x000c0001U})
        EXPECT_FALSE(is_tpms_own(other)) << std::hex << other;
    const auto broken = trouble_of_layer(0x000a000a);
    EXPECT_EQ(broken.failure, TpmFailure::unreachable);
    EXPECT_EQ(broken.detail, "I/O error (code 0x000a000a)");
    const auto unread = unread_tpm(broken, "do this");
    EXPECT_EQ(unread.ek_public.access, hwid::Access::failed);
    EXPECT_EQ(unread.ek_public.origin, "the TPM cannot be talked to: I/O error (code 0x000a000a)");
    EXPECT_EQ(unread.remedy, "do this");
}

TEST(TpmConversation, shows_what_was_captured) {
    auto script = asked_for_keys();
    const auto keys = tpm_prover_over(script.opener())->keys({1, 2, 3});
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_EQ(keys->ek_public.size(), 316u);
    EXPECT_EQ(keys->ak_public.size(), 90u);
    ASSERT_EQ(script.commands.size(), 4u);
    EXPECT_EQ(hex(script.commands[3]).substr(0, 22), "80010000000e0000016580") << "flushed";

    script = asked_for_proof();
    const auto proof = tpm_prover_over(script.opener())->prove({1, 2, 3}, {}, {}, Bytes(32, 7));
    ASSERT_TRUE(proof) << proof.error().detail;
    EXPECT_EQ(hex(proof->secret), "0102030405060708");
    EXPECT_EQ(proof->signature.size(), 64u);
}

/// Every answer cut at every place with a size that fits the cut, and every byte bent: nothing
/// that comes of it is more than the form allows.
TEST(TpmConversation, with_a_liar_ends_without_harm) {
    const auto whole = asked_for_proof();
    const auto ask = [](TpmScript& script) {
        const auto proof = tpm_prover_over(script.opener())->prove({1, 2, 3}, {}, {}, Bytes(32, 7));
        if (proof) {
            EXPECT_EQ(proof->signature.size(), 64u);
        }
        return proof.has_value();
    };
    for (std::size_t turn = 0; turn < 7; ++turn) {
        for (std::size_t size = 0; size < whole.answers[turn].size(); ++size) {
            auto script = whole;
            auto& answer = script.answers[turn];
            answer.resize(size);
            if (size >= 6) {
                answer[4] = static_cast<std::uint8_t>(size >> 8);
                answer[5] = static_cast<std::uint8_t>(size);
            }
            // A session's answer holds a nonce that nobody reads.
            if (turn != 3) {
                EXPECT_FALSE(ask(script)) << turn << ' ' << size;
            }
            for (const int bits : {0x01, 0x80, 0xff}) {
                auto bent = whole;
                bent.answers[turn][size] ^= static_cast<std::uint8_t>(bits);
                (void)ask(bent);
            }
        }
    }
}

TEST(TpmConversation, takes_no_other_form_for_an_endorsement_key) {
    auto script = asked_for_keys();
    script.answers[0] = bytes_of(captured::kNoHandles);
    script.answers[1] = script.answers[2];  // another key, with a handle of its own
    const auto none = tpm_prover_over(script.opener())->keys({1, 2, 3});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().failure, TpmFailure::refused);
    EXPECT_EQ(none.error().detail, "the TPM's answer cannot be read");
    EXPECT_EQ(hex(script.commands.back()).substr(0, 20), "80010000000e00000165") << "flushed";
}

/// A system may block what only makes the next answer quicker.
TEST(TpmConversation, goes_on_where_a_made_key_cannot_be_saved) {
    auto script = asked_for_keys();
    const Bytes kept = script.answers[1];
    const std::span public_bytes = std::span(kept).subspan(10, 316);
    TpmWriter parameters;
    parameters.raw(public_bytes).sized({}).sized({}).u16(0).u32(0).sized({}).sized({});
    TpmWriter rest;
    rest.u32(0x80000000).u32(static_cast<std::uint32_t>(parameters.bytes().size()));
    rest.raw(parameters.bytes()).raw(Bytes{0, 0, 1, 0, 0});
    TpmWriter made;
    made.u16(tpm2::kTagSessions).u32(static_cast<std::uint32_t>(10 + rest.bytes().size()));
    script.answers[0] = bytes_of(captured::kNoHandles);
    script.answers[1] = made.u32(0).raw(rest.bytes()).bytes();
    script.answers.insert(script.answers.begin() + 2, bytes_of("80010000000a80280400"));
    const auto keys = tpm_prover_over(script.opener())->keys({1, 2, 3});
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_EQ(keys->ek_public, Bytes(public_bytes.begin(), public_bytes.end()));
    EXPECT_EQ(hex(script.commands[2]).substr(12, 8), "00000162") << "that is what was blocked";
}

TEST(TpmConversation, is_over_when_the_wire_fails) {
    auto script = asked_for_keys();
    script.answers.resize(2);
    const auto none = tpm_prover_over(script.opener())->keys({1, 2, 3});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().failure, TpmFailure::timed_out);
    EXPECT_EQ(none.error().detail, "the script has ended");
    EXPECT_EQ(script.commands.size(), 3u);
    script = asked_for_keys();
    script.answers.resize(3);
    EXPECT_TRUE(tpm_prover_over(script.opener())->keys({1, 2, 3}))
        << "flushing is all that is missing";
}

TEST(TpmConversation, asks_a_busy_tpm_again_but_not_for_ever) {
    for (const std::uint32_t busy : {tpm2::kRetry, tpm2::kTesting, tpm2::kYielded}) {
        const Bytes answer = TpmWriter().u16(tpm2::kTagNoSessions).u32(10).u32(busy).bytes();
        auto script = asked_for_keys();
        script.answers.insert(script.answers.begin(), 4, answer);
        EXPECT_TRUE(tpm_prover_over(script.opener())->keys({1, 2, 3}));
        script = {.answers = std::vector<Bytes>(100, answer)};
        EXPECT_FALSE(tpm_prover_over(script.opener())->keys({1, 2, 3}));
        EXPECT_EQ(script.commands.size(), 5u);
    }
}

TEST(TpmConversation, with_a_counter_that_does_not_count_ends) {
    TpmScript script;
    const auto place = [](std::string_view index, std::string_view attributes) {
        const std::string area = std::string(index) + "000b" + std::string(attributes) +
                                 "0000"
                                 "0008";
        return bytes_of(
            "80010000001c00000000"
            "000e" +
            area + "0000");
    };
    script.answers = {bytes_of("80010000001700000000"
                               "01"
                               "00000001"
                               "00000001"
                               "0180000e"),
                      place("0180000e", "22040014"),
                      bytes_of("80010000001700000000"
                               "01"
                               "00000001"
                               "00000001"
                               "0180000f"),
                      place("0180000f", "22042804")};
    const auto number = bytes_of(captured::kNumberAnswer);
    const auto done = bytes_of(captured::kAcknowledged);
    for (int i = 0; i < 1000; ++i)
        script.answers.insert(script.answers.end(), {number, number, done});
    const auto none = tpm_counter_over(script.opener())->raise({7, {1, 2, 3}}, 1);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().failure, TpmFailure::refused);
    EXPECT_LE(script.commands.size(), 4 + 3 * (kTpmCounterMost + 1));
}

TEST(TpmReading, calls_a_failure_what_the_evidence_calls_it) {
    using hwid::Access;
    const std::vector<std::pair<TpmFailure, Access>> expected{
        {TpmFailure::absent, Access::absent},        {TpmFailure::too_old, Access::absent},
        {TpmFailure::not_permitted, Access::denied}, {TpmFailure::timed_out, Access::timed_out},
        {TpmFailure::no_library, Access::failed},    {TpmFailure::hierarchy_locked, Access::failed},
        {TpmFailure::locked_out, Access::failed},    {TpmFailure::refused, Access::failed}};
    for (const auto& [failure, access] : expected) {
        const auto unread = unread_tpm({failure, "why"});
        EXPECT_EQ(unread.ek_public.access, access) << name(failure);
        EXPECT_EQ(unread.ek_public.origin, "why");
    }
}

TEST(TpmReading, asks_until_there_is_an_answer_and_then_never_again) {
    int asked = 0;
    const auto reader = remembering([&asked]() -> hwid::RawTpm {
        if (++asked < 3) return unread_tpm({TpmFailure::not_permitted, "not yet"});
        return {{hwid::Access::read, {1}, "at last"}};
    });
    for (int i = 0; i < 5; ++i) (void)reader();
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(reader().ek_public.value, hwid::RawBytes{1});
}

}  // namespace
}  // namespace latchkey::platform
