#pragma once

// Who lives in a world, and what happens to them when.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "tests/simulator/box.h"
#include "tests/simulator/guard.h"
#include "tests/simulator/hardware_guard.h"
#include "tests/simulator/life.h"

namespace latchkey::simulator {

/// Events by their time, and in the order they were planned.
struct Event {
    Duration at;
    std::uint64_t order = 0;
    int machine = -1;  ///< -1: the publisher's
    Happening what = Happening::alarm;
    std::uint64_t stamp = 0;  ///< of an alarm: only the newest counts
    bool habit = false;       ///< happens again

    bool operator>(const Event& other) const {
        return at != other.at ? at > other.at : order > other.order;
    }
};

/// A machine, and what is known of it from outside.
struct Citizen {
    Persona persona;
    std::unique_ptr<Box> box;
    std::map<std::string, Guard> guards;  ///< by product, of this installation
    std::map<std::string, Guard> snapshot_guards;
    std::map<std::string, HardwareGuard> hardware_guards;  ///< by product, over installations
    std::uint64_t snapshot_installation = 0;
    bool has_backup = false;
    bool has_snapshot = false;
    bool is_copy = false;
    int family = 0;  ///< whose image it runs: a machine and its whole copies share one
    /// When it was prepared as a golden image or made from one; until its first look after.
    std::optional<Duration> image_since;
    std::string machine_id;  ///< when its agent last had reason to doubt whose the state is
    bool suspended = false;
    bool clock_dead = false;
    bool tampered = false;  ///< its files were changed from outside since it ran
    bool was_full = false;
    Duration born{0};
    Duration looked{0};
    Duration woken{0};  ///< when its agent last looked at its deadlines
    Duration awake{0};
    std::uint64_t stamp = 0;
    int wakes_today = 0;
    std::int64_t today = 0;
    std::map<std::string, std::set<std::string>> requests;  ///< activations asked for, by product
    std::map<std::string, Hardware> asked_with;             ///< by request
    std::map<std::string, std::string> last_request;        ///< by product
    std::map<std::string, std::string> shown;               ///< by product, for the story
    struct Trust {
        Hardware hardware;
        Duration at{0};
        std::int64_t answered = 0;
    };
    std::map<std::string, Trust> trusted;  ///< what the key server said yes to, by product
};

}  // namespace latchkey::simulator
