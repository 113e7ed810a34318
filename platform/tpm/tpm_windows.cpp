#include "platform/tpm/tpm.h"
#include "platform/tpm/tpm_counter.h"
#include "platform/tpm/tpm_reading.h"
#include "platform/tpm/tpm_tbs_windows.h"

namespace latchkey::platform {
namespace {

TpmResult<std::unique_ptr<TpmWire>> open_system_tpm() { return open_tbs(Tbs::get(), kTpmPatience); }

}  // namespace

TpmReader tpm_reader() {
    return remembering([] { return read_endorsement_key_over(open_system_tpm, "TBS"); });
}

std::unique_ptr<TpmProver> tpm_prover() { return tpm_prover_over(open_system_tpm); }

std::unique_ptr<TpmCounter> tpm_counter() { return tpm_counter_over(open_system_tpm); }

}  // namespace latchkey::platform
