#include "licensing/weights.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/licensing/samples.h"
#include "tests/unit/licensing/tampering.h"

namespace latchkey::licensing {
namespace {

namespace bj = json::bj;

WeightsTable sample(int version = 7) {
    WeightsTable table{"contoso", at(kNow), hwid::default_weights()};
    table.weights.version = version;
    return table;
}

/// Why the document is refused after `spoil`; empty if it is not.
std::string why_refused(const std::function<void(bj::object&)>& spoil) {
    auto document = to_json(sample()).as_object();
    spoil(document);
    const auto got = weights_table_from_json(document);
    return got ? "" : got.error().detail;
}

bj::object row(const char* kind, int agree) {
    return {{"kind", kind}, {"agree", agree}, {"partly", 0}, {"disagree", 0}};
}

TEST(WeightsTable, comes_back_as_it_was_signed) {
    const Publisher publisher;
    const auto jws = sign_weights(publisher.root, sample());
    const auto got = verify_weights(jws, publisher.pinned());
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ((*got)->publisher, "contoso");
    EXPECT_EQ((*got)->issued_at, at(kNow));
    EXPECT_EQ((*got)->weights, sample().weights);
    EXPECT_EQ(got->jws(), jws);
}

TEST(WeightsTable, no_damage_goes_unnoticed) {
    const Publisher publisher;
    const auto jws = sign_weights(publisher.root, sample());
    std::size_t tried = 0;
    EXPECT_EQ(first_damage_accepted(
                  jws,
                  [&](const std::string& text) {
                      return verify_weights(text, publisher.pinned()).has_value();
                  },
                  &tried),
              "");
    EXPECT_GT(tried, 1000u);
}

TEST(WeightsTable, only_the_root_signs_it_and_only_for_its_own_publisher) {
    const Publisher publisher;
    EXPECT_FALSE(verify_weights(sign_weights(publisher.signing, sample()), publisher.pinned()));
    EXPECT_FALSE(
        open_signed(sign_weights(publisher.signing, sample()), typ::kWeights, publisher.key_set()));
    EXPECT_FALSE(verify_weights(sign_jws(publisher.root, typ::kManifest, to_json(sample())),
                                publisher.pinned()));
    auto other = sample();
    other.publisher = "fabrikam";
    const auto got = verify_weights(sign_weights(publisher.root, other), publisher.pinned());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::signature_invalid);
    EXPECT_NE(got.error().detail.find("another publisher"), std::string::npos);
}

TEST(WeightsTable, replaces_only_a_table_of_a_lower_version) {
    const Publisher publisher;
    const auto table = verify_weights(sign_weights(publisher.root, sample(7)), publisher.pinned());
    hwid::Weights current = hwid::default_weights();
    for (const auto& [version, accepted] : std::vector<std::pair<int, bool>>{
             {1, true}, {6, true}, {7, false}, {8, false}, {1'000'000'000, false}}) {
        current.version = version;
        EXPECT_EQ(check_replaces(*table, current).has_value(), accepted) << version;
    }
    const auto far =
        verify_weights(sign_weights(publisher.root, sample(1'000'002)), publisher.pinned());
    current.version = 1;
    const auto refused = check_replaces(*far, current);
    ASSERT_FALSE(refused) << "one wrong table would use up all versions";
    EXPECT_EQ(refused.error().code, Code::version_not_newer);
    current.version = 2;
    EXPECT_TRUE(check_replaces(*far, current));
}

TEST(WeightsTable, passes_over_kinds_and_members_it_does_not_know) {
    EXPECT_EQ(why_refused([](bj::object& d) {
                  d["weights"].as_array().push_back(row("retina_scan", 100));
                  d["colour"] = "blue";
              }),
              "");
    auto document = to_json(sample()).as_object();
    document["weights"] = bj::array{row("nic", 90)};
    const auto got = weights_table_from_json(document);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->weights[hwid::Kind::nic].agree, 90);
    EXPECT_EQ(got->weights[hwid::Kind::disk], hwid::Weight{}) << "not named: weighs nothing";
}

TEST(WeightsTable, a_short_list_of_losses_goes_on_as_it_ends) {
    auto document = to_json(sample()).as_object();
    document["loss_when_shared"] = bj::array{0, 10, 16};
    const auto got = weights_table_from_json(document);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->weights.shared_loss(1), 10);
    EXPECT_EQ(got->weights.shared_loss(15), 16);
    EXPECT_EQ(got->weights.shared_loss(4'000'000'000u), 16);
}

TEST(WeightsTable, is_refused_out_of_bounds) {
    const auto in_row = [](std::size_t i, const char* member, bj::value value) {
        return [=](bj::object& d) { d["weights"].as_array()[i].as_object()[member] = value; };
    };
    struct Case {
        const char* expected;
        std::function<void(bj::object&)> spoil;
    };
    const std::vector<Case> cases{
        {"version", [](bj::object& d) { d["version"] = 0; }},
        {"version", [](bj::object& d) { d["version"] = 1'000'000'001; }},
        {"version", [](bj::object& d) { d["version"] = 1.5; }},
        {"version", [](bj::object& d) { d.erase("version"); }},
        {"publisher", [](bj::object& d) { d["publisher"] = "Contoso Ltd"; }},
        {"issued_at", [](bj::object& d) { d["issued_at"] = "today"; }},
        {"provenance", [](bj::object& d) { d["provenance"] = std::string(1025, 'x'); }},
        {"same_threshold", [](bj::object& d) { d["same_threshold"] = 1001; }},
        {"threshold", [](bj::object& d) { d["same_threshold"] = -101; }},
        {"worthless_multiplicity", [](bj::object& d) { d["worthless_multiplicity"] = 17; }},
        {"loss_when_shared", [](bj::object& d) { d["loss_when_shared"] = bj::array{}; }},
        {"loss_when_shared", [](bj::object& d) { d["loss_when_shared"] = bj::array(17, 1); }},
        {"loss_when_shared",
         [](bj::object& d) {
             d["loss_when_shared"] = bj::array{0, "1"};
         }},
        {"shared value loses",
         [](bj::object& d) {
             d["loss_when_shared"] = bj::array{5, 1};
         }},
        {"weights", [](bj::object& d) { d["weights"] = bj::array(129, row("nic", 1)); }},
        {"a kind twice",
         [](bj::object& d) {
             d["weights"] = bj::array{row("nic", 1), row("nic", 2)};
         }},
        {"a kind twice",
         [](bj::object& d) {
             d["weights"] = bj::array{row("new", 1), row("new", 2)};
         }},
        {"agree", in_row(0, "agree", 1001)},
        {"agree", in_row(0, "agree", "108")},
        {"too large", in_row(0, "agree", 401)},
        {"disagree", in_row(0, "disagree", nullptr)},
        {"kind", in_row(0, "kind", bj::value(std::string(65, 'x')))},
        {"no evidence", [](bj::object& d) { d["weights"] = bj::array{row("os_machine_id", 1)}; }},
        {"evidence of a model", [](bj::object& d) { d["weights"] = bj::array{row("gpu", 21)}; }},
        {"board must be significant", [](bj::object& d) { d["significant"] = bj::array{}; }},
        {"does not know",
         [](bj::object& d) {
             d["significant"].as_array()[1].as_object()["lost"] = bj::array{"disk", "moon"};
         }},
        {"twice",
         [](bj::object& d) {
             d["significant"].as_array()[1].as_object()["lost"] = bj::array{"disk", "disk"};
         }},
        {"significant",
         [](bj::object& d) {
             const auto first = d["significant"].as_array()[0];
             d["significant"] = bj::array(9, first);
         }},
    };
    for (const auto& [expected, spoil] : cases) {
        const auto why = why_refused(spoil);
        EXPECT_NE(why.find(expected), std::string::npos) << expected << ": " << why;
    }
    EXPECT_FALSE(weights_table_from_json(bj::array{}));
}

}  // namespace
}  // namespace latchkey::licensing
