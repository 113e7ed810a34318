#pragma once

// From records and decisions to the documents that are signed.

#include <vector>

#include "keyserver/decisions/case_file.h"
#include "keyserver/keys/key_room.h"
#include "keyserver/rules/rules.h"
#include "licensing/license.h"
#include "licensing/receipt.h"

namespace latchkey::keyserver {

/// What a license is made of.
struct Grant {
    const KeyRoom& room;
    const std::string& product;
    const licensing::Program& program;
    const Entitlement& entitlement;
    const KeyRecord& key;
    const MachineRecord& machine;
    const LicenseRecord& license;
    licensing::PublicKey device{};
};

licensing::Activations activations_of(const KeyRecord& key, ServerTime now);

/// When a lease issued now ends; none for a perpetual license.
std::optional<ServerTime> lease_end(const licensing::Program& program, ServerTime now);

std::string sign_license_of(const Grant& grant, ServerTime now);

/// What the receipt of an activation says of before it.
struct Earlier {
    std::int64_t used = 0;  ///< of the key
    /// Counted ones of this machine in the policy's recent window, this one included and its very
    /// first one not.
    std::int64_t reimages = 0;
};
licensing::Receipt activation_receipt(const Grant& grant, const CaseFile& file,
                                      const Decision& decision, const Earlier& earlier);

/// The receipt of a fork's end: this license's branch goes on.
licensing::Receipt adoption_receipt(const Grant& grant, bool by_administrator, ServerTime now);

/// The receipt of an ended license.
licensing::Receipt release_receipt(const Grant& grant, bool returned, ServerTime now);

/// The receipt of a machine that an administrator ended: `license` is the newest of its licenses.
struct AdminRelease {
    std::string reason;  ///< may be empty
    std::int64_t licenses_ended = 0;
};
licensing::Receipt admin_release_receipt(const Grant& grant, const AdminRelease& how,
                                         ServerTime now);

/// The receipt of an activation that an administrator gave back: `of` is its own.
licensing::Receipt return_receipt(const Grant& grant, const ReceiptRecord& of,
                                  const std::string& reason, std::int64_t used_before,
                                  ServerTime now);
/// Its id follows from that of the activation's receipt, so that there can be one only.
std::string return_receipt_id(std::string_view activation_receipt);

/// Whether hardware was judged, or a device key proved the machine. An administrator's release or
/// return and the redemption of a token say nothing of it, whatever their verdict is.
bool looked_at_machine(const ReceiptRecord& receipt);

/// Signs it and turns it into what the store keeps.
ReceiptRecord signed_receipt(const Grant& grant, const licensing::Receipt& receipt, bool returned);

/// Per component, what the matcher found; `only_sent` leaves out kinds the request did not show.
std::vector<licensing::ComponentFinding> findings(const hwid::MatchResult& match,
                                                  const hwid::Fingerprint& seen, bool only_sent);

/// The comparison that explains the count: with the counting baseline under `any-change`, with the
/// matching baseline otherwise; nullptr for a new machine.
const hwid::MatchResult* explaining_match(const CaseFile& file, const Decision& decision);

}  // namespace latchkey::keyserver
