// machine grant-rearm, ledger list

#include "keyserver/admin/ledger_words.h"

namespace latchkey::keyserver::admin {
namespace {

Result<LedgerRecord> required_ledger(Context& context, const std::string& id) {
    Result<std::optional<LedgerRecord>> ledger = std::optional<LedgerRecord>{};
    if (is_ledger_id(id)) {
        ledger = context.stores.ledgers.find(id);
    } else {
        const auto machine = context.stores.machines.find(id);
        if (!machine) return fail(machine.error());
        if (!*machine) return fail(Code::record_unknown, "machine \"" + id + "\"");
        ledger = ledger_of(context.stores, **machine);
    }
    if (!ledger) return fail(std::move(ledger.error()));
    if (!*ledger)
        return fail(Problem{Code::record_unknown, "there is no grace ledger of \"" + id + "\"",
                            "See 'latchkey-keyserver admin ledger list'."});
    return std::move(**ledger);
}

Result<void> grant(LedgerRecord& ledger, ServerTime) {
    if (grant_rearm(ledger)) return {};
    return fail(Problem{Code::usage,
                        "no rearm is used on this hardware: there is none to give back",
                        "How many there are is said by 'product add --rearms'."});
}

Result<bj::object> grant_one(Context& context, const Arguments& arguments) {
    return change_ledger(context, arguments.text("id"), grant);
}

Result<bj::object> list(Context& context, const Arguments& arguments) {
    return listed(context.stores.ledgers.list(arguments.text("product"), arguments.page()),
                  "ledgers",
                  [&](const LedgerRecord& ledger) { return shown_ledger(ledger, context.now); });
}

}  // namespace

bj::object shown_ledger(const LedgerRecord& ledger, ServerTime now) {
    return {{"id", ledger.id},
            {"product", ledger.product},
            {"first_grace_at", format_rfc3339(ledger.first_grace_at)},
            {"graces_this_year", graces_in_year(ledger, now, Policy{})},
            {"rearms_used", ledger.rearms_used},
            {"grace", ledger.extended ? "extended" : "initial"},
            {"frozen", ledger.frozen},
            {"grace_began_at",
             ledger.frozen ? bj::value(nullptr) : bj::value(format_rfc3339(ledger.grace_began_at))},
            {"fresh_grace_allowed", ledger.fresh_allowed},
            {"grace_stopped_at", time_or_null(ledger.stopped_at)},
            {"role", ledger.lab ? "lab" : "workstation"},
            {"platform", ledger.platform},
            {"last_seen_at", format_rfc3339(ledger.last_seen_at)}};
}

bool is_ledger_id(std::string_view id) { return id.starts_with("led_"); }

Result<bj::object> change_ledger(Context& context, const std::string& id,
                                 Result<void> (*change)(LedgerRecord& ledger, ServerTime now)) {
    auto ledger = required_ledger(context, id);
    if (!ledger) return fail(std::move(ledger.error()));
    if (auto changed = change(*ledger, context.now); !changed)
        return fail(std::move(changed.error()));
    if (auto kept = save_ledger(context.stores, *ledger); !kept)
        return fail(std::move(kept.error()));
    return shown_ledger(*ledger, context.now);
}

std::vector<Verb> ledger_verbs() {
    using enum ArgumentKind;
    using enum Store::Access;
    return {
        {"machine",
         "grant-rearm",
         "Give a machine's hardware a used rearm back; its agent hears of it within 7 days",
         {{"id", text, true, "The machine's id, or its ledger's", true}},
         write,
         grant_one,
         {},
         {}},
        {"ledger",
         "list",
         "List the grace ledger: what graces have cost, by hardware, activated or not",
         {{"product", id, false, "Of this product only"}, limit_rule(), cursor_rule()},
         read,
         list,
         "ledgers",
         {{"ID", "id"},
          {"PRODUCT", "product"},
          {"FIRST GRACE", "first_grace_at"},
          {"GRACES", "graces_this_year"},
          {"REARMS", "rearms_used"},
          {"GRACE", "grace"},
          {"ROLE", "role"},
          {"PLATFORM", "platform"},
          {"LAST SEEN", "last_seen_at"}}},
    };
}

}  // namespace latchkey::keyserver::admin
