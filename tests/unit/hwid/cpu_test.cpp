#include "hwid/cpu.h"

#include <gtest/gtest.h>

#include <random>

namespace latchkey::hwid {
namespace {

constexpr const char* kTwoProcessors =
    "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 165\n"
    "model name\t: Intel(R) Core(TM)   i7-10700 CPU @ 2.90GHz\nstepping\t: 5\n"
    "flags\t\t: fpu vme\n\nprocessor\t: 1\nmodel name\t: other\n";

RawText text(std::string value) { return {Access::read, std::move(value), ""}; }

std::string value(const std::vector<Component>& all, Kind kind) {
    for (const auto& c : all) {
        if (c.kind == kind) return c.value;
    }
    return "(none)";
}

TEST(Cpu, cpuinfo_tells_model_count_and_signature) {
    RawCpu cpu;
    cpu.cpuinfo = text(kTwoProcessors);
    const auto got = parse_cpu(cpu, {});
    EXPECT_EQ(value(got, Kind::cpu_model), "Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz");
    EXPECT_EQ(value(got, Kind::cpu_count), "2");
    EXPECT_EQ(value(got, Kind::cpu_signature), "000a0655");
    EXPECT_EQ(value(got, Kind::hypervisor), "none");
}

TEST(Cpu, a_system_without_cpuinfo_tells_name_and_count_by_themselves) {
    RawCpu cpu;
    cpu.name = text("      Intel(R) Core(TM) i7-10700 CPU @  2.90GHz");
    cpu.processor_count = 16;
    cpu.signature = 0x000A0655;
    auto got = parse_cpu(cpu, {});
    EXPECT_EQ(value(got, Kind::cpu_model), "Intel(R) Core(TM) i7-10700 CPU @ 2.90GHz");
    EXPECT_EQ(value(got, Kind::cpu_count), "16");
    EXPECT_EQ(value(got, Kind::hypervisor), "none");
    cpu.name.access = Access::failed;
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::cpu_model), "(none)");
    cpu.cpuinfo = text(kTwoProcessors);
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::cpu_count), "2") << "cpuinfo wins";
}

TEST(Cpu, an_extended_family_is_folded_as_cpuid_has_it) {
    RawCpu cpu;
    cpu.cpuinfo = text("processor: 0\ncpu family: 25\nmodel: 97\nstepping: 2\n");
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::cpu_signature), "00a60f12");
    cpu.signature = 0x000906EA;
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::cpu_signature), "000906ea") << "CPUID itself wins";
    cpu.signature.reset();
    cpu.cpuinfo = text("cpu family: 9999\nmodel: 97\nstepping: 2\n");
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::cpu_signature), "(none)");
}

TEST(Cpu, an_arm_processor_is_its_implementer_and_part) {
    RawCpu cpu;
    cpu.cpuinfo =
        text("processor: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\nCPU part: 0xfff\n");
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::cpu_model), "arm 0x41 0xd0c");
}

TEST(Cpu, a_hypervisor_admits_itself_in_three_places) {
    RawCpu cpu;
    cpu.cpuinfo = text("processor: 0\nflags : fpu hypervisor vme\n");
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::hypervisor), "other");
    cpu.hypervisor_vendor = std::string("KVMKVMKVM\0\0\0", 12);
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::hypervisor), "kvm");
    cpu.hypervisor_vendor = "Microsoft Hv";
    EXPECT_EQ(value(parse_cpu(cpu, {}), Kind::hypervisor), "microsoft");
    EXPECT_EQ(value(parse_cpu(cpu, text("xen\n")), Kind::hypervisor), "xen");
    EXPECT_EQ(value(parse_cpu({}, {}), Kind::hypervisor), "(none)") << "nobody was asked";
}

TEST(Cpu, hostile_text_never_crashes) {
    std::mt19937 random(5);
    for (int round = 0; round < 10'000; ++round) {
        std::string raw(kTwoProcessors);
        for (int i = 0; i < 6; ++i) raw[random() % raw.size()] = static_cast<char>(random());
        RawCpu cpu;
        cpu.cpuinfo = text(raw.substr(0, random() % raw.size()));
        for (const auto& c : parse_cpu(cpu, {})) ASSERT_LE(c.value.size(), kMaxValueBytes);
    }
}

}  // namespace
}  // namespace latchkey::hwid
