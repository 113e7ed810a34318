#pragma once

// The publisher of one world: the real key server in process, the keys it sold, and the books kept
// beside its own.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/scenario/vendor.h"
#include "tests/simulator/books.h"
#include "tests/simulator/story.h"

namespace latchkey::simulator {

/// A product key of this world.
struct SoldKey {
    std::string name;  ///< "cloud-key": what stories call it
    std::string product;
    std::string id;
    std::string text;  ///< secret
    licensing::CountingRule rule = licensing::CountingRule::significant_change;
    std::int64_t limit = 0;
    bool blocked = false;
};

class Publisher {
public:
    Publisher(const std::filesystem::path& folder, Names& names);

    const SoldKey& key(const std::string& name) const;
    void block(const std::string& name, bool blocked);
    /// Ends the licenses of one record, as its customer service would. False: there is none yet.
    bool release_some(std::uint64_t draw);

    /// Takes over receipts that were written since, told as that machine's.
    std::vector<Breach> take_receipts(
        const std::function<Hardware(const std::string& product)>& asked_with,
        const std::string& machine, bool twin, const std::function<void(const Entry&)>& seen);
    Books& books() { return books_; }
    scenario::Vendor& vendor() { return vendor_; }

private:
    void sell(const std::string& name, const std::string& product, const std::string& program,
              licensing::CountingRule rule, std::int64_t limit);
    std::vector<Breach> compare(const SoldKey& key);

    Names& names_;
    scenario::Vendor vendor_;
    Books books_;
    std::vector<SoldKey> keys_;
    std::vector<std::string> records_;  ///< the key server's, in the order they were made
    std::int64_t receipts_read_ = 0;
};

}  // namespace latchkey::simulator
