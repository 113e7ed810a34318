#pragma once

// The JSON form of a capture, `latchkey.hwid.snapshot/1` (docs/identity.md). The only file of this
// folder that knows JSON.

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strict_json.h"
#include "hwid/component.h"

namespace latchkey::hwid {

inline constexpr std::string_view kSnapshotSchema = "latchkey.hwid.snapshot/1";

/// Unknown kinds and members are ignored; limits (256 components, 256 bytes a value, 512 KiB in
/// all) are enforced. Fails with Code::input_unreadable, saying which component and member.
Result<Snapshot> parse_snapshot(std::string_view text);
Result<Snapshot> snapshot_from_json(const json::bj::value& value);

json::bj::value to_json(const Snapshot& snapshot);

}  // namespace latchkey::hwid
