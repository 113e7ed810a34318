#pragma once

// A made-up office as dataset files: machines in fleets of four, two states each.

#include <fstream>
#include <string>

#include "tests/identity/dataset.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::identity::made_up {

inline std::string component(const std::string& kind, const std::string& value) {
    return R"({"kind":")" + kind + R"(","value":")" + value + "\"}";
}

inline std::string digits(std::size_t n, std::size_t width) {
    std::string out = std::to_string(n);
    return std::string(width - std::min(width, out.size()), '0') + out;
}

/// Unit `n`; `state` 1 has a new BIOS, and in every tenth unit a new disk.
inline std::string snapshot(std::size_t n, std::size_t state) {
    const auto id = digits(n, 3);
    const auto fleet = std::to_string(n / 4);
    const auto disk = state == 1 && n % 10 == 0 ? "NEWDISK" + id : "OLDDISK" + id;
    std::string out = R"({"schema":"latchkey.hwid.snapshot/1","components":[)";
    out += component("system_uuid", "7f3c4a5" + std::to_string(n % 10) +
                                        "-1b2d-4e6f-8a90-1234567a" + digits(n, 4)) +
           ",";
    for (const auto* kind : {"system_serial", "board_serial", "chassis_serial"})
        out += component(kind, std::string(1, kind[0]) + "QX7" + id) + ",";
    out += component("nic", "3c:52:82:1f:" + id.substr(0, 1) + "a:" + id.substr(1)) + ",";
    out += component("bmc_mac", "3c:52:83:1f:" + id.substr(0, 1) + "a:" + id.substr(1)) + ",";
    out += component("infiniband_guid", "0xb8cef60300632" + id) + ",";
    out += component("disk", disk) + ",";
    for (const auto* kind : {"system_product", "cpu_model", "gpu"})
        out += component(kind, std::string("model ") + kind[0] + " of fleet " + fleet) + ",";
    out += component("memory_total_mb", n / 4 % 2 == 0 ? "8192" : "16384") + ",";
    return out + component("bios_version", "1." + std::to_string(state)) + "]}";
}

inline constexpr std::size_t kMachines = 80;

/// Writes machines.jsonl and pairs.jsonl, and two scenarios.
inline void write(const std::filesystem::path& folder) {
    std::ofstream machines(folder / "machines.jsonl");
    std::ofstream pairs(folder / "pairs.jsonl");
    const auto place = [](std::size_t n, int state) {
        return "[\"m" + std::to_string(n) + "\"," + std::to_string(state) + "]";
    };
    const auto pair = [&](const std::string& before, const std::string& after, const char* label,
                          const char* set) {
        pairs << R"({"id":"p","before":)" << before << R"(,"after":)" << after << R"(,"label":")"
              << label << R"(","set":")" << set << "\"}\n";
    };
    for (std::size_t n = 0; n < kMachines; ++n) {
        machines << R"({"id":"m)" << n << R"(","source":"office","alias":null,"snapshots":[)"
                 << snapshot(n, 0) << "," << snapshot(n, 1) << "]}\n";
        pair(place(n, 0), place(n, 1), "same", n % 2 == 0 ? "adjacent" : "life");
        if (n % 4 != 0) pair(place(n - 1, 1), place(n, 1), "different", "same_fleet");
    }
    pair(place(0, 0), place(1, 0), "ambiguous", "life");
    std::ofstream(folder / "scenarios.jsonl")
        << R"({"scenario":"S0 nothing","expect_significant_change":0,"identity":"same","before":)"
        << snapshot(1, 0) << R"(,"after":)" << snapshot(1, 1) << "}\n"
        << R"({"scenario":"N2 twin","expect_significant_change":1,"identity":"different","before":)"
        << snapshot(1, 0) << R"(,"after":)" << snapshot(2, 0) << "}\n"
        << R"({"scenario":"S7 policy","expect_significant_change":null,"identity":null,"before":)"
        << snapshot(1, 0) << R"(,"after":)" << snapshot(1, 0) << "}\n";
}

inline Dataset read(const std::filesystem::path& folder) {
    auto data = read_dataset(folder, [](std::string_view) {});
    if (!data) std::abort();
    return *std::move(data);
}

/// A folder with the office in it.
struct Office {
    Office() { write(directory.path()); }
    Dataset data() const { return read(directory.path()); }
    platform::TemporaryDirectory directory;
};

}  // namespace latchkey::identity::made_up
