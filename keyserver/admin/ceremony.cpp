#include "keyserver/admin/ceremony.h"

#include "base/strict_json.h"
#include "keyserver/keys/key_files.h"
#include "keyserver/keys/key_names.h"
#include "platform/secure_file.h"

namespace latchkey::keyserver::admin {
namespace {

namespace fs = std::filesystem;
using licensing::SigningKey;

/// What the key server asks to have signed.
struct Plan {
    licensing::PinnedRoot root;
    std::int64_t roots_left = 0;
    licensing::KeySet set;
    std::optional<licensing::WeightsTable> weights;  ///< installed, to be signed by a new root
};

Result<Plan> plan_from(const bj::object& answer) {
    const bj::value value(answer);
    json::ObjectReader in(value, "plan");
    Plan plan;
    const auto root = licensing::public_key_from_text(in.string("root", 64));
    plan.root.version = in.integer("root_version", 1, 1'000'000);
    plan.roots_left = in.integer("roots_left", 0, 1'000'000);
    const auto* set = in.object("key_set");
    const auto* weights = in.optional_object("weights");
    if (const auto bad = in.finish(json::ObjectReader::Unknown::ignored)) return fail(*bad);
    auto read = licensing::key_set_from_json(*set);
    if (!read) return fail(std::move(read.error()));
    if (!root) return fail(Code::internal, "the key server names no root");
    plan.root.root = *root;
    plan.root.publisher = read->publisher;
    plan.set = std::move(*read);
    if (weights) {
        auto table = licensing::weights_table_from_json(*weights);
        if (!table) return fail(std::move(table.error()));
        plan.weights = std::move(*table);
    }
    return plan;
}

struct Wish {
    fs::path root_key;
    fs::path new_root_key;
    bool elsewhere = false;  ///< the new root is not to lie in the data directory
    bool new_root = false;
    bool dry_run = false;
};

std::string one(const Command& command, std::string_view name) {
    const auto found = command.arguments.find(name);
    return found == command.arguments.end() || found->second.empty() ? std::string()
                                                                     : found->second.front();
}

Wish wish_of(const Command& command, const fs::path& data) {
    const KeyNames names = names_in(data);
    const auto given = [&](std::string_view name) { return command.arguments.contains(name); };
    const fs::path root_key = one(command, ceremony::kRootKey);
    const fs::path new_root = one(command, ceremony::kNewRootKey);
    return {.root_key = root_key.empty() ? names.root : root_key,
            .new_root_key = new_root.empty() ? names.next_root : new_root,
            .elsewhere = !new_root.empty(),
            .new_root = given(ceremony::kRoot),
            .dry_run = given(ceremony::kDryRun)};
}

Result<SigningKey> root_at_hand(const Wish& wish, const licensing::PinnedRoot& root) {
    auto key = read_signing_key(wish.root_key);
    if (!key && key.error().code == Code::record_unknown)
        return fail(Problem{Code::config_invalid,
                            "the root's private key is not at " + wish.root_key.string(),
                            "Name it with --root-key, wherever it is kept."});
    if (!key && key.error().code == Code::not_permitted)
        return fail(Problem{Code::config_invalid, key.error().detail, key.error().remedy});
    if (!key)
        return fail(Problem{Code::config_invalid, key.error().detail,
                            "Name the file that was root.key once, with --root-key."});
    if (key->public_key() != root.root)
        return fail(Problem{Code::config_invalid,
                            wish.root_key.string() + " is not the root in force (version " +
                                std::to_string(root.version) + ")",
                            "Name the newest one with --root-key."});
    return key;
}

/// Durable before anything is signed with it. Where a person named the file, none is overwritten.
Result<SigningKey> make_root(const Wish& wish) {
    std::error_code unreadable;
    if (wish.elsewhere && (fs::exists(wish.new_root_key, unreadable) || unreadable))
        return fail(Problem{Code::config_invalid,
                            wish.new_root_key.string() + " exists, or cannot be looked at",
                            "Name a new file with --new-root-key."});
    auto key = SigningKey::generate();
    if (auto written = write_signing_key(wish.new_root_key, key); !written)
        return fail(std::move(written.error()));
    return key;
}

bj::object told(const Plan& plan, const Wish& wish) {
    bj::array verifies;
    for (const auto& key : plan.set.signing_keys)
        if (key.kid != plan.set.signing_keys.back().kid) verifies.emplace_back(key.kid);
    return {{"dry_run", true},
            {"version", plan.set.version},
            {"signs_until", format_rfc3339(plan.set.expires_at)},
            {"keep_verifying", std::move(verifies)},
            {"root_version", plan.root.version + (wish.new_root ? 1 : 0)}};
}

Command part(const Command& command, RawArguments arguments) {
    return {command.noun, command.name, std::move(arguments), command.database};
}

/// What lies where afterwards, for people.
void add_advice(bj::object& done, const Wish& wish, const fs::path& data) {
    if (!wish.new_root) return;
    const fs::path now = wish.elsewhere ? wish.new_root_key : names_in(data).root;
    done["root_key"] = now.string();
    if (wish.root_key != now) done["destroy"] = wish.root_key.string();
}

/// At hand, and the one that the key server serves.
Result<SigningKey> root_in_force(const Command& command, const fs::path& data, const Ask& ask) {
    const auto asked =
        ask({"signing-key", "rotate", {{std::string(ceremony::kLook), {}}}, command.database});
    if (!asked) return fail(asked.error());
    const auto plan = plan_from(*asked);
    if (!plan) return fail(plan.error());
    return root_at_hand(wish_of(command, data), plan->root);
}

/// The version of a manifest that cannot be signed is not used up.
Result<bj::object> export_manifest(const Command& command, const fs::path& data, const Ask& ask) {
    RawArguments wanted = command.arguments;
    wanted.erase(std::string(ceremony::kRootKey));
    if (wanted.contains(kUnwritten)) return ask(part(command, std::move(wanted)));
    const auto root = root_in_force(command, data, ask);
    if (!root) return fail(root.error());
    wanted[std::string(ceremony::kUnsigned)] = {};
    auto planned = ask(part(command, wanted));
    if (!planned) return planned;
    const auto* draft = planned->if_contains("unsigned");
    const auto manifest = licensing::manifest_from_json(draft ? *draft : bj::value());
    auto jws = manifest
                   ? sound_manifest(*root, *manifest)
                   : Result<std::string>(fail(Code::usage, "the manifest would not be valid: " +
                                                               manifest.error().detail));
    if (!jws) {
        wanted.erase(std::string(ceremony::kUnsigned));
        wanted[std::string(kUnwritten)] = {
            std::to_string(planned->at("manifest_version").as_int64())};
        (void)ask(part(command, std::move(wanted)));
        return fail(std::move(jws.error()));
    }
    planned->erase("unsigned");
    (*planned)["manifest"] = std::move(*jws);
    return planned;
}

/// The table comes from a file that anyone may have written: it is held against the bounds before
/// the root signs it. One that is signed already needs no root here.
Result<bj::object> install_weights(const Command& command, const fs::path& data, const Ask& ask) {
    const std::string text = one(command, ceremony::kTable);
    const auto begins = text.find_first_not_of(" \t\r\n");
    if (begins == std::string::npos || text[begins] != '{')
        return ask(part(command, {{std::string(ceremony::kTable), {text}}}));
    const auto value = json::parse_strict(text);
    if (!value) return fail(Code::input_unreadable, value.error().detail);
    const auto table = licensing::weights_table_from_json(*value);
    if (!table) return fail(Code::input_unreadable, table.error().detail);
    const auto root = root_in_force(command, data, ask);
    if (!root) return fail(root.error());
    return ask(
        part(command, {{std::string(ceremony::kTable), {licensing::sign_weights(*root, *table)}}}));
}

Result<bj::object> rotate(const Command& command, const fs::path& data, const Ask& ask) {
    const Wish wish = wish_of(command, data);
    if (wish.elsewhere && !wish.new_root)
        return fail(Code::usage, "--new-root-key belongs to --root");
    // Whoever has no root at hand learns it before anything is made.
    const auto looked = ask(part(command, {{std::string(ceremony::kLook), {}}}));
    if (!looked) return fail(looked.error());
    const auto outlook = plan_from(*looked);
    if (!outlook) return fail(outlook.error());
    const auto root = root_at_hand(wish, outlook->root);
    if (!root) return fail(root.error());
    if (wish.new_root && outlook->roots_left == 0)
        return fail(Code::config_invalid, "no further root can follow this one");
    if (wish.dry_run) return told(*outlook, wish);

    const auto asked = ask(part(command, {{std::string(ceremony::kPrepare), {}}}));
    if (!asked) return fail(asked.error());
    const auto plan = plan_from(*asked);
    if (!plan) return fail(plan.error());
    RawArguments signed_documents;
    if (wish.new_root) {
        const auto successor = make_root(wish);
        if (!successor) return fail(successor.error());
        const licensing::RootSuccession link{plan->root.publisher, plan->root.version + 1,
                                             successor->public_key()};
        signed_documents[std::string(ceremony::kLink)] = {
            licensing::sign_root_succession(*root, link)};
        signed_documents[std::string(ceremony::kKeySet)] = {
            licensing::sign_key_set(*successor, plan->set)};
        if (plan->weights)
            signed_documents[std::string(ceremony::kWeights)] = {
                licensing::sign_weights(*successor, *plan->weights)};
    } else {
        signed_documents[std::string(ceremony::kKeySet)] = {
            licensing::sign_key_set(*root, plan->set)};
    }
    auto done = ask(part(command, std::move(signed_documents)));
    if (done) add_advice(*done, wish, data);
    return done;
}

}  // namespace

bool needs_root(const Command& command) {
    return (command.noun == "signing-key" && command.name == "rotate") ||
           (command.noun == "weights" && command.name == "install") ||
           (command.noun == "product" && command.name == "export" &&
            command.arguments.contains(ceremony::kRootKey));
}

bool is_step(const Command& command) {
    return command.noun == "signing-key" && command.name == "rotate" &&
           !command.arguments.contains(ceremony::kKeySet);
}

Result<std::string> sound_manifest(const SigningKey& root, const licensing::Manifest& manifest) {
    std::string jws = licensing::sign_manifest(root, manifest);
    if (const auto sound = licensing::verify_manifest(jws, nullptr); !sound)
        return fail(Code::usage, "the manifest would not be valid: " + sound.error().detail);
    return jws;
}

Result<bj::object> hold_ceremony(const Command& command, const fs::path& data, const Ask& ask) {
    if (command.noun == "weights") return install_weights(command, data, ask);
    if (command.noun == "product") return export_manifest(command, data, ask);
    return rotate(command, data, ask);
}

}  // namespace latchkey::keyserver::admin
