// What accidents do to files, done to them here: truncations, flipped bytes, zeroed pages, and SQL
// by somebody who means well. Always: detected or harmless, never more grace, never a crash, and an
// agent that starts.

#include <algorithm>
#include <cstdlib>

#include "platform/secure_file.h"
#include "tests/unit/agent_store/store_dir.h"

namespace latchkey::store {
namespace {

/// LATCHKEY_STORE_STRIDE=1 looks at every byte (a long run); the everyday suite samples.
std::size_t stride(std::size_t usual) {
    const char* asked = std::getenv("LATCHKEY_STORE_STRIDE");
    return asked ? static_cast<std::size_t>(std::max(1, std::atoi(asked))) : usual;
}

class Damage : public testing::Test {
protected:
    void SetUp() override {
        auto opened = whole_.open();
        ASSERT_TRUE(opened);
        fill(*opened->store);
        everything_ = everything_in(*opened->store);
        opened->store.reset();
        bytes_ = read_all(whole_.database());
    }

    /// Opens the damaged pair, and holds it to the promises. True: the damage was noticed.
    bool survives() {
        auto opened = hurt_.open();
        EXPECT_TRUE(opened) << opened.error().detail;
        if (!opened) return false;
        const bool noticed = !opened->report.repaired.empty();
        if (!noticed) {
            EXPECT_EQ(everything_in(*opened->store), everything_);
        } else {
            expect_no_more_grace(*opened->store);
            EXPECT_FALSE(opened->machine_id.empty());
        }
        EXPECT_TRUE(opened->store->commit({in_initial_grace("new"), {}, {line("", "works")}}));
        return noticed;
    }

    void expect_no_more_grace(Store& store) {
        const auto products = store.products().value();
        EXPECT_EQ(products.size(), 2u);
        for (const auto& state : products) {
            EXPECT_TRUE(state.grace_granted);
            if (state.grace) {
                EXPECT_LE(state.grace->ends_at, kNow + Days{30});
            }
            if (state.product == "paint") {
                EXPECT_EQ(state.rearms_used, 2);
            }
        }
        EXPECT_GE(store.time()->proven, kNow);
    }

    StoreDirs whole_;
    StoreDirs hurt_;
    std::string everything_;
    std::string bytes_;
};

TEST_F(Damage, every_truncation_is_noticed) {
    for (std::size_t size = 0; size < bytes_.size(); size += stride(397)) {
        SCOPED_TRACE(size);
        hurt_.become(whole_);
        write_all(hurt_.database(), bytes_.substr(0, size));
        ASSERT_TRUE(survives());
        ASSERT_EQ(hurt_.corrupt_files(), 1);
    }
}

TEST_F(Damage, every_flipped_byte_is_noticed_or_harmless) {
    std::size_t noticed = 0;
    std::size_t flipped = 0;
    for (std::size_t at = 0; at < bytes_.size(); at += stride(53)) {
        for (const int mask : {0x01, 0x80, 0xff}) {
            SCOPED_TRACE(std::to_string(at) + " ^ " + std::to_string(mask));
            hurt_.become(whole_);
            auto bytes = bytes_;
            bytes[at] = static_cast<char>(bytes[at] ^ mask);
            write_all(hurt_.database(), bytes);
            noticed += survives() ? 1 : 0;
            ++flipped;
            ASSERT_FALSE(HasFailure());
        }
    }
    RecordProperty("flipped", static_cast<int>(flipped));
    RecordProperty("noticed", static_cast<int>(noticed));
    EXPECT_GT(noticed, flipped / 10) << "the rest lies in unused space";
}

TEST_F(Damage, every_flipped_bit_of_the_header_leaves_an_agent_that_starts) {
    for (std::size_t at = 0; at < 100; ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            SCOPED_TRACE(std::to_string(at) + " bit " + std::to_string(bit));
            hurt_.become(whole_);
            auto bytes = bytes_;
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
            write_all(hurt_.database(), bytes);
            survives();
            ASSERT_FALSE(HasFailure());
        }
    }
}

TEST_F(Damage, every_zeroed_page_and_sector_is_noticed_or_harmless) {
    for (const std::size_t size : {std::size_t{4096}, std::size_t{512}}) {
        for (std::size_t at = 0; at < bytes_.size(); at += size) {
            SCOPED_TRACE(std::to_string(size) + " at " + std::to_string(at));
            hurt_.become(whole_);
            auto bytes = bytes_;
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, '\0');
            write_all(hurt_.database(), bytes);
            survives();
            ASSERT_FALSE(HasFailure());
        }
    }
}

TEST_F(Damage, something_else_in_the_files_place_is_set_aside) {
    hurt_.become(whole_);
    write_all(hurt_.database(), "This is a letter, not a database.");
    EXPECT_TRUE(survives());
    EXPECT_EQ(read_all(hurt_.paths.state_dir / "state.corrupt-1"),
              "This is a letter, not a database.");
}

TEST_F(Damage, each_damaged_file_keeps_a_name_of_its_own) {
    hurt_.become(whole_);
    for (int i = 1; i <= 3; ++i) {
        write_all(hurt_.database(), "broken " + std::to_string(i));
        ASSERT_TRUE(hurt_.open());
        EXPECT_EQ(hurt_.corrupt_files(), i);
    }
}

TEST_F(Damage, what_is_whole_is_carried_over) {
    hurt_.become(whole_);
    hurt_.sql("UPDATE product SET body = replace(body, '\"rearms_used\":2', '\"rearms_used\":0')");
    auto opened = hurt_.open();
    ASSERT_TRUE(opened);
    ASSERT_FALSE(opened->report.repaired.empty());
    EXPECT_TRUE(opened->report.restored_from_anchor);
    EXPECT_TRUE(opened->store->publisher("acme").value()) << "the device key survives";
    const auto products = opened->store->products().value();
    ASSERT_EQ(products.size(), 2u);
    EXPECT_EQ(products.at(0).product, "draw");
    EXPECT_EQ(to_row(products.at(0)), to_row(in_initial_grace("draw")));
    EXPECT_FALSE(products.at(1).license) << "a changed row is not believed";
    EXPECT_EQ(products.at(1).rearms_used, 2);
    const auto lines = opened->store->journal({""}, {}, 100).value();
    EXPECT_EQ(lines.front().event, "state_repaired");
    EXPECT_EQ(lines.back().event, "grace") << "and the journal goes on";
}

TEST_F(Damage, the_journal_is_carried_over_up_to_its_first_break) {
    hurt_.become(whole_);
    hurt_.sql("UPDATE journal SET detail = 'Nothing at all.' WHERE number = 3");
    auto opened = hurt_.open();
    ASSERT_TRUE(opened);
    const auto lines = opened->store->journal({""}, {}, 100).value();
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines.at(0).event, "state_repaired");
    EXPECT_EQ(lines.at(1).number, 2);
    EXPECT_EQ(lines.at(2).number, 1);
    EXPECT_EQ(opened->store->products()->at(1).lease_sequence, 7) << "its rows are whole";
}

TEST_F(Damage, the_journal_cut_behind_any_line_keeps_the_lines_before_it_and_every_row) {
    for (std::int64_t kept = 0; kept < 4; ++kept) {
        SCOPED_TRACE(kept);
        hurt_.become(whole_);
        hurt_.sql("DELETE FROM journal WHERE number > " + std::to_string(kept));
        auto opened = hurt_.open();
        ASSERT_TRUE(opened);
        EXPECT_FALSE(opened->report.repaired.empty()) << "a missing end is noticed";
        EXPECT_EQ(hurt_.corrupt_files(), 1);
        const auto lines = opened->store->journal({""}, {}, 100).value();
        ASSERT_EQ(lines.size(), static_cast<std::size_t>(kept) + 1);
        EXPECT_EQ(lines.front().event, "state_repaired");
        EXPECT_EQ(opened->store->products()->at(1).lease_sequence, 7);
        EXPECT_EQ(opened->store->products()->at(1).rearms_used, 2);
    }
}

TEST_F(Damage, the_journal_cut_before_any_line_is_noticed_and_every_row_is_kept) {
    for (std::int64_t gone = 1; gone <= 4; ++gone) {
        SCOPED_TRACE(gone);
        hurt_.become(whole_);
        hurt_.sql("DELETE FROM journal WHERE number <= " + std::to_string(gone));
        auto opened = hurt_.open();
        ASSERT_TRUE(opened);
        EXPECT_FALSE(opened->report.repaired.empty());
        EXPECT_EQ(opened->store->products()->at(1).lease_sequence, 7);
        EXPECT_TRUE(opened->store->publisher("acme").value()) << "the device key survives";
        opened->store.reset();
        EXPECT_TRUE(hurt_.open()->report.repaired.empty()) << "the new chain is whole";
    }
}

/// Rows of a database that another machine wrote: whole, but under that one's key.
class ForeignRows : public Damage {
protected:
    void SetUp() override {
        Damage::SetUp();
        auto opened = stranger_.open();
        ASSERT_TRUE(opened);
        fill(*opened->store);
        ASSERT_TRUE(opened->store->commit({in_initial_grace("extra"), {}, {line("", "more")}}));
    }
    void insert(const std::string& statement) {
        hurt_.become(whole_);
        hurt_.sql("ATTACH '" + stranger_.database().string() + "' AS theirs;" + statement);
    }

    StoreDirs stranger_;
};

TEST_F(ForeignRows, that_take_the_place_of_ones_own_are_not_believed) {
    for (const std::string table : {"meta", "publisher", "product", "journal"}) {
        SCOPED_TRACE(table);
        insert("REPLACE INTO " + table + " SELECT * FROM theirs." + table);
        ASSERT_TRUE(survives());
        EXPECT_EQ(hurt_.corrupt_files(), 1) << "what was there is kept beside";
    }
    for (const std::string name : {"machine_id", "time", "revision", "schema_version", "seal"}) {
        SCOPED_TRACE(name);
        insert("REPLACE INTO meta SELECT * FROM theirs.meta WHERE name = '" + name + "'");
        ASSERT_TRUE(survives());
    }
}

TEST_F(ForeignRows, that_are_added_bring_no_product_and_no_line) {
    insert("INSERT INTO product SELECT * FROM theirs.product WHERE product = 'extra'");
    ASSERT_TRUE(survives());
    insert("INSERT INTO journal SELECT * FROM theirs.journal WHERE number = 5");
    auto opened = hurt_.open();
    ASSERT_TRUE(opened);
    const auto lines = opened->store->journal({""}, {}, 100).value();
    for (const auto& entry : lines) EXPECT_NE(entry.event, "more");
}

TEST_F(ForeignRows, cost_the_whole_rows_beside_them_nothing) {
    insert("REPLACE INTO product SELECT * FROM theirs.product WHERE product = 'draw'");
    auto opened = hurt_.open();
    ASSERT_TRUE(opened);
    const auto products = opened->store->products().value();
    ASSERT_EQ(products.size(), 2u);
    EXPECT_EQ(products.at(1).lease_sequence, 7);
    EXPECT_TRUE(products.at(1).license);
    EXPECT_TRUE(opened->store->publisher("acme").value());
}

struct Tampering {
    const char* name;
    const char* sql;
};

TEST_F(Damage, tampering_by_sql_is_noticed) {
    const Tampering list[]{
        {"a row's text", "UPDATE product SET body = replace(body, 'licensed', 'licensee')"},
        {"a row's MAC", "UPDATE product SET mac = x'00' WHERE product = 'paint'"},
        {"two rows swapped",
         "CREATE TEMP TABLE t AS SELECT * FROM product;"
         "UPDATE product SET body = (SELECT body FROM t WHERE t.product <> product.product),"
         " mac = (SELECT mac FROM t WHERE t.product <> product.product)"},
        {"a row renamed", "UPDATE product SET product = 'pain' WHERE product = 'paint'"},
        {"a row deleted", "DELETE FROM product WHERE product = 'paint'"},
        {"the time", "UPDATE meta SET value = replace(value, '178', '177') WHERE name = 'time'"},
        {"the seal deleted", "DELETE FROM meta WHERE name = 'seal'"},
        {"a publisher deleted", "DELETE FROM publisher"},
        {"a journal line deleted", "DELETE FROM journal WHERE number = 2"},
        {"the journal's last line deleted", "DELETE FROM journal WHERE number = 4"},
        {"the whole journal deleted", "DELETE FROM journal"},
        {"a journal line changed", "UPDATE journal SET detail = 'Nothing.' WHERE number = 1"},
        {"a journal line added", "INSERT INTO journal VALUES (5, 0, '', '', '', '', x'00')"},
        {"a row of a future schema",
         "UPDATE product SET body = replace(body, '\"rearms_used\"', '\"rearms_of_v9\":0,"
         "\"rearms_used\"')"},
        {"a future schema by its row alone",
         "UPDATE meta SET value = '99' WHERE name = 'schema_version'"},
        {"a table added", "CREATE TABLE more (x)"},
        {"a trigger added",
         "CREATE TRIGGER t AFTER INSERT ON journal BEGIN DELETE FROM journal; END"},
        {"a table dropped", "DROP TABLE journal"},
        {"another program's file", "PRAGMA application_id=7"},
    };
    for (const auto& tampering : list) {
        SCOPED_TRACE(tampering.name);
        hurt_.become(whole_);
        hurt_.sql(tampering.sql);
        ASSERT_TRUE(survives());
    }
}

TEST_F(Damage, a_foreign_or_damaged_key_is_noticed) {
    hurt_.become(whole_);
    fs::remove(hurt_.key());
    EXPECT_TRUE(survives());
    const auto key = platform::read_secret_file(whole_.key(), 4096).value().value();
    for (std::size_t at = 0; at < key.size(); at += 7) {
        hurt_.become(whole_);
        auto changed = key;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        ASSERT_TRUE(platform::write_secret_file(hurt_.key(), changed));
        EXPECT_TRUE(survives()) << at;
    }
}

// Where the system wraps the secret, the file has bytes that the secret does not hang on.
TEST_F(Damage, a_flipped_byte_of_the_keys_file_is_noticed_or_harmless) {
    const auto file = read_all(whole_.key());
    std::size_t noticed = 0;
    for (std::size_t at = 0; at < file.size(); at += 7) {
        SCOPED_TRACE(at);
        hurt_.become(whole_);
        auto changed = file;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        write_all(hurt_.key(), changed);
        noticed += survives() ? 1 : 0;
        ASSERT_FALSE(HasFailure());
    }
    EXPECT_GT(noticed, 0u);
}

}  // namespace
}  // namespace latchkey::store
