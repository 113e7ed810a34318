// Group commit: what is sent to the database when transactions meet, when each of them is told, and
// what a failing disk does to all of them.

#include "keyserver/store/commit_group.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace latchkey::keyserver {
namespace {

using Company = CommitGroup::Company;
using End = CommitGroup::End;

/// Writes down what it is told, and fails where the story says so.
class Recorder final : public Database {
public:
    Result<void> execute(const std::string& sql) override {
        said.push_back(sql);
        const bool fails = failing.contains(sql);
        if (fails && failing[sql] == Rollback::by_itself) open = false;
        if (sql.starts_with("BEGIN")) open = !fails;
        if ((sql == "COMMIT" && !fails) || sql == "ROLLBACK") open = false;
        if (fails) return fail(Code::storage_failed, "database: the disk is full");
        return {};
    }
    enum class Rollback { by_itself, none };
    std::map<std::string, Rollback> failing;
    std::vector<std::string> said;
    bool open = false;

private:
    Result<Statement*> prepared(const char*) override { return fail(Code::internal, "no"); }
};

class Groups : public testing::Test {
protected:
    /// Another thread's transaction, begun while this thread has the connection.
    std::thread another(End end, Result<void>& told) {
        std::thread thread([this, end, &told] {
            auto member = group.enter(Company::writer);
            told = member ? group.leave(std::move(*member), end) : fail(member.error());
        });
        while (group.arriving() == 0) std::this_thread::yield();
        return thread;
    }
    std::string said() {
        std::string text;
        for (const auto& sql : db.said) text += (text.empty() ? "" : " | ") + sql;
        return text;
    }

    Recorder db;
    CommitGroup group{db, [this] { return db.open; }};
};

TEST_F(Groups, one_alone_is_one_transaction) {
    auto member = group.enter(Company::writer);
    ASSERT_TRUE(member);
    EXPECT_TRUE(group.leave(std::move(*member), End::kept));
    EXPECT_EQ(said(), "BEGIN IMMEDIATE | SAVEPOINT member | RELEASE member | COMMIT");
}

TEST_F(Groups, those_who_meet_are_committed_together) {
    auto member = group.enter(Company::writer);
    Result<void> told;
    auto other = another(End::kept, told);
    EXPECT_TRUE(group.leave(std::move(*member), End::kept)) << "when the other has left, too";
    other.join();
    EXPECT_TRUE(told);
    EXPECT_EQ(said(),
              "BEGIN IMMEDIATE | SAVEPOINT member | RELEASE member | "
              "SAVEPOINT member | RELEASE member | COMMIT");
}

TEST_F(Groups, one_that_is_dropped_takes_nobody_along) {
    auto member = group.enter(Company::writer);
    Result<void> told;
    auto other = another(End::dropped, told);
    EXPECT_TRUE(group.leave(std::move(*member), End::kept));
    other.join();
    EXPECT_TRUE(told);
    EXPECT_EQ(said(),
              "BEGIN IMMEDIATE | SAVEPOINT member | RELEASE member | "
              "SAVEPOINT member | ROLLBACK TO member; RELEASE member | COMMIT");
}

TEST_F(Groups, where_nobody_wrote_nothing_is_committed) {
    auto member = group.enter(Company::reader);
    EXPECT_TRUE(group.leave(std::move(*member), End::dropped));
    EXPECT_EQ(said(), "BEGIN | SAVEPOINT member | ROLLBACK TO member; RELEASE member | ROLLBACK");
}

TEST_F(Groups, a_commit_that_fails_is_told_to_all_and_to_whoever_only_read) {
    db.failing["COMMIT"] = Recorder::Rollback::none;
    auto member = group.enter(Company::writer);
    Result<void> told;
    auto other = another(End::dropped, told);
    EXPECT_FALSE(group.leave(std::move(*member), End::kept));
    other.join();
    EXPECT_FALSE(told) << "what it read did not happen";
    EXPECT_EQ(db.said.back(), "ROLLBACK");
    db.failing.clear();
    member = group.enter(Company::writer);
    ASSERT_TRUE(member) << "and the next one finds a database that works";
    EXPECT_TRUE(group.leave(std::move(*member), End::kept));
}

TEST_F(Groups, a_rollback_by_the_database_itself_is_told_to_all) {
    auto member = group.enter(Company::writer);
    Result<void> told;
    db.failing["ROLLBACK TO member; RELEASE member"] = Recorder::Rollback::by_itself;
    auto other = another(End::dropped, told);
    EXPECT_FALSE(group.leave(std::move(*member), End::kept));
    other.join();
    EXPECT_FALSE(told);
    EXPECT_FALSE(db.open);
}

TEST_F(Groups, one_without_company_waits_for_the_group_and_is_joined_by_nobody) {
    auto member = group.enter(Company::writer);
    Result<void> told;
    std::thread other([&] {
        auto alone = group.enter(Company::none);
        told = alone ? group.leave(std::move(*alone), End::kept) : fail(alone.error());
    });
    while (group.arriving() == 0) std::this_thread::yield();
    EXPECT_TRUE(group.leave(std::move(*member), End::kept));
    other.join();
    EXPECT_TRUE(told);
    EXPECT_EQ(said(),
              "BEGIN IMMEDIATE | SAVEPOINT member | RELEASE member | COMMIT | "
              "BEGIN IMMEDIATE | SAVEPOINT member | RELEASE member | COMMIT");
}

TEST_F(Groups, a_transaction_inside_another_one_is_a_mistake_not_a_deadlock) {
    auto member = group.enter(Company::writer);
    const auto second = group.enter(Company::writer);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::internal);
    EXPECT_TRUE(group.leave(std::move(*member), End::kept));
}

TEST_F(Groups, a_beginning_that_fails_leaves_the_way_free) {
    db.failing["BEGIN IMMEDIATE"] = Recorder::Rollback::none;
    EXPECT_FALSE(group.enter(Company::writer));
    db.failing.clear();
    auto member = group.enter(Company::writer);
    ASSERT_TRUE(member);
    EXPECT_TRUE(group.leave(std::move(*member), End::kept));
}

}  // namespace
}  // namespace latchkey::keyserver
