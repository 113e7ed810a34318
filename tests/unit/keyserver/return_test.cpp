// An activation that was given in error goes back to its key: at once, once, with a receipt, and
// without a license that goes on for nothing.

#include <gtest/gtest.h>

#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class ActivationReturn : public ::testing::Test {
protected:
    Result<json::bj::object> try_return(const std::string& id) {
        return server.try_admin("activation", "return",
                                {{"id", {id}}, {"reason", {"installed on the wrong machine"}}});
    }
    json::bj::object give_back(const std::string& id) {
        auto done = try_return(id);
        EXPECT_TRUE(done) << done.error().detail;
        return done ? *done : json::bj::object{};
    }
    Code refusal(const std::string& id) {
        const auto done = try_return(id);
        EXPECT_FALSE(done);
        return done ? Code::internal : done.error().code;
    }
    std::vector<std::string> kinds(const std::string& machine) {
        std::vector<std::string> out;
        const auto listed = server.admin("receipt", "list", {{"machine", {machine}}});
        for (const auto& receipt : listed.at("receipts").as_array())
            out.emplace_back(receipt.at("kind").as_string());
        return out;
    }

    TestServer server;
};

TEST_F(ActivationReturn, gives_it_back_at_once_with_a_signed_receipt_that_says_why) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice device(server);
    ASSERT_EQ(device.activate(key, {}).status, 201);
    ASSERT_EQ(server.used(), 1);
    const auto done = give_back(device.receipt->id);
    EXPECT_EQ(server.used(), 0);
    EXPECT_EQ(done.at("license_ended").as_bool(), true);
    EXPECT_EQ(done.at("machine_state").as_string(), "released");
    const auto receipt = licensing::verify_receipt(std::string(done.at("receipt").as_string()),
                                                   server.room().key_set());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_EQ((*receipt)->kind, licensing::ReceiptKind::returned);
    EXPECT_EQ((*receipt)->returns, device.receipt->id);
    EXPECT_EQ((*receipt)->used_before, 1);
    EXPECT_EQ((*receipt)->used_after, 0);
    EXPECT_NE((*receipt)->reasons.at(0).find("wrong machine"), std::string::npos);
    EXPECT_EQ(kinds(device.license->machine), (std::vector<std::string>{"activation", "returned"}));
}

TEST_F(ActivationReturn, happens_once_for_one_receipt) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice device(server), other(server);
    device.activate(key, {});
    other.activate(key, Hardware::another());
    ASSERT_EQ(server.used(), 2);
    give_back(device.receipt->id);
    EXPECT_EQ(refusal(device.receipt->id), Code::already_exists);
    EXPECT_EQ(refusal(device.license->machine), Code::already_exists);
    EXPECT_EQ(server.used(), 1) << "the other machine's stays used";
}

TEST_F(ActivationReturn, ends_the_license_and_the_next_activation_counts) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice device(server);
    device.activate(key, {});
    give_back(device.license->machine);
    EXPECT_EQ(device.renew({}, 1).code, "license_revoked");
    ASSERT_EQ(device.activate(key, {}).status, 201);
    EXPECT_EQ(device.receipt->counted, 1);
    EXPECT_EQ(server.used(), 1);
}

TEST_F(ActivationReturn, of_one_that_counted_in_error_leaves_what_another_one_paid_for) {
    const auto key = server.sell("competency", 5);  // every activation counts
    TestDevice first(server), second(server);
    first.activate(key, {});
    first.activate(key, {});
    const auto again = first.receipt->id;
    second.activate(key, {});
    ASSERT_EQ(server.used(), 3);
    EXPECT_EQ(give_back(again).at("license_ended").as_bool(), false)
        << "its license was paid for before";
    EXPECT_EQ(first.renew({}, 2).status, 200);
    EXPECT_EQ(give_back(second.receipt->id).at("license_ended").as_bool(), true);
    EXPECT_EQ(second.renew({}, 1).code, "license_revoked");
    EXPECT_EQ(first.renew({}, 3).status, 200);
    EXPECT_EQ(server.used(), 1);
    EXPECT_EQ(give_back(first.license->machine).at("machine_state").as_string(), "released");
    EXPECT_EQ(server.used(), 0);
}

TEST_F(ActivationReturn, ends_what_rests_on_it_though_it_did_not_count_itself) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice before(server), after(server);
    before.activate(key, {});
    ASSERT_EQ(after.activate(key, {}).status, 201) << "the same machine, reimaged";
    ASSERT_EQ(server.used(), 1);
    give_back(before.receipt->id);
    EXPECT_EQ(after.renew({}, 1).code, "license_revoked");
    EXPECT_EQ(refusal(after.receipt->id), Code::already_exists) << "that one counted nothing";
}

TEST_F(ActivationReturn, is_not_done_beside_the_return_of_a_lease) {
    server.admin("program", "add",
                 {{"id", {"rental"}},
                  {"rule", {"significant-change"}},
                  {"returnable", {}},
                  {"lease-days", {"30"}}});
    const auto key = server.sell("rental", 5);
    TestDevice device(server), other(server);
    device.activate(key, {});
    other.activate(key, Hardware::another());
    ASSERT_EQ(device.release().status, 200);
    EXPECT_EQ(refusal(device.receipt->id), Code::already_exists) << "it is a release's own now";
    EXPECT_EQ(refusal(device.license->machine), Code::already_exists);
    server.clock += Days{31};
    give_back(other.license->machine);
    EXPECT_EQ(server.used(), 0) << "one each, and never less than none";
}

TEST_F(ActivationReturn, of_what_never_counted_is_told) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice device(server);
    device.activate(key, {});
    ASSERT_EQ(device.release().status, 200);
    const auto receipts = server.admin("receipt", "list", {}).at("receipts");
    const auto done = try_return(std::string(receipts.at(1).at("id").as_string()));
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().detail.find("not of an activation that counted"), std::string::npos)
        << done.error().detail;
}

TEST_F(ActivationReturn, of_nobody_is_told) {
    server.sell("ai-cloud", 5);
    EXPECT_EQ(refusal("mch_nobody"), Code::record_unknown);
    EXPECT_EQ(server.try_admin("activation", "return", {{"id", {"x"}}}).error().code, Code::usage)
        << "without a reason nothing is given back";
}

}  // namespace
}  // namespace latchkey::keyserver
