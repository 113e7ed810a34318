#pragma once

// The private certificate authority the key server makes for itself where no certificate is given:
// EC P-256, DIR/ca.pem for agents to trust, DIR/ca.key and DIR/server.key 0600.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::keyserver {

struct TlsFiles {
    std::filesystem::path certificate;  ///< PEM, the whole chain
    std::filesystem::path key;          ///< PEM, private
};

/// The server certificate in `directory`, made (with its authority) where it is missing, ends soon
/// or does not name `host`. It always names localhost, 127.0.0.1 and ::1. Failures are those of
/// platform/secure_file.h, or Code::state_corrupt for an authority that cannot be read.
Result<TlsFiles> ensure_server_certificate(const std::filesystem::path& directory,
                                           const std::string& publisher, const std::string& host,
                                           WallTime now);

}  // namespace latchkey::keyserver
