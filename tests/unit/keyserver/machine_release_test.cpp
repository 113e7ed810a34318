// An administrator releases a machine: a decision like any other, with a receipt that anyone can
// check.

#include <gtest/gtest.h>

#include "keyserver/receipt_check.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class MachineRelease : public ::testing::Test {
protected:
    json::bj::object release(const std::string& machine, admin::RawArguments more = {}) {
        more["id"] = {machine};
        return server.admin("machine", "release", std::move(more));
    }
    json::bj::array receipts(const std::string& machine) {
        return server.admin("receipt", "list", {{"machine", {machine}}}).at("receipts").as_array();
    }
    TestServer server;
};

TEST_F(MachineRelease, leaves_a_signed_receipt_that_says_who_decided_and_why) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice device(server);
    ASSERT_EQ(device.activate(key, {}).status, 201);
    const auto done = release(device.license->machine, {{"reason", {"sold"}}});
    EXPECT_EQ(done.at("state").as_string(), "released");
    const auto listed = receipts(device.license->machine);
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[1].at("kind").as_string(), "release");
    EXPECT_EQ(listed[1].at("id"), done.at("receipt_id"));
    EXPECT_EQ(listed[1].at("receipt"), done.at("receipt"));

    const auto checked =
        check_receipt(std::string(done.at("receipt").as_string()), server.room().key_set());
    ASSERT_TRUE(checked.receipt) << checked.problem.detail;
    EXPECT_EQ(checked.receipt->license, device.license->id);
    EXPECT_EQ(checked.receipt->counted, 0);
    EXPECT_EQ(checked.receipt->used_before, 1);
    EXPECT_EQ(checked.receipt->used_after, 1) << "activations are consumed, not lent";
    EXPECT_EQ(checked.receipt->reasons.at(0), "An administrator released the machine: sold");
    EXPECT_EQ(checked.receipt->continuity, licensing::Continuity::none)
        << "no device key proved anything";
    EXPECT_NE(words_of(checked).find("ended by an administrator"), std::string::npos);
    EXPECT_EQ(device.renew({}, 1).code, "license_revoked");
}

TEST_F(MachineRelease, of_a_machine_with_several_licenses_is_one_decision_about_all_of_them) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice before(server), after(server);
    before.activate(key, {});
    server.clock += Days{1};
    after.activate(key, {});
    const auto done = release(before.license->machine);
    const auto checked =
        check_receipt(std::string(done.at("receipt").as_string()), server.room().key_set());
    ASSERT_TRUE(checked.receipt);
    EXPECT_EQ(checked.receipt->license, after.license->id) << "the newest";
    EXPECT_EQ(checked.receipt->reasons.at(0), "An administrator released the machine.");
    EXPECT_EQ(checked.receipt->reasons.at(1),
              "2 licenses ended; no activation comes back, and the machine's next activation "
              "counts.");
    EXPECT_EQ(receipts(before.license->machine).size(), 3u);
}

TEST_F(MachineRelease, a_second_time_decides_nothing) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice device(server);
    device.activate(key, {});
    release(device.license->machine);
    const auto again = release(device.license->machine);
    EXPECT_EQ(again.at("state").as_string(), "released");
    EXPECT_TRUE(again.at("receipt").is_null());
    EXPECT_EQ(receipts(device.license->machine).size(), 2u);
}

}  // namespace
}  // namespace latchkey::keyserver
