#include "tests/simulator/report.h"

#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>

#include "tests/simulator/herd.h"
#include "tests/simulator/world.h"

namespace latchkey::simulator {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownViolations = 3;
constexpr double kDaysAYear = 365.0;

double years_of(Duration duration) {
    return static_cast<double>(duration.count()) / 86'400'000.0 / kDaysAYear;
}

void print_list(const char* title, const std::map<std::string, std::uint64_t>& list) {
    std::printf("%-16s", title);
    std::size_t column = 16;
    for (const auto& [what, count] : list) {
        const std::string item = what + " " + std::to_string(count);
        if (column + item.size() + 3 > 118) {
            std::printf("\n%-16s", "");
            column = 16;
        }
        std::printf("%s%s", column > 16 ? " · " : "", item.c_str());
        column += item.size() + 3;
    }
    std::printf("\n");
}

std::uint64_t count_of(const Tally& tally, const std::string& what) {
    const auto found = tally.happened.find(what);
    return found == tally.happened.end() ? 0 : found->second;
}

void print_violations(const Tally& tally, std::uint64_t seed) {
    for (std::size_t i = 0; i < std::min(kShownViolations, tally.violations.size()); ++i) {
        const auto& violation = tally.violations[i];
        std::printf("\nVIOLATION of \"%s\": %s\n  seed %" PRIu64 ", world %d, step %" PRIu64
                    ", %s on %s\n  ./dev simulate --seed %" PRIu64 " --world %d --machine %s\n",
                    violation.rule.c_str(), violation.what.c_str(), seed, violation.world,
                    violation.step, violation.machine.c_str(), date_of(violation.at).c_str(), seed,
                    violation.world, violation.machine.c_str());
        for (const auto& line : violation.story) std::printf("    %s\n", line.c_str());
    }
}

void print_summary(const Tally& tally, std::uint64_t seed, double wall) {
    print_violations(tally, seed);
    std::printf("\n%-16s%.1f device-years, %" PRIu64 " events, seed %" PRIu64 ", story %016" PRIx64
                "\n",
                "lived", years_of(tally.lived), tally.events, seed, tally.digest);
    std::printf("%-16s%" PRIu64 " counted, %" PRIu64 " free, %" PRIu64 " renewals\n", "activations",
                count_of(tally, "activations counted"), count_of(tally, "activations free"),
                count_of(tally, "renewed"));
    print_list("happened", tally.happened);
    print_list("faults", tally.faults);
    print_list("states seen", tally.states);
    print_list("rules checked", tally.checks);
    std::printf("%-16s%.1f s, %.2f s a device-year\n", "took", wall,
                wall / std::max(years_of(tally.lived), 0.01));
}

/// The steady clock stands still here (frozen_clock.cpp).
class Watch {
public:
    double seconds_passed() const {
        return std::chrono::duration<double>(std::chrono::system_clock::now() - start_).count();
    }

private:
    std::chrono::system_clock::time_point start_ = std::chrono::system_clock::now();
};

void show_progress(int done, int all, const Tally& tally, const Watch& watch) {
    if (::isatty(STDERR_FILENO) == 0) return;
    std::fprintf(stderr, "\r  world %d of %d · %.1f device-years · %zu violations · %.0f s ", done,
                 all, years_of(tally.lived), tally.violations.size(), watch.seconds_passed());
    if (done == all) std::fprintf(stderr, "\r%78s\r", "");
}

}  // namespace

fs::path temporary_folder() {
    std::error_code ignored;
    const fs::path memory = "/dev/shm";
    const fs::path base =
        fs::is_directory(memory, ignored) ? memory : fs::temp_directory_path(ignored);
    return base / ("latchkey-simulator-" + std::to_string(::getpid()));
}

/// A reload sets the log's level anew: it goes nowhere, whatever its level.
void silence() {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::null_sink_st>()));
}

Tally run_worlds(const Options& options) {
    silence();
    Tally tally;
    const Watch watch;
    int machines = options.device_years;
    const int worlds = (machines + 9) / 10;
    for (int number = 0; number < worlds; ++number, machines -= 10) {
        show_progress(number, worlds, tally, watch);
        WorldOptions world;
        world.seed = options.seed;
        world.number = number;
        world.machines = std::min(machines, 10);
        world.folder = temporary_folder();
        World(world, tally).run();
    }
    show_progress(worlds, worlds, tally, watch);
    return tally;
}

std::optional<std::size_t> tell_machine(const Options& options) {
    silence();
    Tally tally;
    WorldOptions world;
    world.seed = options.seed;
    world.number = options.world;
    world.tell = options.machine;
    world.folder = temporary_folder();
    World told(world, tally);
    told.run();
    const Citizen* citizen = told.told();
    if (citizen == nullptr) {
        std::fprintf(stderr,
                     "simulate: there is no machine %s in world %d; they are m0 to m9, and copies "
                     "by their whole name\n",
                     options.machine.c_str(), options.world);
        return std::nullopt;
    }
    std::printf("%s: a year in the life of a %s (seed %" PRIu64 ", world %d)\n\n",
                citizen->persona.name.c_str(), citizen->persona.model.c_str(), options.seed,
                options.world);
    for (const auto& line : citizen->box->story.lines()) std::printf("%s\n", line.c_str());
    if (!tally.violations.empty()) print_violations(tally, options.seed);
    return tally.violations.size();
}

int simulate(const Options& options) {
    if (options.help) return 0;
    if (options.herd_only) {
        print_herd(options.seed, options.herd);
        return 0;
    }
    if (!options.machine.empty()) {
        const auto violations = tell_machine(options);
        if (!violations) return 64;
        std::printf("\nviolations %zu\n", *violations);
        return *violations == 0 ? 0 : 1;
    }
    const Watch watch;
    const auto tally = run_worlds(options);
    print_summary(tally, options.seed, watch.seconds_passed());
    std::printf("\n");
    print_herd(options.seed, options.herd);
    std::printf("\nsimulated %.1f device-years, %" PRIu64 " events: violations %zu\n",
                years_of(tally.lived), tally.events, tally.violations.size());
    return tally.violations.empty() ? 0 : 1;
}

}  // namespace latchkey::simulator
