#include "agent/core/event.h"

namespace latchkey::core {
namespace {

struct Name {
    std::string_view operator()(const event::Tick&) const { return "tick"; }
    std::string_view operator()(const event::ManifestSeen&) const { return "manifest_seen"; }
    std::string_view operator()(const event::ManifestRemoved&) const { return "manifest_removed"; }
    std::string_view operator()(const event::HardwareSeen&) const { return "hardware_seen"; }
    std::string_view operator()(const event::ActivationDecided&) const {
        return "activation_decided";
    }
    std::string_view operator()(const event::ActivationProven&) const {
        return "activation_proven";
    }
    std::string_view operator()(const event::ActivationHeld&) const { return "activation_held"; }
    std::string_view operator()(const event::RenewalDecided&) const { return "renewal_decided"; }
    std::string_view operator()(const event::ReleaseDecided&) const { return "release_decided"; }
    std::string_view operator()(const event::LicenseReceived&) const { return "license_received"; }
    std::string_view operator()(const event::ReleaseReceived&) const { return "release_received"; }
    std::string_view operator()(const event::AttemptFailed&) const { return "attempt_failed"; }
    std::string_view operator()(const event::LedgerReceived&) const { return "ledger_received"; }
    std::string_view operator()(const event::LedgerFailed&) const { return "ledger_failed"; }
    std::string_view operator()(const event::CounterRead&) const { return "counter_read"; }
    std::string_view operator()(const event::NetworkChanged&) const { return "network_changed"; }
    std::string_view operator()(const event::FirstUse&) const { return "first_use"; }
    std::string_view operator()(const event::Rearm&) const { return "rearm"; }
    std::string_view operator()(const event::Revoked&) const { return "revoked"; }
    std::string_view operator()(const event::CloneTold&) const { return "clone_told"; }
    std::string_view operator()(const event::Deactivated&) const { return "deactivated"; }
};

}  // namespace

std::string_view name(const Event& event) { return std::visit(Name{}, event); }

}  // namespace latchkey::core
