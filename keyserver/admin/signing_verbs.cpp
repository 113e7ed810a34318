// signing-key list | rotate, weights show | install

#include <boost/json/array.hpp>

#include "keyserver/admin/ceremony.h"
#include "keyserver/admin/verb.h"
#include "keyserver/keys/key_warnings.h"

namespace latchkey::keyserver::admin {
namespace {

using licensing::KeySet;
using licensing::KeySetKey;

std::string_view state_of(const KeySetKey& key, const KeySet& set, ServerTime now) {
    if (key.kid == set.signing_keys.back().kid)
        return now > key.not_after || now > set.expires_at ? "ended" : "signs";
    return "verifies";
}

bj::array shown_keys(const KeySet& set, ServerTime now) {
    bj::array out;
    for (auto key = set.signing_keys.rbegin(); key != set.signing_keys.rend(); ++key)
        out.push_back(bj::object{{"id", key->kid},
                                 {"in_use", key->kid == set.signing_keys.back().kid},
                                 {"state", state_of(*key, set, now)},
                                 {"not_before", format_rfc3339(key->not_before)},
                                 {"not_after", format_rfc3339(key->not_after)}});
    return out;
}

bj::array shown_chain(const KeyRoom& room) {
    bj::array out;
    for (const auto& link : room.trust_bundle().root_chain) out.emplace_back(link);
    return out;
}

/// What the public may know, and enough to verify a receipt with: the first root, and what leads
/// from it to the keys in force.
Result<bj::object> list(Context& context, const Arguments&) {
    const KeyRoom& room = context.room;
    const Publisher& publisher = room.publisher();
    const auto root = room.load_root();
    const bool root_is_here = !root || *root;  // one that cannot be used lies there, too
    bj::array warnings;
    for (const auto& warning : warnings_about_ends(room.key_set(), context.now))
        warnings.emplace_back(warning);
    return bj::object{{"publisher", publisher.id},
                      {"key_set_version", room.key_set().version},
                      {"key_set_issued_at", format_rfc3339(room.key_set().issued_at)},
                      {"key_set_expires_at", format_rfc3339(room.key_set().expires_at)},
                      {"signing_keys", shown_keys(room.key_set(), context.now)},
                      {"root_version", room.root().version},
                      {"root_is_here", root_is_here},
                      {"first_root_version", publisher.root_version},
                      {"first_root", licensing::to_text(publisher.root)},
                      {"root_chain", shown_chain(room)},
                      {"key_set", room.trust_bundle().key_set},
                      {"warnings", std::move(warnings)},
                      {"next_cursor", nullptr}};
}

bj::value shown_table(const KeyRoom& room, ServerTime now) {
    return licensing::to_json(
        licensing::WeightsTable{room.publisher().id, now, room.weights().table});
}

Result<bj::object> show_weights(Context& context, const Arguments&) {
    return shown_table(context.room, context.now).as_object();
}

Result<bj::object> install_weights(Context& context, const Arguments& arguments) {
    std::string jws = arguments.text(ceremony::kTable);
    while (!jws.empty() && (jws.back() == '\n' || jws.back() == '\r')) jws.pop_back();
    if (auto installed = context.keys.install_weights(jws); !installed)
        return fail(std::move(installed.error()));
    const auto room = context.keys.room();
    return bj::object{{"version", room->weights().table.version},
                      {"provenance", room->weights().table.provenance}};
}

/// For whoever holds the root: what there is to sign. `look` makes no keys.
Result<bj::object> plan(Context& context, bool look) {
    const KeyRoom& room = context.room;
    const auto set = look ? Result<KeySet>(next_key_set(room.key_set(), room.root().root,
                                                        room.key_set().seal_key, context.now))
                          : context.keys.prepare_rotation(context.now);
    if (!set) return fail(set.error());
    return bj::object{
        {"root", licensing::to_text(room.root().root)},
        {"root_version", room.root().version},
        {"roots_left", static_cast<std::int64_t>(licensing::kMaxRootChain -
                                                 room.trust_bundle().root_chain.size())},
        {"key_set", licensing::to_json(*set)},
        {"weights",
         room.weights().jws.empty() ? bj::value(nullptr) : shown_table(room, context.now)}};
}

Result<bj::object> install(Context& context, const Arguments& arguments) {
    auto installed =
        context.keys.rotate(arguments.text(ceremony::kKeySet), arguments.text(ceremony::kLink),
                            arguments.text(ceremony::kWeights));
    if (!installed) return fail(std::move(installed.error()));
    const auto room = context.keys.room();
    const KeySet& set = room->key_set();
    return bj::object{{"version", set.version},
                      {"signing_key", set.signing_keys.back().kid},
                      {"signs_until",
                       format_rfc3339(std::min(set.signing_keys.back().not_after, set.expires_at))},
                      {"root_version", room->root().version}};
}

Result<bj::object> rotate(Context& context, const Arguments& arguments) {
    if (arguments.has(ceremony::kKeySet)) return install(context, arguments);
    if (arguments.has(ceremony::kPrepare)) return plan(context, false);
    if (arguments.has(ceremony::kLook)) return plan(context, true);
    return fail(Code::usage, "the root signs where the command is given, not here");
}

}  // namespace

std::vector<Verb> signing_verbs() {
    using enum ArgumentKind;
    return {
        {.noun = "signing-key",
         .name = "list",
         .help = "List the signing keys of the key set in force; --json adds the public documents",
         .arguments = {},
         .access = Store::Access::read,
         .run = list,
         .items = "signing_keys",
         .columns =
             {{"ID", "id"}, {"STATE", "state"}, {"FROM", "not_before"}, {"UNTIL", "not_after"}}},
        {.noun = "signing-key",
         .name = "rotate",
         .help = "Sign with a new key from now on, in the next key set, signed by the root",
         .arguments = {{ceremony::kRootKey, path, false,
                        "The root's private key, where it is kept (default: root.key in --data)"},
                       {ceremony::kRoot, flag, false,
                        "Replace the root, too: the old one signs the new one"},
                       {ceremony::kNewRootKey, path, false,
                        "With --root: write the new root's private key there (default: root.key "
                        "in --data)"},
                       {ceremony::kDryRun, flag, false, "Say what would be done, and do nothing"},
                       {ceremony::kLook, flag, false, ""},
                       {ceremony::kPrepare, flag, false, ""},
                       {ceremony::kKeySet, file, false, ""},
                       {ceremony::kLink, file, false, ""},
                       {ceremony::kWeights, file, false, ""}},
         .access = Store::Access::read,
         .run = rotate,
         .items = {},
         .columns = {}},
        {.noun = "weights",
         .name = "show",
         .help = "Show the evidence table in force; --json gives it in the form that install takes",
         .arguments = {},
         .access = Store::Access::read,
         .run = show_weights,
         .items = {},
         .columns = {}},
        {.noun = "weights",
         .name = "install",
         .help = "Decide by another evidence table, of a higher version, from now on, and hand it "
                 "to the agents",
         .arguments = {{ceremony::kTable, file, true,
                        "The table as JSON, which the root signs here; or one that it signed",
                        true},
                       {ceremony::kRootKey, path, false,
                        "The root's private key, where it is kept (default: root.key in --data)"}},
         .access = Store::Access::read,
         .run = install_weights,
         .items = {},
         .columns = {}},
    };
}

}  // namespace latchkey::keyserver::admin
