// Who may do what, and what a hostile neighbour gets: at most a clear refusal.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

/// Sends these bytes to the agent's socket and returns all it answers until it hangs up.
std::string talk_raw(const fs::path& socket_path, const std::string& bytes) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
    std::string answer;
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            const auto n = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) break;
            sent += static_cast<std::size_t>(n);
        }
        ::shutdown(fd, SHUT_WR);
        std::array<char, 4096> buffer{};
        for (auto n = recv(fd, buffer.data(), buffer.size(), 0); n > 0;
             n = recv(fd, buffer.data(), buffer.size(), 0))
            answer.append(buffer.data(), static_cast<std::size_t>(n));
    }
    close(fd);
    return answer;
}

std::string post(const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: "
           "close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

class Rights : public Story {
protected:
    /// `latchkey` as a user without any rights.
    Finished as_nobody(Words words) const {
        Words argv{"setpriv",        "--reuid",          "65534", "--regid", "65534",
                   "--clear-groups", program("latchkey")};
        argv.insert(argv.end(), words.begin(), words.end());
        argv.insert(argv.end(), {"--socket", agent.socket().string(), "--json"});
        return run({argv, {}, {}});
    }
};

TEST_F(Rights, everyone_may_read_and_only_administrators_change) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    const auto key_file = world.write("key", granted.key);
    fs::permissions(key_file, fs::perms::owner_read | fs::perms::others_read);
    agent.start();
    const auto status = as_nobody({"status"});
    EXPECT_EQ(status.exit_code, 0) << status.out << status.err;
    EXPECT_THAT(contract_breaches(parse_json(status.out), "status.schema.json"),
                testing::IsEmpty());
    for (const Words& verb :
         {Words{"activate", "--product", "editor", "--key-file", key_file},
          Words{"deactivate", "--product", "editor"}, Words{"rearm", "--product", "editor"}}) {
        const auto refused = as_nobody(verb);
        EXPECT_EQ(refused.exit_code, 77) << verb[0] << refused.out << refused.err;
        expect_problem(parse_json(refused.out), "not_permitted");
    }
    EXPECT_EQ(server.use(granted.entitlement), (Use{0, 10}));
    EXPECT_EQ(state_of(), "initial_grace");
}

TEST_F(Rights, state_is_closed_to_other_users) {
    agent.start();
    for (const auto& dir : {agent.state_dir(), agent.anchor_dir()})
        EXPECT_EQ(fs::status(dir).permissions() & (fs::perms::group_all | fs::perms::others_all),
                  fs::perms::none)
            << dir;
    for (const auto& entry : fs::recursive_directory_iterator(agent.state_dir()))
        EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all),
                  fs::perms::none)
            << entry.path();
}

TEST_F(Rights, every_verb_names_an_absent_agent_in_the_same_words) {
    const auto key_file = world.write("key", grant(server, "editor", "ai-cloud", 1).key).string();
    for (const Words& verb :
         {Words{"status"}, Words{"explain", "--product", "editor", "--key-file", key_file},
          Words{"activate", "--product", "editor", "--key-file", key_file},
          Words{"deactivate", "--product", "editor"}, Words{"rearm", "--product", "editor"},
          Words{"history"}, Words{"config", "show"}, Words{"reload"},
          Words{"hwid", "report", "--product", "editor"}}) {
        auto words = verb;
        words.push_back("--json");
        const auto done = agent.cli(words);
        EXPECT_EQ(done.exit_code, 69) << verb[0] << done.out << done.err;
        expect_problem(parse_json(done.out), "agent_unreachable");
    }
    EXPECT_EQ(agent.cli({"check"}).exit_code, 3) << "unknown, as monitoring wants it";
}

TEST_F(Rights, an_unprivileged_agent_serves_its_own_user) {
    const auto granted = grant(server, "editor", "ai-cloud", 10);
    const auto authority = world.write("ca.pem", read_file(server.ca_file()));
    agent.know_at(server, "editor", server.url(), authority);
    const auto key_file = world.write("agent/editor.key", granted.key);
    fs::permissions(key_file, fs::perms::owner_read);
    const auto home = key_file.parent_path();
    ASSERT_EQ(run({{"chown", "-R", "65534:65534", home.string()}, {}, {}}).exit_code, 0);
    agent.privileges = {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"};
    agent.start();
    const auto done = as_nobody({"activate", "--product", "editor", "--key-file", key_file});
    EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
    EXPECT_EQ(text_at(parse_json(done.out), "state"), "licensed");
    EXPECT_EQ(server.use(granted.entitlement), (Use{1, 10}));
    expect_problem(agent.ask({"status"}, 77), "not_permitted");  // somebody's endpoint: not root's
}

TEST_F(Rights, malformed_requests_get_an_error_and_harm_nobody) {
    agent.start();
    const std::string path = "/v1/products/editor/activate";
    for (const auto& bad :
         {post(path, "{"), post(path, R"({"key":"a","key":"b"})"), post(path, "[]"),
          post(path, std::string(32, '[') + std::string(32, ']')),
          post(path, R"({"accept_count":"yes"})"), post("/v1/products/nosuch/explain", "{}"),
          post("/v1/products/..%2f..%2fetc/activate", "{}"), post("/v1/nothing", "{}")}) {
        const auto answer = talk_raw(agent.socket(), bad);
        EXPECT_EQ(answer.find("HTTP/1.1 4"), 0U) << bad << "\n" << answer;
        const auto body = answer.find("\r\n\r\n");
        ASSERT_NE(body, std::string::npos) << answer;
        EXPECT_THAT(contract_breaches(parse_json(answer.substr(body + 4)), "error.schema.json"),
                    testing::IsEmpty());
    }
    EXPECT_EQ(state_of(), "initial_grace");
}

TEST_F(Rights, an_oversized_or_truncated_message_is_cut_off) {
    agent.start();
    const auto large = talk_raw(
        agent.socket(),
        post("/v1/products/editor/activate", "{\"key\":\"" + std::string(200 * 1024, 'A') + "\"}"));
    EXPECT_TRUE(large.empty() || large.find("HTTP/1.1 4") == 0) << large.substr(0, 200);
    auto half = post("/v1/products/editor/activate", R"({"key":"AAAAA"})");
    half.resize(half.size() - 6);
    const auto cut = talk_raw(agent.socket(), half);
    EXPECT_TRUE(cut.empty() || cut.find("HTTP/1.1 4") == 0) << cut;
    talk_raw(agent.socket(), std::string(100 * 1024, '\xff'));
    EXPECT_EQ(state_of(), "initial_grace");
}

}  // namespace
}  // namespace latchkey::e2e
