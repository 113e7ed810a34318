#pragma once

// Certificates in PEM form, read by Windows' own decoder: for the installer, which brings no
// OpenSSL along. Internal to the Windows files of the installer.

#include <string>
#include <string_view>

namespace latchkey::platform {

/// Why a text is no list of certificates in PEM form ("holds no certificate ..."); empty: it holds
/// one or more, and each can be read.
std::string wrong_with_certificates(std::string_view pem);

}  // namespace latchkey::platform
