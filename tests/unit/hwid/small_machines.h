#pragma once

// Machines of a few parts, so that a test of one rule shows everything the rule sees.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "hwid/match.h"
#include "tests/fakes/machines.h"

namespace latchkey::hwid::small {

inline Component c(Kind kind, std::string value, Attributes attributes = {}) {
    return {kind, std::move(value), "", std::move(attributes), State::present};
}
inline Component unreadable(Kind kind) { return {kind, "", "", {}, State::unreadable}; }
inline Component absent(Kind kind) { return {kind, "", "", {}, State::absent}; }

using Parts = std::vector<Component>;

inline Fingerprint print(const Snapshot& snapshot) {
    return fingerprint(snapshot, plain_digest, "s1");
}
inline Fingerprint print(Parts parts) { return print(Snapshot{"linux", {}, std::move(parts)}); }
inline Fingerprint fixture(const std::string& name) { return print(fakes::machine(name)); }

inline MatchResult compare(const Fingerprint& before, const Fingerprint& after) {
    return match(before, after, default_weights());
}
inline MatchResult compare(Parts before, Parts after) {
    return compare(print(std::move(before)), print(std::move(after)));
}

inline const Component kUuid = c(Kind::system_uuid, "0320680f-109a-6baa-6fa0-e9b77a4aed55");
inline const Component kOtherUuid = c(Kind::system_uuid, "cb8ee790-99c1-1e96-bebe-2c76237ad919");
inline const Component kSerial = c(Kind::system_serial, "94BUY3DEAV");
inline const Component kOtherSerial = c(Kind::system_serial, "UQBYRZARUV");
inline const Component kBoard = c(Kind::board_serial, "ZP0TKY8BZ11KVR");
inline const Component kOtherBoard = c(Kind::board_serial, "V2MTMHLG68NV48");
inline const Component kChassis = c(Kind::chassis_serial, "6MVTG5J");
inline const Component kTpm = c(Kind::tpm_ek, "8c1f0b6e5d7a4392b0e1c2d3f4a59687");
inline const Component kOtherTpm = c(Kind::tpm_ek, "1b7e42c09d5f4a83962e0c1d2b3a4f5e");
inline const Component kNic = c(Kind::nic, "a4:bb:6d:5e:21:9c");
inline const Component kNic2 = c(Kind::nic, "24:6e:96:1b:40:c4");
inline const Component kOtherNic = c(Kind::nic, "70:85:c2:4f:18:aa");
inline const Component kDisk = c(Kind::disk, "S64DNF0R812345A");
inline const Component kDisk2 = c(Kind::disk, "WD-WX32D1A7KE9P");
inline const Component kOtherDisk = c(Kind::disk, "22351A8C4E7D");
inline const Component kRaid = c(Kind::disk, "naa.61866da0b7c4e100213f5a2e0c9d8b71");
inline const Component kModel = c(Kind::system_product, "OptiPlex 7090");
inline const Component kKvm = c(Kind::hypervisor, "kvm");
inline const Component kVmNic = c(Kind::nic, "52:54:00:9a:25:d6");
inline const Component kOtherVmNic = c(Kind::nic, "52:54:00:af:b4:fe");
inline const Component kLocalNic = c(Kind::nic, "6e:8e:90:64:3f:17");

inline AnchorState anchor(const MatchResult& result, Anchor which) {
    return result.anchors[static_cast<std::size_t>(which)];
}

inline void expect_same(const MatchResult& got, bool significant, bool changed_any) {
    EXPECT_EQ(got.verdict, Verdict::same);
    EXPECT_EQ(got.significant, significant);
    EXPECT_EQ(got.changed_any, changed_any);
}

inline std::vector<ComponentResult> of(const MatchResult& result, Kind kind) {
    std::vector<ComponentResult> out;
    std::copy_if(result.components.begin(), result.components.end(), std::back_inserter(out),
                 [&](const ComponentResult& r) { return r.kind == kind; });
    return out;
}

}  // namespace latchkey::hwid::small
