#pragma once

// Kills a program before the writing system call of the test's choosing (kill_at.cpp).

#include <csignal>
#include <string>

#include "tests/e2e/process.h"
#include "tests/e2e/world.h"

namespace latchkey::e2e {

class KillAt {
public:
    KillAt(const World& world, pid_t victim, int point)
        : process_({{(fs::path(LATCHKEY_TESTS_DIR) / "kill_at").string(), std::to_string(victim),
                     std::to_string(point)},
                    {},
                    {}},
                   world.path("kill_at.log")) {
        process_.wait_for_line("attached");
    }

    /// Where it struck, "17 pwrite64"; empty if the path was shorter than that.
    std::string finish(Process& victim) {
        if (victim.ended()) return process_.wait_for_line("killed ").substr(7);
        process_.signal(SIGTERM);
        // Either it struck in the last moment, or it let go.
        const auto line = process_.wait_for_line("");
        if (line.starts_with("killed ")) return line.substr(7);
        count_ = std::stoi(line.substr(line.find(' ') + 1));
        return "";
    }

    int count() const { return count_; }

private:
    Process process_;
    int count_ = 0;
};

}  // namespace latchkey::e2e
