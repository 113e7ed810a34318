#include "hwid/smbios.h"

#include <gtest/gtest.h>

#include <random>

#include "hwid/normalize.h"
#include "tests/fakes/smbios_builder.h"

namespace latchkey::hwid {
namespace {

using fakes::SmbiosBuilder;

constexpr SmbiosBuilder::Uuid kUuid{0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                    0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};
constexpr SmbiosVersion kModern{3, 2, 1};

SmbiosBuilder desktop() {
    return SmbiosBuilder()
        .bios("Dell Inc.", "1.14.1", "07/21/2022")
        .system("Dell Inc.", "OptiPlex 7090", "9BK5V33", kUuid)
        .board("Dell Inc.", "0J37VM", "/9BK5V33/CNFCW0011A00B5/")
        .chassis("Dell Inc.", 0x80 | 3, "9BK5V33")
        .processor("Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz", 0x000A0655)
        .memory(8192, "2AA3F87D", "HMA81GU6DJR8N-XN", "DIMM1")
        .memory(65536, "2A33F897", "HMAA8GR7AJR4N-XN", "DIMM2")
        .memory(0, "", "", "DIMM3")
        .structure(22, {1, 2, 3, 4, 5},
                   {"Sys. Battery Bay", "SMP", "2022", "4711", "DELL GPM0365"});
}

const Component* find(const std::vector<Component>& all, Kind kind) {
    for (const auto& component : all) {
        if (component.kind == kind) return &component;
    }
    return nullptr;
}

std::string value(const std::vector<Component>& all, Kind kind) {
    const auto* component = find(all, kind);
    return component ? component->value : "(none)";
}

TEST(Smbios, a_whole_table_gives_every_component) {
    const auto got = parse_smbios(desktop().build(), kModern);
    EXPECT_EQ(value(got, Kind::bios_vendor), "Dell Inc.");
    EXPECT_EQ(value(got, Kind::bios_version), "1.14.1");
    EXPECT_EQ(value(got, Kind::bios_date), "07/21/2022");
    EXPECT_EQ(value(got, Kind::system_product), "OptiPlex 7090");
    EXPECT_EQ(value(got, Kind::system_serial), "9BK5V33");
    EXPECT_EQ(value(got, Kind::system_sku), "SKU-A1");
    EXPECT_EQ(value(got, Kind::system_family), "Family");
    EXPECT_EQ(value(got, Kind::board_product), "0J37VM");
    EXPECT_EQ(value(got, Kind::board_serial), "/9BK5V33/CNFCW0011A00B5/");
    EXPECT_EQ(value(got, Kind::chassis_type), "Desktop") << "the lock bit is no part of the type";
    EXPECT_EQ(value(got, Kind::chassis_serial), "9BK5V33");
    EXPECT_EQ(value(got, Kind::cpu_model), "Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz");
    EXPECT_EQ(value(got, Kind::cpu_signature), "000a0655");
    EXPECT_EQ(value(got, Kind::smbios_version), "3.2.1");
    EXPECT_EQ(value(got, Kind::battery), "SMP/DELL GPM0365");
    std::vector<Component> modules;
    for (const auto& c : got) {
        if (c.kind == Kind::memory_module) modules.push_back(c);
    }
    ASSERT_EQ(modules.size(), 2u) << "an empty slot is no module";
    EXPECT_EQ(modules[0].value, "2AA3F87D");
    EXPECT_EQ(modules[0].slot, "DIMM1");
    EXPECT_EQ(modules[0].attribute("part"), "HMA81GU6DJR8N-XN");
    EXPECT_EQ(modules[1].attribute("size_mb"), "65536") << "from the extended size";
}

TEST(Smbios, the_byte_order_of_a_uuid_follows_the_version) {
    const auto table = desktop().build();
    const std::string old_order = "00010203-0405-0607-1819-1a1b1c1d1e1f";
    const std::string new_order = "03020100-0504-0706-1819-1a1b1c1d1e1f";
    EXPECT_EQ(value(parse_smbios(table, SmbiosVersion{2, 5, 0}), Kind::system_uuid), old_order);
    EXPECT_EQ(value(parse_smbios(table, SmbiosVersion{2, 6, 0}), Kind::system_uuid), new_order);
    EXPECT_EQ(value(parse_smbios(table, std::nullopt), Kind::system_uuid), new_order);
}

TEST(Smbios, identity_that_firmware_left_out_is_absent_and_the_rest_is_left_out) {
    const auto got = parse_smbios(SmbiosBuilder()
                                      .structure(1, {0, 0, 0, 0}, {})
                                      .structure(2, {}, {})
                                      .structure(3, {}, {})
                                      .build(),
                                  kModern);
    for (const Kind kind :
         {Kind::system_uuid, Kind::system_serial, Kind::board_serial, Kind::chassis_serial}) {
        const auto* component = find(got, kind);
        ASSERT_TRUE(component) << name(kind);
        EXPECT_EQ(component->state, State::absent) << name(kind);
    }
    EXPECT_FALSE(find(got, Kind::system_vendor));
    EXPECT_FALSE(find(got, Kind::chassis_type));
}

TEST(Smbios, a_string_number_that_leads_nowhere_gives_no_text) {
    const auto got =
        parse_smbios(SmbiosBuilder().structure(1, {1, 9, 255, 7}, {"Dell Inc."}).build(), kModern);
    EXPECT_EQ(value(got, Kind::system_vendor), "Dell Inc.");
    EXPECT_FALSE(find(got, Kind::system_product));
    EXPECT_EQ(find(got, Kind::system_serial)->state, State::absent);
}

TEST(Smbios, the_hosting_board_speaks_and_not_the_riser) {
    const auto got = parse_smbios(SmbiosBuilder()
                                      .structure(2, {1, 1, 0, 1, 0, 0, 0, 0, 0, 4, 0}, {"Riser"})
                                      .board("Dell Inc.", "0J37VM", "CN012345")
                                      .board("Dell Inc.", "Second", "CN099999")
                                      .build(),
                                  kModern);
    EXPECT_EQ(value(got, Kind::board_serial), "CN012345");
}

TEST(Smbios, an_empty_socket_is_no_processor) {
    std::vector<std::uint8_t> body(0x19 - 4, 0);
    body[0x10 - 4] = 1;
    EXPECT_FALSE(find(parse_smbios(SmbiosBuilder().structure(4, body, {"Ghost"}).build(), kModern),
                      Kind::cpu_model));
}

TEST(Smbios, memory_sizes_come_in_three_forms) {
    const auto module = [](std::uint8_t low, std::uint8_t high, std::size_t body_bytes) {
        std::vector<std::uint8_t> body(body_bytes, 0);
        body[0x0C - 4] = low;
        body[0x0D - 4] = high;
        const auto got = parse_smbios(SmbiosBuilder().structure(17, body, {}).build(), kModern);
        const auto* c = find(got, Kind::memory_module);
        return c ? std::string(c->attribute("size_mb")) : std::string("(none)");
    };
    EXPECT_EQ(module(0x00, 0x20, 0x17), "8192");
    EXPECT_EQ(module(0x00, 0xC0, 0x17), "16") << "16,384 KB";
    EXPECT_EQ(module(0xFF, 0xFF, 0x17), "(none)") << "unknown";
    EXPECT_EQ(module(0xFF, 0x7F, 0x0B), "(none)") << "the extended field is beyond the structure";
    EXPECT_EQ(module(0x00, 0x00, 0x17), "(none)");
}

TEST(Smbios, amazon_writes_the_instance_id_on_the_board) {
    const auto cloud = SmbiosBuilder()
                           .system("Amazon EC2", "t3.micro", "ec2", kUuid)
                           .board("Amazon EC2", "", "", 9, "i-0123456789abcdef0")
                           .build();
    EXPECT_EQ(value(parse_smbios(cloud, kModern), Kind::cloud_instance_id), "i-0123456789abcdef0");
    const auto other =
        SmbiosBuilder().system("Dell", "", "", kUuid).board("Dell", "", "", 9, "i-0123").build();
    EXPECT_FALSE(find(parse_smbios(other, kModern), Kind::cloud_instance_id));
}

TEST(Smbios, entry_points_of_both_generations_tell_the_version) {
    EXPECT_EQ(smbios_version(SmbiosBuilder::entry_point_32(2, 8)), (SmbiosVersion{2, 8, 0}));
    EXPECT_EQ(smbios_version(SmbiosBuilder::entry_point_64(3, 2, 1)), (SmbiosVersion{3, 2, 1}));
    auto short_length = SmbiosBuilder::entry_point_32(2, 1);
    short_length[4] = static_cast<std::uint8_t>(short_length[4] + 1);
    short_length[5] = 30;
    EXPECT_EQ(smbios_version(short_length), (SmbiosVersion{2, 1, 0})) << "the length bug of 2.1";
}

TEST(Smbios, a_broken_entry_point_tells_nothing) {
    for (const auto& good :
         {SmbiosBuilder::entry_point_32(2, 8), SmbiosBuilder::entry_point_64(3, 2, 1)}) {
        for (std::size_t n = 0; n < good.size(); ++n) {
            EXPECT_FALSE(smbios_version(std::span(good).first(n))) << n;
            auto flipped = good;
            flipped[n] ^= 0x10;
            EXPECT_FALSE(smbios_version(flipped)) << n;
        }
    }
    EXPECT_FALSE(smbios_version({}));
}

// Every prefix of a table must give the structures that are whole in it, and nothing else.
TEST(Smbios, every_truncation_gives_a_prefix_of_the_components) {
    const auto table = desktop().build();
    std::size_t most = 0;
    for (std::size_t n = 0; n <= table.size(); ++n) {
        const std::vector<std::uint8_t> cut(table.begin(),
                                            table.begin() + static_cast<std::ptrdiff_t>(n));
        const auto structures = smbios_structures(cut);
        EXPECT_GE(structures.size(), most) << n;
        most = structures.size();
        for (const auto& component : parse_smbios(cut, kModern)) {
            EXPECT_LE(component.value.size(), kMaxValueBytes);
        }
    }
    EXPECT_EQ(most, 9u);
}

TEST(Smbios, zero_and_oversized_lengths_end_the_walk) {
    EXPECT_TRUE(smbios_structures(std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0}).empty());
    EXPECT_TRUE(smbios_structures(std::vector<std::uint8_t>{1, 3, 0, 0, 0, 0}).empty());
    EXPECT_TRUE(smbios_structures(std::vector<std::uint8_t>{1, 255, 0, 0, 0, 0}).empty());
    EXPECT_EQ(smbios_structures(std::vector<std::uint8_t>{1, 4, 0, 0, 0, 0}).size(), 1u)
        << "no strings at all";
    EXPECT_TRUE(smbios_structures(std::vector<std::uint8_t>{1, 4, 0, 0}).empty());
    EXPECT_TRUE(smbios_structures(std::vector<std::uint8_t>{1, 4, 0, 0, 'a', 0, 'b'}).empty())
        << "half a structure is none";
}

TEST(Smbios, nothing_behind_the_end_marker_is_read) {
    auto table = SmbiosBuilder().build();
    const auto more = desktop().build();
    table.insert(table.end(), more.begin(), more.end());
    EXPECT_TRUE(parse_smbios(table, std::nullopt).empty());
}

TEST(Smbios, a_megabyte_of_tiny_structures_stays_bounded) {
    std::vector<std::uint8_t> table;
    while (table.size() < kMaxSourceBytes) table.insert(table.end(), {17, 4, 0, 0, 0, 0});
    EXPECT_EQ(smbios_structures(table).size(), kMaxSmbiosStructures);
    std::vector<std::uint8_t> modules;
    for (int i = 0; i < 5000; ++i) {
        const auto one = SmbiosBuilder().memory(8192, "S", "P", "D").bytes();
        modules.insert(modules.end(), one.begin(), one.end());
    }
    EXPECT_LE(parse_smbios(modules, std::nullopt).size(), kMaxComponents);
}

TEST(Smbios, random_and_mutated_tables_never_crash) {
    std::mt19937 random(42);
    const auto good = desktop().build();
    for (int round = 0; round < 10'000; ++round) {
        std::vector<std::uint8_t> table = good;
        if (round % 2) {
            table.assign(random() % 300, 0);
            for (auto& byte : table)
                byte = static_cast<std::uint8_t>(random() % 3 ? random() % 32 : random());
        } else {
            for (int i = 0; i < 4; ++i)
                table[random() % table.size()] = static_cast<std::uint8_t>(random());
        }
        for (const auto& component : parse_smbios(table, kModern)) {
            ASSERT_LE(component.value.size(), kMaxValueBytes);
            canonicalise(component);
        }
    }
}

TEST(DmiFields, single_values_take_the_place_of_a_table) {
    std::map<std::string, RawText> fields;
    fields["product_uuid"] = {Access::denied, "", ""};
    fields["product_serial"] = {Access::read, "9BK5V33\n", ""};
    fields["board_serial"] = {Access::read, "\n", ""};
    fields["chassis_serial"] = {Access::absent, "", ""};
    fields["sys_vendor"] = {Access::read, "Dell Inc.\n", ""};
    fields["chassis_type"] = {Access::read, "3\n", ""};
    fields["nonsense"] = {Access::read, "x", ""};
    const auto got = parse_dmi_fields(fields);
    EXPECT_EQ(find(got, Kind::system_uuid)->state, State::unreadable);
    EXPECT_EQ(value(got, Kind::system_serial), "9BK5V33");
    EXPECT_EQ(find(got, Kind::board_serial)->state, State::absent);
    EXPECT_FALSE(find(got, Kind::chassis_serial));
    EXPECT_EQ(value(got, Kind::system_vendor), "Dell Inc.");
    EXPECT_EQ(value(got, Kind::chassis_type), "Desktop");
    EXPECT_TRUE(parse_dmi_fields({}).empty());
}

}  // namespace
}  // namespace latchkey::hwid
