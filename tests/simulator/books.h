#pragma once

// What the key server counted, beside what the rules say of machines whose true parts are known
// here. Pure: told each receipt, answers what is wrong with it.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "licensing/program.h"
#include "tests/simulator/guard.h"
#include "tests/simulator/hardware.h"

namespace latchkey::simulator {

/// One receipt of the key server, and who truly asked.
struct Entry {
    std::string key;      ///< the product key's name
    std::string machine;  ///< the asking machine's name
    std::string line;     ///< machine and product: who made the requests
    std::string record;   ///< the key server's name of the machine
    Hardware hardware;    ///< of the asking machine, at that moment
    licensing::CountingRule rule = licensing::CountingRule::significant_change;
    bool release = false;
    int counted = 0;
    bool twin = false;  ///< a whole copy of it lives: what the two dispute counts
};

class Books {
public:
    /// A key with so many activations.
    void open(const std::string& key, std::int64_t limit) { keys_[key].limit = limit; }
    /// That machine's agent decided to ask for so many activations of a product, ever.
    void asked(const std::string& line, std::uint64_t requests) { asked_[line] = requests; }
    /// A renewal reached the key server: it may have moved what it remembers of this machine.
    void renewed(const Hardware& hardware);
    /// The publisher ended this record's licenses: the machine's next activation counts.
    void ended(const std::string& record);

    std::vector<Breach> enter(const Entry& entry);
    /// The key server's own figure, after each decision.
    std::vector<Breach> compare(const std::string& key, std::int64_t used) const;
    std::int64_t used(const std::string& key) const { return keys_.at(key).used; }

private:
    struct Key {
        std::int64_t limit = 0;
        std::int64_t used = 0;
    };
    /// One unit under one key.
    struct Record {
        std::string record;              ///< the key server's, at the last receipt
        Hardware counting;               ///< at the last counted activation
        std::vector<Hardware> matching;  ///< what the key server may compare with besides
        std::set<std::string> earlier;   ///< other records it had
        bool ended = false;              ///< by the publisher
        bool unsure = false;  ///< ended in part: what the next one costs depends on others
    };

    std::optional<std::string> judge(const Entry& entry, const Record* record) const;

    std::map<std::string, Key> keys_;
    std::map<std::pair<std::string, std::uint64_t>, Record> records_;
    std::map<std::string, std::uint64_t> asked_;
    std::map<std::string, std::uint64_t> answered_;
};

}  // namespace latchkey::simulator
