#pragma once

// The TPM 2.0's endorsement key, the one part of a TPM that names it. Its public half is read and
// nothing is changed or stored; what was created for reading is flushed.

#include "platform/hardware.h"

namespace latchkey::platform {

/// Asks the system's TPM. The key always comes from one template (TCG EK Credential Profile, L-1,
/// RSA 2048), read where it is kept, made again where it is not: the same TPM gives the same key
/// whatever others keep in it. Making it takes some TPMs many seconds, so a key that was read is
/// remembered for the life of the reader. A TPM 1.2 counts as absent. Where the TPM's library is
/// not installed, or the TPM refuses, the source says so (`origin`) as failed.
TpmReader tpm_reader();

}  // namespace latchkey::platform
