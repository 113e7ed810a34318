#pragma once

// What the verbs about products share.

#include <array>

#include "keyserver/admin/verb.h"

namespace latchkey::keyserver::admin {

bj::object shown_product(const Product& product);

/// Fails with Code::record_unknown.
Result<Product> required_product(Context& context, const std::string& id);

/// What the manifest says of graces and rearms, as options of `add` and `set`.
inline constexpr std::size_t kPolicyOptions = 4;
ArgumentRule policy_rule(std::size_t i);
/// What is given of them, within the bounds of licensing/manifest.h, into the product.
Result<void> read_policy(Product& product, const Arguments& arguments);

// product_changes.cpp
Verb release_verb();
Verb set_verb();

}  // namespace latchkey::keyserver::admin
