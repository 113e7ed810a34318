// TBS: what Windows says of its TPM, by calls that stand in for tbs.dll's; and this machine's.

#include "platform/tpm/tpm_tbs_windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "platform/tpm/tpm_codes.h"
#include "platform/tpm/tpm_reading.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

/// One Windows with a TPM, as the calls below see it.
struct Windows {
    Tbs::Result info_result = 0;
    std::uint32_t tpm_version = 2;
    Tbs::Result create_result = 0;
    Tbs::Result submit_result = 0;
    Bytes answer{};
    std::uint32_t answer_size = 0;  ///< where it is not the answer's
    bool hangs = false;
    HANDLE cancelled = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    Tbs::ContextParameters asked{};
    std::vector<Bytes> commands{};
    int open = 0;
    int opened = 0;

    ~Windows() { ::CloseHandle(cancelled); }
};
Windows* windows = nullptr;

Tbs::Result WINAPI get_device_info(std::uint32_t size, Tbs::DeviceInfo* info) {
    EXPECT_EQ(size, 16u);
    EXPECT_EQ(info->version, 1u);
    info->tpm_version = windows->tpm_version;
    return windows->info_result;
}

Tbs::Result WINAPI create_context(const Tbs::ContextParameters* parameters, Tbs::Context* made) {
    windows->asked = *parameters;
    if (windows->create_result == 0) {
        *made = windows;
        ++windows->open;
        ++windows->opened;
    }
    return windows->create_result;
}

Tbs::Result WINAPI close_context(Tbs::Context context) {
    EXPECT_EQ(context, windows);
    --windows->open;
    return 0;
}

Tbs::Result WINAPI submit_command(Tbs::Context context, std::uint32_t locality,
                                  std::uint32_t priority, const std::uint8_t* command,
                                  std::uint32_t command_size, std::uint8_t* answer,
                                  std::uint32_t* answer_size) {
    EXPECT_EQ(context, windows);
    EXPECT_EQ(locality, 0u);
    EXPECT_EQ(priority, 200u);
    windows->commands.emplace_back(command, command + command_size);
    if (windows->hangs) {
        EXPECT_EQ(::WaitForSingleObject(windows->cancelled, 60'000), WAIT_OBJECT_0);
        return 0x8028400d;
    }
    EXPECT_GE(*answer_size, windows->answer.size());
    std::copy(windows->answer.begin(), windows->answer.end(), answer);
    *answer_size = windows->answer_size != 0 ? windows->answer_size
                                             : static_cast<std::uint32_t>(windows->answer.size());
    return windows->submit_result;
}

Tbs::Result WINAPI cancel_commands(Tbs::Context context) {
    EXPECT_EQ(context, windows);
    ::SetEvent(windows->cancelled);
    return 0;
}

const Tbs kTbs{get_device_info, create_context, close_context, submit_command, cancel_commands};

/// A TPM's answer that holds a code alone.
Bytes only_code(std::uint32_t code) {
    return TpmWriter().u16(tpm2::kTagNoSessions).u32(10).u32(code).bytes();
}

class TbsTpm : public testing::Test {
protected:
    void SetUp() override { windows = &there; }
    void TearDown() override { EXPECT_EQ(there.open, 0) << "every context is closed"; }

    std::string_view why_not(Duration patience = kTpmPatience) {
        const auto prover = tpm_prover_over([&] { return open_tbs(&kTbs, patience); });
        const auto keys = prover->keys({});
        if (keys) return "it has";
        EXPECT_FALSE(keys.error().detail.empty());
        return name(keys.error().failure);
    }

    Windows there;
};

TEST_F(TbsTpm, is_asked_for_as_a_tpm_2_and_for_what_the_command_says) {
    there.answer = only_code(0x101);
    EXPECT_EQ(why_not(), "refused");
    EXPECT_EQ(there.asked.version, 2u);
    EXPECT_EQ(there.asked.flags, 4u) << "includeTpm20";
    ASSERT_EQ(there.commands.size(), 1u);
    EXPECT_EQ(hex(there.commands[0]),
              "8001000000160000017a00000001"
              "8101000100000001");
    EXPECT_EQ(there.opened, 1);
}

TEST_F(TbsTpm, is_absent_too_old_or_closed_as_tbs_says) {
    there.tpm_version = 1;
    EXPECT_EQ(why_not(), "too_old");
    there.tpm_version = 2;
    there.info_result = 0x8028400f;
    EXPECT_EQ(why_not(), "absent");
    there.info_result = 0;
    const std::vector<std::pair<Tbs::Result, std::string_view>> expected{
        {0x8028400f, "absent"},        {0x80284012, "not_permitted"}, {0x80070005, "not_permitted"},
        {0x80284008, "refused"},       {0x80284009, "refused"},       {0x8028400b, "refused"},
        {0x80284010, "refused"},       {0x80284016, "refused"},       {0x80284001, "refused"},
        {0x80280400, "not_permitted"}, {0x12345678, "refused"}};
    for (const auto& [code, why] : expected) {
        there.create_result = code;
        EXPECT_EQ(why_not(), why) << std::hex << code;
    }
    EXPECT_TRUE(there.commands.empty());
}

TEST_F(TbsTpm, may_be_open_and_its_commands_blocked) {
    there.submit_result = 0x80280400;
    EXPECT_EQ(why_not(), "not_permitted");
    there.submit_result = 0x80284012;
    EXPECT_EQ(why_not(), "not_permitted");
    there.submit_result = 0;
    there.answer = only_code(0x80280400);
    EXPECT_EQ(why_not(), "not_permitted") << "as an answer in the TPM's stead";
    there.submit_result = 0x80284006;
    EXPECT_EQ(why_not(), "refused");
    there.submit_result = 0x8028400d;
    EXPECT_EQ(why_not(), "timed_out");
}

TEST_F(TbsTpm, whose_command_is_blocked_takes_the_next_one) {
    there.answer = only_code(0);
    auto wire = open_tbs(&kTbs, kTpmPatience);
    ASSERT_TRUE(wire);
    for (const Tbs::Result blocked : {0x80280400U, 0x80284012U}) {
        there.submit_result = blocked;
        const auto answer = (*wire)->transmit(only_code(0));
        ASSERT_TRUE(answer) << "it is the answer to this command alone";
        EXPECT_EQ(*answer, only_code(blocked));
    }
    there.submit_result = 0x80284006;
    EXPECT_FALSE((*wire)->transmit(only_code(0)));
}

TEST_F(TbsTpm, that_hangs_is_cancelled) {
    there.hangs = true;
    EXPECT_EQ(why_not(Duration(20)), "timed_out");
    EXPECT_EQ(there.commands.size(), 1u) << "and not asked again";
}

TEST_F(TbsTpm, cannot_answer_more_than_there_is_room_for) {
    there.answer_size = 1'000'000;
    EXPECT_EQ(why_not(), "refused");
    there.answer_size = 0;
    there.answer = {};
    EXPECT_EQ(why_not(), "refused");
}

TEST(TbsTpmHere, a_windows_without_it_has_no_library) {
    const auto none = open_tbs(nullptr, kTpmPatience);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().failure, TpmFailure::no_library);
}

/// Where these tests run is no TPM; on a machine that has one it is read, or says why not.
TEST(TbsTpmHere, this_machines_tpm_answers_or_says_why_not_and_does_no_harm) {
    const auto read = tpm_reader()();
    const auto keys = tpm_prover()->keys({});
    const auto count = tpm_counter()->read({7, {1, 2, 3}});
    EXPECT_FALSE(read.ek_public.origin.empty());
    if (keys) {
        EXPECT_EQ(read.ek_public.value, keys->ek_public);
        return;
    }
    EXPECT_FALSE(keys.error().detail.empty());
    if (keys.error().failure != TpmFailure::absent) return;
    EXPECT_EQ(read.ek_public.access, Access::absent);
    ASSERT_FALSE(count);
    EXPECT_EQ(count.error().failure, TpmFailure::absent);
}

}  // namespace
}  // namespace latchkey::platform
