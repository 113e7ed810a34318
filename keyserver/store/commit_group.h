#pragma once

// Group commit: transactions of several threads that meet at the database become durable with one
// write to the disk. Each is a savepoint in a transaction they share; none is acknowledged before
// the shared one is on the disk, and what one of them has read of another stands or falls with it.
//
// Whoever leaves last commits for all: nobody waits for company that has not come. Where the disk
// is slow, the others gather meanwhile; where nobody else is there, it is one transaction and one
// commit, as without a group.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "keyserver/store/sql.h"

namespace latchkey::keyserver {

/// Thread-safe: one thread at a time has the connection.
class CommitGroup {
public:
    enum class Company : std::uint8_t {
        reader,  ///< as writer; a group that it begins needs no leave to write yet
        writer,
        none,  ///< waits until the present group is durable, and nobody joins
    };
    enum class End : std::uint8_t { kept, dropped };
    struct Group;
    /// A transaction under way. Must leave.
    struct Member {
        std::shared_ptr<Group> group;
        Company company = Company::writer;
    };

    /// `in_transaction` tells whether the database is in one still: a failure may have rolled it
    /// back. The database outlives the group.
    CommitGroup(Database& db, std::function<bool()> in_transaction)
        : db_(db), in_transaction_(std::move(in_transaction)) {}

    /// Waits for the connection, which is this thread's until it leaves. Fails with Code::internal
    /// where the thread has it already, otherwise as the database does.
    Result<Member> enter(Company company);

    /// Threads that wait to enter.
    int arriving();

    /// Gives the connection on, and returns when all that this member saw or wrote is durable. A
    /// failure means that nothing of the group happened.
    Result<void> leave(Member member, End end);

private:
    Result<void> end_savepoint(Group& group, End end);
    Result<void> commit_all();
    void close(const Result<void>& outcome);
    void hand_on();

    Database& db_;
    std::function<bool()> in_transaction_;
    std::mutex mutex_;
    std::condition_variable entrance_;
    std::condition_variable alone_;
    std::condition_variable durable_;
    bool busy_ = false;
    std::thread::id holder_;
    int arriving_ = 0;
    int alone_arriving_ = 0;
    std::shared_ptr<Group> group_;  ///< null: no transaction is open
};

}  // namespace latchkey::keyserver
