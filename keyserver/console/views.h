#pragma once

// What the pages show, as plain values: gathered from the store in one transaction (gather.h),
// rendered without it (pages.h).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keyserver/rules/lease_tree.h"
#include "keyserver/store/records.h"
#include "keyserver/store/store.h"
#include "licensing/receipt.h"

namespace latchkey::keyserver::console {

struct EntitlementRow {
    Entitlement entitlement;
    std::string product_name;
    std::string organization_name;
    KeyUse use;
};

/// Activations that counted, a week each, oldest first; the last one goes on.
struct Trend {
    ServerTime since;
    std::vector<std::int64_t> weeks;
};

/// Two machines that renew one license in turns, in short.
struct CloneRow {
    MachineRecord machine;
    std::string key_last5;
    std::string license;
    Fork fork;
    bool resolved = false;  ///< an administrator said who goes on; the next renewal settles it
};

/// `next` goes on looking, also where `rows` is empty.
struct CloneList {
    std::vector<CloneRow> rows;
    std::string next;
};

struct OverviewView {
    std::vector<EntitlementRow> entitlements;
    std::string next;  ///< there are more entitlements
    Trend trend;
    CloneList clones;
    std::vector<Problem> warnings;  ///< detail: what; remedy: what to do
    ServerTime now;
};

struct MachineRow {
    MachineRecord machine;
    std::string key_last5;
    bool suspected_clone = false;
};

struct ReceiptRow {
    ReceiptRecord record;
    std::string key_last5;  ///< or a token's
    std::optional<licensing::Receipt>
        said;  ///< nullopt: it does not verify with the key set of today
};

struct EntitlementView {
    EntitlementRow row;
    licensing::Program program;
    std::vector<Cap> caps;
    Listed<KeyRecord> keys;
    std::vector<MachineRow> machines;  ///< the newest of the keys above
    std::vector<ReceiptRow> receipts;  ///< likewise
    ServerTime now;
};

struct MachineListView {
    Listed<MachineRow> machines;
    std::optional<KeyRecord> key;  ///< of it alone
};

struct LicenseRow {
    LicenseRecord license;
    std::vector<Fork> forks;
};

struct MachineView {
    MachineRow row;
    KeyRecord key;
    Entitlement entitlement;
    std::string product_name;
    std::vector<Holder> holders;  ///< the newest; `more_holders` were there before
    std::int64_t more_holders = 0;
    std::vector<LicenseRow> licenses;  ///< the newest, and those that are disputed
    std::int64_t more_licenses = 0;
    Listed<ReceiptRow> receipts;
};

struct ReceiptListView {
    Listed<ReceiptRow> receipts;
    ReceiptFilter filter;
};

}  // namespace latchkey::keyserver::console
