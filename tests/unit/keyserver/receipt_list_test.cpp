// `receipt list`: of one machine, one key or one kind; and what it says of hardware that nobody
// looked at.

#include "keyserver/admin/present.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class ReceiptList : public ::testing::Test {
protected:
    ReceiptList() {
        first_key = server.sell("ai-cloud", 5);
        second_key = server.sell("competency", 5);
        first.activate(first_key, {});
        second.activate(second_key, Hardware::another());
        second.activate(second_key, Hardware::another());
    }

    std::string key_id(std::size_t which) {
        return std::string(
            server.admin("key", "list", {}).at("keys").at(which).at("id").as_string());
    }
    json::bj::object list(admin::RawArguments arguments) {
        return server.admin("receipt", "list", std::move(arguments));
    }
    /// The ids, in the order they come.
    std::vector<std::string> ids(admin::RawArguments arguments) {
        std::vector<std::string> out;
        const auto listed = list(std::move(arguments));
        for (const auto& receipt : listed.at("receipts").as_array())
            out.emplace_back(receipt.at("id").as_string());
        return out;
    }
    Problem refusal(admin::RawArguments arguments) {
        const auto listed = server.try_admin("receipt", "list", std::move(arguments));
        return listed ? Problem{} : listed.error();
    }
    /// The last line of the table.
    std::string last_row(admin::RawArguments arguments) {
        const auto text = admin::as_text(*admin::find_verb("receipt", "list"), list(arguments));
        const auto end = text.rfind('\n', text.size() - 2);
        return text.substr(end + 1);
    }

    TestServer server;
    TestDevice first{server}, second{server};
    std::string first_key, second_key;
};

TEST_F(ReceiptList, is_narrowed_to_one_key_the_newest_first) {
    const auto all = ids({});
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all.back(), second.receipt->id) << "the oldest first, where nothing is asked for";
    EXPECT_EQ(ids({{"key", {key_id(0)}}}), std::vector<std::string>{all[0]});
    EXPECT_EQ(ids({{"key", {key_id(1)}}}), (std::vector<std::string>{all[2], all[1]}));
    EXPECT_EQ(refusal({{"key", {"key_none"}}}).code, Code::record_unknown);
}

TEST_F(ReceiptList, is_narrowed_to_one_kind_and_goes_on_where_it_stopped) {
    first.release();
    const auto releases = list({{"kind", {"release"}}}).at("receipts").as_array();
    ASSERT_EQ(releases.size(), 1u);
    EXPECT_EQ(releases[0].at("kind").as_string(), "release");
    const auto piece = list({{"kind", {"activation"}}, {"limit", {"2"}}});
    EXPECT_EQ(piece.at("receipts").as_array().size(), 2u);
    const std::string next(piece.at("next_cursor").as_string());
    EXPECT_EQ(ids({{"kind", {"activation"}}, {"cursor", {next}}}).size(), 1u);
    EXPECT_EQ(refusal({{"kind", {"sale"}}}).code, Code::usage);
    EXPECT_EQ(refusal({{"kind", {"sale"}}}).detail,
              "--kind must be activation, release, returned, adoption or redemption");
}

TEST_F(ReceiptList, is_asked_one_question_at_a_time) {
    const auto both = refusal({{"kind", {"release"}}, {"key", {key_id(0)}}});
    EXPECT_EQ(both.code, Code::usage);
    EXPECT_EQ(both.detail, "--machine, --key and --kind exclude each other");
    EXPECT_EQ(refusal({{"machine", {"m"}}, {"kind", {"release"}}}).code, Code::usage);
}

TEST_F(ReceiptList, shows_no_verdict_where_nobody_looked_at_hardware) {
    EXPECT_NE(last_row({{"key", {key_id(0)}}}).find("  different  "), std::string::npos)
        << "an activation is judged";
    server.admin("machine", "release", {{"id", {first.receipt->machine}}});
    const auto entitlement = server.admin("key", "list", {}).at("keys").at(0).at("entitlement");
    const auto token = server.admin("token", "issue",
                                    {{"entitlement", {std::string(entitlement.as_string())}},
                                     {"service", {"Cloud"}},
                                     {"year-ends", {"2037-01-01"}}});
    ASSERT_EQ(first.redeem(std::string(token.at("token").as_string())).status, 201);
    server.admin("activation", "return", {{"id", {second.receipt->id}}, {"reason", {"an error"}}});
    for (const char* kind : {"release", "redemption", "returned"}) {
        EXPECT_NE(last_row({{"kind", {kind}}}).find("  0        -        -  "), std::string::npos)
            << last_row({{"kind", {kind}}});
        const auto receipt = list({{"kind", {kind}}}).at("receipts").at(0);
        EXPECT_TRUE(receipt.at("judged").is_null()) << kind;
        EXPECT_TRUE(receipt.at("verdict").is_string()) << "what the signed document says stays";
    }
}

TEST_F(ReceiptList, shows_what_a_device_key_proved) {
    first.release();
    const auto release = list({{"kind", {"release"}}}).at("receipts").at(0);
    EXPECT_EQ(release.at("judged").at("continuity").as_string(), "device_key");
}

}  // namespace
}  // namespace latchkey::keyserver
