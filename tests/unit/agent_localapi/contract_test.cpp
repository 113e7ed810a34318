#include "agent/localapi/contract.h"

#include <gtest/gtest.h>

namespace latchkey::localapi {
namespace {

using core::ProductStatus;

constexpr ServerTime kNow{Days{20000}};

ProductView in_grace(ProductStatus status, Duration left) {
    ProductView view;
    view.name = "Example Suite";
    view.state.product = "suite";
    view.state.status = status;
    view.state.grace = core::Grace{kNow - Days{1}, kNow + left, false, Days{30}};
    return view;
}

ProductView licensed(std::optional<Duration> lease_left) {
    ProductView view;
    view.name = "Example Suite";
    view.state.product = "suite";
    view.state.status = ProductStatus::licensed;
    licensing::License license;
    license.kind = lease_left ? licensing::LicenseKind::lease : licensing::LicenseKind::perpetual;
    license.issued_at = kNow - Days{10};
    if (lease_left) license.expires_at = kNow + *lease_left;
    license.program = "action-pack";
    license.rule = licensing::CountingRule::any_change;
    license.key_last5 = "ABCDE";
    license.license_quantity = 7;
    license.activations = {3, 10, kNow};
    view.state.license = license;
    return view;
}

StatusView status_of(std::vector<ProductView> products) {
    StatusView view;
    view.version = "0.1.0";
    view.started_at = kNow;
    view.now = kNow;
    view.machine_id = "mid_x";
    view.support_code = "ABCD2345";
    view.evidence = "strong";
    view.anchor = "none";
    view.products = std::move(products);
    return view;
}

const json::bj::object& product_of(const json::bj::value& document) {
    return document.at("products").as_array().at(0).as_object();
}

TEST(Status, C8_quantity_and_activations_are_shown_side_by_side) {
    const auto document = to_json(status_of({licensed(Days{100})}));
    const auto& product = product_of(document);
    EXPECT_EQ(product.at("license_quantity").as_int64(), 7);
    EXPECT_EQ(product.at("activations").at("used").as_int64(), 3);
    EXPECT_EQ(product.at("activations").at("limit").as_int64(), 10);
    EXPECT_EQ(product.at("activations").at("left").as_int64(), 7);
    EXPECT_EQ(product.at("program").as_string(), "action-pack");
    EXPECT_EQ(product.at("counting_rule").as_string(), "any-change");
    EXPECT_EQ(product.at("license").at("kind").as_string(), "lease");
}

TEST(Status, names_the_evidence_table_that_compares_the_hardware) {
    auto view = licensed(Days{100});
    view.weights_version = 7;
    EXPECT_EQ(product_of(to_json(status_of({view}))).at("weights_version").as_int64(), 7);
}

TEST(Status, every_member_is_there_and_null_where_it_does_not_apply) {
    const auto document = to_json(status_of({ProductView{}}));
    const auto& product = product_of(document);
    for (const auto* member :
         {"key_last5", "program", "counting_rule", "license", "grace", "grace_ledger",
          "activations", "license_quantity", "activate_by", "last_decision", "last_attempt",
          "pending_request", "next_attempt_at", "reminder_due_at", "first_used_at"}) {
        ASSERT_TRUE(product.contains(member)) << member;
        EXPECT_TRUE(product.at(member).is_null()) << member;
    }
    EXPECT_EQ(product.at("state").as_string(), "unlicensed");
    EXPECT_EQ(product.at("state_code").as_int64(), 0);
    EXPECT_TRUE(document.at("cloud_entitlements").as_array().empty());
}

TEST(Status, a_request_without_an_answer_is_shown_and_is_no_renewal) {
    auto view = licensed(Days{100});
    view.state.renew_at = kNow + Days{7};
    view.state.next_attempt_at = kNow + Days{1};
    view.state.intent = core::Intent{};
    view.state.intent->kind = core::IntentKind::release;
    view.state.intent->created_at = kNow;
    view.state.queued = core::Intent{};
    const auto document = to_json(status_of({view}));
    const auto& product = product_of(document);
    const auto& pending = product.at("pending_request");
    EXPECT_EQ(pending.at("kind").as_string(), "release");
    EXPECT_EQ(pending.at("since").as_string(), format_rfc3339(kNow));
    EXPECT_EQ(pending.at("queued").as_string(), "activate");
    EXPECT_FALSE(pending.at("may_have_left").as_bool());
    view.state.intent->may_have_arrived = true;
    const auto left = to_json(status_of({view}));
    EXPECT_TRUE(product_of(left).at("pending_request").at("may_have_left").as_bool());
    EXPECT_EQ(product.at("next_attempt_at").as_string(), format_rfc3339(kNow + Days{1}));
    EXPECT_EQ(product.at("license").at("renew_at").as_string(), format_rfc3339(kNow + Days{7}));
}

TEST(Status, a_product_key_is_shown_by_its_last_group_alone) {
    auto view = in_grace(ProductStatus::initial_grace, Days{10});
    view.state.product_key = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE";
    const auto document = to_json(status_of({view}));
    EXPECT_EQ(product_of(document).at("key_last5").as_string(), "EEEEE");
    EXPECT_EQ(json::to_text(document).find("DDDDD"), std::string::npos);
}

TEST(Status, K7_a_product_that_needs_no_activation_is_fine_and_has_no_code) {
    ProductView view;
    view.state.status = ProductStatus::not_required;
    const auto document = to_json(status_of({view}));
    EXPECT_TRUE(product_of(document).at("state_code").is_null());
    EXPECT_EQ(document.at("overall").as_string(), "ok");
}

TEST(Status, grace_names_kind_end_and_rearms_left) {
    auto view = in_grace(ProductStatus::extended_grace, Days{2});
    view.state.rearms_used = 1;
    const auto document = to_json(status_of({view}));
    const auto& grace = product_of(document).at("grace");
    EXPECT_EQ(grace.at("kind").as_string(), "extended");
    EXPECT_EQ(grace.at("remaining_s").as_int64(), 2 * 86400);
    EXPECT_EQ(grace.at("rearms_left").as_int64(), 2);
    EXPECT_EQ(grace.at("ends_at").as_string(), format_rfc3339(kNow + Days{2}));
}

TEST(Status, a_frozen_grace_keeps_its_whole_length_and_has_no_end_yet) {
    auto view = in_grace(ProductStatus::extended_grace, Days{2});
    view.state.grace->frozen = true;
    const auto document = to_json(status_of({view}));
    const auto& grace = product_of(document).at("grace");
    EXPECT_TRUE(grace.at("ends_at").is_null());
    EXPECT_EQ(grace.at("remaining_s").as_int64(), 30 * 86400);
}

std::vector<std::string> codes_of(const ProductView& view) {
    std::vector<std::string> codes;
    const auto told = conditions(view, kNow);
    for (const auto& item : told.as_array()) codes.emplace_back(item.at("code").as_string());
    return codes;
}

TEST(Status, a_grace_says_since_when_how_long_and_whether_it_waits) {
    auto view = in_grace(ProductStatus::initial_grace, Days{29});
    const auto running = to_json(status_of({view}));
    const auto& grace = product_of(running).at("grace");
    EXPECT_EQ(grace.at("started_at").as_string(), format_rfc3339(kNow - Days{1}));
    EXPECT_EQ(grace.at("length_s").as_int64(), 30 * 86400);
    EXPECT_FALSE(grace.at("waits_for_first_use").as_bool());
    view.state.grace->frozen = true;
    const auto frozen = to_json(status_of({view}));
    EXPECT_TRUE(product_of(frozen).at("grace").at("waits_for_first_use").as_bool());
}

TEST(Status, names_the_time_by_which_the_agent_judges) {
    EXPECT_EQ(to_json(status_of({})).at("agent").at("now").as_string(), format_rfc3339(kNow));
}

TEST(Status, a_health_item_says_whose_it_is) {
    auto view = status_of({});
    view.health = {{"key_blocked", Severity::warning, "suite: blocked", "", "suite"},
                   {"clock_behind", Severity::warning, "behind", ""}};
    const auto document = to_json(view);
    const auto& health = document.at("agent").at("health").as_array();
    EXPECT_EQ(health.at(0).at("product").as_string(), "suite");
    EXPECT_TRUE(health.at(1).at("product").is_null());
}

TEST(Status, each_product_carries_the_judgement_that_overall_is_made_of) {
    const auto document = to_json(status_of({in_grace(ProductStatus::notification, Days{-1})}));
    EXPECT_EQ(product_of(document).at("severity").as_string(), "critical");
    const auto fine = to_json(status_of({licensed(Days{100})}));
    EXPECT_EQ(product_of(fine).at("severity").as_string(), "ok");
}

TEST(Conditions, of_everyday_life_are_none) {
    EXPECT_TRUE(codes_of(licensed(Days{100})).empty());
    EXPECT_TRUE(codes_of(in_grace(ProductStatus::initial_grace, Days{29})).empty());
}

TEST(Conditions, tell_what_changed_and_since_when) {
    auto view = licensed(Days{100});
    view.state.status = ProductStatus::out_of_tolerance_grace;
    view.state.grace = core::Grace{kNow - Days{2}, kNow + Days{28}, false, Days{30}};
    view.state.drifted = true;
    view.drift = {"Changed significantly: mainboard."};
    const auto told = conditions(view, kNow);
    const auto& first = told.as_array().at(0);
    EXPECT_EQ(first.at("code").as_string(), "hardware_changed");
    EXPECT_EQ(first.at("since").as_string(), format_rfc3339(kNow - Days{2}));
    EXPECT_EQ(first.at("details").as_array().at(0).as_string(), view.drift[0]);
}

TEST(Conditions, name_what_a_grace_is_for_first) {
    auto view = licensed(-Days{1});
    view.state.status = ProductStatus::non_genuine_grace;
    view.state.grace = core::Grace{kNow - Days{2}, kNow + Days{5}, false, Days{7}};
    view.state.revoked = view.state.suspected_clone = view.state.held = true;
    view.state.held_code = "would_count";
    EXPECT_EQ(codes_of(view),
              (std::vector<std::string>{"license_revoked", "suspected_clone", "license_expired",
                                        "confirmation_required"}));
    const auto told = conditions(view, kNow).as_array();
    EXPECT_EQ(told.at(0).at("since").as_string(), format_rfc3339(kNow - Days{2}));
    EXPECT_TRUE(told.at(1).at("since").is_null());
    EXPECT_EQ(told.at(2).at("since").as_string(), format_rfc3339(kNow - Days{1}));
    EXPECT_EQ(told.at(3).at("details").as_array().at(0).as_string(),
              std::string(info(Code::would_count).title));
}

TEST(Conditions, K7_where_no_activation_is_needed_nothing_is_wrong) {
    auto view = licensed(-Days{1});
    view.state.revoked = true;
    view.state.status = ProductStatus::not_required;
    EXPECT_TRUE(codes_of(view).empty());
}

TEST(Conditions, what_an_admin_ended_is_said_to_be_ended_by_hand) {
    ProductView view;
    view.state.deactivated = true;
    EXPECT_EQ(codes_of(view), std::vector<std::string>{"deactivated"});
}

TEST(Status, tells_what_the_key_server_knows_of_this_hardwares_grace) {
    auto view = in_grace(ProductStatus::initial_grace, Days{12});
    view.state.ledger.ask_at = kNow + hours{1};
    auto document = to_json(status_of({view}));
    auto ledger = product_of(document).at("grace_ledger");
    EXPECT_EQ(ledger.at("ask_at").as_string(), format_rfc3339(kNow + hours{1}));
    EXPECT_TRUE(ledger.at("first_grace_at").is_null()) << "not told yet";
    EXPECT_TRUE(ledger.at("refused").is_null());
    view.state.ledger = {};
    view.state.ledger.told = core::LedgerWord{kNow - Days{18}, 2, 26, kNow};
    document = to_json(status_of({view}));
    ledger = product_of(document).at("grace_ledger");
    EXPECT_EQ(ledger.at("first_grace_at").as_string(), format_rfc3339(kNow - Days{18}));
    EXPECT_EQ(ledger.at("graces_this_year").as_int64(), 2);
    EXPECT_EQ(ledger.at("graces_allowed").as_int64(), 26);
    EXPECT_EQ(ledger.at("as_of").as_string(), format_rfc3339(kNow));
    EXPECT_TRUE(ledger.at("ask_at").is_null());
}

TEST(Severity, grace_is_a_warning_and_its_end_is_critical) {
    EXPECT_EQ(severity_of(in_grace(ProductStatus::initial_grace, Days{20}), kNow),
              Severity::warning);
    EXPECT_EQ(severity_of(in_grace(ProductStatus::out_of_tolerance_grace, Days{20}), kNow),
              Severity::warning);
    EXPECT_EQ(severity_of(in_grace(ProductStatus::notification, Days{-1}), kNow),
              Severity::critical);
}

TEST(Severity, C9_a_lab_machine_is_fine_while_days_or_rearms_are_left) {
    auto view = in_grace(ProductStatus::initial_grace, Days{8});
    view.policy.role = core::Role::lab;
    view.state.rearms_used = view.policy.rearms;
    EXPECT_EQ(severity_of(view, kNow), Severity::info) << "eight days left";
    view.state.grace->ends_at = kNow + Days{7};
    EXPECT_EQ(severity_of(view, kNow), Severity::warning) << "seven days and no rearm left";
    view.state.rearms_used = view.policy.rearms - 1;
    EXPECT_EQ(severity_of(view, kNow), Severity::info) << "a rearm left";
}

TEST(Severity, a_lease_warns_ahead_of_its_end_and_a_perpetual_license_never) {
    EXPECT_EQ(severity_of(licensed(Days{21}), kNow), Severity::info);
    EXPECT_EQ(severity_of(licensed(Days{20}), kNow), Severity::warning);
    EXPECT_EQ(severity_of(licensed(std::nullopt), kNow), Severity::info);
}

TEST(Severity, what_waits_for_an_admin_is_a_warning) {
    auto held = licensed(std::nullopt);
    held.state.held = true;
    EXPECT_EQ(severity_of(held, kNow), Severity::warning);
    auto clone = licensed(std::nullopt);
    clone.state.suspected_clone = true;
    EXPECT_EQ(severity_of(clone, kNow), Severity::warning);
}

TEST(Severity, overall_is_the_worst_of_health_and_products) {
    auto view = status_of({licensed(Days{100})});
    EXPECT_EQ(to_json(view).at("overall").as_string(), "ok");
    view.health.push_back({"note", Severity::info, "", ""});
    EXPECT_EQ(to_json(view).at("overall").as_string(), "ok");
    view.health.push_back({"clock_behind", Severity::warning, "", ""});
    EXPECT_EQ(to_json(view).at("overall").as_string(), "warning");
    view.products.push_back(in_grace(ProductStatus::notification, Days{-1}));
    EXPECT_EQ(to_json(view).at("overall").as_string(), "critical");
}

TEST(Status, says_what_the_tpm_is_used_for_and_what_became_of_it) {
    auto view = status_of({});
    view.tpm_use = "proof";
    auto tpm = to_json(view).at("machine").at("tpm");
    EXPECT_EQ(tpm.at("use").as_string(), "proof");
    EXPECT_TRUE(tpm.at("last_proof").is_null());
    EXPECT_TRUE(tpm.at("counter").is_null());
    EXPECT_TRUE(tpm.at("evidence").is_null());
    EXPECT_TRUE(tpm.at("reason").is_null());
    view.tpm_evidence = "unreadable";
    view.tpm_reason = "I/O error";
    tpm = to_json(view).at("machine").at("tpm");
    EXPECT_EQ(tpm.at("evidence").as_string(), "unreadable");
    EXPECT_EQ(tpm.at("reason").as_string(), "I/O error");
    view.tpm_attempt = TpmAttempt{"hierarchy_locked", "somebody set a password", kNow};
    view.tpm_counter = TpmAttempt{"kept", "", kNow};
    tpm = to_json(view).at("machine").at("tpm");
    EXPECT_EQ(tpm.at("last_proof").at("outcome").as_string(), "hierarchy_locked");
    EXPECT_EQ(tpm.at("last_proof").at("text").as_string(), "somebody set a password");
    EXPECT_EQ(tpm.at("counter").at("outcome").as_string(), "kept");
    EXPECT_TRUE(tpm.at("counter").at("text").is_null());
}

TEST(Status, says_where_what_is_set_came_from) {
    auto view = status_of({});
    auto configuration = to_json(view).at("agent").at("configuration");
    EXPECT_TRUE(configuration.at("file").is_null());
    EXPECT_EQ(configuration.at("by_policy").as_int64(), 0);
    EXPECT_TRUE(configuration.at("settings").as_array().empty());
    view.config_file = "/etc/agent.toml";
    view.settings = {{"agent.role", "lab", "policy HKLM\\P\\agent : role", "policy"}};
    for (std::size_t i = 0; i < kMaxSettingsShown; ++i)
        view.settings.push_back({"publisher.p.url", "https://k", "/etc/agent.toml:7", "file"});
    configuration = to_json(view).at("agent").at("configuration");
    EXPECT_EQ(configuration.at("file").as_string(), "/etc/agent.toml");
    EXPECT_EQ(configuration.at("by_policy").as_int64(), 1);
    EXPECT_EQ(configuration.at("by_file").as_int64(), static_cast<std::int64_t>(kMaxSettingsShown));
    const auto& settings = configuration.at("settings").as_array();
    EXPECT_EQ(settings.size(), kMaxSettingsShown) << "the counts are of all, the list is bounded";
    EXPECT_EQ(settings[0], json::bj::value({{"name", "agent.role"},
                                            {"value", "lab"},
                                            {"source", "policy HKLM\\P\\agent : role"},
                                            {"from", "policy"}}));
}

TEST(Status, says_what_tied_the_machine_to_its_earlier_activation) {
    auto product = licensed(Days{100});
    product.state.last_decision = core::Decision{};
    EXPECT_TRUE(decision_summary(*product.state.last_decision).at("continuity").is_null());
    product.state.last_decision->continuity = licensing::Continuity::tpm;
    EXPECT_EQ(decision_summary(*product.state.last_decision).at("continuity").as_string(), "tpm");
}

TEST(Status, counts_the_graces_that_a_tpm_remembers_as_rearms) {
    auto product = in_grace(ProductStatus::initial_grace, Days{29});
    product.state.tpm = core::TpmLedger{3, 2};
    EXPECT_EQ(grace_summary(product, kNow).at("rearms_left").as_int64(), 1);
    product.state.status = ProductStatus::notification;
    EXPECT_EQ(grace_summary(product, kNow).at("remaining_s").as_int64(), 0);
}

}  // namespace
}  // namespace latchkey::localapi
