#include "tests/unit/agent_cli/gallery.h"

#include <utility>

#include "agent/localapi/contract.h"
#include "base/problem.h"

namespace latchkey::cli {
namespace {

using core::ProductStatus;
using localapi::HealthItem;
using localapi::ProductView;
using localapi::Severity;
using localapi::StatusView;

const ServerTime kNow = *parse_server_time("2026-11-22T14:00:00Z");

ProductView product(std::string id, std::string name, ProductStatus status) {
    ProductView view;
    view.name = std::move(name);
    view.state.product = std::move(id);
    view.state.status = status;
    return view;
}

ProductView& with_license(ProductView& view, Duration age, std::optional<Duration> lease) {
    licensing::License license;
    license.kind = lease ? licensing::LicenseKind::lease : licensing::LicenseKind::perpetual;
    license.issued_at = kNow - age;
    if (lease) license.expires_at = license.issued_at + *lease;
    license.program = "action-pack";
    license.rule = licensing::CountingRule::any_change;
    license.key_last5 = "ABCDE";
    license.license_quantity = 25;
    license.activations = {3, 10, kNow - age};
    view.state.license = license;
    view.state.renew_at = view.state.next_attempt_at = kNow + Days{5} + hours{2};
    view.state.last_attempt = core::Attempt{kNow - age, "ok", "", ""};
    view.state.last_decision = core::Decision{hwid::Verdict::same,
                                              false,
                                              0,
                                              licensing::CountingRule::any_change,
                                              {"Same machine, no hardware change: not counted."},
                                              kNow - age};
    return view;
}

ProductView& with_grace(ProductView& view, ProductStatus kind, Duration used, Duration whole) {
    view.state.grace = core::Grace{
        .started_at = kNow - used, .ends_at = kNow - used + whole, .length = whole, .kind = kind};
    view.state.next_attempt_at.reset();
    return view;
}

ProductView licensed(std::string id, std::string name) {
    auto view = product(std::move(id), std::move(name), ProductStatus::licensed);
    return with_license(view, Days{5}, Days{180});
}

ProductView initial(std::string id, std::string name, Duration used) {
    auto view = product(std::move(id), std::move(name), ProductStatus::initial_grace);
    return with_grace(view, ProductStatus::initial_grace, used, Days{30});
}

ProductView out_of_tolerance(Duration used) {
    auto view = product("draw", "Contoso Draw", ProductStatus::out_of_tolerance_grace);
    with_license(view, Days{40}, Days{180});
    return with_grace(view, ProductStatus::out_of_tolerance_grace, used, Days{30});
}

void failed(ProductView& view, Code code, std::string detail, std::string outcome = "failed") {
    view.state.last_attempt = core::Attempt{kNow - hours{2}, std::move(outcome),
                                            std::string(info(code).name), std::move(detail)};
}

StatusView machine(std::vector<ProductView> products) {
    StatusView view;
    view.version = "0.1.0";
    view.started_at = kNow - Days{1};
    view.now = kNow;
    view.machine_id = "mid_1";
    view.support_code = "7H3K92QX";
    view.evidence = "strong";
    view.anchor = "none";
    view.products = std::move(products);
    return view;
}

HealthItem health(Code code, std::string text, std::string product = {}) {
    return {std::string(info(code).name), Severity::warning, std::move(text),
            std::string(info(code).remedy), std::move(product)};
}

ProductView drifted() {
    auto view = out_of_tolerance(Days{4});
    view.state.drifted = true;
    view.drift = {"The same machine: the disks and the network card agree; the mainboard differs.",
                  "Changed significantly: mainboard."};
    return view;
}

ProductView refused_for_good() {
    auto view = initial("solver", "Fabrikam Solver", Days{12});
    view.state.product_key = "AAAAA-BBBBB-CCCCC-DDDDD-QWERT";
    failed(view, Code::activation_limit_reached, "2 of 2 used", "refused");
    return view;
}

StatusView mixed() {
    return machine({initial("cad", "Contoso CAD", Days{12}),
                    product("cal", "Contoso Access", ProductStatus::not_required),
                    licensed("draw", "Contoso Draw")});
}

StatusView fine() {
    auto forever = product("writer", "Contoso Writer", ProductStatus::licensed);
    with_license(forever, Days{100}, std::nullopt);
    return machine({licensed("draw", "Contoso Draw"), licensed("studio", "Contoso Studio"),
                    std::move(forever)});
}

StatusView lease_nears_its_end() {
    auto view = product("draw", "Contoso Draw", ProductStatus::licensed);
    with_license(view, Days{168}, Days{180});
    view.state.intent = core::Intent{};
    view.state.intent->kind = core::IntentKind::renew;
    view.state.intent->created_at = kNow - Days{30};
    failed(view, Code::keyserver_unreachable, "https://keys.contoso.example: no route to host");
    return machine({view});
}

StatusView lease_ran_out() {
    auto view = out_of_tolerance(Days{2});
    with_license(view, Days{182}, Days{180});
    view.state.next_attempt_at = kNow + hours{7};
    failed(view, Code::keyserver_unreachable, "https://keys.contoso.example: no route to host");
    return machine({view});
}

StatusView revoked() {
    auto view = product("draw", "Contoso Draw", ProductStatus::non_genuine_grace);
    with_license(view, Days{40}, Days{180});
    with_grace(view, ProductStatus::non_genuine_grace, Days{2}, Days{7});
    view.state.revoked = true;
    failed(view, Code::license_revoked, "blocked by Contoso's administrator", "refused");
    auto status = machine({view});
    status.health = {
        health(Code::license_revoked, "draw: The license was revoked by the key server.", "draw")};
    return status;
}

StatusView suspected_clone() {
    auto view = out_of_tolerance(Days{1});
    view.state.suspected_clone = true;
    auto status = machine({view});
    status.health = {health(Code::suspected_clone,
                            "draw: Another machine uses the same identity; this one looks like a "
                            "clone.",
                            "draw")};
    return status;
}

StatusView held() {
    auto view = initial("cad", "Contoso CAD", Days{3});
    view.state.product_key = "AAAAA-BBBBB-CCCCC-DDDDD-ABCDE";
    view.state.held = true;
    view.state.held_code = info(Code::would_count).name;
    auto status = machine({view});
    status.health = {health(Code::confirmation_required,
                            "cad: an activation waits for your confirmation (would_count).",
                            "cad")};
    return status;
}

StatusView refused() {
    auto status = machine({refused_for_good()});
    status.health = {health(
        Code::activation_limit_reached,
        "solver: " + std::string(info(Code::activation_limit_reached).title) + " (2 of 2 used)",
        "solver")};
    return status;
}

StatusView waits_for_the_key_server() {
    auto view = initial("cad", "Contoso CAD", Days{3});
    view.state.product_key = "AAAAA-BBBBB-CCCCC-DDDDD-ABCDE";
    view.state.intent = core::Intent{};
    view.state.intent->created_at = kNow - hours{9};
    view.state.next_attempt_at = kNow + hours{4};
    failed(view, Code::keyserver_unreachable, "https://keys.contoso.example: connection refused");
    return machine({view});
}

StatusView gives_up_its_license() {
    auto view = licensed("draw", "Contoso Draw");
    view.state.intent = core::Intent{};
    view.state.intent->kind = core::IntentKind::release;
    view.state.intent->created_at = kNow - hours{1};
    view.state.next_attempt_at = kNow + minutes{15};
    failed(view, Code::keyserver_unreachable, "https://keys.contoso.example: connection refused");
    return machine({view});
}

StatusView grace_ended() {
    auto view = initial("cad", "Contoso CAD", Days{31});
    view.state.status = ProductStatus::notification;
    view.state.reminder_due_at = kNow + hours{3};
    return machine({view});
}

StatusView last_day() { return machine({initial("cad", "Contoso CAD", Days{29} + hours{5})}); }

StatusView rearmed(bool frozen) {
    auto view = product("cad", "Contoso CAD", ProductStatus::extended_grace);
    with_grace(view, ProductStatus::extended_grace, Days{6}, Days{30});
    view.state.grace->frozen = frozen;
    view.state.rearms_used = 1;
    return machine({view});
}

StatusView ended_by_hand() {
    auto view = product("draw", "Contoso Draw", ProductStatus::unlicensed);
    view.state.deactivated = true;
    return machine({view});
}

StatusView lab(Duration used, int rearms_used) {
    auto view = initial("studio", "Contoso Studio", used);
    view.policy.role = core::Role::lab;
    view.state.rearms_used = rearms_used;
    view.state.ledger.told = core::LedgerWord{kNow - Days{95}, 4, 26, kNow - used};
    auto status = machine({view});
    status.role = core::Role::lab;
    return status;
}

StatusView clock(core::ClockHealth clock, Code code) {
    auto status = machine({licensed("draw", "Contoso Draw")});
    status.clock = clock;
    status.health = {health(code, std::string(info(code).title))};
    return status;
}

StatusView cloud() {
    auto status = machine({licensed("draw", "Contoso Draw")});
    licensing::CloudEntitlement one;
    one.publisher = "contoso.example";
    one.service = "Contoso Cloud E3";
    one.program = "action-pack";
    one.seats = 25;
    one.redeemed_at = kNow - Days{340};
    one.ends_at = kNow + Days{12};
    status.cloud.push_back(one);
    one.service = "Contoso Mail";
    one.ends_at = kNow + Days{220};
    status.cloud.push_back(one);
    return status;
}

StatusView intercepted() {
    auto status = machine({licensed("draw", "Contoso Draw")});
    status.is_virtual = true;
    status.health = {
        health(Code::tls_intercepted, "draw: issuer CN=Corporate Inspection CA", "draw"),
        {"lab_recommended",
         Severity::info,
         "This machine was reimaged three times within 90 days.",
         "Set role = \"lab\" in agent.toml, and it spends no activations.",
         {}}};
    return status;
}

}  // namespace

std::vector<Exhibit> gallery() {
    using Item = std::pair<std::string, StatusView>;
    std::vector<Exhibit> exhibits;
    for (auto& [title, view] : std::vector<Item>{
             {"One product in grace, one licensed, one that needs no activation", mixed()},
             {"All is well", fine()},
             {"A lease that nears its end", lease_nears_its_end()},
             {"A lease that ran out", lease_ran_out()},
             {"Other hardware", drifted().state.drifted ? machine({drifted()}) : StatusView{}},
             {"A revoked license", revoked()},
             {"A suspected clone", suspected_clone()},
             {"An activation that waits for a word", held()},
             {"An activation that was refused", refused()},
             {"An activation whose key server is away", waits_for_the_key_server()},
             {"A license that is being given up", gives_up_its_license()},
             {"The last day of a grace", last_day()},
             {"A grace that has ended", grace_ended()},
             {"A rearm that waits for the first use", rearmed(true)},
             {"A rearm that runs", rearmed(false)},
             {"Ended by hand", ended_by_hand()},
             {"A lab machine", lab(Days{12}, 0)},
             {"A lab machine in its last week", lab(Days{25}, 1)},
             {"A lab machine without rearms", lab(Days{25}, 3)},
             {"A clock that is behind", clock(core::ClockHealth::behind, Code::clock_behind)},
             {"A clock that is ahead", clock(core::ClockHealth::ahead, Code::clock_ahead)},
             {"A network that is inspected, and good advice", intercepted()},
             {"A cloud service that nears its end", cloud()},
             {"Nothing installed", machine({})}})
        exhibits.push_back({title, localapi::to_json(view)});
    return exhibits;
}

}  // namespace latchkey::cli
