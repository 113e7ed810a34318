#pragma once

// Virtual hardware: a fixture of tests/machines whose serial numbers follow from which unit it is
// and how often each part was replaced. What truly changed is therefore known, whatever the matcher
// thinks.

#include <cstdint>
#include <string>

#include "hwid/component.h"

namespace latchkey::simulator {

struct Hardware {
    std::string model = "desktop";  ///< a fixture of tests/machines
    std::uint64_t unit = 0;         ///< which one of that model
    int board = 0;                  ///< how often the board was replaced (its card and TPM with it)
    int card = 0;                   ///< how often a network card was replaced
    int disk = 0;                   ///< how often a disk was replaced
    bool unreadable = false;        ///< serial numbers cannot be read for now
    bool blind = false;             ///< nor anything else that one unit alone has

    bool is_virtual() const { return model == "vm"; }

    friend bool operator==(const Hardware&, const Hardware&) = default;
};

/// The same parts, whether or not they can be read now.
bool same_parts(const Hardware& a, const Hardware& b);

/// `installation` makes the operating system's own id, which every reimage changes.
hwid::Snapshot snapshot_of(const Hardware& hardware, std::uint64_t installation);

}  // namespace latchkey::simulator
