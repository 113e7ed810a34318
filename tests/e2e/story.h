#pragma once

// What most stories begin with: one publisher's key server, one product, one machine that knows it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "tests/e2e/agent.h"
#include "tests/e2e/key_server.h"
#include "tests/e2e/schema.h"
#include "tests/e2e/world.h"

namespace latchkey::e2e {

struct Grant {
    std::string entitlement;
    std::string key;
};

inline Grant grant(const KeyServer& server, const std::string& product, const std::string& program,
                   int activations, const Words& more = {}) {
    Grant made;
    made.entitlement = server.add_entitlement(product, program, activations, more);
    made.key = server.issue_key(made.entitlement);
    return made;
}

/// Asks again and again until it is so; what the agent does by itself has no other end to wait for.
template <class Predicate>
void wait_for(Predicate is_so) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (!is_so())
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain");
}

class Story : public testing::Test {
protected:
    Story() {
        server.add_product("editor", "Contoso Editor");
        agent.know(server, "editor");
    }

    /// `{"used": 1, "limit": 10}` of a product in the agent's status.
    Use known_use(const std::string& product = "editor") const {
        const auto status = agent.product(product);
        return {number_at(status, "activations.used"), number_at(status, "activations.limit")};
    }

    std::string state_of(const std::string& product = "editor") const {
        return text_at(agent.product(product), "state");
    }

    World world;
    KeyServer server{world, "contoso"};
    Agent agent{world};
};

/// The error document holds the documented schema and says what to do.
inline void expect_problem(const Json& document, const std::string& code) {
    EXPECT_THAT(contract_breaches(document, "error.schema.json"), testing::IsEmpty());
    EXPECT_EQ(text_at(document, "error.code"), code);
    EXPECT_FALSE(text_at(document, "error.remedy").empty());
}

}  // namespace latchkey::e2e
