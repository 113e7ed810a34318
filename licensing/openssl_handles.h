#pragma once

// Owners of OpenSSL's objects, and the one answer to a failure inside OpenSSL that no input can
// cause. Internal to the signature target.

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace latchkey::licensing {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

/// Out of memory, or a broken library: no honest result is possible.
inline void must(bool worked) {
    if (!worked) std::abort();
}

}  // namespace latchkey::licensing
