#include "platform/trust/trust_store.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <memory>

namespace latchkey::platform {
namespace {

TEST(TrustStore, says_honestly_whether_this_system_trusts_anybody) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    const auto trusted = trust_system_roots(context.get());
    const bool has_bundle = std::filesystem::exists("/etc/ssl/certs/ca-certificates.crt") ||
                            std::filesystem::exists("/etc/pki/tls/certs/ca-bundle.crt");
    EXPECT_EQ(trusted.has_value(), has_bundle);
    if (!trusted) {
        EXPECT_EQ(trusted.error().code, Code::tls_untrusted);
    }
}

}  // namespace
}  // namespace latchkey::platform
