// What the doctor says of what was found.

#include "agent/daemon/diagnosis.h"

#include <gmock/gmock.h>

namespace latchkey::daemon {
namespace {

using net::Reached;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines(const std::vector<Item>& items) {
    std::vector<std::string> list;
    for (const auto& item : items) list.push_back(item.id + " " + std::string(name(item.finding)));
    return list;
}

const Item& item(const std::vector<Item>& items, std::string_view id) {
    for (const auto& one : items)
        if (one.id == id) return one;
    throw std::runtime_error("there is no item " + std::string(id));
}

Contact whole() {
    Contact contact{"contoso", {}, {}, seconds{0}};
    contact.way = {Reached::secured,
                   {"keys.contoso.example", "443"},
                   {},
                   {"192.0.2.7", "192.0.2.8"},
                   "192.0.2.8",
                   "TLSv1.3",
                   "/CN=Contoso CA"};
    return contact;
}

Contact broken_at(Reached reached, Code code) {
    Contact contact = whole();
    contact.way.reached = reached;
    contact.problem = Problem{code, "keys.contoso.example:443: because", {}};
    contact.clock_ahead.reset();
    return contact;
}

TEST(Doctor, tells_each_step_of_a_way_that_is_whole) {
    const auto items = judge(whole());
    EXPECT_THAT(lines(items), ElementsAre("key_server ok", "dns ok", "route ok", "tls ok",
                                          "answer ok", "clock_difference ok"));
    EXPECT_EQ(item(items, "key_server").text, "contoso: keys.contoso.example:443");
    EXPECT_EQ(item(items, "dns").text, "keys.contoso.example is 192.0.2.7, 192.0.2.8");
    EXPECT_EQ(item(items, "route").text, "connected to 192.0.2.8 port 443");
    EXPECT_EQ(item(items, "tls").text, "TLSv1.3, certificate issued by /CN=Contoso CA");
    EXPECT_EQ(overall(items), Finding::ok);
}

TEST(Doctor, names_the_step_that_failed_and_tries_none_after_it) {
    EXPECT_THAT(lines(judge(broken_at(Reached::nothing, Code::config_invalid))),
                ElementsAre("key_server failed", "dns skipped", "route skipped", "tls skipped",
                            "answer skipped"));
    EXPECT_THAT(lines(judge(broken_at(Reached::address, Code::keyserver_unreachable))),
                ElementsAre("key_server ok", "dns failed", "route skipped", "tls skipped",
                            "answer skipped"));
    EXPECT_THAT(
        lines(judge(broken_at(Reached::name, Code::keyserver_unreachable))),
        ElementsAre("key_server ok", "dns ok", "route failed", "tls skipped", "answer skipped"));
    const auto inspected = judge(broken_at(Reached::host, Code::tls_intercepted));
    EXPECT_THAT(lines(inspected),
                ElementsAre("key_server ok", "dns ok", "route ok", "tls failed", "answer skipped"));
    EXPECT_THAT(item(inspected, "tls").text, HasSubstr("because"));
    EXPECT_EQ(item(inspected, "tls").remedy, info(Code::tls_intercepted).remedy);
    EXPECT_THAT(lines(judge(broken_at(Reached::secured, Code::signature_invalid))),
                ElementsAre("key_server ok", "dns ok", "route ok", "tls ok", "answer failed"));
    EXPECT_EQ(overall(inspected), Finding::failed);
}

TEST(Doctor, says_through_which_proxy_it_went) {
    Contact contact = whole();
    contact.way.proxy = net::HostPort{"proxy.example", "3128"};
    contact.way.peer = "198.51.100.1";
    const auto items = judge(contact);
    EXPECT_EQ(item(items, "key_server").text,
              "contoso: keys.contoso.example:443 through the proxy proxy.example:3128");
    EXPECT_THAT(item(items, "dns").text, HasSubstr("proxy.example is"));
    EXPECT_EQ(item(items, "route").text,
              "the proxy at 198.51.100.1 opens the way to keys.contoso.example:443");
}

TEST(Doctor, holds_the_calendar_against_the_signed_time) {
    Contact contact = whole();
    contact.clock_ahead = -(minutes{5} + seconds{1});
    const auto behind = judge(contact);
    EXPECT_EQ(item(behind, "clock_difference").finding, Finding::warning);
    EXPECT_EQ(item(behind, "clock_difference").text,
              "the clock here is 301 s behind the key server's signed time");
    EXPECT_FALSE(item(behind, "clock_difference").remedy.empty());
    contact.clock_ahead = minutes{5};
    EXPECT_EQ(item(judge(contact), "clock_difference").finding, Finding::ok);
    contact.clock_ahead = hours{26};
    EXPECT_THAT(item(judge(contact), "clock_difference").text, HasSubstr(" 26 h ahead of "));
    contact.clock_ahead = -Days{214};
    EXPECT_THAT(item(judge(contact), "clock_difference").text, HasSubstr(" 214 days behind "));
}

TEST(Doctor, tells_what_is_wrong_with_a_directory_and_how_little_room_there_is) {
    const Problem open{Code::not_permitted, "/var/lib/latchkey: others may write it", {}};
    const auto items =
        judge(std::vector<Place>{{"state", "/var/lib/latchkey", open, 9 * 1024 * 1024},
                                 {"second copy", "/var/lib/latchkey-anchor", {}, 1ull << 40}});
    EXPECT_THAT(lines(items), ElementsAre("permissions failed", "disk_space warning"));
    EXPECT_THAT(items[0].text, HasSubstr("others may write"));
    EXPECT_EQ(items[1].text, "9 MiB are free for the state");
    const auto sound = judge(std::vector<Place>{{"state", "/s", {}, 1ull << 30}});
    EXPECT_THAT(lines(sound), ElementsAre("permissions ok", "disk_space ok"));
}

TEST(Doctor, puts_what_health_knows_under_its_headings_and_leaves_nothing_out) {
    localapi::StatusView view;
    view.evidence = "fair";
    view.anchor = "none";
    view.clock = core::ClockHealth::unproven;
    view.health = {
        {"config_invalid", localapi::Severity::warning, "agent.toml:3: no", "Mend it.", {}},
        {"storage_failed", localapi::Severity::critical, "disk full", "Make room.", {}},
        {"suspected_clone", localapi::Severity::warning, "two of them", "Ask.", {}},
        {"of_a_newer_version", localapi::Severity::info, "news", "", {}}};
    const auto items = judge(view, "/etc/latchkey/agent.toml");
    EXPECT_THAT(lines(items), ElementsAre("configuration warning", "products note", "state failed",
                                          "clock ok", "hardware ok", "tpm note",
                                          "suspected_clone warning", "of_a_newer_version note"));
    EXPECT_THAT(item(items, "clock").text, HasSubstr("no key server has signed"));
}

TEST(Doctor, says_that_a_policy_stands_above_the_file) {
    localapi::StatusView view;
    view.settings = {{"agent.role", "lab", "agent.toml:2", "file"}};
    EXPECT_EQ(item(judge(view, "agent.toml"), "configuration").text, "agent.toml is in force");
    view.settings.push_back({"agent.tpm", "off", "policy HKLM\\P\\agent : tpm", "policy"});
    EXPECT_EQ(item(judge(view, "agent.toml"), "configuration").text,
              "agent.toml is in force, and above it 1 setting by policy");
}

TEST(Doctor, tells_an_unreadable_tpm_once_with_the_remedy_for_its_cause) {
    localapi::StatusView view;
    view.evidence = "fair";
    view.anchor = "none";
    view.tpm_evidence = "unreadable";
    view.tpm_reason = "libtss2-esys.so.0 is not installed";
    view.health = {{"hardware_unreadable",
                    localapi::Severity::info,
                    "Not read: libtss2-esys.so.0 is not installed",
                    "Install it.",
                    {}}};
    const auto items = judge(view, "/etc/latchkey/agent.toml");
    EXPECT_THAT(lines(items), ElementsAre("configuration ok", "products note", "state ok",
                                          "clock ok", "hardware ok", "tpm note"));
    EXPECT_THAT(item(items, "tpm").text, HasSubstr("libtss2-esys.so.0 is not installed"));
    EXPECT_EQ(item(items, "tpm").remedy, "Install it.");
}

TEST(Doctor, says_why_a_counter_that_is_wanted_is_not_to_be_had) {
    localapi::StatusView view;
    view.anchor = "tpm2";
    EXPECT_THAT(lines(judge(view, "x")), testing::Not(testing::Contains("tpm_counter ok")));
    view.tpm_counter = localapi::TpmAttempt{"kept", {}, {}};
    EXPECT_EQ(item(judge(view, "x"), "tpm_counter").finding, Finding::ok);
    view.tpm_counter = localapi::TpmAttempt{"unavailable", "I/O error", {}};
    const auto none = item(judge(view, "x"), "tpm_counter");
    EXPECT_EQ(none.finding, Finding::warning);
    EXPECT_EQ(none.text, "unavailable: I/O error");
    EXPECT_FALSE(none.remedy.empty());
}

TEST(Doctor, names_what_the_system_has_not_got_and_is_silent_otherwise) {
    EXPECT_TRUE(judge_system({}).empty());
    const auto items = judge_system({"CFDateCreate", "SecTrustSetVerifyDate"});
    EXPECT_THAT(lines(items), ElementsAre("system failed"));
    EXPECT_THAT(item(items, "system").text, HasSubstr("CFDateCreate"));
    EXPECT_THAT(item(items, "system").text, HasSubstr("SecTrustSetVerifyDate"));
    EXPECT_FALSE(item(items, "system").remedy.empty());
}

TEST(Doctor, names_a_section_whose_publisher_is_not_here) {
    const auto config = parse_config({{"agent.toml",
                                       "[publisher.contoso]\n"
                                       "url = \"https://keys.contoso.example\"\n"
                                       "[publisher.contsoo]\n"
                                       "proxy = \"none\"\n"
                                       "url = \"https://keys.contoso.example\"\n"}});
    ASSERT_TRUE(config) << config.error().detail;
    const auto items = judge_publishers(*config, {"contoso", "fabrikam"});
    ASSERT_THAT(lines(items), ElementsAre("configuration note"));
    EXPECT_EQ(items[0].text,
              "[publisher.contsoo] (agent.toml:4) has no effect: no manifest of that "
              "publisher is installed, only of contoso, fabrikam");
    EXPECT_FALSE(items[0].remedy.empty());
    EXPECT_THAT(judge_publishers(*config, {})[1].text, HasSubstr("no manifest is installed"));
    EXPECT_THAT(judge_publishers(*config, {"contoso", "contsoo"}), testing::IsEmpty());
}

TEST(Doctor, keeps_publishers_apart_whose_names_begin_alike) {
    const auto config = parse_config({{"agent.toml",
                                       "[publisher.\"a.b\"]\n"
                                       "proxy = \"none\"\n"
                                       "[publisher.a]\n"
                                       "url = \"https://keys.contoso.example\"\n"}});
    ASSERT_TRUE(config) << config.error().detail;
    const auto items = judge_publishers(*config, {"a.b"});
    ASSERT_EQ(items.size(), 1u);
    EXPECT_THAT(items[0].text, HasSubstr("[publisher.a] (agent.toml:4)"));
}

TEST(Doctor, is_one_document_for_scripts) {
    const auto document = to_json({{"dns", Finding::failed, "text", "remedy"}, {"tls", {}, "x"}});
    EXPECT_EQ(json::to_text(document),
              R"({"schema_version":"1.0","overall":"failed","items":[)"
              R"({"id":"dns","finding":"failed","text":"text","remedy":"remedy"},)"
              R"({"id":"tls","finding":"ok","text":"x","remedy":null}]})");
}

}  // namespace
}  // namespace latchkey::daemon
