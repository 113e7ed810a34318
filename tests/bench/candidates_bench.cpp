// bench-candidates DIRECTORY MACHINES QUESTIONS
//
// Fills a key server's database with so many machines under one product key, then asks as often as
// told for the machine that an activation comes from: half of them known, half new. Prints, as
// JSON, the processor time of an answer: {"machines", "p50_us", "p99_us"}.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "keyserver/decisions/case_file.h"
#include "keyserver/decisions/multiplicity.h"
#include "keyserver/store/sql_topics.h"
#include "keyserver/store/sqlite.h"
#include "keyserver/store/sqlite_store.h"

namespace latchkey::keyserver {
namespace {

constexpr ServerTime kNow{Duration{1'790'000'000'000}};
constexpr const char* kKey = "key_1";
constexpr int kBatch = 10'000;

void must(const Result<void>& done) {
    if (!done) throw std::runtime_error(done.error().detail);
}

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(*result);
}

double processor_us() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// The evidence of unit `number`: its own parts, and a serial that every tenth of an estate shows.
hwid::Fingerprint unit(std::uint64_t number) {
    std::mt19937_64 numbers(number);
    hwid::Fingerprint seen{"salt", {}};
    const auto add = [&](hwid::Kind kind, std::uint64_t a, std::uint64_t b) {
        hwid::Evidence evidence{kind};
        for (std::size_t i = 0; i < 8; ++i) {
            evidence.digest[i] = static_cast<std::uint8_t>(a >> (8 * i));
            evidence.digest[8 + i] = static_cast<std::uint8_t>(b >> (8 * i));
        }
        seen.evidence.push_back(evidence);
    };
    using enum hwid::Kind;
    for (const auto kind :
         {system_uuid, system_serial, board_serial, chassis_serial, nic, nic, disk})
        add(kind, numbers(), numbers());
    add(disk, number % 10, 0);
    std::sort(seen.evidence.begin(), seen.evidence.end(), [](const auto& a, const auto& b) {
        return std::tie(a.kind, a.digest) < std::tie(b.kind, b.digest);
    });
    return seen;
}

void sell(Stores& stores) {
    Product product;
    product.id = "editor";
    product.name = "Editor";
    product.key_group = 7;
    product.token_group = 8;
    must(stores.products.add(product));
    must(stores.organizations.add({"acme", "Acme", kNow}));
    must(stores.entitlements.add(
        {"ent_1", "editor", "ai-cloud", "acme", 1'000'000, 1'000'000, {}, "DE", kNow}));
    KeyRecord key;
    key.id = kKey;
    key.entitlement = "ent_1";
    key.last5 = "ABCDE";
    key.limit = 1'000'000;
    must(stores.keys.add(key));
}

/// As fast as it goes: nobody needs this database after a power cut.
void fill(const std::filesystem::path& file, std::uint64_t machines) {
    must(open_sqlite_store(file, {"acme", "pepper"}, Start::first));
    const auto db = must(SqliteDatabase::open(file));
    must(db->execute(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000"));
    SqlTopics topics(*db);
    for (std::uint64_t i = 0; i < machines; ++i) {
        if (i % kBatch == 0) must(db->execute("BEGIN"));
        if (i == 0) sell(topics.all);
        MachineRecord machine;
        machine.id = "mac_" + std::to_string(i);
        machine.key = kKey;
        machine.counting_baseline = machine.matching_baseline = unit(i);
        machine.counted = 1;
        machine.platform = "linux";
        machine.created_at = machine.last_seen_at = kNow;
        must(save_machine(topics.all, machine));
        if (i % kBatch == kBatch - 1 || i + 1 == machines) must(db->execute("COMMIT"));
        if (i % (kBatch * 10) == 0)
            std::fprintf(stderr, "\r%ld of %ld machines", long(i), long(machines));
    }
    std::fprintf(stderr, "\r");
}

/// What open_case asks of the store about the hardware.
std::size_t ask(Stores& stores, hwid::Fingerprint seen) {
    must(fill_multiplicities(stores, seen));
    const auto ids = must(candidate_ids({}, search_digests(seen), [&](const hwid::Digest& digest) {
        return stores.machines.showing(kKey, digest, kCandidatesPerDigest + 1);
    }));
    for (const auto& id : ids) must(stores.machines.find(id));
    return ids.size();
}

void measure(const std::filesystem::path& file, std::uint64_t machines, int questions) {
    const auto store = must(open_sqlite_store(file, {"acme", "pepper"}, Start::later));
    const auto transaction = must(store->begin(Store::Access::read));
    std::mt19937_64 dice(1);
    std::vector<double> times;
    for (int i = 0; i < questions; ++i) {
        const bool known = i % 2 == 0;
        const auto seen = unit(known ? dice() % machines : machines + dice() % machines);
        const double before = processor_us();
        const auto found = ask(transaction->stores(), seen);
        times.push_back(processor_us() - before);
        if (known == (found == 0)) throw std::runtime_error("the search is wrong");
    }
    std::sort(times.begin(), times.end());
    std::printf("{\"machines\": %ld, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
                static_cast<long>(machines), times[times.size() / 2],
                times[times.size() * 99 / 100]);
}

}  // namespace
}  // namespace latchkey::keyserver

int main(int count, char** words) {
    if (count != 4) {
        std::fprintf(stderr, "usage: bench-candidates DIRECTORY MACHINES QUESTIONS\n");
        return 64;
    }
    try {
        const auto file = std::filesystem::path(words[1]) / "latchkey.db";
        const auto machines = std::stoull(words[2]);
        if (!std::filesystem::exists(file)) latchkey::keyserver::fill(file, machines);
        latchkey::keyserver::measure(file, machines, std::stoi(words[3]));
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bench-candidates: %s\n", e.what());
        return 1;
    }
}
