#pragma once

// A key with so many activations, and transactions that race for the last of them: whatever the
// database, each is given once.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "keyserver/decisions/attempts.h"
#include "keyserver/store/store.h"

namespace latchkey::keyserver {

inline constexpr ServerTime kSoldAt{Duration{1'790'000'000'000}};

inline PepperedKey digest_of_key() {
    PepperedKey digest;
    digest.fill(9);
    return digest;
}

/// A product key with so many activations.
inline void sell(Store& store, std::int64_t limit) {
    const auto transaction = store.begin(Store::Access::alone).value();
    Stores& stores = transaction->stores();
    Product product;
    product.id = "editor";
    product.name = "Editor";
    product.key_group = 7;
    product.token_group = 8;
    ASSERT_TRUE(stores.products.add(product));
    ASSERT_TRUE(stores.organizations.add({"acme", "Acme", kSoldAt}));
    ASSERT_TRUE(stores.entitlements.add(
        {"ent_1", "editor", "competency", "acme", limit, limit, {}, "DE", kSoldAt}));
    KeyRecord key;
    key.id = "key_1";
    key.entitlement = "ent_1";
    key.digest = digest_of_key();
    key.last5 = "ABCDE";
    key.limit = limit;
    ASSERT_TRUE(stores.keys.add(key));
    ASSERT_TRUE(transaction->commit());
}

inline std::int64_t used(Store& store) {
    const auto transaction = store.begin(Store::Access::read).value();
    return transaction->stores().keys.find("key_1").value()->used;
}

/// Uses one activation where one is left. False: there was none.
inline Result<bool> use_one(Store& store) {
    auto transaction = store.begin(Store::Access::write);
    if (!transaction) return fail(transaction.error());
    auto& keys = (*transaction)->stores().keys;
    const auto key = keys.find_by_digest(digest_of_key());
    if (!key) return fail(key.error());
    if ((*key)->used >= (*key)->limit) return false;
    if (auto set = keys.set_used((*key)->id, (*key)->used + 1); !set) return fail(set.error());
    if (auto done = (*transaction)->commit(); !done) return fail(done.error());
    return true;
}

/// Each of `stores` takes what it can get, on so many threads, until nothing is left.
inline void race_for_the_last(const std::vector<Store*>& stores, int threads_each,
                              std::int64_t limit) {
    std::atomic<std::int64_t> given{0};
    std::atomic<int> failures{0};
    {
        std::vector<std::jthread> threads;
        for (auto* store : stores)
            for (int i = 0; i < threads_each; ++i)
                threads.emplace_back([&, store] {
                    for (;;) {
                        const auto got = repeated([&] { return use_one(*store); });
                        if (!got) ++failures;
                        if (!got || !*got) return;
                        ++given;
                    }
                });
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(given, limit);
    EXPECT_EQ(used(*stores.front()), limit);
}

}  // namespace latchkey::keyserver
