#pragma once

// Has the TPM say to a publisher's key server that it is there (docs/tpm.md), for an activation
// that is about to be sent, or for the question what one would cost. Wanted by configuration alone,
// never needed: whatever goes wrong, the request goes on without it and says why.

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "agent/daemon/desk.h"
#include "agent/daemon/tpm_worker.h"
#include "agent/localapi/contract.h"
#include "licensing/messages.h"

namespace latchkey::daemon {

/// One of the two.
struct TpmStatement {
    std::optional<licensing::TpmProof> proof;
    std::string unproven;  ///< the name of the reason
};

/// What the proofs go along with, and so how long the TPM is waited for: at a question somebody
/// waits. Each has a TpmProofs of its own, so that one that was given up does not hold the other.
enum class TpmOccasion : std::uint8_t { activation, question };

class TpmProofs {
public:
    using Worker = TpmWorker<platform::TpmProver>;

    /// No prover: this build reads no TPM. `desk` outlives it.
    TpmProofs(Desk& desk, std::shared_ptr<platform::TpmProver> prover, TpmOccasion occasion,
              Worker::Wait wait = {})
        : desk_(desk),
          occasion_(occasion),
          worker_(desk.executor, "tpm", std::move(prover), std::move(wait)) {}

    /// Fails where the key server could not be reached: the activation could not be sent either. An
    /// answer that was lost on its way is asked for once more at the next attempt, and then done
    /// without.
    boost::asio::awaitable<net::CallResult<TpmStatement>> make(licensing::Manifest manifest);

    bool busy() const { return worker_.busy(); }

    /// What the last one came to; nothing before the first of this run.
    const std::optional<localapi::TpmAttempt>& last() const { return last_; }

private:
    TpmStatement without(std::string_view reason, std::string detail);

    bool comes_again(const net::CallFailure& failure, const std::string& product);
    Duration patience(const licensing::Manifest& manifest) const;

    Desk& desk_;
    TpmOccasion occasion_;
    std::optional<localapi::TpmAttempt> last_;
    std::set<std::string> lost_;  ///< products whose last challenge was lost on its way
    Worker worker_;
};

}  // namespace latchkey::daemon
