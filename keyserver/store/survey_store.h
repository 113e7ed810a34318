#pragma once

// Looking back over what was decided, for people: newest first, in pieces, with an index behind
// each question, so that a million machines cost no more than ten. A topic of store.h, whose rules
// hold here too.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "keyserver/store/page.h"
#include "keyserver/store/records.h"

namespace latchkey::keyserver {

/// At most one of them is set; all of them empty: every receipt.
struct ReceiptFilter {
    std::string machine;
    std::string key;
    std::string kind;
};

/// A license whose leases did not always follow the one before: a restored backup, or a clone.
struct Astray {
    std::string license;
    std::int64_t leases = 0;  ///< so many of them
};

class SurveyStore {
public:
    virtual ~SurveyStore() = default;
    /// Newest first, of one product key or of all where it is empty.
    virtual Result<Listed<MachineRecord>> machines(std::string_view key, const Page& page) = 0;
    /// Newest first.
    virtual Result<Listed<ReceiptRecord>> receipts(const ReceiptFilter& filter,
                                                   const Page& page) = 0;
    virtual Result<std::optional<ReceiptRecord>> receipt(std::string_view id) = 0;
    /// Activations that counted: how many in each of `slots` spans of that width from `since` on.
    virtual Result<std::vector<std::int64_t>> counted(ServerTime since, Duration width,
                                                      std::size_t slots) = 0;
    /// In the order of their ids; `page.after` is a license's.
    virtual Result<Listed<Astray>> astray(const Page& page) = 0;
};

}  // namespace latchkey::keyserver
