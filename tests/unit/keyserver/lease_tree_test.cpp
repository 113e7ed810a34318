#include "keyserver/rules/lease_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace latchkey::keyserver {
namespace {

constexpr ServerTime kStart{Duration{1'790'000'000'000}};

/// One license at a key server. Answers what was asked before with what it answered then.
struct Server {
    std::vector<Lease> leases;
    std::map<int, std::int64_t> answers;
    ServerTime now = kStart;
    bool adopt_next = false;
    int adoptions = 0;

    explicit Server(const std::string& platform = "linux") { activate(platform); }

    std::int64_t activate(const std::string& platform = "linux") {
        const auto sequence = leases.empty() ? 1 : leases.back().sequence + 1;
        leases.push_back({"lic_1", sequence, 0, now, platform});
        return sequence;
    }

    /// The next sequence; 0: a suspected clone.
    std::int64_t renew(int request, std::int64_t presented, const std::string& platform = "linux") {
        now += Days{1};
        const auto known = answers.find(request);
        if (known != answers.end()) return known->second;
        const Growing growing = grow(leases, {presented, platform, adopt_next, 7, now}, Policy{});
        if (growing.growth == Growth::suspected) return 0;
        if (growing.growth == Growth::adopted) {
            adopt_next = false;
            ++adoptions;
        }
        leases.push_back(growing.lease);
        answers[request] = growing.lease.sequence;
        return growing.lease.sequence;
    }
};

/// What an installation remembers of its license; a backup of it is a copy.
struct Memory {
    std::int64_t held = 1;
    int pending = 0;  ///< the request whose answer is still waited for; 0: none
    std::int64_t presented = 0;
};

struct Agent {
    Server& server;
    std::string platform = "linux";
    Memory memory = {};
    bool accused = false;

    enum class Reply { arrives, lost };
    void renew(Reply reply = Reply::arrives) {
        static int requests = 0;
        if (memory.pending == 0) {
            memory.pending = ++requests;
            memory.presented = memory.held;
        }
        const auto answer = server.renew(memory.pending, memory.presented, platform);
        if (reply == Reply::lost) return;
        memory.pending = 0;
        accused = answer == 0;
        if (!accused) memory.held = answer;
    }
    /// The request is gone with its answer; it goes on from what it has.
    void forget_request() { memory.pending = 0; }
};

Growth growth_of(const Server& server, std::int64_t presented) {
    return grow(server.leases, {presented, "linux", false, 7, server.now}, Policy{}).growth;
}

/// An original and a clone that took turns until the clone was told.
struct Dispute {
    Server server;
    Agent original{server};
    Agent clone{server};

    Dispute() {
        for (int week = 0; week < 3; ++week) {
            original.renew();
            clone.renew();
        }
    }
};

TEST(LeaseTree, current_and_previous_are_the_ordinary_way) {
    Server server;
    for (std::int64_t held = 1; held < 5; ++held) server.renew(static_cast<int>(held), held);
    EXPECT_EQ(growth_of(server, 5), Growth::ordinary);
    EXPECT_EQ(growth_of(server, 4), Growth::ordinary) << "a reply was lost";
    EXPECT_EQ(growth_of(server, 3), Growth::branch) << "a backup was restored";
    EXPECT_EQ(growth_of(server, 40), Growth::ordinary) << "the key server was restored";
    EXPECT_EQ(branches(server.leases), 0);
    EXPECT_EQ(server.renew(100, 2), 6);
    EXPECT_EQ(branches(server.leases), 1);
}

TEST(LeaseTree, the_machine_that_was_there_first_goes_on_and_the_clone_is_told) {
    Dispute story;
    EXPECT_TRUE(story.clone.accused);
    for (int week = 0; week < 100; ++week) {
        story.original.renew();
        story.clone.renew();
        ASSERT_FALSE(story.original.accused);
        ASSERT_TRUE(story.clone.accused);
    }
    EXPECT_EQ(story.server.adoptions, 0);
    const auto found = forks(story.server.leases);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].parted_after, 1);
    EXPECT_EQ(found[0].first.sequence, story.original.memory.held);
    EXPECT_EQ(found[0].other.sequence, story.clone.memory.held);
}

TEST(LeaseTree, a_clone_that_comes_back_from_an_old_backup_is_told_too) {
    Server server;
    Agent original{server};
    const Agent backup = original;
    for (int week = 0; week < 20; ++week) original.renew();
    Agent clone = backup;
    for (int week = 0; week < 3; ++week) {
        clone.renew();
        original.renew();
    }
    EXPECT_FALSE(original.accused);
    clone.renew();
    EXPECT_TRUE(clone.accused);
}

TEST(LeaseTree, a_snapshot_that_is_reverted_every_night_is_no_clone) {
    Server server;
    Agent agent{server};
    const Memory snapshot = agent.memory;
    for (int night = 0; night < 400; ++night) {
        agent.memory = snapshot;
        for (int i = 0; i < 3; ++i) {
            agent.renew();
            ASSERT_FALSE(agent.accused) << night;
        }
    }
    EXPECT_TRUE(forks(server.leases).empty());
}

TEST(LeaseTree, the_one_that_lives_is_adopted_when_the_other_was_silent_for_30_days) {
    Dispute story;
    story.server.now = story.server.leases.back().issued_at + Days{28};
    story.clone.renew();
    EXPECT_TRUE(story.clone.accused);
    story.clone.renew();
    EXPECT_FALSE(story.clone.accused);
    EXPECT_EQ(story.server.adoptions, 1);
    EXPECT_TRUE(forks(story.server.leases).empty());
    story.clone.renew();
    story.original.renew();
    EXPECT_FALSE(story.original.accused) << "that may be a restored backup";
    story.clone.renew();
    story.original.renew();
    EXPECT_TRUE(story.original.accused) << "the adopted one is the first now";
    EXPECT_FALSE(story.clone.accused);
}

TEST(LeaseTree, who_renews_every_month_is_not_silent_after_30_days) {
    Dispute story;
    const auto clone = story.clone.memory.held;
    const auto later = story.server.leases.back().issued_at + Days{59};
    EXPECT_EQ(grow(story.server.leases, {clone, "linux", false, 30, later}, Policy{}).growth,
              Growth::suspected);
    EXPECT_EQ(
        grow(story.server.leases, {clone, "linux", false, 30, later + Days{1}}, Policy{}).growth,
        Growth::adopted);
}

TEST(LeaseTree, an_administrator_lets_whichever_renews_next_go_on) {
    Dispute story;
    story.server.adopt_next = true;
    story.clone.renew();
    EXPECT_FALSE(story.clone.accused);
    EXPECT_TRUE(forks(story.server.leases).empty());
    for (int week = 0; week < 2; ++week) {
        story.original.renew();
        story.clone.renew();
    }
    EXPECT_TRUE(story.original.accused);
    EXPECT_FALSE(story.clone.accused);
}

TEST(LeaseTree, two_kinds_of_os_on_one_hardware_are_a_dual_boot) {
    Server server;
    Agent linux{server};
    Agent windows{server, "windows"};
    for (int week = 0; week < 50; ++week) {
        linux.renew();
        windows.renew();
        ASSERT_FALSE(linux.accused || windows.accused) << week;
    }
    EXPECT_TRUE(forks(server.leases).empty());
}

TEST(LeaseTree, activating_again_does_not_take_the_license_from_its_holder) {
    Dispute story;
    story.clone.memory.held = story.server.activate();
    for (int week = 0; week < 4; ++week) {
        story.original.renew();
        ASSERT_FALSE(story.original.accused);
        story.clone.renew();
    }
    EXPECT_TRUE(story.clone.accused);
}

TEST(LeaseTree, leases_from_before_platforms_were_kept_accuse_nobody) {
    Server server("");
    Agent original{server, ""};
    Agent clone{server, ""};
    for (int week = 0; week < 10; ++week) {
        original.renew();
        clone.renew();
    }
    EXPECT_FALSE(original.accused || clone.accused);
}

// --- properties: the same seed tells the same story on every run

class Chance {
public:
    explicit Chance(unsigned seed) : engine_(seed) {}
    bool in(int percent) { return below(100) < percent; }
    int below(int end) { return static_cast<int>(engine_() % static_cast<unsigned>(end)); }

private:
    std::mt19937 engine_;
};

void renew_somehow(Agent& agent, Chance& chance) {
    agent.renew(chance.in(30) ? Agent::Reply::lost : Agent::Reply::arrives);
    if (chance.in(10)) agent.forget_request();
}

TEST(LeaseTreeProperty, lost_replies_and_reverted_snapshots_accuse_nobody) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        Server server;
        Agent agent{server};
        Chance chance(seed);
        std::vector<Memory> snapshots{agent.memory};
        for (int step = 0; step < 80; ++step) {
            if (chance.in(20)) {
                snapshots.push_back(agent.memory);
            } else if (chance.in(15)) {  // what came after the snapshot is gone with the revert
                snapshots.resize(
                    static_cast<std::size_t>(1 + chance.below(static_cast<int>(snapshots.size()))));
                agent.memory = snapshots.back();
            } else {
                renew_somehow(agent, chance);
            }
            ASSERT_FALSE(agent.accused) << "seed " << seed << ", step " << step;
        }
        ASSERT_TRUE(forks(server.leases).empty()) << "seed " << seed;
    }
}

TEST(LeaseTreeProperty, four_restores_of_whatever_backup_accuse_nobody) {
    constexpr int kRestores = 4;
    for (unsigned seed = 0; seed < 1000; ++seed) {
        Server server;
        Agent agent{server};
        Chance chance(seed);
        std::vector<Memory> backups{agent.memory};
        int restores = 0;
        for (int step = 0; step < 60; ++step) {
            if (chance.in(30)) backups.push_back(agent.memory);
            if (restores < kRestores && chance.in(15)) {
                ++restores;
                agent.memory = backups[static_cast<std::size_t>(
                    chance.below(static_cast<int>(backups.size())))];
            }
            renew_somehow(agent, chance);
            ASSERT_FALSE(agent.accused) << "seed " << seed << ", step " << step;
        }
    }
}

TEST(LeaseTreeProperty, of_two_clones_one_is_told_and_the_other_never) {
    for (unsigned seed = 0; seed < 400; ++seed) {
        Server server;
        Chance chance(seed);
        Agent one{server};
        for (int i = chance.below(10); i > 0; --i) renew_somehow(one, chance);
        Agent two = one;
        int rounds = 0;
        for (; rounds < 40 && !one.accused && !two.accused; ++rounds) {
            for (int i = 1 + chance.below(2); i > 0; --i) renew_somehow(one, chance);
            if (one.accused) break;
            for (int i = 1 + chance.below(2); i > 0; --i) renew_somehow(two, chance);
        }
        ASSERT_NE(one.accused, two.accused) << "seed " << seed << ", " << rounds << " rounds";
        Agent& told = one.accused ? one : two;
        Agent& other = one.accused ? two : one;
        for (int i = 0; i < 40; ++i) {
            Agent& next = chance.in(50) ? told : other;
            next.forget_request();
            next.renew();
            ASSERT_FALSE(other.accused) << "seed " << seed;
            if (i % 10 == 0) other.renew();
        }
        ASSERT_TRUE(told.accused) << "seed " << seed;
    }
}

}  // namespace
}  // namespace latchkey::keyserver
