#pragma once

// One year of ten machines and their key server, event by event. A world is a function of its
// number and the seed; worlds share nothing, so that any of them can be told again alone.

#include <filesystem>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "tests/simulator/citizen.h"
#include "tests/simulator/image_guard.h"
#include "tests/simulator/publisher.h"
#include "tests/simulator/tally.h"

namespace latchkey::simulator {

struct WorldOptions {
    std::uint64_t seed = 1;
    int number = 0;
    Duration length = Days{365};
    int machines = 10;
    std::string tell;  ///< whose whole story is kept: "m3-vm", "m3", "copy1-of-m3-vm"
    struct Planned {
        Duration at;
        int machine;
        Happening what;
    };
    std::vector<Planned> planned;  ///< besides the habits
    std::filesystem::path folder;
};

class World {
public:
    World(WorldOptions options, Tally& tally);
    ~World();

    /// To the end, or to the first violation.
    void run();
    /// The machine that WorldOptions::tell names; nullptr: none of that name ever lived here.
    const Citizen* told() const;
    const Citizen& citizen(int index) const {
        return *citizens_.at(static_cast<std::size_t>(index));
    }

private:
    // world.cpp: the queue and the looking
    void plan(Duration in, int machine, Happening what);
    void plan_habits(int machine, std::span<const Habit> habits);
    void plan_alarm(int machine);
    void happen(const Event& event);
    void pass(Duration time);
    void look(int machine, bool woken);
    void look_whose(Citizen& citizen);
    void look_at(Citizen& citizen, const core::ProductState& row, bool woken);
    void check_trust(Citizen& citizen, const core::ProductState& row);
    bool has_a_twin(const Citizen& citizen) const;
    void check_accusation(Citizen& citizen, const core::ProductState& row);
    void breach(Citizen& citizen, const Breach& breach);
    void decided(Citizen& citizen, const std::string& path);
    void committed(Citizen& citizen, const store::Commit& commit);
    Citizen& settle(const Persona& persona, const Hardware& hardware);
    void count(const std::string& what) { ++tally_.happened[what]; }
    void fault(std::string_view what) { ++tally_.faults[std::string(what)]; }
    void tell(Citizen& citizen, const char* who, const std::string& text) {
        citizen.box->story.tell(now_, who, text);
    }

    // deeds_*.cpp: what each happening does
    void do_to_machine(int machine, Happening what);
    void power(int machine, Happening what);
    void network(int machine, Happening what);
    void hardware(int machine, Happening what);
    void clock(int machine, Happening what);
    void files(int machine, Happening what);
    void people(int machine, Happening what);
    void do_to_publisher(Happening what);
    void switch_on(int machine, bool boots);
    void store_as_hourly(Citizen& citizen, Duration most_ago);
    void switch_off(int machine, const std::string& why);
    void configure(Citizen& citizen);
    void install(Citizen& citizen, const std::string& product);
    void forget_past(Citizen& citizen);
    void make_copy(int machine, bool whole);
    void install_like(Citizen& citizen, const std::filesystem::path& folder);
    void prepare_image(int machine);
    void capture_image(int machine);
    void make_from_image(int machine, const std::filesystem::path& image, bool same_role);
    void check_image(Citizen& citizen);
    void check_newborn(Citizen& citizen);
    void ask_for_activation(int machine, bool accept);
    Said post(Citizen& citizen, const std::string& product, const std::string& verb,
              const boost::json::value& body = nullptr);

    WorldOptions options_;
    Tally& tally_;
    Duration now_{0};
    Dice dice_;
    Names names_;
    std::unique_ptr<Publisher> publisher_;
    std::vector<std::unique_ptr<Citizen>> citizens_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
    std::uint64_t orders_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t units_ = 0;
    bool server_up_ = true;
    bool halted_ = false;
    int copies_ = 0;
    ImageGuard images_;
    int made_from_images_ = 0;
};

}  // namespace latchkey::simulator
