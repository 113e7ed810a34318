#include "tests/simulator/publisher.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cstdlib>

namespace latchkey::simulator {

using licensing::CountingRule;

Publisher::Publisher(const std::filesystem::path& folder, Names& names)
    : names_(names), vendor_(folder) {
    vendor_.add_product("studio");
    vendor_.add_product("tools");
    vendor_.add_product("viewer", {{"no-activation", {}}});
    vendor_.admin("program", "add",
                  {{"id", {"own-perpetual"}}, {"rule", {"significant-change"}}, {"perpetual", {}}});
    sell("cloud-key", "studio", "ai-cloud", CountingRule::significant_change, 12);
    sell("pack-key", "studio", "action-pack", CountingRule::any_change, 12);
    sell("competency-key", "studio", "competency", CountingRule::every_activation, 30);
    sell("perpetual-key", "studio", "own-perpetual", CountingRule::significant_change, 8);
    sell("tools-key", "tools", "action-pack", CountingRule::any_change, 6);
}

void Publisher::sell(const std::string& name, const std::string& product,
                     const std::string& program, CountingRule rule, std::int64_t limit) {
    const auto entitlement = vendor_.admin("entitlement", "add",
                                           {{"product", {product}},
                                            {"program", {program}},
                                            {"organization", {"acme"}},
                                            {"quantity", {"100"}},
                                            {"activations", {std::to_string(limit)}}});
    const auto issued = vendor_.admin(
        "key", "issue", {{"entitlement", {std::string(entitlement.at("id").as_string())}}});
    SoldKey key{name,
                product,
                std::string(issued.at("id").as_string()),
                std::string(issued.at("key").as_string()),
                rule,
                limit};
    names_.tell(key.text.substr(key.text.size() - 5), "(" + name + ")");
    books_.open(name, limit);
    keys_.push_back(std::move(key));
}

const SoldKey& Publisher::key(const std::string& name) const {
    for (const auto& key : keys_)
        if (key.name == name) return key;
    std::abort();
}

void Publisher::block(const std::string& name, bool blocked) {
    scenario::Arguments arguments{{"id", {key(name).id}}};
    if (!blocked) arguments["undo"] = {};
    vendor_.admin("key", "block", arguments);
    for (auto& key : keys_)
        if (key.name == name) key.blocked = blocked;
}

bool Publisher::release_some(std::uint64_t draw) {
    if (records_.empty()) return false;
    const std::string& record = records_[draw % records_.size()];
    vendor_.admin("machine", "release", {{"id", {record}}});
    books_.ended(record);
    return true;
}

std::vector<Breach> Publisher::compare(const SoldKey& key) {
    const auto shown = vendor_.admin("key", "show", {{"id", {key.id}}});
    return books_.compare(key.name, shown.at("activations").at("used").to_number<std::int64_t>());
}

std::vector<Breach> Publisher::take_receipts(
    const std::function<Hardware(const std::string& product)>& asked_with,
    const std::string& machine, bool twin, const std::function<void(const Entry&)>& seen) {
    std::vector<Breach> breaches;
    const auto append = [&](const std::vector<Breach>& more) {
        breaches.insert(breaches.end(), more.begin(), more.end());
    };
    const auto listed = vendor_.admin(
        "receipt", "list", {{"limit", {"1000"}}, {"cursor", {std::to_string(receipts_read_)}}});
    for (const auto& receipt : listed.at("receipts").as_array()) {
        ++receipts_read_;
        const std::string id(receipt.at("key").as_string());
        for (const auto& key : keys_) {
            if (key.id != id) continue;
            Entry entry{key.name,
                        machine,
                        machine + ":" + key.product,
                        std::string(receipt.at("machine").as_string()),
                        asked_with(key.product),
                        key.rule,
                        receipt.at("kind").as_string() != "activation",
                        static_cast<int>(receipt.at("counted").to_number<std::int64_t>()),
                        twin};
            if (std::find(records_.begin(), records_.end(), entry.record) == records_.end())
                records_.push_back(entry.record);
            append(books_.enter(entry));
            append(compare(key));
            seen(entry);
        }
    }
    return breaches;
}

}  // namespace latchkey::simulator
