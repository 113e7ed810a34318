// The key server's disk fills up: requests are refused for a while, nothing that was acknowledged
// is lost, nothing is spent without being told, and with room again it goes on by itself.

#include <sys/mount.h>

#include <fstream>

#include "tests/e2e/https_responder.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

/// A small file system of its own, until the test ends. Needs root, as all these tests do.
class SmallDisk {
public:
    explicit SmallDisk(fs::path place) : place_(std::move(place)) {
        fs::create_directories(place_);
        if (::mount("tmpfs", place_.c_str(), "tmpfs", 0, "size=2m,mode=700") != 0)
            throw std::runtime_error("cannot mount a small disk");
    }
    ~SmallDisk() { ::umount2(place_.c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    void fill() const {
        std::ofstream filler(place_ / "filler", std::ios::binary);
        const std::string block(4096, 'x');
        while (filler << block << std::flush) {
        }
    }
    void make_room() const { fs::remove(place_ / "filler"); }

private:
    fs::path place_;
};

TEST(KeyServerDisk, that_is_full_refuses_for_a_while_and_loses_nothing) {
    World world;
    const SmallDisk disk(world.path("small"));
    KeyServer server(world, "contoso", "small/contoso");
    server.add_product("editor", "Contoso Editor");
    const auto granted = grant(server, "editor", "competency", 100);
    Agent agent(world);
    agent.know(server, "editor");
    agent.start();

    disk.fill();
    // Room in files that exist already may carry it for a while.
    const auto key_file = world.write("key", granted.key).string();
    int acknowledged = 0;
    Finished said;
    for (int i = 0; i < 90; ++i) {
        said = agent.cli({"activate", "--product", "editor", "--key-file", key_file,
                          "--accept-count", "--json"});
        if (said.exit_code != 0) break;
        ++acknowledged;
    }
    ASSERT_EQ(said.exit_code, 75) << said.out;
    expect_problem(parse_json(said.out), "keyserver_unavailable");
    EXPECT_NE(server.process().log_text().find("full"), std::string::npos)
        << "the administrator reads why";
    EXPECT_EQ(server.use(granted.entitlement).used, acknowledged);

    disk.make_room();
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_EQ(server.use(granted.entitlement).used, acknowledged + 1) << "and not what was refused";
    EXPECT_EQ(text_at(agent.product("editor"), "state"), "licensed");
    const auto receipts = at(server.admin({"receipt", "list", "--limit", "1000"}), "receipts");
    EXPECT_EQ(receipts.as_array().size(), static_cast<std::size_t>(acknowledged) + 1);
}

int readiness(const KeyServer& server, std::string* retry_after = nullptr) {
    const auto answer = forward(server.url(), {"GET", "/readyz", {}, {}});
    for (const auto& [name, value] : answer.headers)
        if (name == "Retry-After" && retry_after) *retry_after = value;
    return answer.status;
}

TEST(KeyServerDisk, that_is_full_is_told_to_whoever_sends_requests_there) {
    World world;
    const SmallDisk disk(world.path("small"));
    KeyServer server(world, "contoso", "small/contoso");
    EXPECT_EQ(readiness(server), 200);
    disk.fill();
    std::string retry_after;
    wait_for([&] { return readiness(server, &retry_after) == 503; });
    EXPECT_FALSE(retry_after.empty());
    EXPECT_EQ(forward(server.url(), {"GET", "/healthz", {}, {}}).status, 200) << "it lives";
    disk.make_room();
    wait_for([&] { return readiness(server) == 200; });
}

TEST(KeyServerDisk, that_somebody_locks_is_told_too) {
    World world;
    KeyServer server(world, "contoso");
    constexpr const char* kLock =
        "import sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('BEGIN EXCLUSIVE')\n"
        "print('locked', flush=True)\n"
        "__import__('signal').pause()\n";
    Process locker(
        {{"/usr/bin/python3", "-c", kLock, (server.data() / "latchkey.db").string()}, {}, {}},
        world.path("locker.log"));
    locker.wait_for_line("locked");
    wait_for([&] { return readiness(server) == 503; });
    locker.kill();
    wait_for([&] { return readiness(server) == 200; });
}

}  // namespace
}  // namespace latchkey::e2e
