#pragma once

// What most stories begin with: one publisher's key server, one product, one machine that knows it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/time.h"
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

/// Does what can be done only before an end that the story then waits for. On a machine too slow
/// for this end it is done again with one twice as far ahead. Gives the end.
template <class Doing>
std::chrono::system_clock::time_point before_an_end(Doing doing) {
    for (seconds ahead{2};; ahead *= 2) {
        const auto end = std::chrono::ceil<seconds>(std::chrono::system_clock::now()) + ahead;
        try {
            doing(format_rfc3339(WallTime{end.time_since_epoch()}));
            return end;
        } catch (const std::exception&) {
            if (std::chrono::system_clock::now() < end) throw;
        }
    }
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

/// As if a version of the program had worked on this SQLite file that this one does not know; the
/// number it had, to be put back as that version's return.
inline char change_schema_version(const fs::path& database, char to) {
    constexpr std::size_t kUserVersion = 63;  // the last of its four bytes (sqlite.org/fileformat2)
    auto bytes = read_file(database);
    const char was = std::exchange(bytes.at(kUserVersion), to);
    write_file(database, bytes);
    return was;
}
constexpr char kSchemaOfNewer = 99;

/// Says what it found, where, and what to do, and ends so that the service manager does not start
/// it again.
inline void expect_newer_schema_refused(const Finished& done, const std::string& where) {
    EXPECT_EQ(done.exit_code, 78) << "as RestartPreventExitStatus= has it";
    const auto said = done.out + done.err;
    for (const std::string& words :
         {std::string("state_newer"), where, std::string("schema version 99"),
          std::string("Install the newer version again; nothing was changed.")})
        EXPECT_NE(said.find(words), std::string::npos) << words << " is not in " << said;
}

/// The error document holds the documented schema and says what to do.
inline void expect_problem(const Json& document, const std::string& code) {
    EXPECT_THAT(contract_breaches(document, "error.schema.json"), testing::IsEmpty());
    EXPECT_EQ(text_at(document, "error.code"), code);
    EXPECT_FALSE(text_at(document, "error.remedy").empty());
}

}  // namespace latchkey::e2e
