#include "agent/daemon/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/path_text.h"
#include "service-install/plan.h"
#include "tests/fakes/system.h"

namespace latchkey::daemon {
namespace {

namespace fs = std::filesystem;

/// Paths are whole ones only where they begin as the system's do: "C:" on Windows, "" elsewhere.
const std::string kRoot = fs::temp_directory_path().root_name().string();

std::string rooted(std::string text) {
    for (std::size_t at = 0; (at = text.find("\"/", at)) != std::string::npos; at += 2)
        text.insert(at + 1, kRoot);
    return text;
}

Result<Config> parse(const std::string& text) {
    return parse_config({{"agent.toml", rooted(text)}});
}

std::string source_of(const Config& config, const std::string& setting) {
    for (const auto& one : config.settings)
        if (one.name == setting) return one.value + " @ " + one.source;
    return "(none)";
}

TEST(Config, nothing_at_all_is_a_configuration) {
    const auto config = parse("");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->role, core::Role::workstation);
    EXPECT_EQ(config->log_level, LogLevel::info);
    EXPECT_FALSE(config->allow_ephemeral);
    EXPECT_EQ(config->key_server_of("p", "https://from.manifest").url, "https://from.manifest");
    EXPECT_EQ(config->key_server_of("p", "").proxy, "system");
    EXPECT_EQ(source_of(*config, "agent.role"), "workstation @ default");
    EXPECT_EQ(config->tpm, TpmUse::evidence) << "no proof is given unasked";
    EXPECT_EQ(source_of(*config, "agent.tpm"), "evidence @ default");
    EXPECT_FALSE(config->tpm_counter) << "nothing is stored in a TPM unasked";
    EXPECT_EQ(source_of(*config, "agent.tpm_counter"), "false @ default");
}

TEST(Config, every_key_is_read) {
    const auto config = parse(R"(
[agent]
role = "lab"
ephemeral = "allow"
log_level = "debug"
tpm = "proof"
tpm_counter = true
[keyserver]
url = "https://keys.example.org:8443"
ca_file = "/etc/ca.pem"
proxy = "http://proxy:3128"
[publisher."example.org"]
url = "https://[::1]:8443"
[organization]
id = "acme"
location = "headquarters"
country = "DE"
[[activate]]
product = "suite"
key_file = "/var/lib/latchkey/inbox/suite.key"
consume = true
when_counted = "hold"
[[activate]]
product = "tool"
key_file = "/k"
[paths]
state = "/s"
anchor = "/a"
socket = "/r/agent.sock"
products = "/p"
inbox = "/i"
)");
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->role, core::Role::lab);
    EXPECT_TRUE(config->allow_ephemeral);
    EXPECT_EQ(config->log_level, LogLevel::debug);
    EXPECT_EQ(config->tpm, TpmUse::proof);
    EXPECT_TRUE(config->tpm_counter);
    EXPECT_EQ(config->organization.country, "DE");
    ASSERT_EQ(config->activations.size(), 2u);
    EXPECT_TRUE(config->activations[0].consume);
    EXPECT_TRUE(config->activations[0].hold);
    EXPECT_FALSE(config->activations[1].consume);
    EXPECT_TRUE(config->activations[1].hold) << "a known machine spends nothing unasked";
    EXPECT_EQ(config->paths.inbox_dir, kRoot + "/i");
    EXPECT_EQ(source_of(*config, "agent.role"), "lab @ agent.toml:3");
    EXPECT_EQ(source_of(*config, "publisher.\"example.org\".url"),
              "https://[::1]:8443 @ agent.toml:13");
    EXPECT_EQ(source_of(*config, "activate.\"suite\".when_counted"), "hold @ agent.toml:19");
}

TEST(Config, publisher_wins_over_keyserver_wins_over_manifest) {
    const auto config = parse(R"(
[keyserver]
url = "https://general"
proxy = "none"
[publisher.one]
url = "https://own"
)");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->key_server_of("one", "https://manifest").url, "https://own");
    EXPECT_EQ(config->key_server_of("one", "https://manifest").proxy, "none");
    EXPECT_EQ(config->key_server_of("two", "https://manifest").url, "https://general");
}

TEST(Config, a_later_drop_in_wins) {
    const auto config = parse_config({{"agent.toml",
                                       "[agent]\nrole = \"lab\"\n"
                                       "[[activate]]\nproduct = \"p\"\n"
                                       "key_file = \"" +
                                           kRoot + "/one\"\n"},
                                      {"10.toml",
                                       "[agent]\nrole = \"workstation\"\n"
                                       "[[activate]]\nproduct = \"p\"\n"
                                       "key_file = \"" +
                                           kRoot + "/two\"\n"}});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->role, core::Role::workstation);
    ASSERT_EQ(config->activations.size(), 1u);
    EXPECT_EQ(config->activations[0].key_file, kRoot + "/two");
    EXPECT_EQ(source_of(*config, "agent.role"), "workstation @ 10.toml:2");
}

TEST(Config, a_key_file_is_looked_for_in_the_inbox) {
    const auto config = parse(R"(
[[activate]]
product = "suite"
key_file = "suite.key"
when_counted = "proceed"
[[activate]]
product = "tool"
key_file = "/media/tool.key"
[paths]
inbox = "/i"
)");
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->activations[0].key_file, fs::path(kRoot + "/i") / "suite.key");
    EXPECT_FALSE(config->activations[0].hold);
    EXPECT_EQ(config->activations[1].key_file, kRoot + "/media/tool.key");
    EXPECT_EQ(source_of(*config, "activate.\"suite\".key_file"),
              utf8_text(config->activations[0].key_file) + " @ agent.toml:3");
}

TEST(Config, the_installed_file_is_good_with_every_example_switched_on) {
    std::istringstream lines(service_install::first_configuration(kRoot + "/etc/latchkey"));
    std::string text;
    for (std::string line; std::getline(lines, line);)
        text += (line.starts_with("#") && !line.starts_with("# ") ? line.substr(1) : line) + "\n";
    const auto config = parse(text);
    ASSERT_TRUE(config) << config.error().detail << "\n" << text;
    EXPECT_EQ(config->keyserver.ca_file, kRoot + "/etc/latchkey/keyserver-ca.pem");
    ASSERT_EQ(config->activations.size(), 1u);
    EXPECT_EQ(config->activations[0].key_file, platform::default_paths().inbox_dir / "product.key");
    EXPECT_TRUE(config->activations[0].hold);
}

TEST(Config, the_inbox_follows_the_state) {
    const auto config = parse("[paths]\nstate = \"/elsewhere\"\n");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->paths.inbox_dir, fs::path(kRoot + "/elsewhere") / "inbox");
}

struct Bad {
    std::string text;
    std::string names;  ///< what the detail must hold
};

class BadConfig : public testing::TestWithParam<Bad> {};

TEST_P(BadConfig, is_refused_naming_file_line_and_key) {
    const auto config = parse(GetParam().text);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, Code::config_invalid);
    EXPECT_NE(config.error().detail.find(GetParam().names), std::string::npos)
        << config.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadConfig,
    testing::Values(
        Bad{"[agent]\nrol = \"lab\"", "agent.toml:2: agent.rol: unknown key"},
        Bad{"[agnet]\nrole = \"lab\"", "agent.toml:2: agnet.role: unknown key"},
        Bad{"[agnet]\n", "agent.toml:1: agnet: unknown key"},
        Bad{"role = \"lab\"", "agent.toml:1: role: unknown key"},
        Bad{"[agent]\nrole = \"desktop\"", "agent.toml:2: agent.role: must be one of"},
        Bad{"[agent]\nrole = 3", "agent.toml:2: agent.role: must be a text"},
        Bad{"[agent]\nlog_level = \"loud\"", "agent.toml:2: agent.log_level"},
        Bad{"[agent]\ntpm = \"on\"", "agent.toml:2: agent.tpm: must be one of"},
        Bad{"[agent]\ntpm_counter = \"yes\"", "agent.toml:2: agent.tpm_counter: must be true"},
        Bad{"[agent]\nephemeral = true", "agent.toml:2: agent.ephemeral"},
        Bad{"[keyserver]\nurl = \"http://plain\"", "agent.toml:2: keyserver.url: must be https"},
        Bad{"[keyserver]\nurl = \"https://h/path\"", "agent.toml:2: keyserver.url"},
        Bad{"[keyserver]\nurl = \"https://h:65536\"", "agent.toml:2: keyserver.url"},
        Bad{"[keyserver]\nurl = \"https://[::1]:0\"", "agent.toml:2: keyserver.url"},
        Bad{"[keyserver]\nproxy = \"http://h:99999999\"", "agent.toml:2: keyserver.proxy"},
        Bad{"[keyserver]\nurl = \"https://\"", "agent.toml:2: keyserver.url"},
        Bad{"[keyserver]\nproxy = \"socks5://h\"", "agent.toml:2: keyserver.proxy"},
        Bad{"[keyserver]\nca_file = \"ca.pem\"", "agent.toml:2: keyserver.ca_file"},
        Bad{"[keyserver]\ntimeout = 3", "agent.toml:2: keyserver.timeout: unknown key"},
        Bad{"[publisher.\"a.b\"]\nurls = \"x\"", "agent.toml:2: publisher.\"a.b\".urls"},
        Bad{"[organization]\ncountry = \"de\"", "agent.toml:2: organization.country"},
        Bad{"[organization]\nid = \"\"", "agent.toml:2: organization.id"},
        Bad{"[organization]\nid = \"a\\u0007b\"", "agent.toml:2: organization.id"},
        Bad{"[paths]\nstate = \"relative\"", "agent.toml:2: paths.state"},
        Bad{"[paths]\nclock = \"/x\"", "agent.toml:2: paths.clock: unknown key"},
        Bad{"[[activate]]\nproduct = \"p\"", "agent.toml:2: activate: product and key_file"},
        Bad{"[[activate]]\nkey = \"p\"", "agent.toml:2: activate.key: unknown key"},
        Bad{"[[activate]]\nconsume = \"yes\"", "agent.toml:2: activate.consume"},
        Bad{"[[activate]]\nwhen_counted = \"ask\"", "agent.toml:2: activate.when_counted"},
        Bad{"[activate]\nproduct = \"p\"", "agent.toml:2: activate.product: unknown key"},
        Bad{"[agent]\nrole = \"lab\"\nrole = \"lab\"", "agent.toml:3"},
        Bad{"[agent", "agent.toml:1"}, Bad{"\xff\xfe", "agent.toml:1"}));

TEST(Config, a_too_long_text_is_refused) {
    const auto config = parse("[organization]\nid = \"" + std::string(2000, 'x') + "\"");
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().detail.find("agent.toml:2"), std::string::npos);
}

struct Folder {
    fs::path path = fakes::make_private_directory(testing::TempDir());
    Folder() { fs::create_directories(path / "agent.d"); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path); }
    void write(const std::string& file, const std::string& text) const {
        std::ofstream(path / file) << text;
    }
};

TEST(Config, drop_ins_are_read_in_name_order) {
    const Folder folder;
    folder.write("agent.toml", "[agent]\nlog_level = \"warn\"\n");
    folder.write("agent.d/20.toml", "[agent]\nlog_level = \"trace\"\n");
    folder.write("agent.d/10.toml", "[agent]\nlog_level = \"debug\"\n");
    folder.write("agent.d/30.toml.bak", "rubbish");
    const auto config = load_config(folder.path / "agent.toml");
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(config->log_level, LogLevel::trace);
}

TEST(Config, a_named_file_that_is_missing_is_an_error) {
    const Folder folder;
    const auto config = load_config(folder.path / "other.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, Code::config_invalid);
}

TEST(Config, a_file_that_others_may_change_is_refused) {
    const Folder folder;
    folder.write("agent.toml", "");
    fs::permissions(folder.path / "agent.toml", fs::perms::all);
    const auto config = load_config(folder.path / "agent.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, Code::config_invalid);
}

}  // namespace
}  // namespace latchkey::daemon
