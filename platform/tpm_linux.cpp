#include "platform/tpm_linux.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "platform/sysfs_linux.h"
#include "platform/tpm.h"
#include "platform/tpm_proving.h"
#include "platform/tpm_reading.h"
#include "platform/tpm_session_linux.h"

namespace latchkey::platform {
namespace {

using hwid::Access;
using hwid::RawTpm;

constexpr const char* kDevice = "/dev/tpmrm0";  // the kernel's resource manager: others may use it

RawTpm failed(std::string why) { return {{Access::failed, {}, std::move(why)}}; }

RawTpm read_system_tpm() {
    auto device = open_system_tpm();
    if (!device) return unread_tpm(std::move(device.error()));
    FileTcti tcti(device->get(), kTpmPatience);
    return read_endorsement_key(tcti.context());
}

}  // namespace

tl::expected<UniqueFd, TpmTrouble> open_system_tpm() {
    const auto none = [](TpmFailure failure, std::string why) {
        return tl::unexpected(TpmTrouble{failure, std::move(why)});
    };
    const SysDirectory tpm("/sys/class/tpm/tpm0");
    if (tpm.access() == Access::absent) return none(TpmFailure::absent, tpm.path());
    if (tpm.access() == Access::denied) return none(TpmFailure::not_permitted, tpm.path());
    if (tpm.access() != Access::read) return none(TpmFailure::refused, tpm.path());
    if (tpm.word("tpm_version_major") == "1") return none(TpmFailure::too_old, tpm.path());
    UniqueFd device(::open(kDevice, O_RDWR | O_CLOEXEC));
    if (device) return device;
    const int error = errno;
    // The kernel has a TPM; that its device is missing does not take it away.
    const bool denied = access_of_errno(error) == Access::denied;
    return none(denied ? TpmFailure::not_permitted : TpmFailure::refused,
                errno_text("cannot open", kDevice, error));
}

RawTpm read_endorsement_key(TSS2_TCTI_CONTEXT* tpm) {
    const TpmLibrary* tss = TpmLibrary::get();
    if (!tss) return failed("libtss2-esys.so.0 is not installed");
    TpmSession session(*tss, tpm);
    auto key = endorsement_key(session);
    if (key && !key->public_bytes.empty())
        return {{Access::read, std::move(key->public_bytes), kDevice}};
    std::array<char, 64> why{};
    std::snprintf(why.data(), why.size(), "the TPM refused (code 0x%08x)", session.code());
    return failed(why.data());
}

TpmReader tpm_reader() { return remembering(read_system_tpm); }

std::unique_ptr<TpmProver> tpm_prover() { return tpm_prover_of(open_system_tpm, kTpmPatience); }

}  // namespace latchkey::platform
