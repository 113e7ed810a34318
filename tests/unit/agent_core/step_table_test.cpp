// docs/lifecycle.md shows what every event does in every state. The table is made from the code
// here; the test fails where the page says something else, and prints what it should say.

#include <array>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "tests/unit/agent_core/world.h"

namespace latchkey::core {
namespace {

constexpr std::string_view kBegin = "<!-- state-table:begin -->\n";
constexpr std::string_view kEnd = "<!-- state-table:end -->\n";

World in_status(ProductStatus status) {
    World w = installed();
    switch (status) {
        case ProductStatus::unlicensed:
            w = World{};
            break;
        case ProductStatus::initial_grace:
            break;
        case ProductStatus::licensed:
            w = licensed();
            break;
        case ProductStatus::out_of_tolerance_grace:
            (w = licensed()) << changed_hardware();
            break;
        case ProductStatus::non_genuine_grace:
            (w = licensed()) << event::Revoked{};
            break;
        case ProductStatus::notification:
            w.after(31 * day);
            break;
        case ProductStatus::extended_grace:
            w << event::Rearm{} << event::FirstUse{};
            break;
        case ProductStatus::not_required:
            w << event::ManifestSeen{false};
            break;
    }
    EXPECT_EQ(w.status(), status);
    return w;
}

struct Row {
    std::string title;
    std::function<void(World&)> happen;
};

std::vector<Row> rows() {
    const auto now = [](auto event) { return [event](World& w) { w << event; }; };
    return {
        {"tick, nothing due", now(event::Tick{})},
        {"tick, deadline passed", [](World& w) { w.after(400 * day); }},
        {"manifest seen", now(event::ManifestSeen{true})},
        {"manifest seen, no activation needed", now(event::ManifestSeen{false})},
        {"manifest removed", now(event::ManifestRemoved{})},
        {"hardware seen: same", now(same_hardware())},
        {"hardware seen: significant or different", now(changed_hardware())},
        {"hardware seen: insufficient", now(hardware(hwid::Verdict::insufficient, true))},
        {"activation decided", now(activation())},
        {"activation decided, lab role",
         [](World& w) {
             w.policy.role = Role::lab;
             w << activation();
         }},
        {"activation proven", now(event::ActivationProven{"a1", "{}"})},
        {"activation held", now(event::ActivationHeld{kKey, Code::would_count})},
        {"renewal decided", now(event::RenewalDecided{"{}", "r1"})},
        {"release decided", now(event::ReleaseDecided{"{}", "rel"})},
        {"license received", [](World& w) { w << answer(lease(w.now(), 9)); }},
        {"release received", now(event::ReleaseReceived{"receipt"})},
        {"attempt failed, may pass", now(failed(Code::keyserver_unreachable))},
        {"attempt failed, final", now(failed(Code::activation_limit_reached, true))},
        {"ledger received: this grace is new",
         [](World& w) { w << ledger_answer(w, {}, /*fresh=*/true); }},
        {"ledger received: 12 days of grace and a rearm were left",
         [](World& w) { w << ledger_answer(w, {.extended = true, .used = Days{18}}, false, 2); }},
        {"ledger received: no grace was left",
         [](World& w) { w << ledger_answer(w, {.used = Days{40}}); }},
        {"ledger failed, may pass",
         [](World& w) { w << ledger_failure(w, Code::keyserver_unreachable); }},
        {"ledger failed, final",
         [](World& w) { w << ledger_failure(w, Code::record_unknown, true); }},
        {"counter read: no grace before", now(event::CounterRead{0})},
        {"counter read: one grace before", now(event::CounterRead{1})},
        {"counter read: more graces than there are", now(event::CounterRead{4})},
        {"network changed", now(event::NetworkChanged{})},
        {"first use", now(event::FirstUse{})},
        {"rearm", now(event::Rearm{})},
        {"rearm, none left",
         [](World& w) {
             w.state.rearms_used = w.policy.rearms;
             w << event::Rearm{};
         }},
        {"revoked", now(event::Revoked{})},
        {"clone told", now(event::CloneTold{})},
        {"deactivated", now(event::Deactivated{})},
    };
}

void add(std::string& cell, std::string_view word) {
    if (!cell.empty()) cell += ", ";
    cell += word;
}

std::string cell_of(ProductStatus before, const World& after) {
    if (after.refused) return "refused: `" + std::string(after.refused->name()) + "`";
    std::string cell;
    if (after.status() != before) cell = "**" + std::string(name(after.status())) + "**";
    if (has<effect::SendIntent>(after.effects)) add(cell, "send");
    if (has<effect::PrepareRenewal>(after.effects)) add(cell, "prepare renewal");
    if (has<effect::PrepareReactivation>(after.effects)) add(cell, "prepare re-activation");
    if (has<effect::AskLedger>(after.effects)) add(cell, "ask ledger");
    if (has<effect::RaiseCounter>(after.effects)) add(cell, "raise counter");
    if (has<effect::Remind>(after.effects)) add(cell, "remind");
    for (const auto& report : reports(after.effects)) add(cell, "`" + report + "`");
    return cell.empty() ? "–" : cell;
}

std::string table() {
    std::string out = "| event |";
    std::string rule = "|---|";
    for (std::size_t i = 0; i < kStatusCount; ++i) {
        out += " " + std::string(name(static_cast<ProductStatus>(i))) + " |";
        rule += "---|";
    }
    out += "\n" + rule + "\n";
    for (const auto& row : rows()) {
        out += "| " + row.title + " |";
        for (std::size_t i = 0; i < kStatusCount; ++i) {
            const auto before = static_cast<ProductStatus>(i);
            auto world = in_status(before);
            row.happen(world);
            out += " " + cell_of(before, world) + " |";
        }
        out += "\n";
    }
    return out;
}

std::string documented() {
    std::ifstream file(LATCHKEY_LIFECYCLE_DOC);
    std::stringstream page;
    page << file.rdbuf();
    const std::string text = page.str();
    const auto from = text.find(kBegin);
    const auto to = text.find(kEnd);
    if (from == std::string::npos || to == std::string::npos) return "no table between the markers";
    return text.substr(from + kBegin.size(), to - from - kBegin.size());
}

TEST(StateTable, the_page_says_what_the_code_does) { EXPECT_EQ(documented(), table()); }

TEST(StateTable, every_event_has_a_row_and_a_name_of_its_own) {
    std::set<std::string_view> names;
    const std::vector<Event> events{event::Tick{},
                                    event::ManifestSeen{},
                                    event::ManifestRemoved{},
                                    event::HardwareSeen{},
                                    event::ActivationDecided{},
                                    event::ActivationProven{},
                                    event::ActivationHeld{},
                                    event::RenewalDecided{},
                                    event::ReleaseDecided{},
                                    event::LicenseReceived{},
                                    event::ReleaseReceived{},
                                    event::AttemptFailed{},
                                    event::LedgerReceived{},
                                    event::LedgerFailed{},
                                    event::CounterRead{},
                                    event::NetworkChanged{},
                                    event::FirstUse{},
                                    event::Rearm{},
                                    event::Revoked{},
                                    event::CloneTold{},
                                    event::Deactivated{}};
    EXPECT_EQ(events.size(), std::variant_size_v<Event>);
    for (const auto& event : events) names.insert(name(event));
    EXPECT_EQ(names.size(), std::variant_size_v<Event>);
}

}  // namespace
}  // namespace latchkey::core
