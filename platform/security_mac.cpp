#include "platform/security_mac.h"

namespace latchkey::platform {

const Security* security() {
    static Security found{};
    static const bool complete = [] {
        void* const library = open_framework("Security");
        return find_symbol(library, "SecCertificateCreateWithData", found.certificate) &&
               find_symbol(library, "SecCertificateCopyData", found.certificate_der) &&
               find_symbol(library, "SecPolicyCreateSSL", found.ssl_policy) &&
               find_symbol(library, "SecTrustCreateWithCertificates", found.trust) &&
               find_symbol(library, "SecTrustSetNetworkFetchAllowed", found.allow_fetching) &&
               find_symbol(library, "SecTrustSetVerifyDate", found.set_date) &&
               find_symbol(library, "SecTrustEvaluateWithError", found.evaluate) &&
               // The one call for both is macOS 12's.
               find_symbol(library, "SecTrustGetCertificateCount", found.count) &&
               find_symbol(library, "SecTrustGetCertificateAtIndex", found.at);
    }();
    return complete ? &found : nullptr;
}

}  // namespace latchkey::platform
