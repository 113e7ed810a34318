// What an administrator's console asks of either database: newest first, in pieces.

#include "tests/unit/keyserver/store_fixture.h"

namespace latchkey::keyserver {
namespace {

class SurveyStoreTest : public StoreTest {
protected:
    void SetUp() override {
        StoreTest::SetUp();
        add_catalog(write());
        commit();
    }

    void add_key(std::string id, std::uint8_t digest) {
        KeyRecord key;
        key.id = std::move(id);
        key.entitlement = "ent_1";
        key.digest.fill(digest);
        key.last5 = "FGHJK";
        key.limit = 3;
        key.created_at = kNow;
        ASSERT_TRUE(transaction_->stores().keys.add(key));
    }
    void add_machine(const std::string& id, const std::string& key = "key_1") {
        MachineRecord record = machine(id);
        record.key = key;
        ASSERT_TRUE(transaction_->stores().machines.save(record, {}));
    }
    void add_receipt(const std::string& id, const std::string& kind, const std::string& machine,
                     int counted, ServerTime at = kNow, const std::string& key = "key_1") {
        ASSERT_TRUE(transaction_->stores().decisions.add_receipt({id, kind, machine, key, "lic_1",
                                                                  "device", counted, false, "none",
                                                                  "same", at, "jws of " + id}));
    }
    void add_leases(const std::string& license, const std::vector<std::int64_t>& follow) {
        Stores& stores = transaction_->stores();
        ASSERT_TRUE(stores.licenses.save({license,
                                          "mch_1",
                                          "key_1",
                                          "device",
                                          false,
                                          static_cast<std::int64_t>(follow.size()),
                                          kNow,
                                          {}}));
        for (std::size_t i = 0; i < follow.size(); ++i)
            ASSERT_TRUE(stores.licenses.add_lease(
                {license, static_cast<std::int64_t>(i) + 1, follow[i], kNow, "linux"}));
    }
    SurveyStore& survey() { return transaction_->stores().survey; }

    static std::vector<std::string> ids(const auto& listed) {
        std::vector<std::string> out;
        for (const auto& item : listed.items) out.push_back(item.id);
        return out;
    }
};

using Ids = std::vector<std::string>;

TEST_P(SurveyStoreTest, machines_come_newest_first_and_in_pieces_that_meet) {
    write();
    add_key("key_2", 8);
    for (const char* id : {"mch_1", "mch_2", "mch_3"}) add_machine(id);
    add_machine("mch_4", "key_2");
    const auto first = survey().machines("", {2, {}}).value();
    EXPECT_EQ(ids(first), (Ids{"mch_4", "mch_3"}));
    const auto second = survey().machines("", {2, first.next}).value();
    EXPECT_EQ(ids(second), (Ids{"mch_2", "mch_1"}));
    EXPECT_EQ(second.next, "") << "there is nothing after it";
    EXPECT_EQ(ids(survey().machines("key_1", {9, {}}).value()), (Ids{"mch_3", "mch_2", "mch_1"}));
    EXPECT_EQ(ids(survey().machines("key_2", {9, {}}).value()), Ids{"mch_4"});
    EXPECT_EQ(survey().machines("", {9, "nonsense"}).error().code, Code::usage);
}

TEST_P(SurveyStoreTest, receipts_are_found_by_machine_by_key_and_by_kind) {
    write();
    add_key("key_2", 8);
    add_machine("mch_1");
    add_machine("mch_2", "key_2");
    add_receipt("rcp_1", "activation", "mch_1", 1);
    add_receipt("rcp_2", "release", "mch_1", 0);
    add_receipt("rcp_3", "activation", "mch_2", 1, kNow, "key_2");
    EXPECT_EQ(ids(survey().receipts({}, {9, {}}).value()), (Ids{"rcp_3", "rcp_2", "rcp_1"}));
    EXPECT_EQ(ids(survey().receipts({"mch_1", {}, {}}, {9, {}}).value()), (Ids{"rcp_2", "rcp_1"}));
    EXPECT_EQ(ids(survey().receipts({{}, "key_2", {}}, {9, {}}).value()), Ids{"rcp_3"});
    const auto piece = survey().receipts({{}, {}, "activation"}, {1, {}}).value();
    EXPECT_EQ(ids(piece), Ids{"rcp_3"});
    EXPECT_EQ(ids(survey().receipts({{}, {}, "activation"}, {1, piece.next}).value()),
              Ids{"rcp_1"});
    EXPECT_EQ(survey().receipt("rcp_2").value()->jws, "jws of rcp_2");
    EXPECT_FALSE(survey().receipt("rcp_9").value());
}

TEST_P(SurveyStoreTest, what_counted_is_summed_by_day_and_nothing_else_is) {
    write();
    add_machine("mch_1");
    const ServerTime since = kNow - Days{3};
    add_receipt("rcp_1", "activation", "mch_1", 1, since);
    add_receipt("rcp_2", "activation", "mch_1", 1, since + Days{1} - Duration{1});
    add_receipt("rcp_3", "activation", "mch_1", 0, since);
    add_receipt("rcp_4", "release", "mch_1", 0, since);
    add_receipt("rcp_5", "activation", "mch_1", 1, since + Days{2});
    add_receipt("rcp_6", "activation", "mch_1", 1, since - Duration{1});
    add_receipt("rcp_7", "activation", "mch_1", 1, since + Days{3});
    EXPECT_EQ(survey().counted(since, Days{1}, 3).value(), (std::vector<std::int64_t>{2, 0, 1}));
}

TEST_P(SurveyStoreTest, licenses_whose_leases_went_astray_are_found_with_how_many) {
    write();
    add_machine("mch_1");
    add_leases("lic_a", {0, 1, 2, 3});
    add_leases("lic_b", {0, 1, 1, 2});
    add_leases("lic_c", {0, 1, 1});
    const auto first = survey().astray({1, {}}).value();
    ASSERT_EQ(first.items.size(), 1u);
    EXPECT_EQ(first.items[0].license, "lic_b");
    EXPECT_EQ(first.items[0].leases, 2);
    const auto second = survey().astray({1, first.next}).value();
    ASSERT_EQ(second.items.size(), 1u);
    EXPECT_EQ(second.items[0].license, "lic_c");
    EXPECT_EQ(second.next, "");
}

INSTANTIATE_TEST_SUITE_P(sqlite, SurveyStoreTest, ::testing::Values(&sqlite_backend));
INSTANTIATE_TEST_SUITE_P(postgresql, SurveyStoreTest, ::testing::Values(&postgres_backend));

}  // namespace
}  // namespace latchkey::keyserver
