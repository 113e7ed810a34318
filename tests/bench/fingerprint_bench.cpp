// Reading this machine, turning it into a fingerprint, and comparing two.

#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>

#include "agent/cli/comparison.h"
#include "hwid/assemble.h"
#include "hwid/fingerprint.h"
#include "hwid/snapshot.h"
#include "licensing/crypto.h"
#include "platform/hardware/hardware.h"

namespace latchkey {
namespace {

constexpr Duration kPatience = seconds{2};
constexpr WallTime kAnyTime{};

/// A captured machine of tests/machines; run from the repository's root.
hwid::Snapshot machine(const char* name) {
    std::ifstream file(std::string("tests/machines/") + name);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return hwid::parse_snapshot(text).value();
}

void fingerprint_this_machine(benchmark::State& state) {
    const auto hardware = platform::system_hardware();
    const auto digest = licensing::keyed_digest(Bytes(32, 7));
    for (auto _ : state) {
        const auto snapshot = hwid::assemble(hardware->read(kPatience), kAnyTime);
        benchmark::DoNotOptimize(hwid::fingerprint(snapshot, digest, "salt"));
    }
}
BENCHMARK(fingerprint_this_machine)->MeasureProcessCPUTime();

void fingerprint_of_a_desktop(benchmark::State& state) {
    const auto snapshot = machine("desktop.json");
    const auto digest = licensing::keyed_digest(Bytes(32, 7));
    for (auto _ : state) benchmark::DoNotOptimize(hwid::fingerprint(snapshot, digest, "salt"));
}
BENCHMARK(fingerprint_of_a_desktop);

/// How it grows: a machine with so many network cards and disks more.
void compare_with_many_components(benchmark::State& state) {
    auto before = machine("desktop.json");
    for (std::int64_t i = 0; i < state.range(0); ++i)
        before.components.push_back({hwid::Kind::disk,
                                     "S5GXNX0T" + std::to_string(100000 + i * 7),
                                     "nvme" + std::to_string(i),
                                     {},
                                     hwid::State::present});
    const auto after = before;
    for (auto _ : state) benchmark::DoNotOptimize(cli::compare(before, after));
}
BENCHMARK(compare_with_many_components)->Arg(1)->Arg(10)->Arg(100);

}  // namespace
}  // namespace latchkey
