#include "agent/localapi/cloud.h"

#include <algorithm>

namespace latchkey::localapi {

namespace bj = json::bj;
using licensing::CloudEntitlement;

std::string_view name(CloudState state) {
    switch (state) {
        case CloudState::active:
            return "active";
        case CloudState::ending:
            return "ending";
        case CloudState::ended:
            return "ended";
        case CloudState::renewed:
            return "renewed";
    }
    return "ended";
}

CloudState state_of(const CloudEntitlement& one, const std::vector<CloudEntitlement>& all,
                    ServerTime now, const core::Policy& policy) {
    if (one.ends_at - now > policy.warn_ahead) return CloudState::active;
    const bool renewed = std::any_of(all.begin(), all.end(), [&](const CloudEntitlement& other) {
        return other.publisher == one.publisher && other.service == one.service &&
               other.ends_at > one.ends_at;
    });
    if (renewed) return CloudState::renewed;
    return one.ends_at > now ? CloudState::ending : CloudState::ended;
}

Severity cloud_severity(const CloudEntitlement& one, const std::vector<CloudEntitlement>& all,
                        ServerTime now, const core::Policy& policy) {
    switch (state_of(one, all, now, policy)) {
        case CloudState::active:
        case CloudState::renewed:
            return Severity::info;
        case CloudState::ending:
            return Severity::warning;
        case CloudState::ended:
            return now - one.ends_at < policy.ended_warning ? Severity::warning : Severity::info;
    }
    return Severity::info;
}

json::bj::value cloud_json(const CloudEntitlement& one, const std::vector<CloudEntitlement>& all,
                           ServerTime now, const core::Policy& policy) {
    const bool warns = cloud_severity(one, all, now, policy) == Severity::warning;
    return bj::object({{"id", one.id},
                       {"publisher", one.publisher},
                       {"product", one.product},
                       {"service", one.service},
                       {"program", one.program},
                       {"organization", one.organization},
                       {"seats", one.seats},
                       {"token_last5", one.token_last5},
                       {"redeemed_at", format_rfc3339(one.redeemed_at)},
                       {"ends_at", format_rfc3339(one.ends_at)},
                       {"state", name(state_of(one, all, now, policy))},
                       {"severity", warns ? "warning" : "ok"},
                       {"receipt_id", one.receipt}});
}

}  // namespace latchkey::localapi
