// What happens to machines: power, network, hardware, clocks, files.

#include "tests/simulator/world.h"

namespace latchkey::simulator {
namespace {

/// A calendar whose battery is empty says this at each boot.
constexpr WallTime kDeadClock{seconds{1'577'836'800}};  // 2020-01-01

/// What a reboot may lose: what was not stored since the last look. A clock that is right gives it
/// back, and one that is corrected later may take it again.
constexpr Duration kUnstored = hours{1} + minutes{2};

Duration until_morning(Duration now) {
    const auto day = now / Days{1};
    // 2026-06-01 is a Monday.
    std::int64_t next = now % Days{1} < hours{7} ? day : day + 1;
    while (next % 7 >= 5) ++next;
    return Days{next} + hours{8} - now;
}

}  // namespace

void World::do_to_machine(int machine, Happening what) {
    using enum Happening;
    if (what <= agent_restart) return power(machine, what);
    if (what <= storm_out) return network(machine, what);
    if (what <= serials_back) return hardware(machine, what);
    if (what <= clock_right) return clock(machine, what);
    if (what <= disk_free) return files(machine, what);
    people(machine, what);
}

/// The agent looks hourly and stores its time; most of these looks change nothing else and are
/// skipped. Before power goes, the last one is made up for: it lies up to `most_ago` back.
void World::store_as_hourly(Citizen& citizen, Duration most_ago) {
    Box& box = *citizen.box;
    if (box.died() || citizen.suspended || now_ - citizen.woken <= hours{1}) return;
    if (most_ago > Duration{0}) box.clock.lag = dice_.between(Duration{0}, most_ago);
    box.wake();
    box.clock.lag = Duration{0};
    citizen.woken = now_;
}

void World::switch_off(int machine, const std::string& why) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    if (!box.on()) return;
    store_as_hourly(citizen, hours{1});
    box.stop();
    box.fuse.mend();
    citizen.suspended = false;
    tell(citizen, "power", "off: " + why);
    const bool office = citizen.persona.office_hours;
    plan(office ? until_morning(now_) : dice_.between(minutes{2}, hours{3}), machine,
         Happening::boot);
}

/// Boots (or starts the agent anew within the same boot).
void World::switch_on(int machine, bool boots) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    if (box.on()) return;
    if (boots && citizen.clock_dead) box.clock.wrong = kDeadClock - (kFirstDay + now_);
    // A clock that is wrong does not tell when a grace began.
    if (boots && box.clock.wrong != Duration{0}) citizen.image_since.reset();
    if (boots) {
        for (auto& [product, guard] : citizen.guards) guard.concede(kUnstored);
        for (auto& [product, guard] : citizen.hardware_guards) guard.concede(kUnstored);
    }
    box.fuse.mend();
    if (dice_.chance(0.02)) box.fuse.light(static_cast<int>(dice_.roll(6)), Fuse::Spark::before);
    citizen.suspended = false;
    count(boots ? "boots" : "agent restarts");
    ++tally_.checks["starts"];
    ++tally_.checks["acknowledged"];
    if (const auto trouble = box.start(boots); trouble && !box.died())
        return breach(citizen, {"starts", "the agent does not start: " + *trouble});
    for (const auto& sentence : box.repaired) tell(citizen, "agent", sentence);
    if (!citizen.tampered && !box.repaired.empty())
        breach(citizen, {"readable", "the state had to be mended: " + box.repaired.front()});
    if (!box.disk.lost.empty()) breach(citizen, {"acknowledged", box.disk.lost});
    if (boots && box.is_image()) breach(citizen, {"image", "a boot from it leaves it an image"});
    if (!box.died() && !box.is_image()) look_whose(citizen);
    citizen.tampered = false;
    box.disk.strays = box.disk.strays && box.hardware.unreadable;
    const bool finds_network = boots && dice_.chance(0.5);
    if (finds_network) box.network_changed();
    if (boots && box.clock.wrong != Duration{0} && box.weather.cable && !box.weather.portal)
        plan(dice_.between(minutes{1}, hours{3}), machine, Happening::clock_right);
}

void World::power(int machine, Happening what) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    using enum Happening;
    switch (what) {
        case boot:
            if (box.on()) return;
            tell(citizen, "power", citizen.clock_dead ? "on, with an empty clock battery" : "on");
            switch_on(machine, true);
            if (citizen.persona.office_hours)
                plan(dice_.between(hours{8}, hours{10}), machine, shutdown);
            return;
        case shutdown:
        case power_cut:
            if (!box.on()) return;
            fault(what == power_cut ? "power cut" : "shutdown");
            switch_off(machine, what == power_cut ? "power cut" : "shut down");
            if (what == shutdown && !citizen.persona.office_hours && dice_.chance(0.1))
                tell(citizen, "power", "stays in the cupboard");
            return;
        case fatal_step:
            if (!box.on()) return;
            fault(name(what));
            store_as_hourly(citizen, Duration{0});  // from here on its hourly looks are planned
            box.fuse.light(static_cast<int>(dice_.roll(8)),
                           dice_.chance(0.5) ? Fuse::Spark::before : Fuse::Spark::after);
            return;
        case suspend:
            if (!box.on() || citizen.suspended) return;
            citizen.suspended = true;
            count("suspends");
            plan(dice_.chance(0.05) ? dice_.between(Days{1}, Days{40})
                                    : dice_.between(minutes{10}, hours{16}),
                 machine, resume);
            return;
        case resume:
            if (!citizen.suspended) return;
            citizen.suspended = false;
            if (dice_.chance(0.8)) box.network_changed();
            return;
        case agent_restart:
            if (!box.on() || citizen.suspended) return;
            box.stop();
            tell(citizen, "power", "the agent is restarted");
            return switch_on(machine, false);
        default:
            if (box.on() && !citizen.suspended) box.wake();
    }
}

void World::network(int machine, Happening what) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    Weather& air = box.weather;
    using enum Happening;
    const bool was_well = air.cable && !air.portal;
    if (what == cable_out && air.cable) {
        air.cable = false;
        plan(dice_.chance(0.15) ? dice_.between(Days{3}, Days{25})
                                : dice_.between(minutes{5}, Days{2}),
             machine, cable_in);
    } else if (what == portal_in && !air.portal) {
        air.portal = true;
        plan(dice_.between(hours{1}, Days{4}), machine, portal_out);
    } else if (what == storm_in && air.trouble < 0.3) {
        air.trouble = 0.4;
        plan(dice_.between(hours{6}, Days{12}), machine, storm_out);
    } else if (what == cable_in) {
        air.cable = true;
    } else if (what == portal_out) {
        air.portal = false;
    } else if (what == storm_out) {
        air.trouble = 0.03;
    } else {
        return;
    }
    if (what == cable_out || what == portal_in || what == storm_in) fault(name(what));
    tell(citizen, "network", std::string(name(what)));
    const bool is_well = air.cable && !air.portal;
    if (is_well == was_well || !box.on() || citizen.suspended) return;
    box.network_changed();
    if (is_well && box.clock.wrong != Duration{0} && !citizen.clock_dead)
        plan(dice_.between(minutes{1}, hours{3}), machine, clock_right);
}

void World::hardware(int machine, Happening what) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Hardware& parts = citizen.box->hardware;
    using enum Happening;
    if (what == serials_back) {
        parts.unreadable = parts.blind = false;
        tell(citizen, "hardware", "serial numbers can be read again");
        return;
    }
    fault(name(what));
    if (what == serials_hidden) {
        if (parts.unreadable || parts.is_virtual()) return;
        parts.unreadable = true;
        parts.blind = dice_.chance(0.5);
        tell(citizen, "hardware",
             parts.blind ? "nothing of its own can be read" : "serial numbers cannot be read");
        plan(dice_.between(hours{2}, Days{20}), machine, serials_back);
        return;
    }
    switch_off(machine, "opened, and the " +
                            std::string(what == swap_card   ? "network card"
                                        : what == swap_disk ? "disk"
                                                            : "board") +
                            " is replaced");
    citizen.box->disk.strays = true;
    if (what == swap_card) ++parts.card;
    if (what == swap_disk) ++parts.disk;
    if (what == swap_board) ++parts.board;
    if (what != swap_board || citizen.persona.activates != Activates::by_hand) return;
    plan(dice_.between(Days{1}, Days{25}), machine,
         dice_.chance(0.5) ? activate : activate_accepting);
}

void World::clock(int machine, Happening what) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Duration& wrong = citizen.box->clock.wrong;
    using enum Happening;
    if (what == clock_right) {
        if (wrong == Duration{0}) return;
        wrong = Duration{0};
        if (dice_.chance(0.1)) citizen.clock_dead = false;
        tell(citizen, "clock", "set right");
        return;
    }
    fault(name(what));
    if (what == clock_dead) {
        citizen.clock_dead = true;
        tell(citizen, "clock", "its battery is empty");
        return;
    }
    const Duration most = dice_.chance(0.2) ? Duration{Days{18'000}} : Duration{Days{60}};
    const Duration by = dice_.between(minutes{10}, most);
    wrong += what == clock_back ? -by : by;
    tell(citizen, "clock",
         std::string(what == clock_back ? "set back by " : "set ahead by ") + words_for(by));
    plan(dice_.between(hours{1}, Days{20}), machine, clock_right);
}

}  // namespace latchkey::simulator
