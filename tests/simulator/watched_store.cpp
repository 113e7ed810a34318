#include "tests/simulator/watched_store.h"

namespace latchkey::simulator {
namespace {

void put(std::string& text, const char* name, const std::string& value) {
    text += std::string(name) + "=" + value + " ";
}

void put(std::string& text, const char* name, std::int64_t value) {
    put(text, name, std::to_string(value));
}

std::int64_t count_of(const std::optional<ServerTime>& time) {
    return time ? time->time_since_epoch().count() : -1;
}

}  // namespace

std::string essence_of(const core::ProductState& state) {
    std::string text;
    put(text, "status", std::string(core::name(state.status)));
    put(text, "rearms", state.rearms_used);
    put(text, "granted", state.grace_granted ? 1 : 0);
    put(text, "license", state.license ? state.license->id : "-");
    put(text, "sequence", state.lease_sequence);
    put(text, "key", state.product_key);
    put(text, "intent", state.intent ? state.intent->idempotency_key + state.intent->body : "-");
    put(text, "queued", state.queued ? state.queued->idempotency_key : "-");
    put(text, "held", state.held ? state.held_code : "-");
    put(text, "next", count_of(state.next_attempt_at));
    put(text, "renew", count_of(state.renew_at));
    put(text, "ladder", state.retry_position);
    put(text, "revoked", state.revoked ? 1 : 0);
    put(text, "drifted", state.drifted ? 1 : 0);
    put(text, "ended", state.deactivated ? 1 : 0);
    put(text, "tolerance", state.tolerance_used.count());
    if (state.grace) {
        put(text, "grace_from", count_of(state.grace->started_at));
        put(text, "grace_until", count_of(state.grace->ends_at));
        put(text, "frozen", state.grace->frozen ? 1 : 0);
    }
    return text;
}

Result<std::vector<core::ProductState>> WatchedStore::products() {
    auto rows = real_->products();
    if (!rows) return rows;
    auto missing = world_.acknowledged;
    for (const auto& row : *rows) {
        const auto known = missing.find({row.publisher, row.product});
        if (known == missing.end()) continue;
        if (known->second != essence_of(row))
            world_.lost = "acknowledged: " + known->second + "found: " + essence_of(row);
        missing.erase(known);
    }
    if (world_.strays) {
        // What the look at the hardware made of the state is what counts.
        world_.lost.clear();
        world_.acknowledged.clear();
        for (const auto& row : *rows)
            world_.acknowledged[{row.publisher, row.product}] = essence_of(row);
        return rows;
    }
    for (const auto& [id, essence] : missing)
        world_.lost = "acknowledged and gone: " + id.second + " " + essence;
    return rows;
}

template <class Write>
Result<void> WatchedStore::guarded(const Write& write) {
    if (world_.fuse->blown()) return fail(Code::storage_failed, "the machine is off");
    const auto spark = world_.fuse->burn();
    if (spark == Fuse::Spark::before) return fail(Code::storage_failed, "the machine went off");
    if (world_.full) {
        ++world_.refused_full;
        return fail(Code::storage_failed, "no space left on device");
    }
    auto done = write();
    if (spark == Fuse::Spark::after) world_.fuse->blow();
    if (spark == Fuse::Spark::after && done)
        return fail(Code::storage_failed, "the machine went off");
    return done;
}

Result<void> WatchedStore::commit(const store::Commit& commit) {
    return guarded([&] {
        auto done = real_->commit(commit);
        if (!done) return done;
        ++world_.commits;
        if (commit.product) {
            const auto& row = *commit.product;
            world_.acknowledged[{row.publisher, row.product}] = essence_of(row);
        }
        if (world_.committed) world_.committed(commit);
        return done;
    });
}

Result<void> WatchedStore::save_publisher(const store::PublisherState& state) {
    return guarded([&] { return real_->save_publisher(state); });
}

}  // namespace latchkey::simulator
