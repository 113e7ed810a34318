#pragma once

// A private authority and one server certificate for 127.0.0.1, made for one test.

#include <string>

namespace latchkey::e2e {

struct CertificateFiles {
    std::string authority_pem;
    std::string certificate_pem;
    std::string key_pem;
};

/// Valid from `from_days` to `to_days`, counted from now (negative: past). `name` is the subject
/// alternative name, "IP:127.0.0.1".
CertificateFiles make_certificates(int from_days, int to_days, const std::string& name);

}  // namespace latchkey::e2e
