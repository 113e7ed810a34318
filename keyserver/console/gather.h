#pragma once

// From the store to what a page shows: bounded, whatever the size of the estate. In one transaction
// of the caller's. What is not there is Code::record_unknown.

#include <string>

#include "keyserver/console/form.h"
#include "keyserver/console/views.h"
#include "keyserver/keys/key_room.h"

namespace latchkey::keyserver::console {

struct Sources {
    Stores& stores;
    const KeyRoom& room;
    ServerTime now;
};

/// Everything but the trend, which costs more and is kept a while.
Result<OverviewView> gather_overview(const Sources& from, const Page& page);
Result<Trend> gather_trend(const Sources& from);
Result<EntitlementView> gather_entitlement(const Sources& from, const std::string& id,
                                           const Page& keys);
/// `key`: of this product key alone; empty: all.
Result<MachineListView> gather_machines(const Sources& from, const std::string& key,
                                        const Page& page);
Result<MachineView> gather_machine(const Sources& from, const std::string& id,
                                   const Page& receipts);
Result<ReceiptListView> gather_receipts(const Sources& from, const ReceiptFilter& filter,
                                        const Page& page);
Result<ReceiptRow> gather_receipt(const Sources& from, const std::string& id);
Result<CloneList> gather_clones(const Sources& from, const std::string& after);

// Shared by the files of this header.
Result<Listed<ReceiptRow>> receipt_rows(const Sources& from, const ReceiptFilter& filter,
                                        const Page& page);
Result<MachineRow> machine_row(const Sources& from, MachineRecord machine, std::string last5);
Result<LicenseRow> license_row(const Sources& from, LicenseRecord license);
Result<KeyRecord> required_key(const Sources& from, const std::string& id);

}  // namespace latchkey::keyserver::console
