#pragma once

// Values <-> the JSON text of their rows. Reading is strict and fails with Code::state_corrupt;
// writing strips control characters and broken UTF-8 from free text, so that whatever is written
// can be read back.

#include <string>
#include <string_view>

#include "agent/core/state.h"
#include "agent/core/trusted_time.h"
#include "agent/store/store.h"
#include "base/result.h"
#include "base/strict_json.h"

namespace latchkey::store {

namespace bj = json::bj;

inline constexpr std::size_t kMaxRowBytes = 1024 * 1024;

/// Holds secrets: the product keys, and the message of a pending request.
std::string to_row(const core::ProductState& state);
Result<core::ProductState> product_from_row(std::string_view text);

/// Holds a secret: the device key's seed.
std::string to_row(const PublisherState& state);
Result<PublisherState> publisher_from_row(std::string_view text);

std::string to_row(const core::TimeLedger& ledger);
Result<core::TimeLedger> time_from_row(std::string_view text);

/// Holds a secret while it is pending: the token. row_cloud.cpp
std::string to_row(const CloudRow& row);
Result<CloudRow> cloud_from_row(std::string_view text);

/// Parts that the second copy shares.
bj::value to_json(const core::TimeLedger& ledger);
Result<core::TimeLedger> time_from_json(const bj::value& value);
bj::value to_json(const core::Grace& grace);
Result<core::Grace> grace_from_json(const bj::value& value);

/// row_ledger.cpp
bj::value ledger_to_json(const core::Ledger& ledger);
Result<core::Ledger> ledger_from_json(const bj::value& value);
bj::value tpm_ledger_to_json(const core::TpmLedger& ledger);
Result<core::TpmLedger> tpm_ledger_from_json(const bj::value& value);

/// row_license.cpp
bj::value license_to_json(const licensing::License& license);
Result<licensing::License> license_from_json(const bj::value& value);

/// One line of valid UTF-8 of at most `max_bytes`: what is neither becomes '?'.
std::string printable(std::string_view text, std::size_t max_bytes);

/// Reading helpers: instants and durations are milliseconds.
ServerTime read_instant(json::ObjectReader& in, std::string_view name);
std::optional<ServerTime> read_optional_instant(json::ObjectReader& in, std::string_view name);
Duration read_duration(json::ObjectReader& in, std::string_view name);
bj::value instant_json(std::optional<ServerTime> at);
bj::string text_json(std::string_view text);
/// The reader's failure as Code::state_corrupt.
std::optional<Problem> finish(json::ObjectReader& in);

}  // namespace latchkey::store
