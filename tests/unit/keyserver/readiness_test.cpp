// Is the key server ready? Only if something can be written now, and only as often as is cheap.

#include "keyserver/readiness.h"

#include <gtest/gtest.h>

#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

/// A store on a disk that may be full: everything can be read, nothing written.
class Disk final : public Store {
public:
    explicit Disk(Store& store) : store_(store) {}
    Result<std::unique_ptr<Transaction>> begin(Access access) override {
        if (access == Access::write) {
            ++writes;
            if (full) return fail(Code::storage_failed, "database: the disk is full");
        }
        if (gone) return fail(Code::database_unavailable, "PostgreSQL: gone");
        return store_.begin(access);
    }
    bool full = false;
    bool gone = false;
    int writes = 0;

private:
    Store& store_;
};

class Ready : public testing::Test {
protected:
    Ready() : routes(disk, server.keys(), policy, server.clock) {}

    HttpResponse ask() {
        HttpRequest request;
        request.method = "GET";
        request.target = "/readyz";
        EXPECT_FALSE(routes.quick(request)) << "it takes the store";
        return routes.answer(request);
    }

    TestServer server;
    Disk disk{server.store()};
    const Policy policy;
    Routes routes;
};

TEST_F(Ready, is_not_who_can_read_and_not_write) {
    EXPECT_EQ(ask().status, 200);
    disk.full = true;
    server.clock += kReadyInterval;
    const auto refused = ask();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.code, "keyserver_unavailable");
    EXPECT_GE(refused.retry_after_s.value_or(0), 1);
    EXPECT_EQ(refused.body.find("disk"), std::string::npos) << "that is for the log";
    disk.full = false;
    server.clock += kReadyInterval;
    EXPECT_EQ(ask().status, 200);
}

TEST_F(Ready, tries_a_write_now_and_then_only_and_believes_a_failure_until_then) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(disk.writes, 1);
    disk.full = true;
    EXPECT_EQ(ask().status, 200) << "nothing was written meanwhile";
    server.clock += kReadyInterval;
    EXPECT_EQ(ask().status, 503);
    disk.full = false;
    EXPECT_EQ(ask().status, 503);
    EXPECT_EQ(disk.writes, 2);
}

TEST_F(Ready, reads_each_time) {
    EXPECT_EQ(ask().status, 200);
    disk.gone = true;
    EXPECT_EQ(ask().status, 503);
}

TEST_F(Ready, lives_on_where_it_is_not_ready) {
    disk.full = true;
    EXPECT_EQ(ask().status, 503);
    HttpRequest request;
    request.method = "GET";
    request.target = "/healthz";
    EXPECT_EQ(routes.quick(request)->status, 200);
}

}  // namespace
}  // namespace latchkey::keyserver
