#include <gtest/gtest.h>

#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

using fakes::day;

class Renewal : public ::testing::Test {
protected:
    std::string sell_and_activate(const std::string& program) {
        key = server.sell(program, 3);
        EXPECT_EQ(device.activate(key, machine).status, 201);
        return key;
    }

    void sell_and_activate_rental() {
        server.admin("program", "add",
                     {{"id", {"rental"}},
                      {"rule", {"significant-change"}},
                      {"returnable", {}},
                      {"lease-days", {"30"}}});
        sell_and_activate("rental");
    }

    json::bj::value return_due() {
        return server.admin("machine", "show", {{"id", {device.license->machine}}})
            .at("return_due");
    }

    TestServer server;
    TestDevice device{server};
    Hardware machine;
    std::string key;
};

TEST_F(Renewal, the_next_lease_goes_on_without_a_count) {
    sell_and_activate("competency");
    server.clock += 7 * day;
    const auto told = device.renew(machine, 1);
    EXPECT_EQ(told.status, 200) << told.code;
    EXPECT_EQ(device.license->lease_sequence, 2);
    EXPECT_EQ(device.license->expires_at, as_server(server.clock.wall()) + 180 * day);
    EXPECT_EQ(server.used(), 1);
}

TEST_F(Renewal, the_previous_sequence_is_accepted_because_replies_get_lost) {
    sell_and_activate("ai-cloud");
    device.renew(machine, 1);
    EXPECT_EQ(device.renew(machine, 1).status, 200);
    EXPECT_EQ(device.license->lease_sequence, 3);
}

TEST_F(Renewal, a_stale_sequence_opens_a_branch_and_evicts_nobody) {
    sell_and_activate("ai-cloud");
    for (int i = 1; i <= 4; ++i) device.renew(machine, i);
    EXPECT_EQ(device.renew(machine, 2).status, 200) << "a restored backup is no crime";
    const auto shown = server.admin("machine", "show", {{"id", {device.license->machine}}});
    EXPECT_EQ(shown.at("licenses").at(0).at("branches").as_int64(), 1);
}

/// Two machines with one state: whoever holds a lease presents it, and takes what it is told.
class Clones : public Renewal {
protected:
    void SetUp() override { begin("ai-cloud"); }
    void begin(const std::string& program) {
        sell_and_activate(program);
        original = clone = 1;
        id = device.license->machine;
        for (int week = 0; week < 2; ++week) {
            EXPECT_EQ(renew(original), "");
            EXPECT_EQ(renew(clone), "");
        }
        EXPECT_EQ(renew(original), "");
    }
    std::string renew(std::int64_t& held, const std::string& platform = "linux") {
        server.clock += 4 * day;
        device.platform = platform;
        const auto told = device.renew(machine, held);
        if (told.code.empty()) held = device.license->lease_sequence;
        return told.code;
    }
    json::bj::object shown() { return server.admin("machine", "show", {{"id", {id}}}); }
    std::vector<std::string> adoptions() {
        std::vector<std::string> found;
        const auto listed = server.admin("receipt", "list", {{"machine", {id}}});
        for (const auto& receipt : listed.at("receipts").as_array())
            if (receipt.at("kind").as_string() == "adoption")
                found.emplace_back(receipt.at("receipt").as_string());
        return found;
    }

    std::string id;
    std::int64_t original = 1;
    std::int64_t clone = 1;
};

TEST_F(Clones, one_is_told_and_the_original_goes_on) {
    const auto told = device.renew(machine, clone);
    EXPECT_EQ(told.code, "suspected_clone");
    EXPECT_TRUE(told.was_signed);
    EXPECT_EQ(renew(original), "");
    EXPECT_EQ(server.used(), 1);
}

TEST_F(Clones, are_shown_to_the_administrator_in_words) {
    const auto forked = shown().at("forks").as_array();
    ASSERT_EQ(forked.size(), 1u);
    EXPECT_EQ(forked[0].at("goes_on").as_int64(), original);
    EXPECT_EQ(forked[0].at("refused").as_int64(), clone);
    EXPECT_NE(std::string(forked[0].at("what").as_string()).find("two machines"),
              std::string::npos);
    const auto machines = server.admin("machine", "list", {}).at("machines");
    EXPECT_TRUE(machines.at(0).at("suspected_clone").as_bool());
}

TEST_F(Clones, one_is_adopted_by_itself_when_the_other_fell_silent) {
    EXPECT_EQ(renew(clone), "suspected_clone");
    EXPECT_TRUE(adoptions().empty());
    server.clock += 30 * day;
    EXPECT_EQ(renew(clone), "");
    ASSERT_EQ(adoptions().size(), 1u);
    const auto receipt = licensing::verify_receipt(adoptions()[0], server.room().key_set());
    ASSERT_TRUE(receipt) << receipt.error().detail;
    EXPECT_EQ((*receipt)->counted, 0);
    EXPECT_FALSE(shown().at("suspected_clone").as_bool());
}

TEST_F(Clones, one_is_adopted_at_once_when_an_administrator_resolves_it) {
    EXPECT_EQ(renew(clone), "suspected_clone");
    server.admin("machine", "resolve", {{"id", {id}}});
    EXPECT_EQ(renew(clone), "");
    EXPECT_EQ(adoptions().size(), 1u);
    EXPECT_TRUE(shown().at("forks").as_array().empty());
    EXPECT_EQ(renew(clone), "");
    EXPECT_EQ(adoptions().size(), 1u) << "once";
}

TEST_F(Clones, of_another_kind_of_os_are_a_dual_boot) {
    std::int64_t windows = clone;
    for (int week = 0; week < 6; ++week) {
        EXPECT_EQ(renew(original), "");
        EXPECT_EQ(renew(windows, "windows"), "") << week;
    }
}

TEST_F(Clones, a_clone_that_activates_again_does_not_push_the_original_out) {
    EXPECT_EQ(renew(clone), "suspected_clone");
    EXPECT_EQ(device.activate(key, machine).status, 201);
    clone = device.license->lease_sequence;
    std::string told;
    for (int week = 0; week < 4; ++week) {
        EXPECT_EQ(renew(original), "");
        told = renew(clone);
    }
    EXPECT_EQ(told, "suspected_clone");
}

TEST_F(Clones, a_clone_that_pays_for_an_activation_gets_a_license_of_its_own) {
    machine = Hardware::another();
    begin("competency");
    EXPECT_EQ(renew(clone), "suspected_clone");
    const auto disputed = device.license;
    ASSERT_EQ(device.activate(key, machine).status, 201);
    EXPECT_EQ(server.used(), 2);
    const auto paid = device.license;
    EXPECT_NE(paid->id, disputed->id);
    clone = paid->lease_sequence;
    for (int week = 0; week < 6; ++week) {
        device.license = disputed;
        EXPECT_EQ(renew(original), "");
        device.license = paid;
        EXPECT_EQ(renew(clone), "") << week;
    }
}

TEST_F(Renewal, resolving_a_machine_that_nobody_disputes_adopts_nothing) {
    sell_and_activate("ai-cloud");
    server.admin("machine", "resolve", {{"id", {device.license->machine}}});
    EXPECT_EQ(device.renew(machine, 1).status, 200);
    const auto listed = server.admin("receipt", "list", {{"machine", {device.license->machine}}});
    EXPECT_EQ(listed.at("receipts").as_array().size(), 1u) << "the activation's";
}

TEST_F(Renewal, a_server_that_was_restored_goes_on_from_what_agents_hold) {
    sell_and_activate("ai-cloud");
    EXPECT_EQ(device.renew(machine, 40).status, 200);
    EXPECT_EQ(device.license->lease_sequence, 41);
}

TEST_F(Renewal, upgrades_add_up_over_years_without_a_count) {
    sell_and_activate("ai-cloud");
    Hardware changed = machine.with_other_card();
    EXPECT_EQ(device.renew(changed, 1).status, 200);
    changed.disk = "S5GXNX0T999999";
    EXPECT_EQ(device.renew(changed, 2).status, 200);
    TestDevice reimaged(server);
    EXPECT_EQ(reimaged.activate(key, changed, 0).status, 201) << "every step was small";
    EXPECT_EQ(server.used(), 1);
}

TEST_F(Renewal, C3_a_new_board_is_not_renewed_but_must_be_activated) {
    sell_and_activate("ai-cloud");
    EXPECT_EQ(device.renew(machine.with_other_board(), 1).code, "would_count");
    EXPECT_EQ(device.activate(key, machine.with_other_board()).status, 201);
    EXPECT_EQ(server.used(), 2);
    EXPECT_EQ(device.renew(machine.with_other_board(), device.license->lease_sequence).status, 200);
}

TEST_F(Renewal, only_the_device_key_of_the_license_may_renew_it) {
    sell_and_activate("ai-cloud");
    TestDevice thief(server);
    thief.license = device.license;
    EXPECT_EQ(thief.renew(machine, 1).code, "record_unknown");
}

TEST_F(Renewal, a_blocked_key_is_not_renewed) {
    sell_and_activate("ai-cloud");
    const auto id = server.admin("key", "list", {}).at("keys").at(0).at("id").as_string();
    server.admin("key", "block", {{"id", {std::string(id)}}});
    EXPECT_EQ(device.renew(machine, 1).code, "key_blocked");
    server.admin("key", "block", {{"id", {std::string(id)}}, {"undo", {}}});
    EXPECT_EQ(device.renew(machine, 1).status, 200);
}

TEST_F(Renewal, the_earlier_holder_goes_on_after_a_reimage) {
    sell_and_activate("ai-cloud");
    TestDevice reimaged(server);
    reimaged.activate(key, machine);
    EXPECT_EQ(device.renew(machine, 1).status, 200) << "a live holder is never evicted";
}

TEST_F(Renewal, activating_again_on_the_same_device_key_keeps_the_license) {
    sell_and_activate("ai-cloud");
    const auto first = device.license->id;
    EXPECT_EQ(device.activate(key, machine).status, 201);
    EXPECT_EQ(device.license->id, first);
    EXPECT_EQ(device.license->lease_sequence, 2);
    EXPECT_EQ(device.receipt->continuity, licensing::Continuity::device_key);
}

TEST_F(Renewal, an_administrator_can_end_it) {
    sell_and_activate("ai-cloud");
    server.admin("machine", "release", {{"id", {device.license->machine}}});
    EXPECT_EQ(device.renew(machine, 1).code, "license_revoked");
}

TEST_F(Renewal,
       a_released_license_gives_nothing_back_under_a_preset_and_the_next_activation_counts) {
    sell_and_activate("ai-cloud");
    const auto told = device.release();
    EXPECT_EQ(told.status, 200) << told.code;
    EXPECT_FALSE(told["returned"].as_bool());
    EXPECT_TRUE(told["returns_at"].is_null());
    EXPECT_EQ(device.receipt->kind, licensing::ReceiptKind::release);
    EXPECT_EQ(server.used(), 1);
    EXPECT_EQ(device.renew(machine, 1).code, "license_revoked");
    EXPECT_EQ(device.activate(key, machine).status, 201);
    EXPECT_EQ(server.used(), 2);
}

TEST_F(Renewal, a_returnable_lease_comes_back_when_it_would_have_ended) {
    sell_and_activate_rental();
    const auto end = *device.license->expires_at;
    const auto told = device.release();
    EXPECT_TRUE(told["returned"].as_bool());
    EXPECT_EQ(told["returns_at"].as_string(), format_rfc3339(end));
    EXPECT_EQ(return_due(), told["returns_at"]);
    EXPECT_EQ(server.used(), 1);
    server.clock += 31 * day;
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Renewal, what_was_given_back_is_not_given_back_again_by_renewals) {
    sell_and_activate_rental();
    device.release();
    device.activate(key, machine);
    EXPECT_EQ(server.used(), 2) << "the first is on its way back";
    server.clock += 31 * day;
    for (int i = 0; i < 3; ++i) {
        const auto told = device.renew(machine, device.license->lease_sequence);
        EXPECT_EQ(told.status, 200) << told.code;
        EXPECT_EQ(server.used(), 1) << "renewal " << i;
    }
    EXPECT_TRUE(return_due().is_null());
}

TEST_F(Renewal, what_was_given_back_is_not_given_back_again_by_a_release) {
    sell_and_activate_rental();
    device.release();
    device.activate(key, machine);
    server.clock += 31 * day;
    EXPECT_TRUE(device.release()["returned"].as_bool());
    EXPECT_EQ(server.used(), 0) << "both leases ended on the same day";
    device.activate(key, machine);
    EXPECT_EQ(server.used(), 1);
    server.clock += 31 * day;
    EXPECT_EQ(server.used(), 1) << "nothing more is owed";
}

TEST_F(Renewal, a_second_release_before_the_first_return_is_due_loses_neither) {
    sell_and_activate_rental();
    device.release();
    const auto first_due = return_due();
    server.clock += 10 * day;
    device.activate(key, machine);
    const auto told = device.release();
    EXPECT_TRUE(told["returned"].as_bool());
    EXPECT_EQ(told["returns_at"].as_string(), format_rfc3339(*device.license->expires_at))
        << "this one's time, not the first one's";
    EXPECT_EQ(server.used(), 2);
    EXPECT_EQ(return_due(), first_due) << "the next one due is shown";
    server.clock += 21 * day;
    EXPECT_EQ(server.used(), 1);
    EXPECT_EQ(server.used(), 1) << "asking again takes nothing more";
    server.clock += 10 * day;
    EXPECT_EQ(server.used(), 0);
}

TEST_F(Renewal, releasing_ends_nobody_elses_license) {
    sell_and_activate("ai-cloud");
    TestDevice reimaged(server);
    reimaged.activate(key, machine);
    server.clock += 1 * day;
    device.renew(machine, 1);  // the earlier holder is alive: one of the two is a clone
    EXPECT_EQ(reimaged.release().status, 200);
    EXPECT_EQ(device.renew(machine, 2).status, 200);
}

}  // namespace
}  // namespace latchkey::keyserver
