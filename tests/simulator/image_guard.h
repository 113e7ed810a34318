#pragma once

// The rules of golden images: whatever is prepared as one starts nothing, and whatever boots from
// it is a machine of its own. Pure, as guard.h: it is told what is seen and answers what is wrong.

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "tests/simulator/guard.h"

namespace latchkey::simulator {

/// A look at a machine that is a golden image in the making.
struct Image {
    std::string machine_id;
    std::size_t products = 0;  ///< that the agent knows anything of
    bool clean = false;        ///< the agent's own word
};

/// The first look at a machine that booted from an image; the reference machine itself is one, too.
struct Newborn {
    struct Product {
        core::ProductState state;
        Duration initial_grace{0};  ///< that the policy grants
    };
    std::string machine_id;
    bool foreign = false;   ///< its agent found the state of another machine
    bool owed_all = false;  ///< the key server knows of no grace that this hardware used
    Duration age{0};        ///< since the image was taken
    ServerTime now;         ///< what the agent believes
    std::vector<Product> products;
};

class ImageGuard {
public:
    /// A machine had this id before it was prepared; nobody may have it again.
    void spent(const std::string& machine_id) { ids_.insert(machine_id); }

    static std::vector<Breach> see(const Image& image);
    std::vector<Breach> see(const Newborn& newborn);

private:
    std::set<std::string> ids_;
};

}  // namespace latchkey::simulator
