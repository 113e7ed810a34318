#include "keyserver/store/store_owner.h"

#include <utility>

namespace latchkey::keyserver {
namespace {

constexpr const char* kPublisher = "publisher";
constexpr const char* kPepperCheck = "pepper_check";
constexpr const char* kMovedTo = "moved_to";

/// What the database says of its owner; `value` where it says nothing yet.
Result<std::string> kept_or_new(Database& db, const char* name, const std::string& value) {
    auto written = db.query("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
                       .bind(name, value)
                       .run();
    if (!written) return fail(written.error());
    Query query = db.query("SELECT value FROM meta WHERE name = ?");
    const auto row = query.bind(name).step();
    if (!row) return fail(row.error());
    return query.text(0);
}

}  // namespace

Result<void> claim(Database& db, const StoreOwner& owner) {
    for (const auto& [name, value] :
         {std::pair{kPublisher, &owner.publisher}, std::pair{kPepperCheck, &owner.pepper_check}}) {
        auto written = db.query(
                             "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO "
                             "UPDATE SET value = excluded.value")
                           .bind(name, *value)
                           .run();
        if (!written) return fail(written.error());
    }
    return {};
}

Result<void> check_owner(Database& db, const StoreOwner& owner, const std::string& named) {
    const auto publisher = kept_or_new(db, kPublisher, owner.publisher);
    if (!publisher) return fail(publisher.error());
    if (*publisher != owner.publisher)
        return fail(Problem{Code::config_invalid,
                            named + " belongs to publisher \"" + *publisher +
                                "\", publisher.json says \"" + owner.publisher + "\"",
                            "Restore keys and database from one backup: they belong together."});
    const auto pepper = kept_or_new(db, kPepperCheck, owner.pepper_check);
    if (!pepper) return fail(pepper.error());
    if (*pepper != owner.pepper_check)
        return fail(Problem{
            Code::state_corrupt,
            "pepper.key is not the one that " + named +
                " was made with; every product key and every machine would be unknown",
            "Put the pepper.key of this database back: from a backup, or from another server of "
            "the same database."});
    return {};
}

Result<void> note_moved(Database& db, const std::string& place) {
    auto written =
        db.query("INSERT INTO meta (name, value) VALUES (?, ?)").bind(kMovedTo, place).run();
    if (!written) return fail(written.error());
    return {};
}

Result<void> check_not_moved(Database& db) {
    Query query = db.query("SELECT value FROM meta WHERE name = ?");
    const auto row = query.bind(kMovedTo).step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    return fail(Problem{Code::config_invalid,
                        "the records of latchkey.db were moved to " + query.text(0),
                        "Name that database with --database; latchkey.db is kept as it was then."});
}

Result<bool> holds_records(Database& db) {
    const auto found = db.read_number(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM products) OR EXISTS (SELECT 1 FROM organizations) "
        "OR EXISTS (SELECT 1 FROM programs) THEN 1 ELSE 0 END");
    if (!found) return fail(found.error());
    return *found != 0;
}

}  // namespace latchkey::keyserver
