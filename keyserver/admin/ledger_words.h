#pragma once

// The grace ledger as administrators see and change it.

#include <string>
#include <string_view>

#include "keyserver/admin/verb.h"
#include "keyserver/decisions/ledger_file.h"

namespace latchkey::keyserver::admin {

bj::object shown_ledger(const LedgerRecord& ledger, ServerTime now);

/// "led_…", where verbs take a machine's id or a ledger's.
bool is_ledger_id(std::string_view id);

/// Changes the ledger, or the one of the machine's hardware, and shows it. Fails with
/// Code::record_unknown where there is none, or as `change` does.
Result<bj::object> change_ledger(Context& context, const std::string& id,
                                 Result<void> (*change)(LedgerRecord& ledger, ServerTime now));

}  // namespace latchkey::keyserver::admin
