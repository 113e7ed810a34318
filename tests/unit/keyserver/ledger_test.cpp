// The grace ledger through the routes: real store, real signatures.

#include <gtest/gtest.h>

#include "licensing/manifest.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

using fakes::day;

constexpr licensing::GraceUse kNew{};

class LedgerRoute : public ::testing::Test {
protected:
    void SetUp() override {
        server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Editor"}}});
    }
    static licensing::LedgerReply reply(const Told& told) {
        EXPECT_EQ(told.status, 200) << told.code;
        EXPECT_TRUE(told.was_signed);
        return told.status == 200 ? licensing::ledger_reply_from_json(told.body).value()
                                  : licensing::LedgerReply{};
    }
    json::bj::array ledgers() {
        return server.admin("ledger", "list", {}).at("ledgers").as_array();
    }

    TestServer server;
    TestDevice device{server};
    Hardware machine;
};

TEST_F(LedgerRoute, remembers_hardware_that_was_never_activated) {
    EXPECT_TRUE(reply(device.rearms(machine, 0, kNew)).fresh);
    server.clock += 12 * day;
    TestDevice reimaged(server);
    const auto told = reply(reimaged.rearms(machine, 0, kNew));
    EXPECT_FALSE(told.fresh);
    EXPECT_EQ(told.grace.used, 12 * day);
    EXPECT_EQ(ledgers().size(), 1u);
}

TEST_F(LedgerRoute, knows_the_hardware_again_after_a_significant_change) {
    device.rearms(machine, 3, {true, false, {}});
    TestDevice reimaged(server);
    EXPECT_EQ(reply(reimaged.rearms(machine.with_other_board(), 0, kNew)).rearms_used, 3)
        << "another board is a repair, not another machine";
}

TEST_F(LedgerRoute, another_machine_has_a_ledger_of_its_own) {
    device.rearms(machine, 3, {true, false, {}});
    EXPECT_EQ(reply(TestDevice(server).rearms(Hardware::another(), 0, kNew)).rearms_used, 0);
    const auto told = reply(device.rearms(Hardware::another(), 0, kNew));
    EXPECT_EQ(told.rearms_used, 0) << "even where the state was copied onto it";
    EXPECT_EQ(ledgers().size(), 2u);
}

TEST_F(LedgerRoute, another_product_has_a_ledger_of_its_own) {
    server.admin("product", "add", {{"id", {"viewer"}}, {"name", {"Viewer"}}});
    device.rearms(machine, 3, {true, false, {}});
    EXPECT_EQ(reply(device.rearms(machine, 0, kNew, "viewer")).rearms_used, 0);
}

TEST_F(LedgerRoute, upgrades_add_up_under_the_same_installation) {
    Hardware changed = machine;
    device.rearms(changed, 2, {true, false, {}});
    changed = changed.with_other_card();
    device.rearms(changed, 2, {true, false, {}});
    changed.disk = "S5GXNX0T999999";
    device.rearms(changed, 2, {true, false, {}});
    const auto told = reply(TestDevice(server).rearms(changed.with_other_board(), 0, kNew));
    EXPECT_EQ(told.rearms_used, 2) << "nothing is left of the first, but every step was small";
    EXPECT_EQ(ledgers().size(), 1u);
}

TEST_F(LedgerRoute, hardware_that_shows_nothing_is_refused_and_bound_to_nothing) {
    const auto told = device.rearms({"", "", "", "", ""}, 0, kNew);
    EXPECT_EQ(told.code, "evidence_insufficient");
    EXPECT_TRUE(told.was_signed);
    EXPECT_TRUE(ledgers().empty());
}

TEST_F(LedgerRoute, a_lab_machine_begins_anew_and_a_workstation_does_not) {
    device.rearms(machine, 0, kNew);
    server.clock += 5 * day;
    TestDevice lab(server);
    lab.lab = true;
    const auto told = reply(lab.rearms(machine, 0, kNew));
    EXPECT_TRUE(told.fresh);
    EXPECT_EQ(told.graces_this_year, 2);
    EXPECT_EQ(told.graces_allowed, 26);
    EXPECT_EQ(told.grace.used, Duration{0});
}

TEST_F(LedgerRoute, the_same_request_is_answered_once) {
    TestDevice lab(server);
    lab.lab = true;
    const auto first = lab.rearms(machine, 0, kNew, "editor", "once");
    server.clock += 1 * day;
    const auto again = lab.rearms(machine, 0, kNew, "editor", "once");
    EXPECT_EQ(json::to_text(again.body), json::to_text(first.body)) << "its answer was lost";
    EXPECT_EQ(lab.rearms(machine, 1, kNew, "editor", "once").code, "idempotency_conflict");
}

TEST_F(LedgerRoute, a_product_without_one_is_refused_with_the_fitting_code) {
    EXPECT_EQ(device.rearms(machine, 0, kNew, "nothing").code, "product_unknown");
    server.admin("product", "add", {{"id", {"cal"}}, {"name", {"Access"}}, {"no-activation", {}}});
    EXPECT_EQ(device.rearms(machine, 0, kNew, "cal").code, "activation_not_required");
    server.admin("product", "add", {{"id", {"lite"}}, {"name", {"Lite"}}, {"no-rearm-ledger", {}}});
    EXPECT_EQ(device.rearms(machine, 0, kNew, "lite").code, "record_unknown");
    EXPECT_TRUE(ledgers().empty());
}

TEST_F(LedgerRoute, the_manifest_says_whether_there_is_one) {
    server.admin("product", "add", {{"id", {"lite"}}, {"name", {"Lite"}}, {"no-rearm-ledger", {}}});
    const auto exported = [&](const std::string& id) {
        const auto jws = server.admin("product", "export",
                                      {{"id", {id}}, {"url", {"https://keys.example.org"}}});
        return (*licensing::verify_manifest(std::string(jws.at("manifest").as_string()), nullptr))
            ->policy.rearm_ledger;
    };
    EXPECT_TRUE(exported("editor"));
    EXPECT_FALSE(exported("lite"));
}

TEST_F(LedgerRoute, a_fingerprint_under_another_salt_is_an_error_never_another_machine) {
    licensing::LedgerRequest message;
    message.product = "editor";
    message.platform = "linux";
    message.fingerprint = machine.seen_under(server.room().publisher());
    message.fingerprint.salt_id = "other";
    const auto told = device.send(
        device.request("POST", "/v1/rearms", json::to_text(licensing::to_json(message)), "key-1"));
    EXPECT_EQ(told.code, "request_invalid");
}

TEST_F(LedgerRoute, is_there_for_posts_alone) {
    EXPECT_EQ(device.send(device.request("GET", "/v1/rearms", "{}", "key-1")).code,
              "method_not_allowed");
    EXPECT_EQ(device.send(device.request("POST", "/v1/rearms", "{}", "key-1")).code,
              "request_invalid");
}

TEST_F(LedgerRoute, one_device_that_asks_too_often_has_to_wait) {
    std::string code;
    for (int i = 0; i < 200 && code.empty(); ++i) code = device.rearms(machine, 0, kNew).code;
    EXPECT_EQ(code, "rate_limited");
}

TEST_F(LedgerRoute, one_address_cannot_fill_the_books_with_device_keys_of_its_own_making) {
    auto request = device.request("POST", "/v1/rearms", "{}", "key-1");
    const auto asked_by = [&](int number) {
        request.device = "device " + std::to_string(number);
        return server.answer(request).status;
    };
    for (int i = 0; i < kLedgerBurst; ++i) ASSERT_NE(asked_by(i), 429) << i;
    EXPECT_EQ(asked_by(kLedgerBurst), 429);
    request.peer = "192.0.2.9";
    EXPECT_NE(asked_by(kLedgerBurst), 429) << "another address has a measure of its own";
}

// --- what administrators see and do

TEST_F(LedgerRoute, is_told_beside_the_machine_that_was_activated) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    const std::string id = device.license->machine;
    EXPECT_TRUE(server.admin("machine", "show", {{"id", {id}}}).at("ledger").is_null());
    device.rearms(machine, 2, {true, false, {}});
    for (const auto& shown :
         {server.admin("machine", "show", {{"id", {id}}}),
          server.admin("machine", "list", {}).at("machines").at(0).as_object()}) {
        const auto& ledger = shown.at("ledger").as_object();
        EXPECT_EQ(ledger.at("rearms_used").as_int64(), 2);
        EXPECT_EQ(ledger.at("graces_this_year").as_int64(), 1);
        EXPECT_TRUE(ledger.at("first_grace_at").is_string());
        EXPECT_FALSE(shown.at("suspected_clone").as_bool());
    }
}

TEST_F(LedgerRoute, an_administrator_grants_a_rearm_by_machine_or_by_ledger) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    device.rearms(machine, 3, {true, false, {}});
    const std::string id(ledgers().at(0).at("id").as_string());
    server.admin("machine", "grant-rearm", {{"id", {device.license->machine}}});
    const auto shown = server.admin("machine", "grant-rearm", {{"id", {id}}});
    EXPECT_EQ(shown.at("rearms_used").as_int64(), 1);
    EXPECT_EQ(reply(device.rearms(machine, 3, {true, false, {}})).rearms_used, 1);
}

TEST_F(LedgerRoute, a_rearm_that_was_not_used_is_not_given_back_and_that_is_said) {
    device.rearms(machine, 0, kNew);
    const std::string id(ledgers().at(0).at("id").as_string());
    const auto none = server.try_admin("machine", "grant-rearm", {{"id", {id}}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Code::usage);
}

TEST_F(LedgerRoute, after_a_resale_an_administrator_lets_the_hardware_begin_anew) {
    device.rearms(machine, 3, {true, false, {}});
    server.clock += 90 * day;
    const std::string id(ledgers().at(0).at("id").as_string());
    EXPECT_EQ(server.try_admin("machine", "resolve", {{"id", {id}}}).error().code, Code::usage);
    const auto shown = server.admin("machine", "resolve", {{"id", {id}}, {"reset-rearms", {}}});
    EXPECT_TRUE(shown.at("fresh_grace_allowed").as_bool());
    const auto told = reply(TestDevice(server).rearms(machine, 0, kNew));
    EXPECT_TRUE(told.fresh);
    EXPECT_EQ(told.rearms_used, 0);
}

TEST_F(LedgerRoute, an_activated_machines_ledger_is_reset_with_it) {
    const auto key = server.sell("ai-cloud", 3);
    device.activate(key, machine);
    const admin::RawArguments arguments{{"id", {device.license->machine}}, {"reset-rearms", {}}};
    EXPECT_EQ(server.try_admin("machine", "resolve", arguments).error().code, Code::record_unknown);
    device.rearms(machine, 3, {true, false, {}});
    const auto shown = server.admin("machine", "resolve", arguments);
    EXPECT_EQ(shown.at("ledger").at("rearms_used").as_int64(), 0);
    EXPECT_EQ(server.try_admin("machine", "grant-rearm", {{"id", {"led_none"}}}).error().code,
              Code::record_unknown);
}

}  // namespace
}  // namespace latchkey::keyserver
