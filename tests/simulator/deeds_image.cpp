// A golden image: one machine is generalized and captured, and others boot from what was captured.

#include <boost/json/object.hpp>

#include <optional>
#include <utility>

#include "base/problem.h"
#include "tests/simulator/world.h"

namespace latchkey::simulator {
namespace {

namespace bj = boost::json;

/// Machines made from images cost as much as any; those of one image tell what there is to tell.
constexpr int kMostMade = 2;

}  // namespace

void World::prepare_image(int machine) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    if (!box.on() || citizen.suspended || box.is_image()) return;
    fault(name(Happening::generalize));
    const auto machine_id = box.status().machine_id;
    const auto said = box.ask("POST", "/v1/generalize");
    tell(citizen, "admin",
         "latchkey generalize: " + (said.status == 200 ? std::string("done") : said.code()));
    if (said.status != 200) {
        if (said.code() != info(Code::request_pending).name && !box.died())
            breach(citizen, {"answers", "latchkey generalize is refused: " + said.code()});
        return;
    }
    images_.spent(machine_id);
    box.disk.acknowledged.clear();
    citizen.trusted.clear();
    citizen.guards.clear();
    citizen.shown.clear();
    citizen.image_since = now_;
    if (dice_.chance(0.5))
        plan(dice_.between(minutes{2}, minutes{50}), machine, Happening::agent_restart);
    plan(dice_.between(hours{1}, hours{20}), machine, Happening::capture);
}

/// The disk is copied while the machine is off, if nobody booted it or touched its state before.
void World::capture_image(int machine) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    if (!citizen.box->is_image() || citizen.suspended)
        return tell(citizen, "image", "is no image any more, and is not captured");
    fault(name(Happening::capture));
    switch_off(machine, "captured as a golden image");
    citizen.image_since = now_;
    const auto image = options_.folder / "image";
    citizen.box->copy_image(image);
    for (int i = 0; i < 2 && made_from_images_ < kMostMade; ++i)
        make_from_image(machine, image, i == 0);
    std::filesystem::remove_all(image);
}

/// On hardware of its own, with all that the image's disk holds: in the role of the reference
/// machine, or as somebody's desktop that is activated one day.
void World::make_from_image(int machine, const std::filesystem::path& image, bool same_role) {
    const Citizen& reference = *citizens_[static_cast<std::size_t>(machine)];
    Persona persona = same_role ? reference.persona : personas().front();
    persona.name = "image" + std::to_string(++made_from_images_) + "-of-" + reference.persona.name;
    std::erase_if(persona.habits, [](const Habit& habit) {
        return habit.what == Happening::generalize || habit.what == Happening::clone_image ||
               habit.what == Happening::clone_state;
    });
    Hardware hardware;
    hardware.model = reference.box->hardware.model;
    hardware.unit = mix(options_.seed, ++units_);
    const int index = static_cast<int>(citizens_.size());
    Citizen& made = settle(persona, hardware);
    made.image_since = now_;
    made.box->installation = reference.box->installation;
    made.box->restore(image);
    configure(made);
    install_like(made, reference.box->folder);
    tell(made, "image", "made from the golden image of " + reference.persona.name);
    plan(dice_.between(minutes{5}, hours{5}), index, Happening::boot);
    plan_habits(index, persona.habits);
    if (persona.activates == Activates::by_hand)
        plan(dice_.between(hours{5}, Days{25}), index, Happening::activate);
}

void World::check_image(Citizen& citizen) {
    Box& box = *citizen.box;
    citizen.awake = Duration{0};
    ++tally_.checks["image"];
    const auto said = box.ask("POST", "/v1/generalize", bj::object{{"verify", true}});
    const bool clean = said.status == 200 && said.body.at("clean") == bj::value(true);
    for (const auto& wrong :
         ImageGuard::see(Image{box.status().machine_id, box.rows().size(), clean}))
        breach(citizen, wrong);
}

void World::check_newborn(Citizen& citizen) {
    Box& box = *citizen.box;
    const Duration since = *std::exchange(citizen.image_since, std::nullopt);
    // What cannot be stored is not begun, and when it will be is left open.
    if (box.disk.full) return;
    ++tally_.checks["image"];
    Newborn newborn;
    newborn.machine_id = box.status().machine_id;
    newborn.foreign = box.is_foreign();
    // The reference machine's hardware is known to the key server, unless it is a lab's.
    newborn.owed_all = citizen.persona.lab || citizen.born >= since;
    newborn.age = now_ - since;
    newborn.now = box.agent_now();
    for (const auto& row : box.rows())
        newborn.products.push_back({row, box.policy_of(row).initial_grace});
    for (const auto& wrong : images_.see(newborn)) breach(citizen, wrong);
}

}  // namespace latchkey::simulator
