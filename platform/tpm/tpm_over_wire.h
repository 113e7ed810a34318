#pragma once

// The operations of tpm.h and tpm_counter.h over any wire. Internal to platform/.

#include <functional>
#include <memory>
#include <string>

#include "hwid/raw.h"
#include "platform/tpm/tpm.h"
#include "platform/tpm/tpm_counter.h"
#include "platform/tpm/tpm_wire.h"

namespace latchkey::platform {

/// Each conversation opens a wire of its own and closes it at its end.
using TpmWireOpener = std::function<TpmResult<std::unique_ptr<TpmWire>>()>;

std::unique_ptr<TpmProver> tpm_prover_over(TpmWireOpener open);
std::unique_ptr<TpmCounter> tpm_counter_over(TpmWireOpener open);

/// `origin` is what the evidence calls the wire.
hwid::RawTpm read_endorsement_key_over(const TpmWireOpener& open, const std::string& origin);

}  // namespace latchkey::platform
