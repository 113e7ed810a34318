#pragma once

// A database as agents of schema version 1 left it: that version's SQL, and rows to the letter as
// its code wrote them. Never brought up to date: what is to be shown is that they are read.

#include <gtest/gtest.h>

#include <string>

#include "agent/store/contents.h"
#include "agent/store/journal.h"
#include "agent/store/repair.h"
#include "agent/store/schema.h"
#include "agent/store/sqlite.h"
#include "platform/secure_file.h"
#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store::version_1 {

// clang-format off
inline const std::string kDraw =
    R"({"publisher":"acme","product":"draw","status":"initial_grace",)"
    R"("grace":{"kind":"initial_grace","started_at":1780272000000,"ends_at":1782864000000,)"
    R"("frozen":false,"length":2592000000,"off_clock":0,"scale_set":0},"rearms_used":0,)"
    R"("grace_granted":true,"product_key":"","license":null,"license_jws":"",)"
    R"("receipt_jws":"","lease_sequence":0,"matching_baseline":null,)"
    R"("counting_baseline":null,"suspected_clone":false,"revoked":false,"drifted":false,)"
    R"("deactivated":false,"tolerance_used":0,"intent":null,"queued":null,"held":false,)"
    R"("held_code":"","held_key":"","last_decision":null,"last_attempt":null,)"
    R"("next_attempt_at":null,"renew_at":null,"retry_position":0,"reminder_due_at":null,)"
    R"("first_used_at":null})";

inline const std::string kPaint =
    R"({"publisher":"acme","product":"paint","status":"licensed","grace":null,)"
    R"("rearms_used":2,"grace_granted":true,"product_key":"AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",)"
    R"("license":{"id":"lic_1","publisher":"acme","product":"paint","machine":"",)"
    R"("device_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kind":"lease",)"
    R"("issued_at":0,"expires_at":1795824000000,"renew_after":null,"renew_before":null,)"
    R"("lease_sequence":1,"program":"","counting_rule":"significant-change","key_last5":"",)"
    R"("organization":"","license_quantity":0,"activate_by":null,"used":3,"limit":10,)"
    R"("as_of":1780272000000,"salt_id":"","delegation":{"products":["a","b"],"quota":5,)"
    R"("longest_lease_days":30,"tls_pin":"pin"}},"license_jws":"eyJ.license.sig",)"
    R"("receipt_jws":"eyJ.receipt.sig","lease_sequence":7,)"
    R"("matching_baseline":{"salt_id":"salt-1","evidence":[{"kind":"system_uuid",)"
    R"("quality":"good","digest":"07070707070707070707070707070707"}]},)"
    R"("counting_baseline":{"salt_id":"salt-1","evidence":[{"kind":"system_uuid",)"
    R"("quality":"good","digest":"07070707070707070707070707070707"}]},)"
    R"("suspected_clone":true,"revoked":true,"drifted":true,"deactivated":false,)"
    R"("tolerance_used":259200000,"intent":{"kind":"renew","idempotency_key":"idem",)"
    R"("body":"{\"product\":\"paint\"}","license_id":"lic_1","max_count":1,)"
    R"("created_at":1780272000000,"asked_by_hand":true,)"
    R"("product_key":"AAAAA-BBBBB-CCCCC-DDDDD-EEEEE","awaiting_answer":true,)"
    R"("may_have_arrived":false},"queued":{"kind":"renew","idempotency_key":"idem",)"
    R"("body":"{\"product\":\"paint\"}","license_id":"lic_1","max_count":1,)"
    R"("created_at":1780272000000,"asked_by_hand":true,)"
    R"("product_key":"AAAAA-BBBBB-CCCCC-DDDDD-EEEEE","awaiting_answer":true,)"
    R"("may_have_arrived":false},"held":true,"held_code":"would_count",)"
    R"("held_key":"ZZZZZ-BBBBB-CCCCC-DDDDD-EEEEE","last_decision":{"verdict":"same",)"
    R"("significant":true,"counted":1,"rule":"any-change","reasons":["Because."],)"
    R"("at":1780272000000},"last_attempt":{"at":1780272000000,"outcome":"failed",)"
    R"("code":"keyserver_unreachable","detail":"No route."},)"
    R"("next_attempt_at":1780275600000,"renew_at":1780876800000,"retry_position":4,)"
    R"("reminder_due_at":1780358400000,"first_used_at":1780272000000})";

inline const std::string kTime =
    R"({"proven":1780272000000,"boot_id":"boot-1","at":18000000,"server_proved":true,)"
    R"("from_wall":3600000,"charged":172800000,"scale_set":86400000,"plausible":true,)"
    R"("proved_boot":"boot-1"})";

inline const std::string kPublisher =
    R"({"publisher":"acme","root_version":1,)"
    R"("root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","key_set_jws":"eyJ.keys.sig",)"
    R"("key_set_version":3,"device_seed":"QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI"})";
// clang-format on

class Maker {
public:
    explicit Maker(const StoreDirs& dirs) : files_(dirs.paths.state_dir) {
        EXPECT_TRUE(platform::ensure_private_directory(dirs.paths.state_dir));
        key_.emplace(MacKey::make(files_.key).value());
        EXPECT_TRUE(platform::write_private_file(files_.database, ""));
        database_.emplace(Database::open(files_.database).value());
        run(std::string(kMigration0001));
        run("PRAGMA application_id=" + std::to_string(kApplicationId));
        run("PRAGMA user_version=1");
    }

    void make() {
        row({Table::meta, "schema_version", {}}, "1");
        row({Table::meta, "machine_id", {}}, "mid_of_version_1");
        row({Table::meta, "revision", {}}, "4");
        row({Table::meta, "time", {}}, kTime);
        row({Table::publisher, "acme", {}}, kPublisher);
        row({Table::product, "acme", "draw"}, kDraw);
        row({Table::product, "acme", "paint"}, kPaint);
        append("grace");
        append("activated");
        insert({Table::meta, "seal", {}}, "", seal_of(*key_, contents_));
    }

private:
    void run(const std::string& sql) { EXPECT_TRUE(database_->run(sql)) << sql; }
    void row(const RowName& name, const std::string& body) {
        const Mac mac = row_mac(*key_, name, body);
        contents_.macs[name] = mac;
        insert(name, body, mac);
    }
    void insert(const RowName& row, std::string_view body, const Mac& mac) {
        const bool two = row.table == Table::product;
        auto statement = database_->prepare("INSERT INTO " + std::string(name(row.table)) +
                                            (two ? " VALUES (?,?,?,?)" : " VALUES (?,?,?)"));
        ASSERT_TRUE(statement);
        const std::string_view first = row.first;
        const std::string_view second = row.second;
        const std::span<const std::uint8_t> bytes(mac);
        two ? statement->bind(first, second, body, bytes) : statement->bind(first, body, bytes);
        EXPECT_TRUE(statement->run());
    }
    void append(const std::string& event) {
        const auto entry = next_entry(contents_.journal, line("paint", event));
        const Mac link = link_of(*key_, contents_.journal.link, entry);
        EXPECT_TRUE(insert_entry(*database_, entry, link));
        contents_.journal = {entry.number, link};
    }

    StateFiles files_;
    std::optional<MacKey> key_;
    std::optional<Database> database_;
    Contents contents_;
};

inline void make(const StoreDirs& dirs) { Maker(dirs).make(); }

}  // namespace latchkey::store::version_1
