#pragma once

// How every document of a signing key is verified: signature by a key of the set, shape, publisher,
// signing time; in this order. Internal to the signature target.

#include <string>
#include <string_view>

#include "licensing/jws.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

/// `publisher` may be null for documents that name none. `at` is the document's own server time.
template <class T>
Result<Verified<T>> verify_document(std::string_view jws, std::string_view typ, const KeySet& keys,
                                    Result<T> (*read)(const json::bj::value&),
                                    std::string T::*publisher, ServerTime T::*at) {
    const auto payload = open_signed(jws, typ, keys);
    if (!payload) return fail(payload.error());
    auto document = read(*payload);
    if (!document) return fail(Code::signature_invalid, document.error().detail);
    if (publisher && (*document).*publisher != keys.publisher)
        return fail(Code::signature_invalid, "the document is another publisher's");
    if (const auto in_time = check_signing_time(jws, keys, (*document).*at); !in_time)
        return fail(in_time.error());
    return VerifiedMaker::make(std::move(*document), std::string(jws));
}

}  // namespace latchkey::licensing
