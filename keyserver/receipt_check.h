#pragma once

// `latchkey-keyserver verify-receipt`: what anyone can do who has a receipt and the publisher's
// public documents. Needs no data directory and no key server. Pure.

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "licensing/receipt.h"
#include "licensing/trust.h"

namespace latchkey::keyserver {

/// The publisher's keys, from what `admin signing-key list --json` shows, or from what
/// /.well-known/latchkey answers together with the manifest of a product, which names a root. With
/// a manifest its root is the one that counts. Fails with Code::signature_invalid, or with
/// Code::input_unreadable where the file is something else.
Result<licensing::Trusted> trust_in(std::string_view keys, std::string_view manifest);

/// A receipt as it is, or the answer of `admin receipt list --json`. Fails with
/// Code::input_unreadable.
Result<std::vector<std::string>> receipts_in(std::string_view text);

struct CheckedReceipt {
    std::optional<licensing::Receipt> receipt;  ///< none: it does not verify
    Problem problem;                            ///< why not, in plain words
    std::string signed_by;
};
CheckedReceipt check_receipt(std::string_view jws, const licensing::KeySet& keys);

/// What it says, for people: a few lines.
std::string words_of(const CheckedReceipt& checked);
/// {"receipts": [{"good", "signed_by", "receipt", "error"}…], "good": 1, "bad": 0}
boost::json::object as_json(const std::vector<CheckedReceipt>& all);

}  // namespace latchkey::keyserver
