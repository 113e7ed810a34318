#pragma once

// Security.framework's few functions that judging a certificate needs, opened at run time like
// CoreFoundation's (core_foundation_mac.h says why). Internal to the macOS files of platform/.

#include <cstdint>

#include "platform/core_foundation_mac.h"

namespace latchkey::platform {

/// SecCertificate.h, SecPolicy.h, SecTrust.h.
struct Security {
    CfType (*certificate)(CfType allocator, CfType der);
    CfType (*certificate_der)(CfType certificate);
    CfType (*ssl_policy)(unsigned char server, CfType host);
    std::int32_t (*trust)(CfType certificates, CfType policy, CfType* trust);
    std::int32_t (*allow_fetching)(CfType trust, unsigned char allowed);
    std::int32_t (*set_date)(CfType trust, CfType date);
    bool (*evaluate)(CfType trust, CfType* error);
    CfIndex (*count)(CfType trust);
    CfType (*at)(CfType trust, CfIndex);
};

/// Opened once; nullptr where the system has not got all of it. Any thread.
const Security* security();

}  // namespace latchkey::platform
