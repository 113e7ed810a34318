// Against a TPM simulator (swtpm), over a socket pair: the same code that talks to the kernel's
// device.

#include "platform/tpm/tpm.h"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "tests/fakes/tpm_simulator.h"
#include "tests/unit/platform/temporary_directory.h"
#include "tests/unit/platform/tpm_owner.h"

namespace latchkey::platform {
namespace {

using fakes::socket_pair;
using hwid::Access;
using Simulator = fakes::TpmSimulator;

constexpr Duration kAmple = fakes::kAmplePatience;

/// A TCTI of the test's own that passes all on and writes the commands down.
class Recorder {
public:
    explicit Recorder(int fd) : behind_(fd, kAmple) {
        common_.version = 1;
        common_.transmit = [](TSS2_TCTI_CONTEXT* self, std::size_t size,
                              const std::uint8_t* bytes) {
            auto& recorder = *reinterpret_cast<Recorder*>(self);
            if (size >= 10) recorder.commands.push_back(std::uint32_t{bytes[8]} << 8 | bytes[9]);
            return Tss2_Tcti_Transmit(recorder.behind_.context(), size, bytes);
        };
        common_.receive = [](TSS2_TCTI_CONTEXT* self, std::size_t* size, std::uint8_t* bytes,
                             std::int32_t timeout) {
            auto& recorder = *reinterpret_cast<Recorder*>(self);
            return Tss2_Tcti_Receive(recorder.behind_.context(), size, bytes, timeout);
        };
    }
    TSS2_TCTI_CONTEXT* context() { return reinterpret_cast<TSS2_TCTI_CONTEXT*>(&common_); }
    bool saw(std::uint32_t command) const {
        return std::find(commands.begin(), commands.end(), command) != commands.end();
    }

private:
    TSS2_TCTI_CONTEXT_COMMON_V1 common_{};
    FileTcti behind_;

public:
    std::vector<std::uint32_t> commands;
};

hwid::RawTpm read_key(const Simulator& tpm) {
    FileTcti tcti(tpm.fd(), kAmple);
    return read_endorsement_key(tcti.context());
}

TPM2B_PUBLIC template_of(const hwid::RawTpm& tpm) {
    TPM2B_PUBLIC key{};
    std::size_t used = 0;
    EXPECT_EQ(Tss2_MU_TPM2B_PUBLIC_Unmarshal(tpm.ek_public.value.data(), tpm.ek_public.value.size(),
                                             &used, &key),
              TSS2_RC_SUCCESS);
    key.publicArea.unique.rsa = {256, {}};
    return key;
}

TEST(Tpm, one_tpm_shows_one_key_over_restarts_and_another_tpm_another) {
    const TemporaryDirectory one, other;
    const auto first = read_key(Simulator(one.path()));
    ASSERT_EQ(first.ek_public.access, Access::read) << first.ek_public.origin;
    EXPECT_EQ(first.ek_public.value.size(), 316u) << "a 2048-bit RSA key with its template";
    EXPECT_EQ(read_key(Simulator(one.path())).ek_public.value, first.ek_public.value);
    EXPECT_NE(read_key(Simulator(other.path())).ek_public.value, first.ek_public.value);
}

TEST(Tpm, a_key_that_is_kept_is_read_and_is_the_one_that_would_be_made) {
    const TemporaryDirectory state;
    const Simulator tpm(state.path());
    const auto made = read_key(tpm);
    TpmOwner(tpm.fd()).keep(template_of(made), ESYS_TR_RH_ENDORSEMENT);
    Recorder recorder(tpm.fd());
    const auto kept = read_endorsement_key(recorder.context());
    EXPECT_EQ(kept.ek_public.value, made.ek_public.value);
    EXPECT_TRUE(recorder.saw(TPM2_CC_ReadPublic));
    EXPECT_FALSE(recorder.saw(TPM2_CC_CreatePrimary)) << "making it can take many seconds";
}

TEST(Tpm, another_key_in_that_place_is_not_taken_for_it) {
    const TemporaryDirectory state;
    const Simulator tpm(state.path());
    const auto made = read_key(tpm);
    auto other = template_of(made);
    other.publicArea.unique.rsa.buffer[0] = 1;  // a label of somebody's own
    other.publicArea.objectAttributes |= TPMA_OBJECT_USERWITHAUTH;
    TpmOwner(tpm.fd()).keep(other, ESYS_TR_RH_ENDORSEMENT);
    EXPECT_EQ(read_key(tpm).ek_public.value, made.ek_public.value);
}

TEST(Tpm, nothing_is_left_in_the_tpm) {
    const TemporaryDirectory state;
    const Simulator tpm(state.path());
    Recorder recorder(tpm.fd());
    ASSERT_EQ(read_endorsement_key(recorder.context()).ek_public.access, Access::read);
    for (const std::uint32_t writing :
         {TPM2_CC_EvictControl, TPM2_CC_NV_DefineSpace, TPM2_CC_NV_Write, TPM2_CC_Clear})
        EXPECT_FALSE(recorder.saw(writing));
    EXPECT_EQ(TpmOwner(tpm.fd()).keys_in_use(), 0u);
}

TEST(Tpm, one_whose_owner_locked_the_hierarchy_says_so) {
    const TemporaryDirectory state;
    const Simulator tpm(state.path());
    TpmOwner(tpm.fd()).set_endorsement_password();
    const auto locked = read_key(tpm);
    EXPECT_EQ(locked.ek_public.access, Access::failed);
    EXPECT_NE(locked.ek_public.origin.find("the TPM refused (code 0x"), std::string::npos);
}

TEST(Tpm, a_kept_key_is_read_though_the_hierarchy_is_locked) {
    const TemporaryDirectory state;
    const Simulator tpm(state.path());
    const auto made = read_key(tpm);
    TpmOwner keeper(tpm.fd());
    keeper.keep(template_of(made), ESYS_TR_RH_ENDORSEMENT);
    keeper.set_endorsement_password();
    EXPECT_EQ(read_key(tpm).ek_public.value, made.ek_public.value);
}

TEST(Tpm, one_that_talks_nonsense_or_nothing_is_a_failed_source) {
    for (const std::string& answer :
         {std::string(), std::string("\x80\x01\x00\x00", 4), std::string(64, '\xff'),
          std::string("\x80\x01\x00\x00\x00\x0a\x00\x00\x01\x01", 10)}) {
        auto [ours, theirs] = socket_pair();
        std::thread liar([&answer, end = std::move(theirs)] {
            char command[4096];
            if (::read(end.get(), command, sizeof command) <= 0) return;
            if (!answer.empty() && ::write(end.get(), answer.data(), answer.size()) < 0) return;
        });
        FileTcti tcti(ours.get(), kAmple);
        EXPECT_EQ(read_endorsement_key(tcti.context()).ek_public.access, Access::failed);
        liar.join();
    }
}

TEST(Tpm, one_that_never_answers_is_given_up) {
    const auto ends = socket_pair();
    FileTcti tcti(ends.first.get(), Duration(20));
    EXPECT_EQ(read_endorsement_key(tcti.context()).ek_public.access, Access::failed);
}

TEST(Tpm, one_whose_driver_fails_did_not_refuse) {
    std::signal(SIGPIPE, SIG_IGN);  // as in the agent; a device would send none
    auto ends = socket_pair();
    ends.second.reset();
    FileTcti tcti(ends.first.get(), kAmple);
    const auto broken = read_endorsement_key(tcti.context());
    EXPECT_EQ(broken.ek_public.access, Access::failed);
    EXPECT_EQ(broken.ek_public.origin, "the TPM cannot be talked to: I/O error (code 0x000a000a)");
    EXPECT_NE(broken.remedy.find("dmesg"), std::string::npos);
}

TEST(Tpm, this_machines_tpm_is_there_exactly_where_the_kernel_has_one) {
    const auto got = tpm_reader()();
    EXPECT_EQ(got.ek_public.access == Access::absent,
              !std::filesystem::exists("/sys/class/tpm/tpm0"));
}

}  // namespace
}  // namespace latchkey::platform
