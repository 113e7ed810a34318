#include "platform/tpm/tpm_linux.h"

#include <fcntl.h>

#include <cerrno>
#include <string_view>

#include "platform/hardware/sysfs_linux.h"
#include "platform/tpm/tpm.h"
#include "platform/tpm/tpm_proving.h"
#include "platform/tpm/tpm_reading.h"
#include "platform/tpm/tpm_session_linux.h"

namespace latchkey::platform {
namespace {

using hwid::Access;
using hwid::RawTpm;

constexpr const char* kDevice = "/dev/tpmrm0";  // the kernel's resource manager: others may use it

/// One for each cause.
std::string_view remedy_of(TpmFailure failure) {
    switch (failure) {
        case TpmFailure::absent:
        case TpmFailure::too_old:
            return {};
        case TpmFailure::no_library:
            return "Install the libraries of tpm2-tss (Debian 12: libtss2-esys-3.0.2-0 and "
                   "libtss2-mu0; Fedora: tpm2-tss) and start the agent again.";
        case TpmFailure::not_permitted:
            return "Let the agent's user into the device's group and start the agent again: "
                   "'usermod -aG tss latchkey && systemctl restart latchkeyd'.";
        case TpmFailure::hierarchy_locked:
            return "Somebody set a password on the TPM's endorsement hierarchy; who did can take "
                   "it off.";
        case TpmFailure::locked_out:
            return "Wait until its lockout ends, or end it: 'tpm2_dictionarylockout -c'.";
        case TpmFailure::refused:
        case TpmFailure::unreachable:
        case TpmFailure::timed_out:
            return "See the kernel's log (dmesg); it helps some TPMs to be without power once.";
    }
    return {};
}

RawTpm unread(TpmTrouble trouble) {
    const auto failure = trouble.failure;
    return unread_tpm(std::move(trouble), std::string(remedy_of(failure)));
}

RawTpm read_system_tpm() {
    auto device = open_system_tpm();
    if (!device) return unread(std::move(device.error()));
    FileTcti tcti(device->get(), kTpmPatience);
    auto key = read_endorsement_key(tcti.context());
    if (tcti.ran_out_of_patience()) return unread(trouble_of(TSS2_RC_SUCCESS, true));
    return key;
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
    if (!tss) return unread({TpmFailure::no_library, "libtss2-esys.so.0 is not installed"});
    TpmSession session(*tss, tpm);
    auto key = endorsement_key(session);
    if (key && !key->public_bytes.empty())
        return {{Access::read, std::move(key->public_bytes), kDevice}};
    return unread(trouble_of(session.code(), false));
}

TpmReader tpm_reader() { return remembering(read_system_tpm); }

std::unique_ptr<TpmProver> tpm_prover() { return tpm_prover_of(open_system_tpm, kTpmPatience); }

}  // namespace latchkey::platform
