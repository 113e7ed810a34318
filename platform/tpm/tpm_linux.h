#pragma once

// The parts of tpm_linux.cpp that its tests reach. Internal to the Linux files of platform/.

#include <tss2/tss2_tcti.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/time.h"
#include "hwid/raw.h"
#include "platform/tpm/tpm.h"
#include "platform/tpm/tpm_counter.h"
#include "platform/tpm/tpm_reading.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {

/// A TPM behind a file: commands are written to it, answers read from it. That is the kernel's
/// device, or a socket of a simulator. Does not own the file.
class FileTcti {
public:
    /// An answer that takes longer than `patience` is none.
    FileTcti(int fd, Duration patience);
    FileTcti(const FileTcti&) = delete;
    FileTcti& operator=(const FileTcti&) = delete;

    bool ran_out_of_patience() const { return ran_out_; }

    TSS2_TCTI_CONTEXT* context() { return reinterpret_cast<TSS2_TCTI_CONTEXT*>(&common_); }

private:
    friend struct FileTctiCalls;
    TSS2_TCTI_CONTEXT_COMMON_V2 common_{};  // the first member: the library knows this address
    int fd_;
    Duration patience_;
    bool ran_out_ = false;
    std::vector<std::uint8_t> answer_;  ///< read, and not yet taken by the library
};

/// The kernel's TPM; the caller's.
tl::expected<UniqueFd, TpmTrouble> open_system_tpm();

/// A prover before another TPM than the kernel's: each call opens it and closes it again.
using TpmOpener = std::function<tl::expected<UniqueFd, TpmTrouble>()>;
std::unique_ptr<TpmProver> tpm_prover_of(TpmOpener open, Duration patience);
std::unique_ptr<TpmCounter> tpm_counter_of(TpmOpener open, Duration patience);

/// Never throws; why it could not be read stands in the source's origin.
hwid::RawTpm read_endorsement_key(TSS2_TCTI_CONTEXT* tpm);

}  // namespace latchkey::platform
