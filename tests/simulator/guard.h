#pragma once

// What must hold of one product on one machine, looked at after every event. Pure: it is told what
// is seen and answers what is wrong. It is copied with the machine's image (a snapshot, a clone),
// so that an image that goes back takes its past along.

#include <optional>
#include <string>
#include <vector>

#include "agent/core/policy.h"
#include "agent/core/state.h"

namespace latchkey::simulator {

/// A rule of docs/simulator.md that does not hold.
struct Breach {
    std::string rule;
    std::string what;
};

/// One look at one product.
struct Glance {
    const core::ProductState& state;  ///< as status shows it
    const core::Policy& policy;
    ServerTime now;                      ///< what the agent believes
    std::optional<ServerTime> next_due;  ///< core::next_due
    Duration awake{0};                   ///< how long the machine was awake since the last look
    bool can_store = true;               ///< its disk takes what it writes
    int dials = 0;                       ///< its attempts to reach a key server, ever
    bool woken = true;                   ///< it has just looked at its deadlines
};

class Guard {
public:
    std::vector<Breach> see(const Glance& glance);

    /// A reboot may cost the agent what it had not stored yet.
    void concede(Duration lost) { conceded_ += lost; }
    /// An older state came back (a restored backup): what a license itself allows begins anew; the
    /// initial grace does not, the second copy remembers it.
    void license_of_old() {
        tolerance_ = notice_ = Duration{0};
        silent_ = Duration{0};
    }

    Duration grace_seen() const { return grace_; }

private:
    void book(const Glance& glance);
    void note_answer(const core::ProductState& state);
    void check_grace(const Glance& glance, std::vector<Breach>& breaches) const;
    void check_next(const Glance& glance, std::vector<Breach>& breaches);
    static void check_license(const Glance& glance, std::vector<Breach>& breaches);

    bool seen_ = false;
    core::ProductStatus status_ = core::ProductStatus::unlicensed;
    bool frozen_ = false;
    std::string answer_;       ///< license and sequence
    Duration grace_{0};        ///< spent awake in the initial and extended graces
    Duration since_rearm_{0};  ///< of it, since the last rearm
    int last_rearms_ = 0;
    Duration tolerance_{0};
    Duration notice_{0};
    Duration conceded_{0};
    Duration silent_{0};  ///< awake, something owed, and nobody was called
    int dials_ = 0;
    int undone_ = 0;  ///< looks in a row after which something was due still
    int rearms_ = 0;
};

/// The agent owes the key server a question: a request is pending, or a license is to be renewed.
bool owes_a_question(const core::ProductState& state);

}  // namespace latchkey::simulator
