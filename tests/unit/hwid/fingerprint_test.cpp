#include "hwid/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"

namespace latchkey::hwid {
namespace {

Snapshot machine(std::vector<Component> components) { return {"linux", {}, std::move(components)}; }
Component c(Kind kind, std::string value) {
    return {kind, std::move(value), "", {}, State::present};
}
Fingerprint print(const Snapshot& snapshot) { return fingerprint(snapshot, plain_digest, "s1"); }

// Reference: FNV-1a, 128 bits, over "nic\0a" (computed with arbitrary precision integers).
TEST(Fingerprint, the_plain_digest_is_fnv_1a) {
    EXPECT_EQ(hex(plain_digest("nic", "a")), "cd4dc6122183d94f70812bc2337ab246");
    EXPECT_EQ(hex(plain_digest("", "")), "d228cb69101a8caf78912b704e4a147f");
    EXPECT_NE(plain_digest("a", "bc"), plain_digest("ab", "c"));
}

TEST(Fingerprint, spelling_does_not_matter) {
    const auto one =
        print(machine({c(Kind::nic, "a4:bb:6d:12:34:56"), c(Kind::system_serial, "9BK5V33")}));
    const auto two =
        print(machine({c(Kind::system_serial, " 9bk5v33"), c(Kind::nic, "A4BB6D123456")}));
    ASSERT_EQ(one.evidence.size(), two.evidence.size());
    for (std::size_t i = 0; i < one.evidence.size(); ++i) {
        EXPECT_EQ(one.evidence[i].kind, two.evidence[i].kind);
        EXPECT_EQ(one.evidence[i].digest, two.evidence[i].digest);
    }
    EXPECT_EQ(one.salt_id, "s1");
}

TEST(Fingerprint, evidence_is_sorted_and_points_back) {
    const auto snapshot = machine(
        {c(Kind::disk, "ZZZZ1234"), c(Kind::system_serial, "9BK5V33"), c(Kind::disk, "AAAB1234")});
    const auto got = print(snapshot);
    ASSERT_EQ(got.evidence.size(), 3u);
    EXPECT_EQ(got.evidence[0].kind, Kind::system_serial);
    EXPECT_EQ(got.evidence[0].component, 1);
    EXPECT_LT(got.evidence[1].digest, got.evidence[2].digest);
}

TEST(Fingerprint, low_entropy_kinds_have_digests_of_64_bits) {
    const auto got =
        print(machine({c(Kind::cpu_model, "Intel"), c(Kind::nic, "a4:bb:6d:12:34:56")}));
    const auto zeros = [](const Digest& d) { return std::count(d.begin() + 8, d.end(), 0); };
    EXPECT_LT(zeros(got.evidence[0].digest), 8);
    EXPECT_EQ(zeros(got.evidence[1].digest), 8);
}

TEST(Fingerprint, values_that_are_no_evidence_carry_no_digest) {
    const auto got = print(machine({c(Kind::system_serial, "Default string"),
                                    {Kind::board_serial, "", "", {}, State::unreadable},
                                    {Kind::disk, "", "", {}, State::absent},
                                    c(Kind::nic, "6e:8e:90:64:3f:17")}));
    ASSERT_EQ(got.evidence.size(), 4u);
    for (const auto& e : got.evidence) {
        EXPECT_EQ(e.digest, Digest{}) << name(e.quality);
        EXPECT_FALSE(e.has_digest());
    }
}

TEST(Fingerprint, one_address_on_two_interfaces_is_one_piece_of_evidence) {
    EXPECT_EQ(print(machine({c(Kind::nic, "a4:bb:6d:12:34:56"), c(Kind::nic, "a4:bb:6d:12:34:56")}))
                  .evidence.size(),
              1u);
    const Component module{
        Kind::memory_module, "", "", {{"part", "HMA81GS6"}, {"size_mb", "8192"}}, State::present};
    EXPECT_EQ(print(machine({module, module})).evidence.size(), 2u) << "two like modules are two";
}

TEST(Fingerprint, a_virtual_machine_is_known_by_hypervisor_or_product) {
    EXPECT_TRUE(is_virtual_machine(print(machine({c(Kind::hypervisor, "kvm")}))));
    EXPECT_TRUE(is_virtual_machine(print(machine({c(Kind::system_product, "VirtualBox")}))));
    EXPECT_TRUE(is_virtual_machine(print(
        machine({c(Kind::hypervisor, "microsoft"), c(Kind::system_product, "Virtual Machine")}))));
    EXPECT_FALSE(is_virtual_machine(
        print(machine({c(Kind::hypervisor, "none"), c(Kind::system_product, "OptiPlex 7090")}))));
    EXPECT_FALSE(is_virtual_machine(print(machine({c(Kind::nic, "52:54:00:12:34:56")}))))
        << "a bridge on a host";
}

TEST(Fingerprint, a_host_of_hyper_v_is_not_a_virtual_machine) {
    EXPECT_FALSE(is_virtual_machine(print(
        machine({c(Kind::hypervisor, "microsoft"), c(Kind::system_product, "OptiPlex 7090")}))));
    EXPECT_TRUE(is_virtual_machine(
        print(machine({c(Kind::hypervisor, "kvm"), c(Kind::system_product, "OptiPlex 7090")}))));
}

TEST(Fingerprint, strength_counts_anchors_not_values) {
    EXPECT_EQ(strength(print(machine({}))), EvidenceStrength::weak);
    EXPECT_EQ(strength(print(machine({c(Kind::cpu_model, "Intel")}))), EvidenceStrength::weak);
    EXPECT_EQ(strength(print(
                  machine({c(Kind::system_serial, "9BK5V33"), c(Kind::board_serial, "CN01234")}))),
              EvidenceStrength::fair);
    EXPECT_EQ(
        strength(print(machine({c(Kind::system_serial, "9BK5V33"), c(Kind::disk, "S5GXNX0T")}))),
        EvidenceStrength::strong);
    EXPECT_EQ(strength(print(machine({c(Kind::hypervisor, "kvm"), c(Kind::disk, "S5GXNX0T"),
                                      c(Kind::nic, "52:54:00:12:34:56")}))),
              EvidenceStrength::fair);
}

TEST(Fingerprint, qualities_and_strengths_have_names) {
    for (const auto q : {Quality::good, Quality::placeholder, Quality::virtual_, Quality::removable,
                         Quality::local, Quality::unreadable, Quality::absent}) {
        EXPECT_EQ(quality_from_name(name(q)), q);
    }
    EXPECT_FALSE(quality_from_name("splendid"));
    EXPECT_EQ(name(Quality::virtual_), "virtual");
    EXPECT_EQ(name(EvidenceStrength::strong), "strong");
    EXPECT_EQ(name(EvidenceStrength::fair), "fair");
    EXPECT_EQ(name(EvidenceStrength::weak), "weak");
}

}  // namespace
}  // namespace latchkey::hwid
