#pragma once

// A TPM's proof that it is the one whose endorsement key an activation shows (docs/tpm.md). The
// challenge is made of the pepper and of who asks, so nothing of it is kept here.

#include "base/time.h"
#include "keyserver/keys/key_room.h"
#include "keyserver/rules/rules.h"
#include "licensing/messages.h"

namespace latchkey::keyserver {

/// Fails with Code::request_invalid for keys that are not of the one form.
Result<licensing::TpmChallengeReply> make_tpm_challenge(
    const KeyRoom& room, const licensing::TpmChallengeRequest& request,
    const licensing::PublicKey& device, ServerTime now);

/// A wrong proof refuses nothing: it is none, and the remark says why. No remark where none was
/// meant.
TpmWord judge_tpm(const KeyRoom& room, const licensing::ActivationRequest& request,
                  const licensing::PublicKey& device, ServerTime now, Duration kept);

}  // namespace latchkey::keyserver
