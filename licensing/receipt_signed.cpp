#include "licensing/receipt.h"
#include "licensing/signed_document.h"

namespace latchkey::licensing {

std::string sign_receipt(const SigningKey& key, const Receipt& receipt) {
    return sign_jws(key, typ::kReceipt, to_json(receipt));
}

Result<Verified<Receipt>> verify_receipt(std::string_view jws, const KeySet& keys) {
    return verify_document(jws, typ::kReceipt, keys, receipt_from_json, &Receipt::publisher,
                           &Receipt::at);
}

}  // namespace latchkey::licensing
