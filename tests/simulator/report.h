#pragma once

// What ./dev simulate prints: the worlds' summary, one machine's life, the herd beside the formula.

#include <filesystem>
#include <optional>

#include "tests/simulator/options.h"
#include "tests/simulator/tally.h"

namespace latchkey::simulator {

/// Does what the options say. The program's exit code: 1 where a rule did not hold.
int simulate(const Options& options);

/// All worlds of so many device-years, ten machines each.
Tally run_worlds(const Options& options);

/// Tells the machine's life on standard output; the number of violations in its world.
std::optional<std::size_t> tell_machine(const Options& options);

/// Prints goal, measured, met or not. True where every goal is met.
bool print_herd(std::uint64_t seed, std::uint32_t agents);

/// The agents' and the key server's logs go nowhere from now on.
void silence();
/// Where a world's files lie: in memory where the system has such a place.
std::filesystem::path temporary_folder();

}  // namespace latchkey::simulator
