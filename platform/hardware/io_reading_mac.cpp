// How the I/O registry is read; what it is read with is in io_registry_mac.cpp.

#include <array>
#include <cstdio>
#include <set>
#include <utility>

#include "platform/hardware/io_registry_mac.h"
#include "platform/hardware/io_values_mac.h"

namespace latchkey::platform {
namespace {

using hwid::Access;

constexpr const char* kServicePlane = "IOService";
constexpr std::uint32_t kDefaultPort = 0;
constexpr int kSuccess = 0;
// IOReturn.h
constexpr std::uint32_t kNotPrivileged = 0xe00002c1;
constexpr std::uint32_t kNotPermitted = 0xe00002e2;

class IoHold {
public:
    IoHold(const IoKit& kit, IoObject object) : kit_(&kit), object_(object) {}
    IoHold(IoHold&& other) noexcept : kit_(other.kit_), object_(std::exchange(other.object_, 0)) {}
    IoHold& operator=(IoHold&&) = delete;
    ~IoHold() {
        if (object_ != 0) kit_->release(object_);
    }
    IoObject get() const { return object_; }

private:
    const IoKit* kit_;
    IoObject object_;
};

class Reading {
public:
    Reading(const CoreFoundation& cf, const IoKit& kit) : cf_(cf), kit_(kit) {}

    IoReading all(std::initializer_list<const char*> classes) {
        out_.access = Access::read;
        for (const char* name : classes) {
            IoObject found = 0;
            const CfType matching = kit_.matching(name);
            const int result =
                matching == nullptr ? -1 : kit_.services(kDefaultPort, matching, &found);
            if (result != kSuccess) {
                refuse(name, static_cast<std::uint32_t>(result));
                continue;
            }
            const IoHold iterator(kit_, found);
            while (const IoObject next = found == 0 ? 0 : kit_.next(found)) {
                add(IoHold(kit_, next));
                if (known_.size() >= kMostIoEntries) return std::move(out_);
            }
        }
        return std::move(out_);
    }

private:
    void refuse(const char* class_name, std::uint32_t result) {
        std::array<char, 96> text{};
        std::snprintf(text.data(), text.size(), "IOServiceGetMatchingServices(%s): 0x%08x",
                      class_name, result);
        out_.origin = text.data();
        out_.access =
            result == kNotPrivileged || result == kNotPermitted ? Access::denied : Access::failed;
    }

    void add(IoHold entry) {
        std::vector<IoHold> way;  // innermost first
        way.push_back(std::move(entry));
        while (way.size() < kMostIoLevels) {
            IoObject parent = 0;
            if (kit_.parent_of(way.back().get(), kServicePlane, &parent) != kSuccess || parent == 0)
                break;
            way.emplace_back(kit_, parent);
        }
        std::vector<IoEntry> chain;
        for (auto step = way.rbegin(); step != way.rend(); ++step) {
            chain.push_back(read(*step));
            if (chain.back().id == 0) return;  // unplugged while it was read
        }
        add_chain(out_.forest, std::move(chain));
    }

    /// Of one that was read before, the id alone: add_chain() keeps what it has.
    IoEntry read(const IoHold& object) {
        IoEntry entry;
        if (kit_.id_of(object.get(), &entry.id) != kSuccess) {
            entry.id = 0;
            return entry;
        }
        if (!known_.insert(entry.id).second) return entry;
        entry.name = text(kit_.name_of, object);
        entry.class_name = text(kit_.class_of, object);
        CfRef properties;
        if (kit_.properties_of(object.get(), properties.fill(), nullptr, 0) == kSuccess)
            entry.properties = wanted_properties(cf_, properties.get(), budget_);
        return entry;
    }

    std::string text(int (*ask)(IoObject, char*), const IoHold& object) const {
        std::array<char, 129> name{};  // io_name_t and an end in any case
        return ask(object.get(), name.data()) == kSuccess ? std::string(name.data())
                                                          : std::string();
    }

    const CoreFoundation& cf_;
    const IoKit& kit_;
    IoBudget budget_;
    std::set<std::uint64_t> known_;
    IoReading out_;
};

}  // namespace

IoReading read_io_registry(const CoreFoundation& cf, const IoKit& kit,
                           std::initializer_list<const char*> classes) {
    return Reading(cf, kit).all(classes);
}

}  // namespace latchkey::platform
