#include "hwid/nics.h"

#include <algorithm>

#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

constexpr int kEthernet = 1;
constexpr int kInfiniband = 32;
constexpr int kAssignedPermanent = 0;
constexpr int kAssignedRandom = 1;

std::string address_of(const RawText& text) {
    if (!text.readable()) return {};
    std::string out = lower(clean_text(text.value));
    const bool zero = out.find_first_not_of("0:-.") == std::string::npos;
    return zero ? std::string{} : out;
}

std::string best_address(const RawNic& nic) {
    if (std::string permanent = address_of(nic.permanent_address); !permanent.empty()) {
        return permanent;
    }
    // What an administrator set or a bond lent says nothing about the card.
    const bool tells = nic.assign_type == kAssignedPermanent || nic.assign_type == kAssignedRandom;
    return tells ? address_of(nic.address) : std::string{};
}

Component describe(const RawNic& nic, bool infiniband) {
    Component out{infiniband ? Kind::infiniband_guid : Kind::nic,
                  best_address(nic),
                  clean_text(nic.name),
                  {},
                  State::present};
    const auto set = [&](const char* name, const std::string& value) {
        if (std::string text = clean_text(value); !text.empty()) {
            out.attributes.emplace(name, std::move(text));
        }
    };
    set("bus", nic.bus);
    set("driver", nic.driver);
    set("device", nic.device);
    if (nic.removable) set("removable", "true");
    if (out.value.empty()) out.state = State::unreadable;
    return out;
}

}  // namespace

std::vector<Component> parse_nics(const std::vector<RawNic>& nics, Access listing) {
    if (listing == Access::absent) return {{Kind::nic, "", "", {}, State::absent}};
    if (listing != Access::read) return {{Kind::nic, "", "", {}, State::unreadable}};
    std::vector<Component> out;
    for (const auto& nic : nics) {
        const int type = nic.hardware_type.value_or(kEthernet);
        if (nic.is_virtual || (type != kEthernet && type != kInfiniband)) continue;
        if (out.size() >= 2 * kMaxComponents) break;
        out.push_back(describe(nic, type == kInfiniband));
        const std::string device = clean_text(nic.device);
        if (!device.empty() && nic.bus != "usb" && !nic.removable) {
            out.push_back({Kind::nic_device,
                           clean_text(nic.bus + ":" + device),
                           clean_text(nic.name),
                           {},
                           State::present});
        }
    }
    const bool any =
        std::any_of(out.begin(), out.end(), [](const Component& c) { return c.kind == Kind::nic; });
    if (!any) out.push_back({Kind::nic, "", "", {}, State::absent});
    return out;
}

}  // namespace latchkey::hwid
