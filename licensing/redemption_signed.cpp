#include "licensing/redemption.h"
#include "licensing/signed_document.h"

namespace latchkey::licensing {

std::string sign_cloud_entitlement(const SigningKey& key, const CloudEntitlement& entitlement) {
    return sign_jws(key, typ::kCloudEntitlement, to_json(entitlement));
}

Result<Verified<CloudEntitlement>> verify_cloud_entitlement(std::string_view jws,
                                                            const KeySet& keys) {
    return verify_document(jws, typ::kCloudEntitlement, keys, cloud_entitlement_from_json,
                           &CloudEntitlement::publisher, &CloudEntitlement::redeemed_at);
}

}  // namespace latchkey::licensing
