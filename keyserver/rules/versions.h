#pragma once

// Which version of a product is the later one, and what a release makes of the latest and the one
// before (rule E5). Pure.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "keyserver/store/catalog.h"

namespace latchkey::keyserver {

/// By the first place where they differ: numbers as numbers (2.9 is before 2.10, "2026 R2" before
/// "2026 R10"), a further number after a dot is later (2 before 2.1; 2.0 is 2). std::nullopt where
/// they differ in anything else: "beta" says nothing about an order.
std::optional<std::strong_ordering> compare_versions(std::string_view a, std::string_view b);
bool is_earlier_version(std::string_view a, std::string_view b);

struct ReleaseWish {
    std::string version;
    std::optional<ServerTime> released;  ///< none: now, or the date on record where corrected
    bool correct = false;                ///< replaces the latest release, which was entered wrong
    std::string previous = {};           ///< of a correction; empty: as on record
};

/// The product afterwards. Fails, with what to do, where the version or its date goes backwards
/// (Code::usage), or where nothing would change (Code::already_exists). A correction may name the
/// version before the latest: that takes the latest back.
Result<Product> released(Product product, const ReleaseWish& wish, ServerTime now);

}  // namespace latchkey::keyserver
