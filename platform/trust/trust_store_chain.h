#pragma once

// The judgement of a system that has a verifier of its own, Windows and macOS: its roots and
// intermediates, what administrators trust and distrust, what it knows to be revoked. Internal to
// platform/.

#include <openssl/ossl_typ.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

struct stack_st_X509;  // OpenSSL's STACK_OF(X509)

namespace latchkey::platform {

struct ChainLink {
    std::shared_ptr<X509> certificate;
    bool out_of_date = false;
};

struct ChainVerdict {
    int error = 0;                 ///< X509_V_ERR_*, whatever the dates say; X509_V_OK: trusted
    std::vector<ChainLink> chain;  ///< the server's own first
};

/// `others` came with it and may be null. Revocation counts where the system already knows of it;
/// nobody is asked. Where the machine has not got an authority's certificate, Windows fetches it,
/// for a few seconds at most; macOS does not. None: the system cannot judge.
std::optional<ChainVerdict> judge_chain(X509* certificate, const stack_st_X509* others,
                                        const std::string& host);

/// What OpenSSL trusts, and may build chains with, where the system cannot judge.
std::vector<std::shared_ptr<X509>> certificates_for_openssl();

}  // namespace latchkey::platform
