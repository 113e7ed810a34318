#pragma once

// Holds the machines that tests make against the files that other tests read them from.

#include <gtest/gtest.h>

#include <string>

#include "hwid/snapshot.h"
#include "tests/fakes/machines.h"

namespace latchkey::hwid {

/// `name` without ".json".
inline void expect_fixture(const std::string& name, const Snapshot& made) {
    const auto written = parse_snapshot(fakes::machine_text(name));
    EXPECT_TRUE(written && *written == made) << name << ".json should hold\n"
                                             << json::to_pretty_text(to_json(made));
}

}  // namespace latchkey::hwid
