#include "tests/simulator/life.h"

#include <array>

namespace latchkey::simulator {
namespace {

using enum Happening;

/// What every machine meets.
const std::vector<Habit> kEverybody{
    {power_cut, Days{60}},    {fatal_step, Days{25}},      {agent_restart, Days{40}},
    {cable_out, Days{45}},    {storm_in, Days{60}},        {serials_hidden, Days{400}},
    {disk_full, Days{250}},   {reimage, Days{300}},        {lose_state, Days{900}},
    {backup, Days{60}},       {restore_backup, Days{500}}, {clock_back, Days{300}},
    {clock_ahead, Days{300}}, {clock_dead, Days{900}},     {explain, Days{120}},
    {first_use, Days{40}},    {look_at_status, Days{30}},  {manifest_gone, Days{700}},
    {activate, Days{200}},    {deactivate, Days{700}},     {deactivate_locally, Days{1200}},
    {rearm, Days{250}},       {become_lab, Days{1500}},    {clone_state, Days{2500}},
};

std::vector<Habit> habits(std::vector<Habit> own) {
    own.insert(own.end(), kEverybody.begin(), kEverybody.end());
    return own;
}

const std::vector<Habit> kDesk{
    {shutdown, Days{20}}, {swap_card, Days{500}}, {swap_disk, Days{400}}, {swap_board, Days{700}}};

std::vector<Persona> make() {
    const std::vector<Habit> travels{{suspend, Days{4}},     {portal_in, Days{25}},
                                     {cable_out, Days{12}},  {shutdown, Days{30}},
                                     {swap_disk, Days{600}}, {swap_board, Days{900}}};
    const std::vector<Habit> virtual_machine{
        {snapshot, Days{40}}, {revert, Days{120}}, {clone_image, Days{400}}, {suspend, Days{60}}};
    const std::vector<Habit> farmer{{clock_back, Days{9}}, {clock_ahead, Days{15}},
                                    {rearm, Days{20}},     {shutdown, Days{5}},
                                    {revert, Days{200}},   {lose_state, Days{60}},
                                    {first_use, Days{3}},  {restore_backup, Days{50}}};
    return {
        {"m0-desktop", "desktop", "cloud-key", Activates::by_hand, false, false, false,
         habits(kDesk)},
        {"m1-laptop", "laptop", "pack-key", Activates::by_hand, false, false, true,
         habits(travels)},
        {"m2-server", "server", "competency-key", Activates::unattended_proceed, false, false,
         false, habits({{swap_disk, Days{250}}})},
        {"m3-vm", "vm", "cloud-key", Activates::by_hand, false, false, false,
         habits(virtual_machine)},
        {"m4-office", "desktop", "cloud-key", Activates::unattended_hold, false, true, false,
         habits(kDesk)},
        {"m5-lab", "desktop", "", Activates::never, true, false, true,
         habits({{reimage, Days{30}},
                 {rearm, Days{25}},
                 {first_use, Days{10}},
                 {generalize, Days{100}}})},
        {"m6-laptop", "laptop", "perpetual-key", Activates::by_hand, false, false, false,
         habits(travels)},
        {"m7-desktop", "desktop", "pack-key", Activates::unattended_proceed, false, false, true,
         habits(kDesk)},
        {"m8-server", "server", "cloud-key", Activates::by_hand, false, false, false,
         habits({{swap_board, Days{500}}, {swap_card, Days{300}}, {swap_disk, Days{200}}})},
        {"m9-farmer", "desktop", "", Activates::never, false, false, false, habits(farmer)},
    };
}

constexpr std::array<std::string_view, kHappenings> kNames{"alarm",
                                                           "boot",
                                                           "shutdown",
                                                           "power cut",
                                                           "fatal step",
                                                           "suspend",
                                                           "resume",
                                                           "agent restart",
                                                           "network out",
                                                           "network back",
                                                           "captive portal",
                                                           "portal left",
                                                           "lossy network",
                                                           "network well",
                                                           "card swapped",
                                                           "disk swapped",
                                                           "board swapped",
                                                           "serials hidden",
                                                           "serials back",
                                                           "clock set back",
                                                           "clock set ahead",
                                                           "clock dead",
                                                           "clock right",
                                                           "reimage",
                                                           "state deleted",
                                                           "backup made",
                                                           "backup restored",
                                                           "snapshot taken",
                                                           "snapshot reverted",
                                                           "image cloned",
                                                           "state cloned",
                                                           "generalized",
                                                           "image captured",
                                                           "disk full",
                                                           "disk free",
                                                           "activate",
                                                           "activate --accept-count",
                                                           "deactivate",
                                                           "deactivate --local",
                                                           "rearm",
                                                           "explain",
                                                           "first use",
                                                           "status",
                                                           "role lab",
                                                           "role workstation",
                                                           "manifest removed",
                                                           "manifest back",
                                                           "key server down",
                                                           "key server back",
                                                           "key blocked",
                                                           "key unblocked",
                                                           "publisher releases machine"};

}  // namespace

std::string_view name(Happening happening) { return kNames[static_cast<std::size_t>(happening)]; }

const std::vector<Persona>& personas() {
    static const std::vector<Persona> all = make();
    return all;
}

std::span<const Habit> publisher_habits() {
    static constexpr std::array<Habit, 3> kHabits{
        {{server_down, Days{30}}, {block_key, Days{150}}, {publisher_releases, Days{200}}}};
    return kHabits;
}

}  // namespace latchkey::simulator
