// A rotation of keys and root under kill -9: the running key server is killed before each of its
// writing system calls, and the next start finds the old keys or the new ones, whole, and can go
// on.

#include <algorithm>
#include <cstdio>

#include "tests/e2e/killer.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

constexpr int kEverydayPoints = 12;
constexpr int kEveryPoint = 100000;

class CrashRotation : public Story {
protected:
    CrashRotation() {
        const auto granted = grant(server, "editor", "competency", 10);
        first_manifest = world.write("first.jws", server.manifest("editor"));
        agent.start();
        agent.activate("editor", granted.key);
        receipts =
            world.write("receipts.json", server.admin_raw({"receipt", "list", "--json"}).out);
        server.stop();
        fs::copy(server.data(), untouched, fs::copy_options::recursive);
    }

    void fresh_start() {
        server.kill();
        fs::remove_all(server.data());
        fs::copy(untouched, server.data(), fs::copy_options::recursive);
        server.start();
    }

    Finished rotate() const {
        return server.admin_raw({"signing-key", "rotate", "--root", "--json"});
    }

    /// Version of the key set in force; the set belongs to its root, and the chain to it begins at
    /// the root that the product was shipped with.
    std::int64_t whole_set() const {
        const auto listed = server.admin_raw({"signing-key", "list", "--json"});
        EXPECT_EQ(listed.exit_code, 0) << listed.out << listed.err;
        const auto keys = parse_json(listed.out);
        const auto version = number_at(keys, "key_set_version");
        EXPECT_EQ(number_at(keys, "root_version"), version) << "each rotation was of both";
        EXPECT_EQ(at(keys, "root_is_here"), Json(true));
        const auto file = world.write("trust.json", listed.out);
        const auto verified =
            KeyServer::run_program({"verify-receipt", receipts.string(), "--keys", file.string(),
                                    "--manifest", first_manifest.string()});
        EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
        return version;
    }

    void kill_server(int most) {
        fresh_start();
        KillAt counter(world, server.process().pid(), 0);
        EXPECT_EQ(rotate().exit_code, 0);
        EXPECT_EQ(counter.finish(server.process()), "");
        const int all = counter.count();
        EXPECT_GT(all, 10);
        int old_ones = 0, new_ones = 0;
        for (int point = 1; point <= all; point += std::max(1, all / most)) {
            fresh_start();
            KillAt killer(world, server.process().pid(), point);
            const auto told = rotate();
            const auto where = killer.finish(server.process());
            if (where.empty()) break;
            SCOPED_TRACE("killed at " + where);
            server.start();
            const auto version = whole_set();
            EXPECT_TRUE(version == 1 || version == 2) << version;
            EXPECT_TRUE(told.exit_code != 0 || version == 2) << "what was told is done";
            ++(version == 1 ? old_ones : new_ones);
            const auto again = rotate();
            EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
            EXPECT_EQ(whole_set(), version + 1);
            for (const char* name : {"signing.next.key", "seal.next.key", "root.next.key"})
                EXPECT_FALSE(fs::exists(server.data() / name)) << name;
            if (HasFailure()) return;
        }
        std::printf(
            "key server killed at %d of %d writing system calls of a rotation: the old "
            "keys %d times, the new ones %d times\n",
            old_ones + new_ones, all, old_ones, new_ones);
        EXPECT_GT(old_ones, 0);
        EXPECT_GT(new_ones, 0);
    }

    fs::path first_manifest;
    fs::path receipts;
    fs::path untouched = world.path("untouched");
};

class EveryPointOfARotation : public CrashRotation {};

TEST_F(CrashRotation, of_the_key_server_leaves_the_old_keys_or_the_new_ones_whole) {
    kill_server(kEverydayPoints);
}

TEST_F(EveryPointOfARotation, the_key_server_killed_there_leaves_the_old_keys_or_the_new_ones) {
    kill_server(kEveryPoint);
}

}  // namespace
}  // namespace latchkey::e2e
