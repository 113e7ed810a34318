#pragma once

// The agent as a whole: its desk, its parts, its wake-ups. Made by wiring.*, spoken to by the
// handlers. One thread.

#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/daemon/activation.h"
#include "agent/daemon/ca_files.h"
#include "agent/daemon/courier.h"
#include "agent/daemon/desk.h"
#include "agent/daemon/grace_ledger.h"
#include "agent/daemon/image.h"
#include "agent/daemon/redemption.h"
#include "agent/daemon/renewal.h"
#include "agent/daemon/tpm_count.h"
#include "agent/daemon/tpm_proof.h"
#include "agent/localapi/contract.h"

namespace latchkey::daemon {

/// What the agent is made from. Everything but `config` and `store` outlives it.
struct AgentParts {
    boost::asio::any_io_executor executor;
    const platform::Clock& clock;
    CaptureSource& captures;
    net::KeyServerClient& client;
    Runner::Random random;
    Config config;
    std::filesystem::path config_file;
    store::OpenedStore store;
    std::shared_ptr<platform::TpmProver> tpm = nullptr;  ///< none: no proof can be given
    std::shared_ptr<platform::TpmCounter> counter = nullptr;
    TpmProofs::Worker::Wait tpm_wait = {};  ///< tests say when a TPM's time is up
};

class Agent {
public:
    explicit Agent(AgentParts parts);
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;
    ~Agent();

    /// Reads state and manifests and takes up what was left undone. Looking at the hardware and
    /// talking to key servers goes on in the background.
    Result<void> start();

    /// Looks at every deadline and sets the timer for the next. Harmless at any time.
    void wake();

    /// Reads configuration and manifests again. On an error the last good ones stay in force. The
    /// warnings name what was left out.
    Result<std::vector<std::string>> reload();

    /// Addresses or routes changed.
    void network_changed();

    /// Makes a golden image of this machine; from then on, until another boot, the agent does
    /// nothing. Done again it removes what remains. Fails with Code::request_pending unless
    /// `force`.
    Result<store::ImageReport> generalize(bool force);
    Result<ImagePlan> plan_image();
    Result<ImageProof> prove_image();
    /// nullptr: this machine is no image in the making.
    const store::ImageReport* image() const;

    localapi::StatusView status();
    /// For the next status: the CA files are read again, and not only those that were written to.
    void read_ca_files() { ca_files_.read_again(desk_.config); }
    /// Looks at the hardware and the configuration's activations, as after a start. Tests wait for
    /// it; the daemon lets it run.
    boost::asio::awaitable<void> settle_in();

    Desk& desk() { return desk_; }
    const std::filesystem::path& config_file() const { return config_file_; }
    Activation& activation() { return activation_; }
    Renewal& renewal() { return renewal_; }
    Redemption& redemption() { return redemption_; }
    /// Is the TPM thinking about something?
    bool asks_tpm() const { return proofs_.busy() || questions_.busy() || counts_.busy(); }
    store::Store& store() { return *store_.store; }

private:
    void perform(const RowKey& row, const core::Effects& effects);
    void load_products();
    void set_alarm();
    void tell_second_copy() const;
    void looked();
    void read_again(bool time_changed);
    void fall_asleep();
    boost::asio::awaitable<void> activate_unattended();

    store::OpenedStore store_;
    std::filesystem::path config_file_;
    Desk desk_;
    TpmProofs proofs_;
    TpmProofs questions_;
    TpmCounts counts_;
    Courier courier_;
    Activation activation_;
    Renewal renewal_;
    Redemption redemption_;
    GraceLedger grace_ledger_;
    boost::asio::steady_timer alarm_;
    ServerTime started_at_{};
    ServerTime time_kept_at_{};
    std::vector<localapi::HealthItem> troubles_;   ///< of the manifests
    std::optional<localapi::HealthItem> custody_;  ///< whose the state is, where that is news
    std::optional<Problem> config_trouble_;
    CaFiles ca_files_;
    std::optional<ServerTime> unattended_at_;  ///< one could not ask its key server: again then
    bool unattended_runs_ = false;
    bool unattended_again_ = false;    ///< asked for while it ran
    bool unattended_hurries_ = false;  ///< the network changed while it ran
    /// An alarm that already went off when the agent goes finds nobody.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace latchkey::daemon
