#include "platform/settings/policy_values_mac.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/fake_core_foundation.h"

namespace latchkey::platform {
namespace {

using Dictionary = FakeObject::Dictionary;
using List = FakeObject::List;

FakeObject text(std::string value) { return {std::move(value)}; }
FakeObject number(std::int64_t value) { return {value}; }

Result<std::vector<PolicyValue>> values(const FakeObject& list) {
    return policy_values(*core_foundation(), list.get(), "FILE");
}

/// Of one setting with that value.
PolicyData data_of(FakeObject value) {
    const auto found = values({Dictionary{{"agent", {Dictionary{{"role", std::move(value)}}}}}});
    return found && found->size() == 1 ? found->front().data : PolicyData(OtherData{"nothing"});
}

TEST(PolicyValuesMac, dictionaries_are_the_steps_of_a_path) {
    const auto found = values({Dictionary{
        {"keyserver", {Dictionary{{"url", text("https://k")}}}},
        {"agent", {Dictionary{{"tpm", text("no")}, {"role", text("lab")}}}},
        {"publisher", {Dictionary{{"url", {Dictionary{{"example.org", text("https://p")}}}}}}},
    }});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 4u);
    EXPECT_EQ((*found)[0].path, (std::vector<std::string>{"agent", "role"}));
    EXPECT_EQ((*found)[0].data, PolicyData(std::string("lab")));
    EXPECT_EQ((*found)[0].origin, "FILE : agent.role");
    EXPECT_EQ((*found)[1].path, (std::vector<std::string>{"agent", "tpm"}));
    EXPECT_EQ((*found)[2].path, (std::vector<std::string>{"keyserver", "url"}));
    EXPECT_EQ((*found)[3].path, (std::vector<std::string>{"publisher", "url", "example.org"}));
}

TEST(PolicyValuesMac, what_describes_the_profile_is_no_setting) {
    const auto found = values({Dictionary{{"PayloadUUID", text("B1F2")},
                                          {"_manualProfile", {true}},
                                          {"agent", {Dictionary{{"Payload", text("x")}}}}}});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().path, (std::vector<std::string>{"agent", "Payload"}));
}

TEST(PolicyValuesMac, flags_and_numbers_are_numbers) {
    EXPECT_EQ(data_of({true}), PolicyData(std::uint32_t{1}));
    EXPECT_EQ(data_of({false}), PolicyData(std::uint32_t{0}));
    EXPECT_EQ(data_of(number(4294967295)), PolicyData(std::uint32_t{4294967295}));
    EXPECT_EQ(data_of(number(4294967296)),
              PolicyData(OtherData{"<integer>, negative or too large"}));
    EXPECT_EQ(data_of(number(-1)), PolicyData(OtherData{"<integer>, negative or too large"}));
    EXPECT_EQ(data_of({FakeReal{}}), PolicyData(OtherData{"<real>"}));
}

TEST(PolicyValuesMac, lists_hold_texts_alone) {
    EXPECT_EQ(data_of({List{text("a"), text("b")}}),
              PolicyData(std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(data_of({List{text("a"), number(1)}}),
              PolicyData(OtherData{"<array> of other things than strings"}));
}

TEST(PolicyValuesMac, what_is_no_setting_is_described_and_never_shown) {
    EXPECT_EQ(data_of({std::vector<std::uint8_t>(3)}), PolicyData(OtherData{"<data>, 3 bytes"}));
    EXPECT_EQ(data_of({FakeDate{}}), PolicyData(OtherData{"<date>"}));
    EXPECT_EQ(data_of(text(kFakeHalfCharacter)),
              PolicyData(OtherData{"<string>, which is no text"}));
    EXPECT_EQ(data_of(text("")), PolicyData(std::string()));
    EXPECT_EQ(data_of(text(std::string(kMaxPolicyBytes, 'x'))),
              PolicyData(std::string(kMaxPolicyBytes, 'x')));
    EXPECT_EQ(data_of(text(std::string(kMaxPolicyBytes + 1, 'x'))),
              PolicyData(OtherData{"<string>, 65537 bytes, which is too large"}));
}

TEST(PolicyValuesMac, a_file_that_holds_too_much_is_refused) {
    Dictionary many;
    for (std::size_t i = 0; i < kMaxPolicyValues; ++i) many["k" + std::to_string(i)] = number(1);
    EXPECT_TRUE(values({many}));
    many["one more"] = number(1);
    const auto refused = values({many});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::config_invalid);

    FakeObject nested = number(1);
    for (std::size_t i = 0; i < kMaxPolicyDepth; ++i) nested = {Dictionary{{"d", nested}}};
    EXPECT_TRUE(values(nested));
    EXPECT_FALSE(values({Dictionary{{"d", nested}}}));
}

TEST(PolicyValuesMac, what_is_no_dictionary_is_refused) {
    EXPECT_FALSE(values({List{}}));
    EXPECT_FALSE(policy_values(*core_foundation(), nullptr, "FILE"));
}

}  // namespace
}  // namespace latchkey::platform
