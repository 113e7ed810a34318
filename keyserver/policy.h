#pragma once

// Every number the key server decides or limits with, once. Durations are server time.

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace latchkey::keyserver {

using Days = latchkey::Days;

/// What decisions depend on (docs/keyserver.md). Passed into the pure rules.
struct Policy {
    /// Zero-count activations that rest on digests alone, per machine record and window; more need
    /// an administrator.
    int zero_count_limit = 3;
    Days zero_count_window{90};

    /// Activations a returnable program gives back, per machine record and window.
    int returns_limit = 2;
    Days returns_window{365};

    /// Counted activations of a machine in so long are told in its receipts.
    Days recent_window{90};

    /// Initial graces of a lab machine that are booked in a year, the running one included; and how
    /// long a year is, for them and for the refill of its rearms (docs/keyserver.md, Ledger).
    int lab_graces_per_year = 26;
    Days ledger_year{365};

    /// A fork ends in favour of the branch that is alive when the other was silent for so long, or
    /// for so many renewal intervals where that is longer.
    Days clone_silence{30};
    int clone_silence_renewals = 2;

    /// What was answered is kept so long, to be told again where the answer got lost; that it was
    /// decided is known for ever.
    Days answer_kept{90};

    /// So old a TPM's proof may be when the activation that carries it arrives.
    Duration tpm_proof_kept = Days{1};

    /// Previews one device may ask of one product key, and everybody together of one key, an hour.
    int previews_per_device = 60;
    int previews_per_key = 2000;
};

/// How long what is made at the first start, and at each rotation, is valid. Validity begins a day
/// early, so that a clock set back a little signs nothing unusable.
inline constexpr Days kEarlySigning{1};
inline constexpr Days kSigningKeyLifetime{400};
inline constexpr Days kKeySetLifetime{400};
/// Less than this left is worth a warning at each start.
inline constexpr Days kSigningKeyMargin{30};
/// A signing key that was replaced is believed for what it signed until then, and no longer.
inline constexpr Days kRetiredKeyMargin{1};
/// Messages that were sealed before a rotation are opened for so long after it.
inline constexpr Days kSealOverlap{1};
inline constexpr Days kAuthorityLifetime{3650};
inline constexpr Days kServerCertificateLifetime{397};
/// A server certificate that ends sooner than this is made anew at the next start.
inline constexpr Days kServerCertificateMargin{30};

/// Two tales of one grace may differ by so much: machines count elapsed time, and sleep badly.
inline constexpr Duration kSameGrace = Days{1};

/// Candidate search (docs/keyserver-schema.md): a digest that more records of the key show than
/// this says nothing about which one it is, and at most so many records are compared.
inline constexpr std::int64_t kCandidatesPerDigest = 32;
inline constexpr std::size_t kMaxCandidates = 32;
/// Records looked at per digest to find how many machines share it.
inline constexpr std::int64_t kOwnersPerDigest = 16;
/// Leases of a license, newest first, that are looked at for branches.
inline constexpr std::int64_t kMaxLeases = 1000;

/// A transaction that lost a race is tried so often (attempts.h).
inline constexpr int kRaceAttempts = 8;
/// Old answers are emptied as new ones come: so many with each.
inline constexpr std::int64_t kEmptiedAtOnce = 8;
/// What a client is told to wait where the database does not answer.
inline constexpr std::int64_t kStorageRetrySeconds = 5;
/// /readyz tries a write so often at most.
inline constexpr Duration kReadyInterval = seconds{3};

/// SQLite. So many transactions gather for one commit at most (commit_group.h).
inline constexpr int kSqliteThreads = 32;

/// PostgreSQL. Connections a process opens at most: so many decisions are made at once.
inline constexpr int kPostgresConnections = 8;
inline constexpr int kPostgresConnectSeconds = 5;
inline constexpr Duration kPostgresStatementDeadline = seconds{12};
inline constexpr Duration kPostgresLockDeadline = seconds{10};
/// A server that takes a command and says nothing for so long (its machine is frozen, the way to it
/// is cut) is given up; its own deadlines would have come before.
inline constexpr Duration kPostgresAnswerDeadline = seconds{15};
/// After a connection that failed the next one is tried so much later, doubled up to the limit.
inline constexpr Duration kPostgresFirstPause = Duration{100};
inline constexpr Duration kPostgresLongestPause = seconds{5};
/// The oldest version that knows all that is asked of it.
inline constexpr int kPostgresOldestVersion = 13;

/// How often a server looks whether newer keys were put into its directory.
inline constexpr Duration kKeyWatchInterval = seconds{1};

/// The HTTP server.
inline constexpr std::size_t kMaxConnections = 16384;
/// Files beside connections: database, logs, sockets of ours.
inline constexpr std::size_t kOtherFiles = 128;
/// Fewer connections than that are no service.
inline constexpr std::size_t kFewestConnections = 64;
/// Of one client address; many machines may share one behind a translating router.
inline constexpr std::size_t kMaxConnectionsPerClient = 128;
inline constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;
inline constexpr Duration kHandshakeDeadline = seconds{10};
inline constexpr Duration kHeaderDeadline = seconds{10};
inline constexpr Duration kBodyDeadline = seconds{10};
inline constexpr Duration kWriteDeadline = seconds{10};
inline constexpr Duration kIdleDeadline = seconds{60};
inline constexpr Duration kDrainDeadline = seconds{10};
/// A request that is half here when the server stops.
inline constexpr Duration kArrivalDeadline = seconds{1};
/// What is left of a refused request is read and dropped, so much and so long, before the close:
/// closing over unread bytes would take the refusal back from the client.
inline constexpr std::size_t kMaxRefusedRest = 1024 * 1024;
inline constexpr Duration kRefusedRestDeadline = seconds{5};

/// Signed requests one device at one address may send: a burst, refilled steadily.
inline constexpr int kRequestBurst = 60;
inline constexpr double kRequestsPerSecond = 2.0;
inline constexpr std::size_t kMaxBuckets = 65536;
/// Ledgers that one address may have asked about, whatever the device keys: a lab that is reimaged
/// at once, then steadily.
inline constexpr int kLedgerBurst = 600;
inline constexpr double kLedgersPerSecond = 10.0;

/// The local administration endpoint.
inline constexpr std::size_t kMaxAdminLineBytes = 256 * 1024;
inline constexpr Duration kAdminDeadline = seconds{30};
inline constexpr std::int64_t kDefaultPage = 100;
inline constexpr std::int64_t kMaxPage = 1000;
/// Organizations that are looked at when a cap is set; one fewer is named.
inline constexpr std::int64_t kGrantsLookedAt = 6;

}  // namespace latchkey::keyserver
