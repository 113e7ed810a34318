#pragma once

// What a writing transaction waits for before it decides, where other processes write to the same
// database (Database::lock). In this order, so that two never wait for each other: the asking
// device, its product key, a hardware's digests (in their own order), a ledger. Whoever waited then
// reads what the other committed: transactions are READ COMMITTED.
//
//   device         its requests come one after the other: the second of two equal ones finds the
//                  first one's answer, and a license has one next lease
//   product key    everything below it, too: machines, holders, licenses, leases, receipts, returns
//   hardware       a ledger is begun once
//
// An administrator's transaction has the database to itself (Store::Access::alone).

namespace latchkey::keyserver {

inline constexpr const char* kLockDevice =
    "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(?, 1))";
inline constexpr const char* kLockKeyOfLicense =
    "SELECT 1 FROM product_keys WHERE id = (SELECT product_key FROM licenses WHERE id = ?) "
    "FOR UPDATE";
inline constexpr const char* kLockHardware =
    "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(encode(?, 'hex'), 2))";
inline constexpr const char* kLockLedger = "SELECT 1 FROM ledgers WHERE id = ? FOR UPDATE";

}  // namespace latchkey::keyserver
