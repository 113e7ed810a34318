#pragma once

// The machine fixtures of tests/machines, by name. Link latchkey_machines.

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "hwid/snapshot.h"

namespace latchkey::fakes {

inline std::string machine_text(const std::string& name) {
    std::ifstream file(std::string(LATCHKEY_MACHINES_DIR) + "/" + name + ".json");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// `machine("desktop")`. Aborts on a fixture that does not read: a broken fixture is a broken test.
inline hwid::Snapshot machine(const std::string& name) {
    auto snapshot = hwid::parse_snapshot(machine_text(name));
    if (!snapshot) {
        std::cerr << "fixture " << name << ": " << snapshot.error().detail << '\n';
        std::abort();
    }
    return *std::move(snapshot);
}

}  // namespace latchkey::fakes
