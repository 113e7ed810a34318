#include "keyserver/command_line.h"

#include <CLI/CLI.hpp>

#include <list>
#include <map>

#include "base/nearest_word.h"

namespace latchkey::keyserver {
namespace {

using admin::ArgumentKind;
using admin::ArgumentRule;
using admin::Verb;

constexpr const char* kVersion = LATCHKEY_VERSION;

/// What CLI11 writes into while it parses one verb's arguments. Addresses must stay.
struct Slot {
    const ArgumentRule* rule;
    std::vector<std::string> values;
    bool given = false;
};

struct VerbSlots {
    const Verb* verb;
    CLI::App* app;
    std::list<Slot> slots;
};

struct Shared {
    std::string data, publisher, database, format, output,
        listen = "127.0.0.1:8443", certificate, key, log_level = "info", to, access_log, console;
    bool json = false;
    bool chaos = false;
    VerifyInvocation verify;
};

std::string title_of(const ArgumentRule& rule) {
    switch (rule.kind) {
        case ArgumentKind::text:
        case ArgumentKind::id:
        case ArgumentKind::new_id:
        case ArgumentKind::new_name:
            return "TEXT";
        case ArgumentKind::number:
        case ArgumentKind::page:
            return "N";
        case ArgumentKind::date:
            return "DATE";
        case ArgumentKind::country:
            return "CC";
        case ArgumentKind::platform:
            return "PLATFORM";
        case ArgumentKind::flag:
            return "";
        case ArgumentKind::file:
        case ArgumentKind::path:
            return "FILE";
    }
    return "";
}

void add_argument(CLI::App& app, Slot& slot) {
    const ArgumentRule& rule = *slot.rule;
    const std::string name = (rule.positional ? "" : "--") + std::string(rule.name);
    if (rule.kind == ArgumentKind::flag) {
        app.add_flag(name, slot.given, std::string(rule.help));
        return;
    }
    auto* option = app.add_option(name, slot.values, std::string(rule.help));
    option->type_name(title_of(rule))->required(rule.required)->allow_extra_args(false);
    if (rule.repeated)
        option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    else
        option->expected(1);
}

/// `--data` and its like are accepted before and after the words of the verb.
void add_shared(CLI::App& app, Shared& shared) {
    app.add_option("--data", shared.data, "The key server's directory")
        ->type_name("DIR")
        ->required();
    app.add_option("--publisher", shared.publisher, "The publisher's id, chosen at the first start")
        ->type_name("ID");
    app.add_option("--database", shared.database,
                   "sqlite (latchkey.db in the data directory, the default) or "
                   "postgresql://USER@HOST/NAME")
        ->type_name("DATABASE");
}

CLI::App* add_serve(CLI::App& root, Shared& shared) {
    auto* serve = root.add_subcommand("serve", "Answer agents over HTTPS");
    add_shared(*serve, shared);
    serve->add_option("--listen", shared.listen, "Address and port; port 0 picks a free one")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    serve
        ->add_option("--tls-certificate", shared.certificate,
                     "PEM certificate chain; without one, a private CA (DIR/ca.pem) makes one")
        ->type_name("FILE");
    serve->add_option("--tls-key", shared.key, "Its private key")->type_name("FILE");
    serve
        ->add_option("--access-log", shared.access_log,
                     "One line of JSON for each answer; opened anew on SIGHUP")
        ->type_name("FILE");
    serve->add_flag("--chaos", shared.chaos,
                    "For trials: one request in twenty is refused for a while, or lost");
    serve
        ->add_option("--console", shared.console,
                     "Also answer administrators' browsers there; without an address, at "
                     "127.0.0.1:8444. Off unless given (docs/console.md)")
        ->type_name("[HOST:PORT]")
        ->expected(0, 1)
        ->default_str("127.0.0.1:8444");
    serve->add_option("--log-level", shared.log_level, "error, warn, info, debug or trace")
        ->check(CLI::IsMember({"error", "warn", "info", "debug", "trace"}))
        ->capture_default_str();
    return serve;
}

CLI::App* add_verify(CLI::App& root, Shared& shared) {
    auto* verify = root.add_subcommand(
        "verify-receipt",
        "Verify receipts with the publisher's public keys, and say what they say");
    verify
        ->add_option("receipt", shared.verify.receipt,
                     "A receipt, or a file of 'admin receipt list --json'; '-': standard input")
        ->type_name("FILE")
        ->required();
    verify
        ->add_option("--keys", shared.verify.keys,
                     "What 'admin signing-key list --json' shows, or the key server answers at "
                     "/.well-known/latchkey (then with --manifest)")
        ->type_name("FILE")
        ->required();
    verify
        ->add_option("--manifest", shared.verify.manifest,
                     "A product's manifest: its root is the one to hold the keys against")
        ->type_name("FILE");
    verify->add_flag("--json", shared.verify.json, "JSON on stdout, errors included");
    return verify;
}

bool writes_file(const Verb& verb) { return verb.noun == "product" && verb.name == "export"; }

CLI::App* add_admin(CLI::App& root, Shared& shared, std::list<VerbSlots>& all) {
    auto* admin = root.add_subcommand("admin", "Manage products, entitlements, keys and machines");
    add_shared(*admin, shared);
    admin->add_flag("--json", shared.json, "JSON on stdout, errors included");
    admin->require_subcommand(1);
    std::map<std::string, CLI::App*> groups;
    for (const auto& verb : admin::verbs()) {
        const std::string noun(verb.noun);
        auto& group = groups[noun];
        if (!group)
            group = admin->add_subcommand(noun, "Manage: " + noun)
                        ->require_subcommand(1)
                        ->fallthrough();
        auto* app =
            group->add_subcommand(std::string(verb.name), std::string(verb.help))->fallthrough();
        auto& slots = all.emplace_back(VerbSlots{&verb, app, {}});
        for (const auto& rule : verb.arguments)
            if (!rule.help.empty())
                add_argument(*app, slots.slots.emplace_back(Slot{&rule, {}, false}));
        if (!verb.items.empty())
            app->add_option("--format", shared.format, "table (default), json or csv")
                ->check(CLI::IsMember({"table", "json", "csv"}));
        if (writes_file(verb))
            app->add_option("-o,--output", shared.output,
                            "Write the manifest there instead of to stdout")
                ->type_name("FILE");
    }
    return admin;
}

CLI::App* add_migrate(CLI::App& admin, Shared& shared) {
    auto* migrate = admin
                        .add_subcommand("migrate",
                                        "Move all records from latchkey.db to an empty PostgreSQL "
                                        "database; the server must be stopped")
                        ->fallthrough();
    migrate->add_option("--to", shared.to, "postgresql://USER@HOST/NAME")
        ->type_name("URL")
        ->required();
    return migrate;
}

AdminInvocation admin_invocation(const Shared& shared, const DatabaseChoice& database,
                                 const VerbSlots& slots) {
    AdminInvocation invocation;
    invocation.data = shared.data;
    invocation.publisher = shared.publisher;
    invocation.database = database;
    invocation.verb = slots.verb;
    invocation.json = shared.json || shared.format == "json";
    invocation.csv = shared.format == "csv";
    invocation.output = shared.output;
    invocation.command.noun = slots.verb->noun;
    invocation.command.name = slots.verb->name;
    if (!shared.database.empty()) invocation.command.database = name_of(database);
    for (const auto& slot : slots.slots) {
        if (slot.rule->kind == ArgumentKind::flag ? !slot.given : slot.values.empty()) continue;
        invocation.command.arguments[std::string(slot.rule->name)] = slot.values;
    }
    return invocation;
}

bool wants_json(int argc, const char* const* argv) {
    return std::any_of(argv, argv + argc,
                       [](const char* word) { return std::string_view(word) == "--json"; });
}

/// Where the words ended before they named a verb; null: they named one.
const CLI::App* verb_missing_at(const CLI::App& app) {
    for (const CLI::App* reached : app.get_subcommands()) return verb_missing_at(*reached);
    return app.get_require_subcommand_min() > 0 ? &app : nullptr;
}

/// "latchkey-keyserver admin key list"
std::string words_to(const CLI::App& app) {
    std::string path = app.get_name();
    for (const CLI::App* above = app.get_parent(); above; above = above->get_parent())
        path = above->get_name() + " " + path;
    return path;
}

void say_which_verb(Message& message, const CLI::App& root, const CLI::App& at) {
    const auto verbs = at.get_subcommands([](const CLI::App*) { return true; });
    std::vector<std::string_view> names;
    std::string list;
    for (const CLI::App* verb : verbs) {
        names.push_back(verb->get_name());
        list += (list.empty() ? "" : ", ") + verb->get_name();
    }
    message.remedy = "See '" + words_to(at) + " --help'.";
    const auto unread = root.remaining(true);
    if (unread.empty())
        message.text = "a verb is missing: one of " + list;
    else if (unread.front().starts_with('-'))
        message.text = "there is no option '" + unread.front() + "' here";
    else
        message.text = no_such_verb(unread.front(), names);
}

/// In the order they were written: CLI11's own sentence turns them round.
void say_what_is_unexpected(Message& message, const CLI::App& root) {
    message.text = "not expected here:";
    for (const auto& word : root.remaining(true)) message.text += " " + word;
    const CLI::App* at = &root;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    message.remedy = "See '" + words_to(*at) + " --help'.";
}

Invocation migrate_invocation(const Shared& shared) {
    auto to = parse_postgres_url(shared.to);
    if (to) return MigrateInvocation{shared.data, std::move(*to), shared.json};
    return Message{"--to: " + to.error().detail, ExitCode::usage, shared.json, to.error().remedy};
}

Invocation chosen(const Shared& shared, const CLI::App& serve, const CLI::App& migrate,
                  const CLI::App& verify, const std::list<VerbSlots>& verbs) {
    if (verify.parsed()) return shared.verify;
    if (migrate.parsed()) return migrate_invocation(shared);
    Result<DatabaseChoice> database = DatabaseChoice{};
    if (!shared.database.empty()) database = parse_database_choice(shared.database);
    if (!database)
        return Message{database.error().detail, ExitCode::usage, shared.json,
                       database.error().remedy};
    if (serve.parsed())
        return ServeInvocation{
            {shared.data, shared.listen, shared.publisher, shared.certificate, shared.key,
             *database, shared.console, shared.chaos, shared.access_log},
            shared.log_level};
    for (const auto& slots : verbs)
        if (slots.app->parsed()) return admin_invocation(shared, *database, slots);
    return Message{"nothing to do", ExitCode::usage, shared.json, {}};
}

}  // namespace

Invocation parse_command_line(int argc, const char* const* argv) {
    Shared shared;
    std::list<VerbSlots> verbs;
    CLI::App app{
        "The Latchkey key server: decides whether an activation counts, and signs what it decided.",
        "latchkey-keyserver"};
    app.set_version_flag("--version", std::string("latchkey-keyserver ") + kVersion);
    app.require_subcommand(1);
    const CLI::App* serve = add_serve(app, shared);
    const CLI::App* verify = add_verify(app, shared);
    const CLI::App* migrate = add_migrate(*add_admin(app, shared, verbs), shared);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return Message{app.help(), ExitCode::ok, false, {}};
    } catch (const CLI::CallForVersion& version) {
        return Message{std::string(version.what()) + "\n", ExitCode::ok, false, {}};
    } catch (const CLI::ParseError& error) {
        Message message{error.what(), ExitCode::usage, wants_json(argc, argv), {}};
        const auto* required = dynamic_cast<const CLI::RequiredError*>(&error);
        if (const CLI::App* at = verb_missing_at(app); required && at)
            say_which_verb(message, app, *at);
        if (dynamic_cast<const CLI::ExtrasError*>(&error)) say_what_is_unexpected(message, app);
        return message;
    }
    return chosen(shared, *serve, *migrate, *verify, verbs);
}

}  // namespace latchkey::keyserver
