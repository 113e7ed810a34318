#include "keyserver/store/commit_group.h"

#include <utility>

namespace latchkey::keyserver {

struct CommitGroup::Group {
    int kept = 0;                         ///< members whose work is in it
    std::optional<Result<void>> outcome;  ///< set when it is over
};

Result<CommitGroup::Member> CommitGroup::enter(Company company) {
    std::unique_lock lock(mutex_);
    if (busy_ && holder_ == std::this_thread::get_id())
        return fail(Code::internal, "a transaction was begun inside another one");
    if (company == Company::none) {
        ++alone_arriving_;
        alone_.wait(lock, [&] { return !busy_ && !group_; });
        --alone_arriving_;
    } else {
        ++arriving_;
        // Who wants no company would never get in if new groups began all the time.
        entrance_.wait(lock, [&] { return !busy_ && (group_ || alone_arriving_ == 0); });
        --arriving_;
    }
    busy_ = true;
    holder_ = std::this_thread::get_id();
    const bool first = !group_;
    if (first) group_ = std::make_shared<Group>();
    Member member{group_, company};
    lock.unlock();

    auto begun = !first                       ? Result<void>{}
                 : company == Company::reader ? db_.execute("BEGIN")
                                              : db_.execute("BEGIN IMMEDIATE");
    if (begun) {
        begun = db_.execute("SAVEPOINT member");
        if (begun) return member;
        (void)leave(std::move(member), End::dropped);
        return fail(std::move(begun.error()));
    }
    lock.lock();
    close(begun);
    return fail(std::move(begun.error()));
}

int CommitGroup::arriving() {
    const std::scoped_lock lock(mutex_);
    return arriving_ + alone_arriving_;
}

Result<void> CommitGroup::leave(Member member, End end) {
    auto ended = end_savepoint(*member.group, end);
    // A full or failing disk makes SQLite roll back everything, whoever's it was.
    const bool lost = !in_transaction_();

    std::unique_lock lock(mutex_);
    if (lost) {
        close(fail(Code::storage_failed, "database: a write that shared this commit failed"));
    } else if (member.group->kept == 0 || member.company == Company::none || arriving_ == 0 ||
               alone_arriving_ > 0) {
        const bool any = member.group->kept > 0;
        lock.unlock();
        const auto done = any ? commit_all() : db_.execute("ROLLBACK");
        lock.lock();
        close(any ? done : Result<void>{});
    } else {
        busy_ = false;
        hand_on();
    }
    durable_.wait(lock, [&] { return member.group->outcome.has_value(); });
    return ended ? *member.group->outcome : ended;
}

/// The member's work becomes part of the group, or is undone.
Result<void> CommitGroup::end_savepoint(Group& group, End end) {
    if (!in_transaction_())
        return fail(Code::storage_failed, "database: the transaction was rolled back");
    if (end == End::kept) {
        auto released = db_.execute("RELEASE member");
        if (released) ++group.kept;
        if (released || !in_transaction_()) return released;
        (void)db_.execute("ROLLBACK TO member; RELEASE member");
        return released;
    }
    return db_.execute("ROLLBACK TO member; RELEASE member");
}

Result<void> CommitGroup::commit_all() {
    auto committed = db_.execute("COMMIT");
    if (!committed && in_transaction_()) (void)db_.execute("ROLLBACK");
    return committed;
}

/// The group is over; its members go home. With the mutex held.
void CommitGroup::close(const Result<void>& outcome) {
    group_->outcome = outcome;
    group_.reset();
    busy_ = false;
    durable_.notify_all();
    hand_on();
}

/// The connection is free: wakes the one who may have it. With the mutex held.
void CommitGroup::hand_on() {
    holder_ = {};
    if (alone_arriving_ > 0 && !group_)
        alone_.notify_one();
    else
        entrance_.notify_one();
}

}  // namespace latchkey::keyserver
