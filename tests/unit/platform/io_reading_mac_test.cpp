#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "platform/hardware/io_machine.h"
#include "platform/hardware/io_registry_mac.h"
#include "platform/hardware/io_values_mac.h"
#include "tests/unit/platform/fake_core_foundation.h"

namespace latchkey::platform {
namespace {

using hwid::Access;
using Dictionary = FakeObject::Dictionary;
using List = FakeObject::List;
using Bytes = std::vector<std::uint8_t>;

const CoreFoundation& cf() { return *core_foundation(); }

FakeObject text(std::string value) { return {std::move(value)}; }
FakeObject number(std::int64_t value) { return {value}; }

IoValue read(const FakeObject& fake) {
    IoBudget budget;
    return io_value(cf(), fake.get(), budget);
}

TEST(IoValuesMac, every_kind_that_a_property_may_have_is_copied) {
    const auto value = read({Dictionary{{"text", text("Apple M1")},
                                        {"number", number(500277790720)},
                                        {"truth", {true}},
                                        {"data", {Bytes{1, 2, 3}}},
                                        {"list", {List{text("a"), text("b")}}},
                                        {"inner", {Dictionary{{"Serial Number", text("S1")}}}},
                                        {"date", {FakeDate{}}},
                                        {"real", {FakeReal{}}}}});
    EXPECT_EQ(text_of(member(value, "text")), "Apple M1");
    EXPECT_EQ(number_of(member(value, "number")), 500277790720u);
    EXPECT_TRUE(is_true(member(value, "truth")));
    EXPECT_EQ(*bytes_of(member(value, "data")), (Bytes{1, 2, 3}));
    EXPECT_EQ(std::get<IoValue::Array>(member(value, "list")->held).size(), 2u);
    EXPECT_EQ(text_of(member(*member(value, "inner"), "Serial Number")), "S1");
    for (const auto* silent : {"date", "real"})
        EXPECT_EQ(member(value, silent)->held.index(), 0u) << silent;
    EXPECT_EQ(read(text(kFakeHalfCharacter)).held.index(), 3u) << "text, but empty";
    IoBudget budget;
    EXPECT_EQ(io_value(cf(), nullptr, budget).held.index(), 0u);
}

TEST(IoValuesMac, no_property_is_larger_or_deeper_than_its_bounds) {
    EXPECT_EQ(text_of([] {
                  static IoValue kept;
                  kept = read(text(std::string(kMostIoTextBytes, 'x')));
                  return &kept;
              }())
                  .size(),
              kMostIoTextBytes);
    EXPECT_EQ(read(text(std::string(kMostIoTextBytes + 1, 'x'))).held.index(), 0u);
    EXPECT_EQ(read({List(kMostIoMembers + 1, number(1))}).held.index(), 0u);
    EXPECT_EQ(read({Bytes(hwid::kMaxSourceBytes + 1, 0)}).held.index(), 0u);

    FakeObject deep = text("bottom");
    for (std::size_t i = 0; i < 50; ++i) deep = {List{deep}};
    const IoValue value = read(deep);
    const IoValue* at = &value;
    std::size_t levels = 0;
    while (const auto* list = std::get_if<IoValue::Array>(&at->held)) {
        ++levels;
        ASSERT_EQ(list->size(), 1u);
        at = &list->front();
    }
    EXPECT_EQ(levels, kMostIoNesting);
}

TEST(IoValuesMac, all_of_a_reading_share_one_budget) {
    IoBudget budget{10};
    const FakeObject six{Bytes(6, 1)};
    EXPECT_NE(io_value(cf(), six.get(), budget).held.index(), 0u);
    EXPECT_EQ(io_value(cf(), six.get(), budget).held.index(), 0u);
    EXPECT_EQ(budget.bytes, 4u);
}

/// A registry of the test's own: IOKit's functions know no object, so that it is one for all tests.
struct FakeEntry {
    std::string class_name;
    std::vector<std::string> also;  ///< classes that it descends from
    IoObject parent = 0;
    Dictionary properties;
    int properties_result = 0;
};

struct FakeKit {
    std::map<IoObject, FakeEntry> entries;
    std::vector<IoObject> found;  ///< by the last matching, not yet handed out
    std::string asked;
    int result = 0;
    std::map<IoObject, int> held;  ///< references that the reader owes
    int properties_read = 0;
};
FakeKit kit;

constexpr IoObject kIterator = 9999;

void copy(const std::string& from, char* name128) {
    std::strncpy(name128, from.c_str(), 127);
    name128[127] = '\0';
}

const IoKit& fake_kit() {
    static const IoKit functions = [] {
        IoKit io{};
        io.matching = [](const char* name) -> CfType {
            kit.asked = name;
            return &kit;
        };
        io.services = [](std::uint32_t, CfType, IoObject* iterator) {
            if (kit.result != 0) return kit.result;
            for (const auto& [object, entry] : kit.entries) {
                const bool is =
                    entry.class_name == kit.asked ||
                    std::find(entry.also.begin(), entry.also.end(), kit.asked) != entry.also.end();
                if (is) kit.found.push_back(object);
            }
            ++kit.held[*iterator = kIterator];
            return 0;
        };
        io.next = [](IoObject) -> IoObject {
            if (kit.found.empty()) return 0;
            const IoObject object = kit.found.front();
            kit.found.erase(kit.found.begin());
            ++kit.held[object];
            return object;
        };
        io.release = [](IoObject object) {
            --kit.held[object];
            return 0;
        };
        io.class_of = [](IoObject object, char* name) {
            copy(kit.entries.at(object).class_name, name);
            return 0;
        };
        io.name_of = [](IoObject object, char* name) {
            copy("entry " + std::to_string(object), name);
            return 0;
        };
        io.id_of = [](IoObject object, std::uint64_t* id) {
            *id = 0x100000000 + object;
            return kit.entries.at(object).class_name == "gone" ? -1 : 0;
        };
        io.parent_of = [](IoObject object, const char* plane, IoObject* parent) {
            EXPECT_STREQ(plane, "IOService");
            *parent = kit.entries.at(object).parent;
            if (*parent == 0) return -1;
            ++kit.held[*parent];
            return 0;
        };
        io.properties_of = [](IoObject object, CfType* out, CfType, std::uint32_t) {
            ++kit.properties_read;
            const auto& entry = kit.entries.at(object);
            if (entry.properties_result == 0) *out = new FakeObject{entry.properties};
            return entry.properties_result;
        };
        return io;
    }();
    return functions;
}

class IoReadingMac : public testing::Test {
protected:
    IoReadingMac() {
        kit = {};
        kit.entries[1] = {"Root", {}, 0, {}, 0};
        kit.entries[2] = {"IOPCIDevice",
                          {},
                          1,
                          {{"vendor-id", {Bytes{0xe4, 0x14, 0, 0}}},
                           {"device-id", {Bytes{0x86, 0x16, 0, 0}}},
                           {"acpi-path", text("not wanted")}},
                          0};
        kit.entries[3] = {
            "BCM5701Enet", {}, 2, {{"IOMACAddress", {Bytes{0xf0, 0x18, 0x98, 0xec, 0x4a, 7}}}}, 0};
        kit.entries[4] = {"IOEthernetInterface",
                          {"IONetworkInterface"},
                          3,
                          {{"BSD Name", text("en0")}, {"IOInterfaceType", number(6)}},
                          0};
    }
    ~IoReadingMac() override {
        for (const auto& [object, owed] : kit.held)
            EXPECT_EQ(owed, 0) << "object " << object << " was not released, or twice";
    }

    static IoReading read(std::initializer_list<const char*> classes) {
        return read_io_registry(cf(), fake_kit(), classes);
    }
};

TEST_F(IoReadingMac, an_entry_comes_with_all_that_it_hangs_on) {
    const auto reading = read({"IONetworkInterface"});
    EXPECT_EQ(reading.access, Access::read);
    const auto cards = cards_of(reading.forest);
    ASSERT_EQ(cards.size(), 1u);
    EXPECT_EQ(cards[0].name, "en0");
    EXPECT_EQ(cards[0].bus, "pci");
    EXPECT_EQ(cards[0].device, "14e4:1686");
    EXPECT_EQ(cards[0].permanent_address.value, "f0:18:98:ec:4a:07");
    walk(reading.forest,
         [](IoPath path) { EXPECT_EQ(path.back()->property("acpi-path"), nullptr); });
}

TEST_F(IoReadingMac, what_two_entries_hang_on_is_read_once) {
    kit.entries[5] = kit.entries[4];
    kit.entries[5].properties["BSD Name"] = text("en1");
    const auto reading = read({"IONetworkInterface", "IOEthernetInterface", "Absent"});
    EXPECT_EQ(cards_of(reading.forest).size(), 2u);
    EXPECT_EQ(kit.properties_read, 5);
    ASSERT_EQ(reading.forest.size(), 1u) << "one root";
}

TEST_F(IoReadingMac, nothing_of_a_class_is_no_failure) {
    const auto reading = read({"AppleSMBIOS"});
    EXPECT_EQ(reading.access, Access::read);
    EXPECT_TRUE(reading.forest.empty());
}

TEST_F(IoReadingMac, a_refusal_says_which_and_why) {
    kit.result = static_cast<int>(0xe00002c1);
    EXPECT_EQ(read({"IOMedia"}).access, Access::denied);
    EXPECT_EQ(read({"IOMedia"}).origin, "IOServiceGetMatchingServices(IOMedia): 0xe00002c1");
    kit.result = static_cast<int>(0xe00002bc);
    EXPECT_EQ(read({"IOMedia"}).access, Access::failed);
}

TEST_F(IoReadingMac, an_entry_whose_properties_are_refused_is_there_without_them) {
    kit.entries[3].properties_result = -1;
    const auto reading = read({"IONetworkInterface"});
    EXPECT_FALSE(reading.forest.empty());
    EXPECT_TRUE(cards_of(reading.forest).empty()) << "no address in it";
}

TEST_F(IoReadingMac, what_is_unplugged_meanwhile_is_left_out) {
    kit.entries[3].class_name = "gone";
    EXPECT_TRUE(read({"IONetworkInterface"}).forest.empty());
}

TEST_F(IoReadingMac, a_registry_that_goes_in_circles_or_has_no_end_is_cut) {
    kit.entries[2].parent = 3;
    EXPECT_EQ(read({"IONetworkInterface"}).access, Access::read);
    for (IoObject i = 0; i < kMostIoEntries + 500; ++i)
        kit.entries[10000 + i] = {"IOMedia", {}, 1, {}, 0};
    std::size_t entries = 0;
    walk(read({"IOMedia"}).forest, [&](IoPath) { ++entries; });
    EXPECT_EQ(entries, kMostIoEntries);
}

}  // namespace
}  // namespace latchkey::platform
