// What happens to a machine's files: reimages, backups, snapshots, copies, a full disk.

#include "tests/simulator/world.h"

namespace latchkey::simulator {
namespace {

/// Copies cost as much as machines; a few of them tell what there is to tell.
constexpr int kMostCopies = 3;

}  // namespace

/// Nothing of the earlier installation is acknowledged any more.
void World::forget_past(Citizen& citizen) {
    citizen.box->disk.acknowledged.clear();
    citizen.trusted.clear();
    citizen.tampered = citizen.box->disk.strays = true;
    citizen.image_since.reset();
}

/// The products that are installed in the other machine's folder.
void World::install_like(Citizen& citizen, const std::filesystem::path& folder) {
    for (const char* product : {"studio", "viewer", "tools"})
        if (std::filesystem::exists(folder / "products.d" / (std::string(product) + ".jws")))
            install(citizen, product);
}

/// The same image on another machine: `whole` with the hardware it shows (a virtual machine),
/// otherwise the state directory alone, on a machine of its own.
void World::make_copy(int machine, bool whole) {
    if (copies_ >= kMostCopies) return;
    ++copies_;
    Citizen& original = *citizens_[static_cast<std::size_t>(machine)];
    Persona persona = original.persona;
    persona.name = "copy" + std::to_string(copies_) + "-of-" + persona.name;
    std::erase_if(persona.habits, [](const Habit& habit) {
        return habit.what == Happening::clone_image || habit.what == Happening::clone_state;
    });
    Hardware hardware = original.box->hardware;
    if (!whole) {
        hardware = Hardware{};
        hardware.model = original.box->hardware.model;
        hardware.unit = mix(options_.seed, ++units_);
    }
    tell(original, "copied",
         "its " + std::string(whole ? "image" : "state") + " is copied to " + persona.name);
    const auto guards = original.guards;
    const auto requests = original.requests;
    const auto asked_with = original.asked_with;
    const auto last_request = original.last_request;
    const auto installation = original.box->installation;
    const auto folder = original.box->folder;
    const int index = static_cast<int>(citizens_.size());
    Citizen& copy = settle(persona, hardware);
    copy.is_copy = true;
    if (whole) copy.family = citizens_[static_cast<std::size_t>(machine)]->family;
    // On hardware of its own it is another machine, with a grace of its own.
    if (whole) copy.guards = guards;
    copy.requests = requests;
    copy.asked_with = asked_with;
    copy.last_request = last_request;
    copy.box->installation = installation;
    copy.tampered = copy.box->disk.strays = true;
    const auto parcel = options_.folder / "parcel";
    const Citizen& again = *citizens_[static_cast<std::size_t>(machine)];
    whole ? again.box->copy_image(parcel) : again.box->copy_state(parcel);
    copy.box->restore(parcel);
    std::filesystem::remove_all(parcel);
    configure(copy);
    install_like(copy, folder);
    tell(copy, "copied", "begins as a copy of " + original.persona.name);
    plan(dice_.between(minutes{5}, hours{5}), index, Happening::boot);
    plan_habits(index, persona.habits);
}

void World::files(int machine, Happening what) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    const auto backup_folder = box.folder / "backup";
    const auto snapshot_folder = box.folder / "snapshot";
    using enum Happening;
    const auto told = [&](const std::string& text) { tell(citizen, "files", text); };
    switch (what) {
        case reimage:
            fault(name(what));
            switch_off(machine, "wiped and installed anew");
            box.reimage();
            forget_past(citizen);
            citizen.guards.clear();
            citizen.shown.clear();
            box.disk.full = false;
            if (citizen.persona.activates == Activates::by_hand && !citizen.persona.key.empty())
                plan(dice_.between(hours{4}, Days{6}), machine, activate);
            return;
        case lose_state:
            if (!box.on()) return;
            fault(name(what));
            box.stop();
            told("the state directory is deleted");
            box.lose_state();
            forget_past(citizen);
            return switch_on(machine, false);
        case backup:
            box.copy_state(backup_folder);
            citizen.has_backup = true;
            return told("a backup of the state is made");
        case restore_backup:
            if (!citizen.has_backup || !box.on()) return;
            fault(name(what));
            box.stop();
            told("an older state is restored from its backup");
            box.restore(backup_folder);
            forget_past(citizen);
            for (auto& [product, guard] : citizen.guards) guard.license_of_old();
            return switch_on(machine, false);
        case snapshot:
            box.copy_image(snapshot_folder);
            citizen.snapshot_guards = citizen.guards;
            citizen.snapshot_installation = box.installation;
            citizen.has_snapshot = true;
            return told("a snapshot is taken");
        case revert:
            if (!citizen.has_snapshot || !box.on()) return;
            fault(name(what));
            box.stop();
            told("reverted to the snapshot");
            box.restore(snapshot_folder);
            forget_past(citizen);
            citizen.guards = citizen.snapshot_guards;
            box.installation = citizen.snapshot_installation;
            return switch_on(machine, true);
        case clone_image:
        case clone_state:
            fault(name(what));
            return make_copy(machine, what == clone_image);
        case Happening::generalize:
            return prepare_image(machine);
        case Happening::capture:
            return capture_image(machine);
        case disk_full:
            if (box.disk.full) return;
            fault(name(what));
            box.disk.full = true;
            told("the disk is full");
            return plan(dice_.between(hours{1}, Days{3}), machine, disk_free);
        default:
            if (!box.disk.full) return;
            box.disk.full = false;
            told("the disk has room again");
            if (box.on() && !citizen.suspended) box.wake();
    }
}

}  // namespace latchkey::simulator
