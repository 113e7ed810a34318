#pragma once

// Which machine a state belongs to: its digests under a random salt that is made with the record
// and never leaves this machine. It tells a copied state from one's own; it is no identity towards
// anybody.

#include <functional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "base/strict_json.h"
#include "hwid/fingerprint.h"
#include "hwid/match.h"

namespace latchkey::store {

struct Hardware {
    Bytes salt;
    hwid::Fingerprint fingerprint;
};

/// The present machine's digests under a salt.
using Look = std::function<hwid::Fingerprint(const Bytes& salt)>;

/// A new record of the present machine, under a salt of its own.
Hardware record_of(const Look& look);

/// Is the present machine the recorded one?
hwid::Verdict compare(const Hardware& recorded, const Look& look);

/// The record as it should be after the machine was found to be the same: the present digests,
/// unless less could be read this time.
Hardware rolled_forward(const Hardware& recorded, const Look& look);

/// Two records of one line: one was copied from the other. Says nothing about the machines.
bool same_line(const Hardware& a, const Hardware& b);

json::bj::value to_json(const Hardware& hardware);
Result<Hardware> hardware_from_json(const json::bj::value& value);
std::string to_row(const Hardware& hardware);
Result<Hardware> hardware_from_row(std::string_view text);

}  // namespace latchkey::store
