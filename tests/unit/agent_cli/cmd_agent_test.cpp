// The verbs that ask the agent, run against canned answers.

#include <gtest/gtest.h>

#include <fstream>

#include "agent/cli/cmd.h"
#include "agent/localapi/problem_json.h"
#include "base/strict_json.h"
#include "licensing/product_key.h"
#include "tests/unit/agent_cli/canned_agent.h"
#include "tests/unit/agent_cli/documents.h"
#include "tests/unit/agent_cli/string_console.h"

namespace latchkey::cli {
namespace {

constexpr std::array kVerbs{
    Verb{"status", "", cmd_status},
    Verb{"check", "", cmd_check},
    Verb{"explain", "", cmd_explain},
    Verb{"activate", "", cmd_activate},
    Verb{"deactivate", "", cmd_deactivate},
    Verb{"rearm", "", cmd_rearm},
    Verb{"history", "", cmd_history},
    Verb{"config", "", cmd_config},
    Verb{"reload", "", cmd_reload},
    Verb{"version", "", cmd_version},
    Verb{"hwid", "", cmd_hwid},
};

const std::string kKey =
    licensing::ProductKey::make(licensing::KeyKind::product_key, 7, {1, 2, 3}).text();

/// One call against a canned agent.
struct Session {
    explicit Session(CannedAgent::Answer answer) : agent(std::move(answer)) {}
    int call(std::vector<std::string_view> arguments) {
        console.out_text.clear();
        console.err_text.clear();
        const std::string endpoint = agent.endpoint();
        arguments.insert(arguments.end(), {"--socket", endpoint});
        return run(kVerbs, arguments, console);
    }
    StringConsole console;
    CannedAgent agent;
};

CannedAgent::Answer refusing(Code code) {
    return [code](const std::string&) {
        return http(info(code).http_status,
                    json::to_text(localapi::error_json({code, "so it is", {}})));
    };
}

TEST(StatusVerb, passes_the_agents_document_on_to_the_byte) {
    const std::string document = R"({"schema_version":"1.0","overall":"ok","products":[]})";
    Session session(by_target({{"GET /v1/status", document}}));
    EXPECT_EQ(session.call({"status", "--json"}), 0);
    EXPECT_EQ(session.console.out_text, document + "\n");
    EXPECT_EQ(session.console.err_text, "");
}

TEST(StatusVerb, exits_0_whatever_it_reports) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    EXPECT_EQ(session.call({"status"}), 0);
    EXPECT_NE(session.console.out_text.find("Contoso CAD"), std::string::npos);
}

TEST(StatusVerb, of_one_product_leaves_the_others_out) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    EXPECT_EQ(session.call({"status", "--product", "cad", "--json"}), 0);
    EXPECT_NE(session.console.out_text.find("Contoso CAD"), std::string::npos);
    EXPECT_EQ(session.console.out_text.find("Contoso Draw"), std::string::npos);
    EXPECT_EQ(session.call({"status", "--product", "none"}), 78);
}

TEST(StatusVerb, watching_goes_on_until_a_key_is_pressed) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    session.console.pauses = 2;
    EXPECT_EQ(session.call({"status", "--watch"}), 0);
    EXPECT_EQ(session.agent.requests().size(), 3u);
}

/// The pictures that were drawn over one another, without what draws them.
std::vector<std::string> frames_of(std::string_view text) {
    constexpr std::string_view kHome = "\x1b[H";
    std::vector<std::string> frames;
    while (!text.empty()) {
        const auto end = std::min(text.find(kHome, 1), text.size());
        if (text.starts_with(kHome))
            frames.emplace_back(text.substr(kHome.size(), end - kHome.size()));
        text.remove_prefix(end);
    }
    return frames;
}

TEST(StatusVerb, watching_on_a_terminal_draws_over_what_is_there) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    session.console.terminal = true;
    session.console.size = {100, 50};
    session.console.pauses = 2;
    EXPECT_EQ(session.call({"status", "--watch"}), 0);
    const auto& text = session.console.out_text;
    EXPECT_EQ(text.find("\x1b[2J"), text.rfind("\x1b[2J")) << "cleared once, not each time";
    const auto frames = frames_of(text);
    ASSERT_EQ(frames.size(), 3u);
    EXPECT_EQ(frames[0], frames[1]);
    EXPECT_TRUE(frames[2].ends_with("any key ends it\x1b[K\n\x1b[J"));
    for (std::size_t at = frames[0].find('\n'); at != std::string::npos;
         at = frames[0].find('\n', at + 1))
        EXPECT_EQ(frames[0].substr(at - 3, 3), "\x1b[K") << "what a longer line left is cleared";
}

TEST(StatusVerb, a_picture_taller_than_the_window_does_not_scroll) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    session.console.terminal = true;
    session.console.size = {60, 8};
    EXPECT_EQ(session.call({"status", "--watch"}), 0);
    const auto frame = frames_of(session.console.out_text).at(0);
    EXPECT_EQ(std::count(frame.begin(), frame.end(), '\n'), 7);
    EXPECT_NE(frame.find(" lines more"), std::string::npos) << frame;
}

TEST(StatusVerb, watching_an_agent_that_restarts_goes_on) {
    StringConsole console;
    console.terminal = true;
    console.pauses = 1;
    const std::vector<std::string_view> arguments{"status", "--watch", "--socket", "/nonexistent"};
    EXPECT_EQ(run(kVerbs, arguments, console), 0);
    const auto frames = frames_of(console.out_text);
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_NE(frames[1].find("The agent does not answer."), std::string::npos) << frames[1];
}

TEST(StatusVerb, on_a_terminal_json_is_indented) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    session.console.terminal = true;
    EXPECT_EQ(session.call({"status", "--json"}), 0);
    EXPECT_TRUE(session.console.out_text.starts_with("{\n  \"schema_version\": \"1.0\",\n"));
}

TEST(StatusVerb, without_an_agent_exits_69) {
    StringConsole console;
    const std::vector<std::string_view> arguments{"status", "--socket", "/nonexistent.sock"};
    EXPECT_EQ(run(kVerbs, arguments, console), 69);
    EXPECT_TRUE(console.err_text.starts_with("error: The agent does not answer.\n"));
}

TEST(StatusVerb, what_is_no_agent_is_said_to_be_none) {
    for (const char* body : {"[]", "no json", ""}) {
        Session session(by_target({{"GET /v1/status", body}}));
        EXPECT_EQ(session.call({"status"}), 69) << body;
        EXPECT_EQ(session.call({"status", "--json"}), 69) << body;
    }
}

TEST(StatusVerb, finds_the_socket_in_the_named_configuration) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    const platform::TemporaryDirectory directory;
    const std::string config = (directory / "agent.toml").string();
    std::ofstream(config) << "[agent]\nrole = \"lab\"\n[paths]\nsocket = '"
                          << session.agent.endpoint() << "'\n";
    std::vector<std::string_view> arguments{"status", "--config", config};
    EXPECT_EQ(run(kVerbs, arguments, session.console), 0) << session.console.err_text;
    std::ofstream(config) << "[paths]\nsocket = 7\n";
    EXPECT_EQ(run(kVerbs, arguments, session.console), 78);
    EXPECT_NE(session.console.err_text.find(config + ":2: "), std::string::npos)
        << session.console.err_text;
    std::ofstream(config) << "[paths\n";
    EXPECT_EQ(run(kVerbs, arguments, session.console), 78);
    arguments[2] = "/nonexistent/agent.toml";
    EXPECT_EQ(run(kVerbs, arguments, session.console), 78);
}

TEST(CheckVerb, has_the_exit_codes_of_the_plugin_interface) {
    for (const auto& [overall, exit_code] : std::vector<std::pair<std::string, int>>{
             {"ok", 0}, {"warning", 1}, {"critical", 2}, {"other", 3}}) {
        Session session(
            by_target({{"GET /v1/status", R"({"overall":")" + overall + R"(","products":[]})"}}));
        EXPECT_EQ(session.call({"check"}), exit_code);
        EXPECT_TRUE(session.console.out_text.starts_with("LATCHKEY "));
        EXPECT_EQ(session.console.err_text, "");
    }
}

TEST(CheckVerb, whatever_goes_wrong_is_unknown) {
    Session session(by_target({{"GET /v1/status", kStatus}}));
    EXPECT_EQ(session.call({"check", "--product", "none"}), 3);
    EXPECT_EQ(session.call({"check", "--wrong"}), 3);
    EXPECT_TRUE(session.console.out_text.starts_with("LATCHKEY UNKNOWN - The command line"));
    Session refused(refusing(Code::rate_limited));
    EXPECT_EQ(refused.call({"check"}), 3);
    EXPECT_EQ(refused.call({"check", "--json"}), 3);
    EXPECT_NE(refused.console.out_text.find("rate_limited"), std::string::npos);
}

TEST(ExplainVerb, sends_the_key_and_prints_the_price) {
    Session session(by_target({{"POST /v1/products/draw/explain", kPreview}}));
    session.console.input = kKey;
    EXPECT_EQ(session.call({"explain", "--product", "draw", "--key-stdin"}), 0);
    EXPECT_TRUE(session.console.out_text.starts_with("Activating now would use 0 of 10"));
    EXPECT_EQ(body_of(session.agent.requests()[0]), R"({"key":")" + kKey + R"("})");
}

TEST(ExplainVerb, needs_a_product) {
    Session session(by_target({}));
    EXPECT_EQ(session.call({"explain"}), 64);
    EXPECT_TRUE(session.agent.requests().empty());
}

TEST(ActivateVerb, sends_consent_only_when_it_was_given) {
    Session session(by_target({{"POST /v1/products/draw/activate", kOutcome}}));
    EXPECT_EQ(session.call({"activate", "--product", "draw"}), 0);
    EXPECT_EQ(body_of(session.agent.requests()[0]), R"({"accept_count":false})");
    EXPECT_EQ(session.call({"activate", "--product", "draw", "--accept-count"}), 0);
    EXPECT_EQ(body_of(session.agent.requests()[1]), R"({"accept_count":true})");
}

TEST(ActivateVerb, K2_a_token_never_reaches_the_agent) {
    Session session(by_target({{"POST /v1/products/draw/activate", kOutcome}}));
    session.console.input =
        licensing::ProductKey::make(licensing::KeyKind::token, 7, {1, 2, 3}).text();
    EXPECT_EQ(session.call({"activate", "--product", "draw", "--key-stdin"}), 12);
    session.console.input = "ABCDE";
    EXPECT_EQ(session.call({"activate", "--product", "draw", "--key-stdin"}), 12);
    EXPECT_TRUE(session.agent.requests().empty());
}

TEST(ActivateVerb, exit_codes_are_the_problems_own) {
    for (const auto& [code, exit_code] :
         std::vector<std::pair<Code, int>>{{Code::activation_limit_reached, 10},
                                           {Code::confirmation_required, 11},
                                           {Code::lab_mode, 11},
                                           {Code::token_not_key, 12},
                                           {Code::signature_invalid, 13},
                                           {Code::keyserver_unreachable, 75},
                                           {Code::not_permitted, 77},
                                           {Code::config_invalid, 78},
                                           {Code::internal, 1}}) {
        Session session(refusing(code));
        EXPECT_EQ(session.call({"activate", "--product", "draw"}), exit_code) << info(code).name;
        EXPECT_EQ(session.call({"activate", "--product", "draw", "--json"}), exit_code);
        EXPECT_NE(session.console.out_text.find(info(code).name), std::string::npos);
    }
}

TEST(ActivateVerb, asks_on_a_terminal_where_no_key_is_installed) {
    Session session(by_target({{"GET /v1/status", kStatus},
                               {"POST /v1/products/cad/activate", kOutcome},
                               {"POST /v1/products/draw/activate", kOutcome}}));
    session.console.terminal = true;
    session.console.secrets = {kKey};
    EXPECT_EQ(session.call({"activate", "--product", "cad"}), 0);
    EXPECT_EQ(session.console.err_text, "Product key: ");
    EXPECT_NE(body_of(session.agent.requests()[1]).find(kKey), std::string::npos);
    EXPECT_EQ(session.call({"activate", "--product", "draw"}), 0);  // has one: nothing is asked
    EXPECT_EQ(session.console.err_text, "");
}

TEST(ActivateVerb, a_product_id_cannot_leave_its_path) {
    Session session(by_target({}));
    EXPECT_EQ(session.call({"activate", "--product", "../x y?z"}), 78);
    EXPECT_TRUE(session.agent.requests()[0].starts_with(
        "POST /v1/products/..%2Fx%20y%3Fz/activate HTTP/1.1\r\n"));
}

TEST(DeactivateVerb, says_that_activations_are_consumed_not_lent) {
    Session session(by_target(
        {{"POST /v1/products/draw/deactivate",
          R"({"schema_version":"1.0","product":"draw","state":"unlicensed","returned":false})"}}));
    EXPECT_EQ(session.call({"deactivate", "--product", "draw"}), 0);
    EXPECT_EQ(session.console.out_text,
              "draw: not licensed; the activation stays used (it is consumed, not lent)\n");
}

TEST(DeactivateVerb, says_when_the_activation_comes_back_and_what_not_to_do_before) {
    Session session(by_target(
        {{"POST /v1/products/draw/deactivate",
          R"({"schema_version":"1.0","product":"draw","state":"unlicensed","returned":false,)"
          R"("returns_at":"2027-05-21T08:00:00Z"})"},
         {"POST /v1/products/cad/deactivate",
          R"({"schema_version":"1.0","product":"cad","state":"unlicensed","returned":true,)"
          R"("returns_at":null})"}}));
    EXPECT_EQ(session.call({"deactivate", "--product", "draw"}), 0);
    EXPECT_EQ(session.console.out_text,
              "draw: not licensed; the activation will be given back on 2027-05-21; activating "
              "again before then uses another one\n");
    EXPECT_EQ(session.call({"deactivate", "--product", "cad"}), 0);
    EXPECT_EQ(session.console.out_text, "cad: not licensed; the activation was given back\n");
}

TEST(DeactivateVerb, local_is_passed_on_and_says_what_the_key_server_does_not_know) {
    Session session(by_target(
        {{"POST /v1/products/draw/deactivate",
          R"({"schema_version":"1.0","product":"draw","state":"unlicensed","returned":false})"}}));
    EXPECT_EQ(session.call({"deactivate", "--product", "draw", "--local"}), 0);
    EXPECT_TRUE(session.agent.requests().at(0).ends_with(R"({"local":true})"))
        << session.agent.requests().at(0);
    EXPECT_EQ(session.console.out_text,
              "draw: not licensed; the key server was not told: there the activation stays used\n");
}

TEST(DeactivateVerb, passes_on_what_became_of_an_activation_without_an_answer) {
    Session session(by_target(
        {{"POST /v1/products/draw/deactivate",
          R"({"schema_version":"1.0","product":"draw","state":"unlicensed","returned":false,)"
          R"("returns_at":null,"note":"It was taken back: nothing was spent."})"}}));
    EXPECT_EQ(session.call({"deactivate", "--product", "draw"}), 0);
    EXPECT_EQ(session.console.out_text,
              "draw: not licensed. It was taken back: nothing was spent.\n");
}

TEST(DeactivateVerb, all_takes_every_product_with_a_license_and_goes_on_after_a_failure) {
    Session session(by_target({{"GET /v1/status", kStatus}}));  // deactivate itself is answered 404
    EXPECT_EQ(session.call({"deactivate", "--all"}), 78);
    EXPECT_EQ(session.agent.requests().size(), 2u);  // of three products one holds a license
    EXPECT_NE(session.console.err_text.find("draw: no such path"), std::string::npos);
    EXPECT_EQ(session.call({"deactivate", "--all", "--json"}), 78);
    EXPECT_TRUE(session.console.out_text.starts_with(
        R"({"schema_version":"1.0","products":[{"schema_version":"1.0","error":{)"));
    EXPECT_EQ(session.call({"deactivate"}), 64);
    EXPECT_EQ(session.call({"deactivate", "--all", "--product", "draw"}), 64);
}

TEST(RearmVerb, prints_what_is_left) {
    Session session(by_target(
        {{"POST /v1/products/cad/rearm",
          R"({"schema_version":"1.0","product":"cad","state":"extended_grace","grace":)"
          R"({"kind":"extended","ends_at":"2026-12-22T08:00:00Z","remaining_s":2592000,"rearms_left":1}})"}}));
    EXPECT_EQ(session.call({"rearm", "--product", "cad"}), 0);
    EXPECT_EQ(session.console.out_text,
              "cad: in grace, extended by rearm, 30 days left; 1 rearm left\n");
}

TEST(RearmVerb, says_where_there_was_nothing_to_restart) {
    Session session(
        by_target({{"POST /v1/products/cad/rearm",
                    R"({"schema_version":"1.0","product":"cad","state":"extended_grace","grace":)"
                    R"({"kind":"extended","ends_at":null,"remaining_s":2592000,"rearms_left":2},)"
                    R"("note":"Nothing was changed."})"}}));
    EXPECT_EQ(session.call({"rearm", "--product", "cad"}), 0);
    EXPECT_EQ(session.console.out_text,
              "cad: in grace, extended by rearm, 30 days left; 2 rearms left\n"
              "Nothing was changed.\n");
}

TEST(HistoryVerb, pages_through_the_journal) {
    Session session(by_target(
        {{"GET /v1/history?limit=2&product=draw&cursor=a%2Fb",
          R"({"entries":[{"number":7,"at":"2026-11-22T13:51:00Z","product":"draw","event":"activated",)"
          R"("detail":"counted 0","receipt_id":"rcp_1"}],"next_cursor":"5"})"}}));
    EXPECT_EQ(session.call({"history", "--product", "draw", "--limit", "2", "--cursor", "a/b"}), 0);
    EXPECT_EQ(session.console.out_text,
              "Sunday 2026-11-22 (UTC)\n"
              "  13:51  draw  activated  counted 0 receipt rcp_1\n"
              "\nolder entries: --cursor 5\n");
}

TEST(HistoryVerb, names_the_publisher_where_two_have_products_of_one_id) {
    const std::string entry =
        R"({"at":"2026-11-22T13:51:00Z","event":"activated","detail":"","receipt_id":null,)";
    Session session(
        by_target({{"GET /v1/history?limit=50",
                    R"({"entries":[)" + entry + R"("publisher":"acme","product":"draw"},)" + entry +
                        R"("publisher":"other.example","product":"draw"},)" + entry +
                        R"("publisher":"acme","product":"cad"}],"next_cursor":null})"}}));
    EXPECT_EQ(session.call({"history"}), 0);
    for (const std::string shown : {" acme/draw ", " other.example/draw ", " cad "})
        EXPECT_NE(session.console.out_text.find(shown), std::string::npos)
            << session.console.out_text;
}

TEST(ConfigVerb, shows_values_and_where_they_come_from) {
    Session session(by_target(
        {{"GET /v1/config",
          R"({"settings":[{"name":"agent.role","value":"lab","source":"/etc/latchkey/agent.toml:2"},)"
          R"({"name":"policy.rearms","value":3,"source":"default"},{"name":"x","value":null,"source":"default"}]})"}}));
    EXPECT_EQ(session.call({"config", "show"}), 0);
    EXPECT_EQ(session.console.out_text,
              "SETTING        VALUE  SOURCE\n"
              "agent.role     lab    /etc/latchkey/agent.toml:2\n"
              "policy.rearms  3      default\n"
              "x              -      default\n");
    EXPECT_EQ(session.call({"config"}), 64);
    EXPECT_EQ(session.call({"--json", "config", "show"}), 0);
}

TEST(ReloadVerb, passes_warnings_on) {
    Session session(by_target({{"POST /v1/reload", R"({"ok":true,"warnings":["old key"]})"}}));
    EXPECT_EQ(session.call({"reload"}), 0);
    EXPECT_EQ(session.console.err_text, "warning: old key\n");
}

TEST(HwidReportVerb, prints_the_exact_bytes) {
    Session session(by_target({{"POST /v1/products/draw/fingerprint",
                                R"({"product":"draw","salt_id":"s1","body":"{\"a\" : [1]}"})"}}));
    EXPECT_EQ(session.call({"hwid", "report", "--product", "draw"}), 0);
    EXPECT_EQ(session.console.out_text, R"({"a" : [1]})");
}

TEST(HwidReportVerb, never_passes_this_machine_off_as_the_snapshot) {
    const std::string file = std::string(LATCHKEY_MACHINES) + "/desktop.json";
    Session own(by_target({{"POST /v1/products/draw/fingerprint", R"({"body":"{}"})"}}));
    EXPECT_EQ(own.call({"hwid", "report", "--product", "draw", file}), 64);
    EXPECT_EQ(own.console.out_text, "");
    EXPECT_NE(body_of(own.agent.requests()[0]).find("latchkey.hwid.snapshot/1"), std::string::npos);
    Session able(by_target(
        {{"POST /v1/products/draw/fingerprint", R"({"body":"{}","source":"snapshot"})"}}));
    EXPECT_EQ(able.call({"hwid", "report", "--product", "draw", file}), 0);
    EXPECT_EQ(able.console.out_text, "{}");
}

TEST(HwidReportVerb, says_that_a_proof_by_the_tpm_goes_along) {
    for (const bool proof : {false, true}) {
        Session session(by_target(
            {{"POST /v1/products/draw/fingerprint",
              std::string(R"({"body":"{}","tpm_proof":)") + (proof ? "true}" : "false}")}}));
        EXPECT_EQ(session.call({"hwid", "report", "--product", "draw"}), 0);
        EXPECT_EQ(session.console.out_text, "{}") << "the bytes and nothing else";
        EXPECT_EQ(session.console.err_text.find("TPM") != std::string::npos, proof);
    }
}

TEST(VersionVerb, needs_no_agent) {
    for (const auto& arguments : std::vector<std::vector<std::string_view>>{
             {"version"}, {"--version"}, {"--json", "--version"}, {"version", "--json"}}) {
        StringConsole console;
        EXPECT_EQ(run(kVerbs, arguments, console), 0);
        const bool json = arguments.size() == 2;
        EXPECT_TRUE(console.out_text.starts_with(json ? R"({"schema_version":"1.0","version":"0.)"
                                                      : "latchkey 0."))
            << console.out_text;
    }
}

}  // namespace
}  // namespace latchkey::cli
