#pragma once

// Each page from its view. Pure.

#include <string>

#include "keyserver/console/parts.h"

namespace latchkey::keyserver::console {

Html overview_page(const Visitor& visitor, const OverviewView& view, const Fields& query);
Html entitlement_page(const Visitor& visitor, const EntitlementView& view, const Fields& query);
Html machines_page(const Visitor& visitor, const MachineListView& view, const Fields& query);
Html machine_page(const Visitor& visitor, const MachineView& view, const Fields& query);
Html receipts_page(const Visitor& visitor, const ReceiptListView& view, const Fields& query);
Html receipt_page(const Visitor& visitor, const ReceiptRow& row);
Html clones_page(const Visitor& visitor, const CloneList& view, const Fields& query);

/// What an action does, before it is done.
Html release_page(const Visitor& visitor, const MachineView& view);
Html resolve_page(const Visitor& visitor, const MachineView& view);

struct SignIn {
    bool credential_set = true;
    std::string problem;  ///< why the last attempt failed; empty: there was none
    std::string next;     ///< where to go on
};
Html sign_in_page(const Visitor& visitor, const SignIn& view);
/// What went wrong, and what to do.
Html problem_page(const Visitor& visitor, std::string_view title, std::string_view detail,
                  std::string_view remedy);

// Shared by the pages.
std::vector<Row> receipt_table_rows(const std::vector<ReceiptRow>& receipts);
Html receipt_table(const std::vector<ReceiptRow>& receipts);
Html machine_table(const std::vector<MachineRow>& machines);
Html clone_table(const std::vector<CloneRow>& clones);

}  // namespace latchkey::keyserver::console
