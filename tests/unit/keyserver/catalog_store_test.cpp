// What administrators entered, in every database that may keep it.

#include "tests/unit/keyserver/store_fixture.h"

namespace latchkey::keyserver {
namespace {

class CatalogStore : public StoreTest {};

TEST_P(CatalogStore, programs_and_locations_are_kept) {
    Stores& stores = write();
    licensing::Program program;
    program.id = "own";
    program.title = "Own";
    program.lease = true;
    program.lease_days = 30;
    ASSERT_TRUE(stores.entitlements.add_program(program));
    EXPECT_EQ(stores.entitlements.add_program(program).error().code, Code::already_exists);
    ASSERT_EQ(stores.entitlements.own_programs().value().size(), 1u);
    EXPECT_EQ(stores.entitlements.own_programs().value()[0].lease_days, 30);
    ASSERT_TRUE(stores.organizations.add({"acme", "Acme", kNow}));
    ASSERT_TRUE(stores.organizations.add_location({"hq", "acme", "HQ", "DE", kNow}));
    EXPECT_EQ(stores.organizations.locations("acme", {10, {}}).value().items.at(0).country, "DE");
    EXPECT_EQ(stores.organizations.locations("", {10, {}}).value().items.size(), 1u);
    EXPECT_TRUE(stores.organizations.locations("other", {10, {}}).value().items.empty());
}

TEST_P(CatalogStore, grants_add_up_by_whom_and_where_they_are_bound) {
    Stores& stores = write();
    add_catalog(stores);
    const auto grant = [&](const char* id, int quantity, const char* country, Purpose purpose,
                           const char* location) {
        return stores.entitlements.add({id,
                                        "editor",
                                        "competency",
                                        "acme",
                                        quantity,
                                        3,
                                        {},
                                        country,
                                        kNow,
                                        purpose,
                                        location});
    };
    ASSERT_TRUE(grant("ent_2", 5, "FR", Purpose::internal, ""));
    ASSERT_TRUE(grant("ent_3", 100, "DE", Purpose::training, ""));
    ASSERT_TRUE(grant("ent_4", 2, "FR", Purpose::internal, "paris"));
    auto& entitlements = stores.entitlements;
    EXPECT_EQ(entitlements.granted("acme", "editor", "competency", "").value(), 17);
    EXPECT_EQ(entitlements.granted("acme", "editor", "competency", "FR").value(), 7);
    EXPECT_EQ(entitlements.granted("other", "editor", "competency", "").value(), 0);
    EXPECT_TRUE(entitlements.has_toolkit("acme", "paris", "editor", "competency").value());
    EXPECT_FALSE(entitlements.has_toolkit("acme", "rome", "editor", "competency").value());
    EXPECT_EQ(entitlements.find("ent_3").value()->purpose, Purpose::training);
    EXPECT_EQ(entitlements.use_of("ent_1").value().limit, 3);
    EXPECT_EQ(entitlements.use_of("ent_2").value().keys, 0);
    ASSERT_TRUE(entitlements.set_cap({"editor", "competency", "", 20}));
    ASSERT_TRUE(entitlements.set_cap({"editor", "competency", "FR", 9}));
    ASSERT_TRUE(entitlements.set_cap({"editor", "competency", "FR", 8}));
    const auto caps = entitlements.caps("editor", "competency").value();
    ASSERT_EQ(caps.size(), 2u);
    EXPECT_EQ(caps[0].country, "") << "the worldwide one first";
    EXPECT_EQ(caps[1].quantity, 8);
    EXPECT_TRUE(entitlements.caps("editor", "ai-cloud").value().empty());
}

TEST_P(CatalogStore, who_was_granted_the_most_under_a_cap_comes_first) {
    Stores& stores = write();
    add_catalog(stores);  // 10 to acme in DE
    ASSERT_TRUE(stores.organizations.add({"initech", "Initech", kNow}));
    const auto grant = [&](const char* id, const char* to, int quantity, const char* country,
                           Purpose purpose) {
        return stores.entitlements.add(
            {id, "editor", "competency", to, quantity, 3, {}, country, kNow, purpose, ""});
    };
    ASSERT_TRUE(grant("ent_2", "initech", 8, "DE", Purpose::internal));
    ASSERT_TRUE(grant("ent_3", "initech", 7, "FR", Purpose::internal));
    ASSERT_TRUE(grant("ent_4", "acme", 100, "DE", Purpose::training));
    const auto most = [&](const char* country, std::int64_t limit) {
        const auto granted =
            stores.entitlements.most_granted({"editor", "competency", country, 0}, limit).value();
        std::string out;
        for (const auto& [organization, quantity] : granted)
            out += organization + " " + std::to_string(quantity) + "; ";
        return out;
    };
    EXPECT_EQ(most("", 9), "initech 15; acme 10; ");
    EXPECT_EQ(most("DE", 9), "acme 10; initech 8; ");
    EXPECT_EQ(most("FR", 9), "initech 7; ");
    EXPECT_EQ(most("", 1), "initech 15; ");
    EXPECT_EQ(most("IT", 9), "");
}

TEST_P(CatalogStore, a_changed_product_keeps_what_its_keys_and_manifests_rest_on) {
    Stores& stores = write();
    add_catalog(stores);
    const auto before = stores.products.find("editor").value().value();
    Product after = before;
    after.name = "Editor Pro";
    after.version = "2";
    after.previous_version = "1";
    after.released = kNow + Days{1};
    after.needs_activation = !before.needs_activation;
    after.excluded_platforms = {"mac", "linux"};
    after.qualifying_os = {"pro"};
    after.rearm_ledger = !before.rearm_ledger;
    after.initial_grace_days = 1;
    after.out_of_tolerance_days = 2;
    after.rearms = 4;
    after.lab_reimages_per_year = 5;
    Product asked = after;
    asked.key_group = before.key_group + 1;
    asked.manifest_version = 99;
    asked.created_at = kNow + Days{9};
    ASSERT_TRUE(stores.products.change(asked));
    EXPECT_EQ(stores.products.find("editor").value(), after);
    after.released.reset();
    ASSERT_TRUE(stores.products.change(after));
    EXPECT_EQ(stores.products.find("editor").value(), after);
}

TEST_P(CatalogStore, a_manifest_version_moves_only_from_where_it_was_thought_to_be) {
    Stores& stores = write();
    add_catalog(stores);
    ASSERT_TRUE(stores.products.move_manifest_version("editor", 0, 1));
    ASSERT_TRUE(stores.products.move_manifest_version("editor", 0, 2));
    EXPECT_EQ(stores.products.find("editor").value()->manifest_version, 1);
    EXPECT_EQ(stores.products.list({10, {}}).value().items.size(), 1u);
    EXPECT_EQ(stores.entitlements.list({10, {}}).value().items.size(), 1u);
    EXPECT_EQ(stores.keys.list("ent_1", {10, {}}).value().items.size(), 1u);
    ASSERT_TRUE(stores.keys.set_blocked("key_1", true));
    EXPECT_TRUE(stores.keys.find("key_1").value()->blocked);
}

TEST_P(CatalogStore, a_token_is_found_by_its_digest_and_keeps_what_became_of_it) {
    Stores& stores = write();
    add_catalog(stores);
    TokenRecord token{.id = "tok_1",
                      .entitlement = "ent_1",
                      .last5 = "ABCDE",
                      .service = "Cloud",
                      .seats = 25,
                      .year_ends_at = kNow,
                      .created_at = kNow};
    token.digest.fill(3);
    ASSERT_TRUE(stores.tokens.add(token));
    const auto again = stores.tokens.add(token);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::already_exists);
    ASSERT_TRUE(stores.tokens.find_by_digest(token.digest).value());
    EXPECT_FALSE(stores.tokens.find_by_digest(token.digest).value()->redemption);
    ASSERT_TRUE(stores.tokens.set_redeemed("tok_1", {kNow, "device", "rcp_1", "{}"}));
    ASSERT_TRUE(stores.tokens.set_blocked("tok_1", true));
    ReceiptRecord receipt;
    receipt.id = "rcp_1";
    receipt.kind = "redemption";
    receipt.at = kNow;
    receipt.token = "tok_1";
    ASSERT_TRUE(stores.decisions.add_receipt(receipt)) << "about no machine and no product key";
    const auto found = stores.tokens.find("tok_1").value();
    EXPECT_EQ(found->redemption->device_key, "device");
    EXPECT_TRUE(found->blocked);
    EXPECT_EQ(found->seats, 25);
    EXPECT_EQ(stores.tokens.list("ent_1", {10, {}}).value().items.size(), 1u);
    EXPECT_TRUE(stores.tokens.list("ent_2", {10, {}}).value().items.empty());
    const auto listed = stores.decisions.receipts("", {10, {}}).value().items;
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].token, "tok_1");
    EXPECT_TRUE(listed[0].machine.empty());
}

INSTANTIATE_TEST_SUITE_P(sqlite, CatalogStore, ::testing::Values(&sqlite_backend));
INSTANTIATE_TEST_SUITE_P(postgresql, CatalogStore, ::testing::Values(&postgres_backend));

}  // namespace
}  // namespace latchkey::keyserver
