// What people do: administrators at their machines, and the publisher at its key server.

#include <boost/json/object.hpp>

#include <fstream>

#include "tests/simulator/world.h"

namespace latchkey::simulator {
namespace {

namespace bj = boost::json;
namespace fs = std::filesystem;

/// In these worlds the key server goes away for a very long time, once.
bool loses_its_publisher(int world) { return world % 5 == 2; }
constexpr Duration kVeryLong = Days{200};

}  // namespace

void World::configure(Citizen& citizen) {
    const auto& persona = citizen.persona;
    std::string toml =
        std::string("[agent]\nlog_level = \"error\"\n") + (persona.lab ? "role = \"lab\"\n" : "");
    const bool unattended = !persona.lab && (persona.activates == Activates::unattended_hold ||
                                             persona.activates == Activates::unattended_proceed);
    if (unattended) {
        const auto file = citizen.box->folder / "studio.key";
        std::ofstream(file) << publisher_->key(persona.key).text << "\n";
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
        toml += "[[activate]]\nproduct = \"studio\"\nkey_file = \"" + file.string() +
                "\"\nconsume = false\nwhen_counted = \"" +
                (persona.activates == Activates::unattended_hold ? "hold" : "proceed") + "\"\n";
    }
    citizen.box->unattended = unattended;
    citizen.box->configure(toml);
}

void World::install(Citizen& citizen, const std::string& product) {
    publisher_->vendor().export_manifest(product,
                                         citizen.box->folder / "products.d" / (product + ".jws"));
}

Said World::post(Citizen& citizen, const std::string& product, const std::string& verb,
                 const bj::value& body) {
    auto said = citizen.box->ask("POST", "/v1/products/" + product + "/" + verb, body);
    std::string outcome = said.status == 200 ? "done" : said.code();
    if (said.status == 0 && !citizen.box->died())
        breach(citizen, {"answers", "latchkey " + verb + " " + product + " got no answer"});
    if (said.status == 0) outcome = "no answer";
    tell(citizen, "admin", "latchkey " + verb + " " + product + ": " + outcome);
    count("admin: " + verb);
    return said;
}

void World::ask_for_activation(int machine, bool accept) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    const bool tools = citizen.persona.second_product && dice_.chance(0.4);
    std::string key = tools ? "tools-key" : citizen.persona.key;
    if (citizen.persona.lab && !tools) key = "pack-key";
    if (key.empty()) return;
    const auto& sold = publisher_->key(key);
    const auto said = post(citizen, sold.product, "activate",
                           bj::object{{"key", sold.text}, {"accept_count", accept}});
    const auto code = said.code();
    const bool refused = code == "lab_mode" || code == "product_unknown" ||
                         (code == "generalized" && citizen.box->is_image());
    if (citizen.persona.lab && said.status != 0 && !refused)
        breach(citizen, {"lab", "a lab machine was not refused: " + code});
    if (code == "confirmation_required" && dice_.chance(0.7))
        plan(dice_.between(Days{1}, Days{10}), machine, Happening::activate_accepting);
}

void World::people(int machine, Happening what) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    using enum Happening;
    const bool wants_machine = what != manifest_gone && what != manifest_back;
    if (wants_machine && (!box.on() || citizen.suspended)) {
        // Whoever wants something comes back when the machine is on.
        if (what == Happening::activate || what == activate_accepting)
            plan(dice_.between(hours{2}, hours{20}), machine, what);
        return;
    }
    const auto manifest = box.folder / "products.d" / "studio.jws";
    switch (what) {
        case Happening::activate:
        case activate_accepting:
            return ask_for_activation(machine, what == activate_accepting);
        case deactivate:
            post(citizen, "studio", "deactivate");
            if (citizen.persona.activates == Activates::by_hand && dice_.chance(0.7))
                plan(dice_.between(Days{1}, Days{60}), machine, Happening::activate);
            return;
        case deactivate_locally:
            post(citizen, "studio", "deactivate", bj::object{{"local", true}});
            return;
        case rearm:
            post(citizen, "studio", "rearm");
            return;
        case explain:
            if (!citizen.persona.key.empty())
                post(citizen, "studio", "explain",
                     bj::object{{"key", publisher_->key(citizen.persona.key).text}});
            return;
        case first_use:
            post(citizen, "studio", "used");
            return;
        case look_at_status:
            if (box.ask("GET", "/v1/status").status != 200 && !box.died())
                breach(citizen, {"answers", "status does not answer"});
            return;
        case become_lab:
        case become_workstation:
            if (citizen.persona.name.find("lab") != std::string::npos) return;
            fault(name(what));
            citizen.persona.lab = what == become_lab;
            configure(citizen);
            tell(citizen, "admin",
                 citizen.persona.lab ? "this is a lab machine now" : "this is a workstation again");
            box.ask("POST", "/v1/reload");
            if (what == become_lab)
                plan(dice_.between(Days{5}, Days{60}), machine, become_workstation);
            return;
        case manifest_gone:
        case manifest_back:
            if ((what == manifest_gone) != fs::exists(manifest)) return;
            fault(name(what));
            tell(citizen, "admin", std::string(name(what)));
            if (what == manifest_gone) {
                fs::remove(manifest);
                citizen.trusted.clear();
                plan(dice_.between(hours{1}, Days{30}), machine, manifest_back);
            } else {
                install(citizen, "studio");
            }
            if (box.on() && !citizen.suspended) box.ask("POST", "/v1/reload");
            return;
        default:
            return;
    }
}

void World::do_to_publisher(Happening what) {
    using enum Happening;
    const auto tell_all = [&](const std::string& text) {
        for (const auto& citizen : citizens_) tell(*citizen, "publisher", text);
    };
    switch (what) {
        case server_down: {
            if (!server_up_) return;
            fault(name(what));
            server_up_ = false;
            const bool long_one = loses_its_publisher(options_.number) && now_ > Days{60};
            const Duration gone = long_one            ? kVeryLong
                                  : dice_.chance(0.1) ? dice_.between(Days{5}, Days{20})
                                                      : dice_.between(hours{1}, Days{3});
            tell_all("the key server is down for " + words_for(gone));
            plan(gone, -1, server_up);
            break;
        }
        case server_up:
            server_up_ = true;
            tell_all("the key server is back");
            break;
        case block_key: {
            const char* const keys[] = {"cloud-key", "pack-key", "perpetual-key"};
            const std::string key = keys[dice_.roll(3)];
            if (publisher_->key(key).blocked) return;
            fault(name(what));
            publisher_->block(key, true);
            tell_all("blocks " + key);
            plan(dice_.between(hours{12}, Days{20}), -1, unblock_key);
            break;
        }
        case unblock_key:
            for (const char* key : {"cloud-key", "pack-key", "perpetual-key"})
                if (publisher_->key(key).blocked) {
                    publisher_->block(key, false);
                    tell_all(std::string("unblocks ") + key);
                }
            break;
        case publisher_releases:
            if (!publisher_->release_some(dice_.next())) return;
            fault(name(what));
            tell_all("ends one machine's licenses");
            break;
        default:
            return;
    }
    for (const auto& citizen : citizens_) citizen->box->weather.server_up = server_up_;
}

}  // namespace latchkey::simulator
