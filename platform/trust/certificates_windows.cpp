#include "platform/trust/certificates_windows.h"

#include <windows.h>

#include <wincrypt.h>

#include <cstdint>
#include <vector>

namespace latchkey::platform {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

/// `block` runs from kBegin to the end of kEnd.
bool is_certificate(std::string_view block) {
    const auto length = static_cast<DWORD>(block.size());
    DWORD size = 0;
    if (!::CryptStringToBinaryA(block.data(), length, CRYPT_STRING_BASE64HEADER, nullptr, &size,
                                nullptr, nullptr))
        return false;
    std::vector<std::uint8_t> bytes(size);
    if (!::CryptStringToBinaryA(block.data(), length, CRYPT_STRING_BASE64HEADER, bytes.data(),
                                &size, nullptr, nullptr))
        return false;
    const auto* const certificate =
        ::CertCreateCertificateContext(X509_ASN_ENCODING, bytes.data(), size);
    if (certificate == nullptr) return false;
    ::CertFreeCertificateContext(certificate);
    return true;
}

}  // namespace

std::string wrong_with_certificates(std::string_view pem) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = pem.find(kBegin, at)) != std::string_view::npos;) {
        const auto end = pem.find(kEnd, at);
        const std::string number = std::to_string(++found);
        if (end == std::string_view::npos)
            return "breaks off: certificate " + number + " has no end";
        const auto length = end + kEnd.size() - at;
        if (!is_certificate(pem.substr(at, length)))
            return "holds no certificates in PEM form: number " + number + " is damaged";
        at += length;
    }
    return found == 0 ? "holds no certificate in PEM form" : "";
}

}  // namespace latchkey::platform
