#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace latchkey::simulator {

struct Options {
    std::uint64_t seed = 1;
    int device_years = 20;
    int world = 0;        ///< of --machine: which world it lives in
    std::string machine;  ///< tell this one's life
    bool herd_only = false;
    std::uint32_t herd = 1'000'000;
    bool help = false;
};

/// Says what is wrong and answers nothing.
std::optional<Options> read_options(int count, char** words);

}  // namespace latchkey::simulator
