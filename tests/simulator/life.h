#pragma once

// What can happen to a machine, how often, and to whom. New kinds of happenings are added here, in
// deeds.cpp (what they do) and nowhere else.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace latchkey::simulator {

enum class Happening {
    alarm,  ///< the agent's own timer
    // power
    boot,
    shutdown,
    power_cut,
    fatal_step,  ///< dies at one of its next commits or requests
    suspend,
    resume,
    agent_restart,
    // network
    cable_out,
    cable_in,
    portal_in,
    portal_out,
    storm_in,
    storm_out,
    // hardware
    swap_card,
    swap_disk,
    swap_board,
    serials_hidden,
    serials_back,
    // clock
    clock_back,
    clock_ahead,
    clock_dead,
    clock_right,
    // files
    reimage,
    lose_state,
    backup,
    restore_backup,
    snapshot,
    revert,
    clone_image,  ///< a virtual machine is copied with all it has
    clone_state,  ///< the state directory is copied to another machine
    generalize,   ///< prepared as a golden image
    capture,      ///< the golden image is taken, and machines are made from it
    disk_full,
    disk_free,
    // people
    activate,
    activate_accepting,
    deactivate,
    deactivate_locally,
    rearm,
    explain,
    first_use,
    look_at_status,
    become_lab,
    become_workstation,
    manifest_gone,
    manifest_back,
    // the publisher (of no machine)
    server_down,
    server_up,
    block_key,
    unblock_key,
    publisher_releases,
};
inline constexpr std::size_t kHappenings =
    static_cast<std::size_t>(Happening::publisher_releases) + 1;
std::string_view name(Happening happening);

/// Once in `mean`, at random.
struct Habit {
    Happening what;
    Duration mean;
};

enum class Activates { by_hand, unattended_hold, unattended_proceed, never };

struct Persona {
    std::string name;   ///< "m3-vm"
    std::string model;  ///< of tests/machines
    std::string key;    ///< of the product "studio"; empty: none
    Activates activates = Activates::by_hand;
    bool lab = false;
    bool office_hours = false;  ///< off at night and at the weekend
    bool second_product = false;
    std::vector<Habit> habits;
};

/// The ten machines of every world.
const std::vector<Persona>& personas();
/// What befalls the publisher.
std::span<const Habit> publisher_habits();

}  // namespace latchkey::simulator
