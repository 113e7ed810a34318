#pragma once

// What administrators enter, as plain values: products, organizations, what they are entitled to,
// and product keys, which appear only keyed under the pepper (pepper.h).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "licensing/program.h"

namespace latchkey::keyserver {

/// HMAC-SHA-256 under the pepper.
using PepperedKey = std::array<std::uint8_t, 32>;

struct Product {
    std::string id;
    std::string name;
    std::string version;  ///< latest version; may be empty
    std::optional<ServerTime> released;
    bool needs_activation = true;                 ///< rule K7
    std::vector<std::string> excluded_platforms;  ///< rule K6
    std::vector<std::string> qualifying_os;       ///< rule E4; empty: every one qualifies
    std::uint32_t key_group = 0;
    std::uint32_t token_group = 0;
    std::int64_t manifest_version = 0;  ///< of the last export; 0: never exported
    ServerTime created_at;
    bool rearm_ledger = true;  ///< the grace ledger is kept for it
    // What its manifest says of graces and rearms; bounds: licensing/manifest.h.
    int initial_grace_days = 30;
    int out_of_tolerance_days = 30;
    int rearms = 3;
    int lab_reimages_per_year = 26;     ///< initial graces that a lab machine may begin
    std::string previous_version = {};  ///< rule E5; empty: there was none
    bool operator==(const Product&) const = default;
};

struct Organization {
    std::string id;
    std::string name;
    ServerTime created_at;
};

/// A headquarters or one of its associated locations (rule E3).
struct Location {
    std::string id;
    std::string organization;
    std::string name;
    std::string country;  ///< ISO 3166-1 alpha-2
    ServerTime created_at;
    bool headquarters = false;    ///< one an organization at most
    std::string competency = {};  ///< what the location itself attained (rule E6); empty: nothing
};

/// What licenses are for. Demonstration and training licenses are bound by no cap (rule E6), and
/// training licenses by no version window (rule E5).
enum class Purpose : std::uint8_t { internal, demonstration, training };
std::string_view name(Purpose purpose);
std::optional<Purpose> purpose_from_name(std::string_view name);

struct Entitlement {
    std::string id;
    std::string product;
    std::string program;
    std::string organization;
    std::int64_t quantity = 0;              ///< rule C8: licenses, never the limit of a key
    std::int64_t activations = 0;           ///< the limit a key of it gets unless told otherwise
    std::optional<ServerTime> activate_by;  ///< rule K5
    std::string country;                    ///< may be empty
    ServerTime created_at;
    Purpose purpose = Purpose::internal;
    std::string location = {};  ///< of an additional location toolkit (rule E6); otherwise empty
};

/// At most so many licenses of a product under a program for one organization (rule E2).
struct Cap {
    std::string product;
    std::string program;
    std::string country;  ///< empty: worldwide
    std::int64_t quantity = 0;
};

/// What an organization was granted that a cap binds.
struct GrantedTo {
    std::string organization;
    std::int64_t quantity = 0;
};

/// What the keys of an entitlement add up to.
struct KeyUse {
    std::int64_t keys = 0;
    std::int64_t limit = 0;
    std::int64_t used = 0;
};

struct KeyRecord {
    std::string id;
    std::string entitlement;
    PepperedKey digest{};
    std::string last5;
    std::int64_t limit = 0;
    std::int64_t used = 0;
    bool blocked = false;
    ServerTime created_at;
};

}  // namespace latchkey::keyserver
