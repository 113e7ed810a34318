#include "keyserver/rules/grants.h"

#include <algorithm>

namespace latchkey::keyserver {
namespace {

std::string where(const Cap& cap) {
    return cap.country.empty() ? "worldwide" : "in " + cap.country;
}

std::optional<Problem> over(const Cap& cap, std::int64_t granted, std::int64_t wanted) {
    if (granted + wanted <= cap.quantity) return std::nullopt;
    return Problem{Code::cap_reached,
                   "at most " + std::to_string(cap.quantity) + " licenses " + where(cap) + ", " +
                       std::to_string(granted) + " are granted, " + std::to_string(wanted) +
                       " more are wanted",
                   "Grant at most " +
                       std::to_string(std::max<std::int64_t>(0, cap.quantity - granted)) +
                       ", or raise the cap with 'latchkey-keyserver admin entitlement cap'."};
}

}  // namespace

std::string_view name(Purpose purpose) {
    switch (purpose) {
        case Purpose::internal:
            return "internal";
        case Purpose::demonstration:
            return "demonstration";
        case Purpose::training:
            return "training";
    }
    return "";
}

std::optional<Purpose> purpose_from_name(std::string_view text) {
    for (const auto purpose : {Purpose::internal, Purpose::demonstration, Purpose::training})
        if (name(purpose) == text) return purpose;
    return std::nullopt;
}

std::optional<Problem> refuse_grant(const GrantFacts& facts) {
    const Entitlement& wish = facts.wish;
    if (wish.purpose != Purpose::internal) return std::nullopt;
    for (const auto& cap : facts.caps) {
        if (cap.country.empty()) {
            if (auto refused = over(cap, facts.granted_worldwide, wish.quantity)) return refused;
        } else if (wish.country.empty()) {
            return Problem{Code::usage,
                           "--country is missing: this program caps the product in " + cap.country,
                           "Name the country the licenses are for."};
        } else if (cap.country == wish.country) {
            if (auto refused = over(cap, facts.granted_here, wish.quantity)) return refused;
        }
    }
    return std::nullopt;
}

std::vector<std::string> warnings_about_grant(const licensing::Program& program,
                                              const Entitlement& wish) {
    if (program.sharing != licensing::Sharing::country || !wish.country.empty()) return {};
    return {"no country is named, so its keys will work in every country, though " + program.id +
            " is shared inside the subscribing country only: to have that held, add the "
            "entitlement with --country and issue the keys from that one"};
}

std::vector<std::string> warnings_about_cap(const Cap& cap,
                                            const std::vector<GrantedTo>& most_first) {
    std::vector<std::string> out;
    for (const auto& granted : most_first) {
        if (granted.quantity <= cap.quantity) break;
        if (std::ssize(out) + 1 == kGrantsLookedAt) {
            out.emplace_back("other organizations were granted more than it, too");
            break;
        }
        out.push_back(granted.organization + " was granted " + std::to_string(granted.quantity) +
                      " licenses " + where(cap) + " already, " +
                      std::to_string(granted.quantity - cap.quantity) +
                      " more than this cap: what was granted stays, and nothing is added until "
                      "there is less");
    }
    return out;
}

std::optional<Problem> refuse_toolkit(const ToolkitFacts& facts) {
    const auto& location = facts.location;
    if (location.headquarters)
        return Problem{Code::toolkit_not_eligible,
                       "\"" + location.id + "\" is the headquarters of " + location.organization,
                       {}};
    if (location.competency.empty())
        return Problem{Code::toolkit_not_eligible,
                       "\"" + location.id + "\" has attained no competency of its own",
                       {}};
    if (facts.has_one)
        return Problem{Code::already_exists,
                       "a toolkit of this product and program at \"" + location.id + "\"",
                       {}};
    return std::nullopt;
}

}  // namespace latchkey::keyserver
