#pragma once

// An evidence table from the publisher, in place of the one built in: signed by the root, because
// it decides what is counted. The document and its check; who keeps it: keyserver/, agent/daemon.

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "hwid/weights.h"
#include "licensing/jws.h"
#include "licensing/trust.h"

namespace latchkey::licensing {

struct WeightsTable {
    std::string publisher;
    ServerTime issued_at;
    hwid::Weights weights;  ///< sound (hwid::unsound), whoever signed it
};

json::bj::value to_json(const WeightsTable& table);

/// Kinds this version does not know weigh nothing here and are passed over, as are unknown members;
/// an unknown anchor is refused, since leaving it out would make a loss significant more easily. A
/// kind that is not named weighs nothing. Fails with Code::request_invalid.
Result<WeightsTable> weights_table_from_json(const json::bj::value& value);

std::string sign_weights(const SigningKey& root, const WeightsTable& table);

/// Fails with Code::signature_invalid: signature, shape, bounds, publisher.
Result<Verified<WeightsTable>> verify_weights(std::string_view jws, const PinnedRoot& root);

/// Whether `candidate` may replace the table in force, built in or received: its version must be
/// above, by at most kMaxVersionJump. Fails with Code::version_not_newer. Pure.
Result<void> check_replaces(const Verified<WeightsTable>& candidate, const hwid::Weights& current);

}  // namespace latchkey::licensing
