#pragma once

// A store of either database, with something in it to hang records on.

#include <gtest/gtest.h>

#include "tests/unit/keyserver/backends.h"

namespace latchkey::keyserver {

inline constexpr ServerTime kNow{Duration{1'790'000'000'000}};

inline const StoreOwner kOwner{"acme", "pepper"};

inline hwid::Fingerprint one_component(std::uint8_t byte) {
    hwid::Evidence evidence{hwid::Kind::board_serial};
    evidence.digest.fill(byte);
    return {"salt", {evidence}};
}

class StoreTest : public ::testing::TestWithParam<MakeBackend> {
protected:
    void SetUp() override { reopen(); }

    void reopen() {
        transaction_.reset();
        store_.reset();
        auto opened = backend_->open(kOwner, known_ ? Start::later : Start::first);
        ASSERT_TRUE(opened) << opened.error().detail;
        store_ = std::move(*opened);
        known_ = true;
    }
    void close() {
        transaction_.reset();
        store_.reset();
    }
    Problem refusal(const StoreOwner& owner = kOwner, Start start = Start::later) {
        close();
        const auto opened = backend_->open(owner, start);
        return opened ? Problem{Code::internal, "it was opened", {}} : opened.error();
    }

    Stores& write() {
        transaction_.reset();
        transaction_ = store_->begin(Store::Access::write).value();
        return transaction_->stores();
    }
    void commit() {
        ASSERT_TRUE(transaction_->commit());
        transaction_.reset();
    }

    /// A product, an organization, an entitlement and a key to hang records on.
    void add_catalog(Stores& stores) {
        Product product;
        product.id = "editor";
        product.name = "Editor";
        product.excluded_platforms = {"mac"};
        product.key_group = 7;
        product.token_group = 8;
        product.created_at = kNow;
        ASSERT_TRUE(stores.products.add(product));
        ASSERT_TRUE(stores.organizations.add({"acme", "Acme", kNow}));
        ASSERT_TRUE(stores.entitlements.add(
            {"ent_1", "editor", "competency", "acme", 10, 3, {}, "DE", kNow}));
        KeyRecord key;
        key.id = "key_1";
        key.entitlement = "ent_1";
        key.digest.fill(9);
        key.last5 = "ABCDE";
        key.limit = 3;
        key.created_at = kNow;
        ASSERT_TRUE(stores.keys.add(key));
    }

    MachineRecord machine(std::string id) {
        MachineRecord record;
        record.id = std::move(id);
        record.key = "key_1";
        record.counting_baseline = one_component(1);
        record.matching_baseline = one_component(2);
        record.platform = "linux";
        record.created_at = kNow;
        record.last_seen_at = kNow;
        return record;
    }

    std::unique_ptr<Backend> backend_ = GetParam()();
    bool known_ = false;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Transaction> transaction_;
};

}  // namespace latchkey::keyserver
