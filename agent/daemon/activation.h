#pragma once

// Activating: what it would cost, doing it for an admin, and doing it because the configuration
// says so. Looks at the hardware, lets agent/core decide, and leaves the sending to the courier.

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>

#include "agent/daemon/courier.h"
#include "agent/daemon/desk.h"
#include "agent/daemon/tpm_proof.h"
#include "licensing/messages.h"
#include "licensing/product_key.h"

namespace latchkey::daemon {

/// The answer to "what would activating now cost, and why?"
struct Explanation {
    licensing::PreviewReply preview;
    bool from_key_server = false;
    bool rule_known = true;
    std::optional<Problem> refusal;
    std::optional<Problem> key_server_problem;  ///< why it could not be asked
    /// What became of the TPM's proof for this question; none where none was wanted, or the key
    /// server could not be asked for it.
    std::optional<localapi::TpmAttempt> tpm;
};

enum class Activated {
    answered,   ///< by the key server
    kept_as_is  ///< a release that was never sent is taken back; nothing was sent now either
};

class Activation {
public:
    /// All outlive it. `proofs` are those of questions.
    Activation(Desk& desk, Courier& courier, TpmProofs& proofs)
        : desk_(desk), courier_(courier), proofs_(proofs) {}

    /// `key` empty: the installed one. The row tells the result. Fails with what refused it, here
    /// or there; what can be tried again stays in the row and is.
    boost::asio::awaitable<Result<Activated>> by_hand(std::string product, std::string key,
                                                      bool accept_count);

    /// Spends nothing. Fails only where nothing can be said at all.
    boost::asio::awaitable<Result<Explanation>> explain(std::string product, std::string key);

    /// The exact inner message an activation would seal and send, with the key masked.
    boost::asio::awaitable<Result<licensing::ActivationRequest>> report(std::string product);

    /// One [[activate]]. A wait where there is to be another try then: the key server could not be
    /// asked what it would cost, the key file cannot be used yet, a disk was full.
    boost::asio::awaitable<std::optional<Duration>> unattended(UnattendedActivation wanted);

    /// Why the last [[activate]] of a product came to nothing, as far as somebody has to look at
    /// it; by product. Never holds the key.
    const std::map<std::string, Problem>& troubles() const { return troubles_; }

    /// After a start or a reload the first retry is soon again.
    void retry_soon() { unasked_.clear(); }
    /// Nothing of this machine is known any more.
    void forget();

    /// The licensed hardware drifted: asks for a new activation as far as policy lets it.
    boost::asio::awaitable<void> reactivate(std::string product);

private:
    /// What every question about activating starts from.
    struct Case {
        licensing::Manifest manifest;
        core::Policy policy;
        core::MachineFacts facts;
        hwid::Fingerprint fingerprint;
        core::ProductState state;
        std::optional<hwid::MatchResult> baseline;
    };
    boost::asio::awaitable<Result<Case>> open(std::string product);
    licensing::ActivationRequest request(const Case& matter, const std::string& key,
                                         int max_count) const;
    boost::asio::awaitable<net::CallResult<licensing::PreviewReply>> preview(
        const Case& matter, licensing::ActivationRequest asked);
    /// The key server's answer with the TPM's proof, where the configuration wants one.
    boost::asio::awaitable<net::CallResult<Explanation>> ask_key_server(const Case& matter,
                                                                        std::string key);
    Result<std::string> decide(const Case& matter, const std::string& key,
                               const core::ActivationWish& wish);

    bool wants(const UnattendedActivation& wanted) const;
    boost::asio::awaitable<net::CallResult<void>> activate_unattended(
        const UnattendedActivation& wanted, const licensing::Manifest& manifest);

    Desk& desk_;
    Courier& courier_;
    TpmProofs& proofs_;
    std::map<std::string, Problem> troubles_;
    std::map<std::string, int> unasked_;  ///< by product: how often in a row nobody could be asked
};

}  // namespace latchkey::daemon
