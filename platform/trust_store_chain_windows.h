#pragma once

// Windows' own judgement of a server's certificate: its roots and intermediates, the ones that it
// gets on demand, what administrators distrust, what it knows to be revoked. Internal to the
// Windows files of platform/.

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

/// `others` came with it and may be null. Where the machine has not got an authority's certificate,
/// Windows fetches it, for a few seconds at most. Revocation counts where Windows already knows of
/// it; nobody is asked. None: Windows cannot judge.
std::optional<ChainVerdict> judge_chain(X509* certificate, const stack_st_X509* others,
                                        const std::string& host);

/// The certificates of the machine's store `name` ("ROOT", "CA") that may vouch for servers.
std::vector<std::shared_ptr<X509>> certificates_of_store(const wchar_t* name);

}  // namespace latchkey::platform
