#include "keyserver/rules/token_rules.h"

namespace latchkey::keyserver {
namespace {

TokenDecision refused(Code code, std::string detail) {
    return {Problem{code, std::move(detail), {}}, false};
}

std::string day(ServerTime at) { return format_rfc3339(at).substr(0, 10); }

}  // namespace

TokenDecision decide_redemption(const TokenFacts& facts) {
    const auto& token = facts.token;
    if (token.blocked) return refused(Code::token_blocked, "the token ending in " + token.last5);
    const auto& request = facts.request;
    auto shared =
        refuse_sharing({facts.program, facts.entitlement, facts.locations, request.organization,
                        request.location, request.country, "token"});
    if (shared) return {std::move(shared), false};
    if (token.redemption) {
        if (token.redemption->device_key == facts.device) return {std::nullopt, true};
        return refused(Code::token_redeemed, "it was redeemed on " + day(token.redemption->at));
    }
    if (facts.now >= token.year_ends_at)
        return refused(Code::enrollment_ended, "it ended on " + day(token.year_ends_at));
    return {};
}

}  // namespace latchkey::keyserver
