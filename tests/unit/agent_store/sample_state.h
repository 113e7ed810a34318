#pragma once

// A state worth keeping, and a way to see that it was kept.

#include <gtest/gtest.h>

#include <string>

#include "agent/store/rows.h"
#include "agent/store/store.h"

namespace latchkey::store {

inline constexpr ServerTime kNow{seconds{1'780'272'000}};

inline core::ProductState in_initial_grace(const std::string& product) {
    core::ProductState state;
    state.publisher = "acme";
    state.product = product;
    state.status = core::ProductStatus::initial_grace;
    state.grace_granted = true;
    state.grace =
        core::Grace{kNow, kNow + Days{30}, false, Days{30}, core::ProductStatus::initial_grace};
    return state;
}

inline core::ProductState with_everything() {
    auto state = in_initial_grace("paint");
    state.status = core::ProductStatus::licensed;
    state.grace.reset();
    state.rearms_used = 2;
    state.product_key = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE";
    state.license.emplace();
    state.license->id = "lic_1";
    state.license->publisher = "acme";
    state.license->product = "paint";
    state.license->expires_at = kNow + Days{180};
    state.license->activations = {3, 10, kNow};
    state.license->delegation = licensing::Delegation{{"a", "b"}, 5, 30, "pin"};
    state.license_jws = "eyJ.license.sig";
    state.receipt_jws = "eyJ.receipt.sig";
    state.lease_sequence = 7;
    hwid::Evidence evidence{hwid::Kind::system_uuid};
    evidence.digest.fill(7);
    state.matching_baseline = hwid::Fingerprint{"salt-1", {evidence}};
    state.counting_baseline = state.matching_baseline;
    state.intent = core::Intent{.kind = core::IntentKind::renew,
                                .idempotency_key = "idem",
                                .body = "{\"product\":\"paint\"}",
                                .license_id = "lic_1",
                                .created_at = kNow,
                                .asked_by_hand = true,
                                .product_key = "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
                                .awaiting_answer = true};
    state.queued = state.intent;
    state.held = true;
    state.held_code = "would_count";
    state.held_key = "ZZZZZ-BBBBB-CCCCC-DDDDD-EEEEE";
    state.last_decision = core::Decision{
        hwid::Verdict::same, true, 1, licensing::CountingRule::any_change, {"Because."}, kNow};
    state.last_attempt = core::Attempt{kNow, "failed", "keyserver_unreachable", "No route."};
    state.next_attempt_at = kNow + hours{1};
    state.renew_at = kNow + Days{7};
    state.retry_position = 4;
    state.reminder_due_at = kNow + Days{1};
    state.first_used_at = kNow;
    state.last_decision->recent_reimages = 3;
    state.last_decision->continuity = licensing::Continuity::tpm;
    state.ledger = {kNow + hours{2}, 5, core::LedgerWord{kNow, 2, 26, kNow}, "record_unknown"};
    state.tpm = core::TpmLedger{5, 2};
    state.suspected_clone = state.revoked = state.drifted = state.deactivated = true;
    state.tolerance_used = Days{3};
    return state;
}

inline core::TimeLedger some_time() {
    core::TimeLedger ledger;
    ledger.proven = kNow;
    ledger.boot_id = "boot-1";
    ledger.at = SinceBoot{hours{5}};
    ledger.server_proved = true;
    ledger.from_wall = hours{1};
    ledger.charged = Days{2};
    ledger.scale_set = Days{1};
    ledger.plausible = true;
    ledger.proved_boot = "boot-1";
    return ledger;
}

inline JournalEntry line(const std::string& product, const std::string& event) {
    return {0, kNow, product, event, "What happened.", {}};
}

/// Two products, a publisher, a time and a journal.
inline void fill(Store& store) {
    auto paint = with_everything();
    paint.deactivated = false;
    ASSERT_TRUE(store.commit({in_initial_grace("draw"), some_time(), {line("draw", "grace")}}));
    ASSERT_TRUE(store.commit({in_initial_grace("paint"), {}, {line("paint", "grace")}}));
    ASSERT_TRUE(store.commit({paint, {}, {line("paint", "activated"), line("", "started")}}));
    PublisherState publisher;
    publisher.root.publisher = "acme";
    publisher.key_set_jws = "eyJ.keys.sig";
    publisher.key_set_version = 3;
    publisher.device_seed = Bytes(32, 0x42);
    ASSERT_TRUE(store.save_publisher(publisher));
}

/// All of a store as one text, to compare two.
inline std::string everything_in(Store& store) {
    std::string out;
    const auto products = store.products().value();
    for (const auto& state : products) out += to_row(state) + "\n";
    out += to_row(store.time().value()) + "\n";
    if (const auto publisher = store.publisher("acme").value()) out += to_row(*publisher) + "\n";
    const auto lines = store.journal({""}, {}, 1000);
    if (!lines) return out + "unreadable journal";
    for (const auto& entry : *lines)
        out += std::to_string(entry.number) + entry.product + entry.event + entry.detail + "\n";
    return out;
}

}  // namespace latchkey::store
