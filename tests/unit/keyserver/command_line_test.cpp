#include "keyserver/command_line.h"

#include <gtest/gtest.h>

namespace latchkey::keyserver {
namespace {

Invocation parse(std::vector<const char*> words) {
    words.insert(words.begin(), "latchkey-keyserver");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

AdminInvocation admin(std::vector<const char*> words) {
    words.insert(words.begin(), "admin");
    const auto invocation = parse(std::move(words));
    const auto* parsed = std::get_if<AdminInvocation>(&invocation);
    EXPECT_TRUE(parsed) << std::get<Message>(invocation).text;
    return parsed ? *parsed : AdminInvocation{};
}

ExitCode exit_of(std::vector<const char*> words) {
    const auto invocation = parse(std::move(words));
    const auto* message = std::get_if<Message>(&invocation);
    return message ? message->exit : ExitCode::unexpected;
}

TEST(CommandLine, serve_has_sensible_defaults) {
    const auto invocation = parse({"serve", "--data", "/srv/keys"});
    const auto& options = std::get<ServeInvocation>(invocation).options;
    EXPECT_EQ(options.data, "/srv/keys");
    EXPECT_EQ(options.listen, "127.0.0.1:8443");
    EXPECT_TRUE(options.publisher.empty());
}

TEST(CommandLine, the_console_is_off_unless_asked_for_and_at_loopback_unless_told_where) {
    const auto console = [](std::vector<const char*> words) {
        words.insert(words.begin(), {"serve", "--data", "D"});
        return std::get<ServeInvocation>(parse(std::move(words))).options.console;
    };
    EXPECT_EQ(console({}), "");
    EXPECT_EQ(console({"--console"}), "127.0.0.1:8444");
    EXPECT_EQ(console({"--console", "--listen", "127.0.0.1:1"}), "127.0.0.1:8444");
    EXPECT_EQ(console({"--console", "10.0.0.1:9000"}), "10.0.0.1:9000");
}

TEST(CommandLine, a_password_cannot_be_given_on_the_command_line) {
    EXPECT_EQ(exit_of({"admin", "--data", "D", "console", "password", "correct horse"}),
              ExitCode::usage);
    EXPECT_EQ(admin({"--data", "D", "console", "password", "--password-file", "F"})
                  .command.arguments.at("password-file"),
              std::vector<std::string>{"F"});
}

TEST(CommandLine, the_directory_may_stand_before_or_after_the_verb) {
    for (const auto& words : {std::vector<const char*>{"--data", "D", "--json", "key", "list"},
                              std::vector<const char*>{"key", "list", "--data", "D", "--json"},
                              std::vector<const char*>{"key", "--data", "D", "list", "--json"}}) {
        const auto invocation = admin(words);
        EXPECT_EQ(invocation.data, "D");
        EXPECT_TRUE(invocation.json);
        EXPECT_EQ(invocation.command.noun, "key");
        EXPECT_EQ(invocation.command.name, "list");
    }
}

TEST(CommandLine, a_database_that_is_named_travels_with_the_command_and_its_password_does_not) {
    EXPECT_EQ(admin({"--data", "D", "key", "list"}).command.database, "");
    EXPECT_EQ(admin({"--data", "D", "--database", "sqlite", "key", "list"}).command.database,
              "sqlite");
    const auto named =
        admin({"--data", "D", "--database", "postgresql://me:secret@db.example/x", "key", "list"});
    EXPECT_NE(named.command.database.find("db.example/x"), std::string::npos);
    EXPECT_EQ(named.command.database.find("secret"), std::string::npos);
}

TEST(CommandLine, arguments_reach_the_verb_as_given) {
    const auto invocation =
        admin({"product", "add", "--id", "editor", "--name", "Editor", "--exclude-platform", "mac",
               "--exclude-platform", "linux", "--no-activation", "--data", "D"});
    const admin::RawArguments expected{{"id", {"editor"}},
                                       {"name", {"Editor"}},
                                       {"exclude-platform", {"mac", "linux"}},
                                       {"no-activation", {}}};
    EXPECT_EQ(invocation.command.arguments, expected);
}

TEST(CommandLine, a_manifest_can_be_written_to_a_file) {
    const auto invocation =
        admin({"product", "export", "editor", "-o", "editor.jws", "--data", "D"});
    EXPECT_EQ(invocation.output, "editor.jws");
    EXPECT_EQ(invocation.command.arguments.at("id"), std::vector<std::string>{"editor"});
}

TEST(CommandLine, what_only_our_own_client_says_is_not_taken) {
    EXPECT_EQ(exit_of({"admin", "--data", "D", "product", "export", "p", "--unwritten", "1"}),
              ExitCode::usage);
}

TEST(CommandLine, mistakes_are_usage_errors) {
    EXPECT_EQ(exit_of({}), ExitCode::usage);
    EXPECT_EQ(exit_of({"serve"}), ExitCode::usage);
    EXPECT_EQ(exit_of({"serve", "--data", "D", "--database", "mysql://x"}), ExitCode::usage);
    EXPECT_EQ(exit_of({"admin", "--data", "D", "key", "fly"}), ExitCode::usage);
    EXPECT_EQ(exit_of({"admin", "--data", "D", "product", "add", "--id", "x"}), ExitCode::usage);
    EXPECT_EQ(exit_of({"--help"}), ExitCode::ok);
    EXPECT_EQ(exit_of({"admin", "key", "issue", "--help"}), ExitCode::ok);
}

Message mistake(std::vector<const char*> words) {
    const auto invocation = parse(std::move(words));
    const auto* message = std::get_if<Message>(&invocation);
    return message ? *message : Message{};
}

TEST(CommandLine, a_wrong_verb_is_named_with_the_one_that_was_meant) {
    EXPECT_EQ(mistake({"bogus"}).text, "there is no verb 'bogus'");
    EXPECT_EQ(mistake({"bogus"}).remedy, "See 'latchkey-keyserver --help'.");
    EXPECT_EQ(mistake({"serv"}).text, "there is no verb 'serv'; did you mean 'serve'?");
    EXPECT_EQ(mistake({"admin", "--data", "D", "prodcut", "list"}).text,
              "there is no verb 'prodcut'; did you mean 'product'?");
    EXPECT_EQ(mistake({"admin", "product", "bogus", "--json"}).text, "there is no verb 'bogus'")
        << "also where --data is missing";
    EXPECT_EQ(mistake({"admin", "product", "bogus"}).remedy,
              "See 'latchkey-keyserver admin product --help'.");
    EXPECT_EQ(mistake({"admin", "--data", "D", "product"}).text,
              "a verb is missing: one of add, release, set, list, export");
    EXPECT_EQ(mistake({"admin", "--bogus"}).text, "there is no option '--bogus' here");
    EXPECT_EQ(mistake({"admin", "key", "list"}).text, "--data is required");
}

TEST(CommandLine, what_is_not_expected_is_named_in_the_order_it_was_written) {
    const auto receipts = mistake({"admin", "--data", "D", "receipt", "list", "--bogus", "X"});
    EXPECT_EQ(receipts.text, "not expected here: --bogus X");
    EXPECT_EQ(receipts.remedy, "See 'latchkey-keyserver admin receipt list --help'.");
    EXPECT_EQ(receipts.exit, ExitCode::usage);
    EXPECT_EQ(mistake({"admin", "--data", "D", "key", "show", "key_1", "one", "two"}).text,
              "not expected here: one two");
    const auto serve = mistake({"serve", "--data", "D", "--port", "1", "--host", "h"});
    EXPECT_EQ(serve.text, "not expected here: --port 1 --host h");
    EXPECT_EQ(serve.remedy, "See 'latchkey-keyserver serve --help'.");
}

TEST(CommandLine, the_version_is_the_projects) {
    EXPECT_EQ(mistake({"--version"}).text, "latchkey-keyserver " LATCHKEY_VERSION "\n");
}

}  // namespace
}  // namespace latchkey::keyserver
