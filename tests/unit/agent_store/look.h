#pragma once

// A look at one of tests/machines, as the store asks for it.

#include <string>

#include "agent/store/hardware.h"
#include "licensing/crypto.h"
#include "tests/fakes/machines.h"

namespace latchkey::store {

inline Look look_at(const std::string& machine) {
    return [snapshot = fakes::machine(machine)](const Bytes& salt) {
        return hwid::fingerprint(snapshot, licensing::keyed_digest(salt), "local");
    };
}

}  // namespace latchkey::store
