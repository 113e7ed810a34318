#pragma once

// What is in the files that an installer was told of, read once and judged before anything is
// changed: an administrator learns of a wrong one from the installer, not from an agent that waits.

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service-install/told_settings.h"

namespace latchkey::service_install {

/// Why a text is no list of certificates in PEM form: "holds no certificate"; empty: it is one.
using CertificateJudge = std::function<std::string(std::string_view)>;

/// Reads every copy's file into its content, with the rights of whoever asks, and judges it:
/// CA_FILE by `certificates`, MANIFEST_FILE as the manifest of the product that was told (its
/// signature is the agent's to verify), KEY_FILE as a product key, of which the key alone is taken.
/// Fails with Code::input_unreadable or Code::config_invalid; the detail names the property and
/// never shows what is in the file, nor the path of a key file, which may be the key itself.
Result<void> read_copies(ToldFiles& files, std::string_view product,
                         const CertificateJudge& certificates);

}  // namespace latchkey::service_install
