#pragma once

// What the agent remembers. One process, one connection, one thread at a time (the runner's). The
// SQLite behind it is docs/store-schema.md; each state row carries a MAC, the journal is
// hash-chained. Failures: Code::storage_failed (nothing was changed), Code::state_newer,
// Code::state_corrupt (set aside; open() starts afresh and says so).

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/state.h"
#include "agent/core/trusted_time.h"
#include "agent/store/cloud.h"
#include "agent/store/custody.h"
#include "base/result.h"
#include "base/time.h"
#include "licensing/crypto.h"
#include "licensing/trust.h"

namespace latchkey::store {

/// One journal line: what was decided, when, why. Never holds a secret.
struct JournalEntry {
    std::int64_t number = 0;
    ServerTime at{};
    std::string product;         ///< empty: the machine
    std::string event;           ///< "license_received", "activation_held"
    std::string detail;          ///< one sentence
    std::string document;        ///< a JWS that belongs to it (receipt), or empty
    std::string publisher = {};  ///< the product's; empty: the machine, or an older agent's line
};

/// Whose journal lines are wanted. An empty member asks for everybody's. Lines of older agents name
/// no publisher and are given to whoever asks for their product.
struct JournalFilter {
    std::string product;
    std::string publisher = {};
};

/// Everything one step changes, committed together or not at all.
struct Commit {
    std::optional<core::ProductState> product;
    std::optional<core::TimeLedger> time;
    std::vector<JournalEntry> journal;  ///< numbers are given by the store
    std::vector<CloudRow> cloud = {};   ///< added or replaced
    std::vector<CloudId> cloud_gone = {};
};

/// What the agent holds of a publisher.
struct PublisherState {
    licensing::PinnedRoot root;
    std::string key_set_jws;  ///< newest accepted; empty before the first contact
    std::int64_t key_set_version = 0;
    Bytes device_seed;                         ///< Ed25519; secret; empty before first needed
    std::vector<std::string> root_chain = {};  ///< RootSuccession JWS that came with the key set
    std::string weights = {};  ///< its evidence table, verified when it came, as JSON; may be empty
    /// Read only: the device key of the machine the state belonged to before, which licenses from
    /// there still name; secret; empty where there was none.
    Bytes former_seed = {};
};

/// What was found when the state was opened, for status and log.
struct OpenReport {
    bool fresh = false;                 ///< there was no state
    std::vector<std::string> repaired;  ///< sentences: what was damaged, what was done
    bool restored_from_anchor = false;
};

class Store {
public:
    virtual ~Store() = default;
    virtual Result<std::vector<core::ProductState>> products() = 0;
    virtual Result<core::TimeLedger> time() = 0;
    virtual Result<void> commit(const Commit& commit) = 0;
    virtual Result<std::optional<PublisherState>> publisher(const std::string& id) = 0;
    virtual Result<void> save_publisher(const PublisherState& state) = 0;
    /// Newest first; `before` is a number to page from.
    virtual Result<std::vector<JournalEntry>> journal(const JournalFilter& filter,
                                                      std::optional<std::int64_t> before,
                                                      std::size_t limit) = 0;
};

struct StorePaths {
    std::filesystem::path state_dir;
    std::filesystem::path anchor_dir;      ///< the second copy
    std::filesystem::path inbox_dir = {};  ///< not the store's, though it may lie in state_dir
};

/// How the second copy is doing. The agent works on without it; it only protects from losing the
/// state.
struct SecondCopy {
    std::optional<Problem> trouble;  ///< why it was not written the last time
    std::function<void()> changed;   ///< called when it began to fail, or works again; may be empty
};

struct OpenedStore {
    std::unique_ptr<Store> store;
    OpenReport report;
    std::string machine_id;                   ///< random, made with the state: "mid_..."
    Custody* custody = nullptr;               ///< a part of `store`; never null
    CloudShelf* shelf = nullptr;              ///< likewise
    std::shared_ptr<SecondCopy> second_copy;  ///< the store keeps it up to date; never null
};

/// Locks the directory (Code::state_locked), migrates, checks every MAC and the journal's chain,
/// repairs from the second copy what is damaged. Where this machine was generalized in the boot
/// `boot_id`, nothing is opened or made: the store is empty and every commit fails with
/// Code::generalized. `wall` dates what was repaired where no proven time is left.
Result<OpenedStore> open_store(const StorePaths& paths, std::string_view boot_id = {},
                               WallTime wall = {});

}  // namespace latchkey::store
