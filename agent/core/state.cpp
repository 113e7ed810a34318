#include "agent/core/state.h"

#include <array>

#include "agent/core/moment.h"

namespace latchkey::core {
namespace {

constexpr std::array<std::string_view, kStatusCount> kStatusNames{
    "unlicensed",        "licensed",     "initial_grace",  "out_of_tolerance_grace",
    "non_genuine_grace", "notification", "extended_grace", "not_required"};

constexpr std::array<std::string_view, 3> kIntentNames{"activate", "renew", "release"};

}  // namespace

std::string_view name(ProductStatus status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<ProductStatus> status_from_name(std::string_view name) {
    for (std::size_t i = 0; i < kStatusNames.size(); ++i)
        if (kStatusNames[i] == name) return static_cast<ProductStatus>(i);
    return std::nullopt;
}

std::optional<int> status_code(ProductStatus status) {
    if (status == ProductStatus::not_required) return std::nullopt;
    return static_cast<int>(status);
}

std::string_view name(IntentKind kind) { return kIntentNames[static_cast<std::size_t>(kind)]; }

std::optional<IntentKind> intent_kind_from_name(std::string_view name) {
    for (std::size_t i = 0; i < kIntentNames.size(); ++i)
        if (kIntentNames[i] == name) return static_cast<IntentKind>(i);
    return std::nullopt;
}

std::string_view name(ClockHealth health) {
    switch (health) {
        case ClockHealth::ok:
            return "ok";
        case ClockHealth::behind:
            return "behind";
        case ClockHealth::ahead:
            return "ahead";
        case ClockHealth::unproven:
            break;
    }
    return "unproven";
}

bool in_grace(ProductStatus status) {
    switch (status) {
        case ProductStatus::initial_grace:
        case ProductStatus::out_of_tolerance_grace:
        case ProductStatus::non_genuine_grace:
        case ProductStatus::extended_grace:
            return true;
        case ProductStatus::unlicensed:
        case ProductStatus::licensed:
        case ProductStatus::notification:
        case ProductStatus::not_required:
            break;
    }
    return false;
}

const std::string& installed_key(const ProductState& state) {
    return state.held && !state.held_key.empty() ? state.held_key : state.product_key;
}

bool license_in_force(const ProductState& state, ServerTime now) {
    if (!state.license || state.revoked || state.suspected_clone || state.drifted) return false;
    return !state.license->expires_at || now < *state.license->expires_at;
}

}  // namespace latchkey::core
