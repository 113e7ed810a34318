#include <algorithm>

#include "keyserver/admin/verb.h"

namespace latchkey::keyserver::admin {

const std::vector<Verb>& verbs() {
    static const std::vector<Verb> all = [] {
        std::vector<Verb> joined;
        for (auto group : {product_verbs(), organization_verbs(), entitlement_verbs(), key_verbs(),
                           token_verbs(), machine_verbs(), ledger_verbs(), signing_verbs(),
                           return_verbs(), console_verbs()})
            std::move(group.begin(), group.end(), std::back_inserter(joined));
        return joined;
    }();
    return all;
}

const Verb* find_verb(std::string_view noun, std::string_view name) {
    for (const auto& verb : verbs())
        if (verb.noun == noun && verb.name == name) return &verb;
    return nullptr;
}

bool may_begin(const Verb& verb) { return verb.name == "add"; }

}  // namespace latchkey::keyserver::admin
