#include "tests/simulator/world.h"

#include <algorithm>

namespace latchkey::simulator {
namespace {

namespace fs = std::filesystem;

/// The agent looks at least hourly; looks at which nothing is due change nothing, and most are
/// skipped. What depends on them (how much time a power cut takes) is planned with each switching
/// off.
constexpr Duration kHeartbeat = hours{12};
constexpr std::uint64_t kExamineEvery = 61;
/// More wake-ups in a day than any schedule asks for: the ladder's first day and hourly reminders
/// of every product leave room.
constexpr int kMostWakesADay = 200;
constexpr Duration kTrustedFor = Days{100};

std::string until(const core::ProductState& row) {
    if (core::in_grace(row.status) && row.grace)
        return row.grace->frozen ? ", frozen until first use"
                                 : ", until " + format_rfc3339(row.grace->ends_at).substr(0, 16);
    if (row.status == core::ProductStatus::licensed && row.license && row.license->expires_at)
        return ", until " + format_rfc3339(*row.license->expires_at).substr(0, 10);
    return {};
}

/// "m3" for "m3-vm", or the whole name.
bool is_called(const std::string& name, const std::string& asked) {
    return !asked.empty() && (name == asked || name.starts_with(asked + "-"));
}

}  // namespace

World::World(WorldOptions options, Tally& tally)
    : options_(std::move(options)),
      tally_(tally),
      dice_(mix(options_.seed, static_cast<std::uint64_t>(options_.number))) {
    fs::remove_all(options_.folder);
    fs::create_directories(options_.folder);
    names_.tell(options_.folder.string(), "");
    publisher_ = std::make_unique<Publisher>(options_.folder / "vendor", names_);
    for (int i = 0; i < options_.machines; ++i) {
        const auto& persona = personas()[static_cast<std::size_t>(i) % personas().size()];
        Hardware hardware;
        hardware.model = persona.model;
        hardware.unit = mix(options_.seed, ++units_);
        auto& citizen = settle(persona, hardware);
        configure(citizen);
        for (const char* product : {"studio", "viewer"}) install(citizen, product);
        if (persona.second_product) install(citizen, "tools");
        plan(dice_.between(Duration{0}, hours{4}), i, Happening::boot);
        plan_habits(i, persona.habits);
        if (persona.activates == Activates::by_hand)
            plan(dice_.between(hours{5}, Days{25}), i, Happening::activate);
    }
    for (const auto& [at, machine, what] : options_.planned) plan(at, machine, what);
    plan_habits(-1, publisher_habits());
}

const Citizen* World::told() const {
    for (const auto& citizen : citizens_)
        if (is_called(citizen->persona.name, options_.tell)) return citizen.get();
    return nullptr;
}

World::~World() {
    citizens_.clear();
    publisher_.reset();
    std::error_code ignored;
    fs::remove_all(options_.folder, ignored);
}

Citizen& World::settle(const Persona& persona, const Hardware& hardware) {
    const int index = static_cast<int>(citizens_.size());
    citizens_.push_back(std::make_unique<Citizen>());
    Citizen& citizen = *citizens_.back();
    citizen.family = index;
    citizen.persona = persona;
    citizen.born = citizen.looked = now_;
    BoxParts parts{
        .name = persona.name,
        .folder = options_.folder / persona.name,
        .world = now_,
        .seed = mix(options_.seed, static_cast<std::uint64_t>(options_.number)),
        .dice = Dice(dice_.next()),
        .names = names_,
        .whole_story = is_called(persona.name, options_.tell),
        .clear_network = publisher_->vendor().network(),
        .pass = [this](Duration time) { pass(time); },
        .note = [this](Fault what) { fault(simulator::name(what)); },
        .decided = [this, &citizen](const std::string& path) { decided(citizen, path); }};
    citizen.box = std::make_unique<Box>(std::move(parts));
    citizen.box->hardware = hardware;
    citizen.box->weather.server_up = server_up_;
    citizen.box->weather.trouble = 0.03;
    citizen.box->disk.committed = [this, &citizen](const store::Commit& commit) {
        committed(citizen, commit);
    };
    return citizen;
}

void World::pass(Duration time) {
    if (time <= Duration{0}) return;
    now_ += time;
    publisher_->vendor().clock += time;
}

void World::plan(Duration in, int machine, Happening what) {
    queue_.push({now_ + in, ++orders_, machine, what, 0, false});
}

void World::plan_habits(int machine, std::span<const Habit> habits) {
    for (const auto& habit : habits)
        queue_.push({now_ + dice_.wait(habit.mean), ++orders_, machine, habit.what, 0, true});
}

void World::plan_alarm(int machine) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    if (!citizen.box->on() || citizen.suspended) return;
    // Who is about to die stores its time as often as the agent does.
    Duration wait = citizen.box->fuse.lit() ? Duration{hours{1}} : Duration{kHeartbeat};
    bool licensed = true;
    const ServerTime now = citizen.box->agent_now();
    for (const auto& row : citizen.box->rows()) {
        if (const auto due = citizen.box->next_due(row)) wait = std::min(wait, *due - now);
        licensed = licensed && (row.license || row.status == core::ProductStatus::not_required);
    }
    if (citizen.box->unattended && !licensed) wait = std::min<Duration>(wait, hours{1});
    wait = std::max<Duration>(wait, seconds{1});
    if (citizen.box->disk.full) wait = std::max<Duration>(wait, minutes{1});
    queue_.push({now_ + wait, ++orders_, machine, Happening::alarm, ++citizen.stamp, false});
}

void World::run() {
    while (!queue_.empty() && !halted_ && queue_.top().at <= options_.length) {
        const Event event = queue_.top();
        queue_.pop();
        happen(event);
    }
    for (const auto& citizen : citizens_) {
        tally_.lived += std::max(now_ - citizen->born, Duration{0});
        tally_.digest = mix(tally_.digest, citizen->box->story.digest());
    }
}

void World::happen(const Event& event) {
    if (event.machine < 0) {
        pass(event.at - now_);
        ++tally_.events;
        do_to_publisher(event.what);
    } else {
        Citizen& citizen = *citizens_[static_cast<std::size_t>(event.machine)];
        if (event.what == Happening::alarm && event.stamp != citizen.stamp) return;
        pass(event.at - now_);
        ++tally_.events;
        const bool alive = citizen.box->on() && !citizen.suspended;
        if (alive) citizen.awake += now_ - citizen.looked;
        citizen.looked = now_;
        do_to_machine(event.machine, event.what);
        if (citizen.box->on() && citizen.box->died())
            switch_off(event.machine, "died in the middle of it");
        const bool woken = event.what == Happening::alarm || event.what == Happening::boot;
        if (woken) citizen.woken = now_;
        look(event.machine, woken);
        plan_alarm(event.machine);
    }
    if (!event.habit) return;
    const auto habits =
        event.machine < 0 ? publisher_habits()
                          : std::span<const Habit>(
                                citizens_[static_cast<std::size_t>(event.machine)]->persona.habits);
    for (const auto& habit : habits)
        if (habit.what == event.what) {
            queue_.push(
                {now_ + dice_.wait(habit.mean), ++orders_, event.machine, habit.what, 0, true});
            return;
        }
}

void World::look(int machine, bool woken) {
    Citizen& citizen = *citizens_[static_cast<std::size_t>(machine)];
    Box& box = *citizen.box;
    ++steps_;
    if (!box.on() || citizen.suspended) return;
    if (box.died()) return;
    if (box.is_image()) return check_image(citizen);
    if (citizen.image_since) check_newborn(citizen);
    look_whose(citizen);
    for (const auto& row : box.rows()) look_at(citizen, row, woken);
    citizen.awake = Duration{0};
    citizen.was_full = box.disk.full;
    if (woken) {
        const auto day = now_ / Days{1};
        if (day != citizen.today || box.disk.full) citizen.wakes_today = 0;
        citizen.today = day;
        if (++citizen.wakes_today > kMostWakesADay)
            breach(citizen, {"next", "the agent wakes more than " + std::to_string(kMostWakesADay) +
                                         " times a day"});
    }
    if (steps_ % kExamineEvery == 0) {
        ++tally_.checks["readable"];
        if (const auto trouble = box.examine_copy())
            breach(citizen, {"readable", "what is stored now: " + *trouble});
    }
}

/// With other parts it may rightly find itself another machine, on which what has no license begins
/// anew.
void World::look_whose(Citizen& citizen) {
    if (!citizen.box->disk.strays) return;
    const auto machine_id = citizen.box->status().machine_id;
    if (citizen.box->is_foreign() && machine_id != citizen.machine_id) citizen.guards.clear();
    citizen.machine_id = machine_id;
}

void World::look_at(Citizen& citizen, const core::ProductState& row, bool woken) {
    Box& box = *citizen.box;
    const std::string status(core::name(row.status));
    ++tally_.states[status];
    auto& shown = citizen.shown[row.product];
    if (shown != status) {
        tell(citizen, "state",
             row.product + ": " + (shown.empty() ? "" : shown + " -> ") + status + until(row));
        shown = status;
    }
    const auto policy = box.policy_of(row);
    const bool can_store = !box.disk.full && !citizen.was_full;
    const Glance glance{row,           policy,    box.agent_now(),   box.next_due(row),
                        citizen.awake, can_store, box.weather.dials, woken};
    for (const char* rule : {"grace", "ledger", "next", "licensed"}) ++tally_.checks[rule];
    for (const auto& wrong : citizen.guards[row.product].see(glance)) breach(citizen, wrong);
    for (const auto& wrong :
         citizen.hardware_guards[row.product].see(glance, box.hardware, citizen.persona.lab))
        breach(citizen, wrong);
    if (woken) check_trust(citizen, row);
    check_accusation(citizen, row);
}

/// A whole copy lives beside it, on the same hardware.
bool World::has_a_twin(const Citizen& citizen) const {
    return std::any_of(citizens_.begin(), citizens_.end(), [&](const auto& other) {
        return other.get() != &citizen && other->family == citizen.family;
    });
}

/// Lost replies, restored backups, reverted snapshots and states that strayed are no clones.
void World::check_accusation(Citizen& citizen, const core::ProductState& row) {
    ++tally_.checks["clone"];
    if (row.suspected_clone && !has_a_twin(citizen))
        breach(citizen, {"clone", row.product + " is taken for a clone, and nobody copied it"});
}

/// An honest machine whose parts are those that the key server said yes to stays licensed.
void World::check_trust(Citizen& citizen, const core::ProductState& row) {
    auto& trust = citizen.trusted[row.product];
    const Box& box = *citizen.box;
    if (!row.license || row.revoked || row.status == core::ProductStatus::not_required ||
        citizen.is_copy || row.suspected_clone) {
        trust = {};
        return;
    }
    const auto answered = row.license->issued_at.time_since_epoch().count();
    if (answered != trust.answered) {
        const bool asked = row.last_attempt && row.last_attempt->outcome == "ok";
        trust = {citizen.asked_with[citizen.last_request[row.product]], now_, answered};
        if (!asked) trust.at = -Days{1000};
        return;
    }
    const bool sane_clock = std::chrono::abs(box.clock.wrong) < hours{1} && !citizen.clock_dead;
    if (now_ - trust.at > kTrustedFor || !sane_clock || citizen.was_full || box.disk.full) return;
    if (!same_parts(trust.hardware, box.hardware)) return;
    ++tally_.checks["stays licensed"];
    if (row.status != core::ProductStatus::licensed)
        breach(citizen,
               {"stays licensed", row.product + " is " + std::string(core::name(row.status)) +
                                      " on the machine it was licensed for " +
                                      words_for(now_ - trust.at) + " ago"});
}

void World::breach(Citizen& citizen, const Breach& breach) {
    tell(citizen, "VIOLATION", breach.rule + ": " + breach.what);
    const auto& lines = citizen.box->story.lines();
    tally_.violations.push_back({options_.number, now_, steps_, citizen.persona.name, breach.rule,
                                 names_.scrub(breach.what),
                                 std::vector<std::string>(lines.begin(), lines.end())});
    halted_ = true;
}

/// The key server answered a signed request of this machine.
void World::decided(Citizen& citizen, const std::string& path) {
    if (path.ends_with("/preview")) return count("previews");
    Box& box = *citizen.box;
    const auto asked_with = [&](const std::string& product) {
        const auto* row = box.row(product);
        if (row == nullptr || !row->intent) return box.hardware;
        const auto found = citizen.asked_with.find(row->intent->idempotency_key);
        return found == citizen.asked_with.end() ? box.hardware : found->second;
    };
    if (path.ends_with("/renew")) {
        count("renewals decided");
        for (const char* product : {"studio", "tools"})
            publisher_->books().renewed(asked_with(product));
        return;
    }
    for (const auto& [product, requests] : citizen.requests)
        publisher_->books().asked(citizen.persona.name + ":" + product, requests.size());
    const auto told = [&](const Entry& entry) {
        count(entry.release       ? "releases"
              : entry.counted > 0 ? "activations counted"
                                  : "activations free");
        if (!entry.release)
            tell(citizen, "server",
                 entry.key + ": activation counted " + std::to_string(entry.counted) + ", " +
                     std::to_string(publisher_->books().used(entry.key)) + " used");
    };
    ++tally_.checks["once"];
    ++tally_.checks["limit"];
    for (const auto& wrong :
         publisher_->take_receipts(asked_with, citizen.persona.name, has_a_twin(citizen), told))
        breach(citizen, wrong);
}

void World::committed(Citizen& citizen, const store::Commit& commit) {
    for (const auto& entry : commit.journal) {
        count(entry.event);
        tell(citizen, "agent",
             (entry.product.empty() ? "" : entry.product + ": ") + entry.event + ": " +
                 entry.detail);
    }
    if (!commit.product) return;
    for (const auto* intent : {&commit.product->intent, &commit.product->queued}) {
        if (!*intent) continue;
        const auto& key = (*intent)->idempotency_key;
        citizen.asked_with.emplace(key, citizen.box->hardware);
        if (intent == &commit.product->intent) citizen.last_request[commit.product->product] = key;
        if ((*intent)->kind == core::IntentKind::activate)
            citizen.requests[commit.product->product].insert(key);
    }
}

}  // namespace latchkey::simulator
