// Everybody may look; only administrators may change anything. A product may prove itself whoever
// runs it.

#include "licensing/jws.h"
#include "licensing/license.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

struct Licensed {
    Stage stage;
    std::string key;
    Licensed() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "ai-cloud", 5);
        stage.install("suite");
        stage.activate("suite", key);
    }
};

TEST(Rights, a_user_changes_nothing) {
    Licensed story;
    for (const std::string path : {"/v1/products/suite/activate", "/v1/products/suite/deactivate",
                                   "/v1/products/suite/rearm", "/v1/products/suite/explain",
                                   "/v1/products/suite/fingerprint", "/v1/reload"})
        EXPECT_EQ(story.stage.post(path, nullptr, false).code(), "not_permitted") << path;
    EXPECT_EQ(story.stage.state("suite"), "licensed");
}

TEST(Rights, a_member_that_nothing_reads_is_a_mistake_and_named) {
    Licensed story;
    for (const std::string path :
         {"/v1/products/suite/activate", "/v1/products/suite/deactivate",
          "/v1/products/suite/rearm", "/v1/products/suite/explain", "/v1/reload"}) {
        const auto refused = story.stage.post(path, {{"bogus", 1}});
        ASSERT_EQ(refused.code(), "request_invalid") << path;
        EXPECT_NE(refused.detail().find("bogus"), std::string::npos) << refused.detail();
        EXPECT_EQ(story.stage.post(path, "text").code(), "request_invalid") << path;
    }
    EXPECT_EQ(story.stage.state("suite"), "licensed") << "nothing was done";
}

TEST(Rights, a_product_gets_the_chain_that_leads_to_its_publishers_newest_root) {
    Licensed story;
    const auto chain = [&] {
        return story.stage.get("/v1/products/suite/license").at("root_chain").as_array();
    };
    EXPECT_EQ(chain().size(), 0u);
    story.stage.while_off([](store::Store& store) {
        auto publisher = **store.publisher("example.org");
        publisher.root_chain = {"eyJ.to2.sig", "eyJ.to3.sig"};
        ASSERT_TRUE(store.save_publisher(publisher));
    });
    ASSERT_EQ(chain().size(), 2u);
    EXPECT_EQ(chain().at(1), "eyJ.to3.sig");
}

TEST(Rights, a_user_sees_no_secret) {
    Licensed story;
    for (const std::string path : {"/v1/status", "/v1/history", "/v1/config", "/v1/health"}) {
        const auto text = story.stage.get(path).code();
        EXPECT_EQ(text.find(story.key), std::string::npos) << path;
        EXPECT_EQ(text.find(story.key.substr(0, 11)), std::string::npos) << path;
    }
}

TEST(Rights, a_product_gets_its_license_and_an_attestation_by_the_device_it_names) {
    Licensed story;
    const auto document = story.stage.get("/v1/products/suite/license");
    ASSERT_EQ(document.status, 200) << document.code();
    EXPECT_TRUE(story.stage.product("suite").at("first_used_at").is_string())
        << "fetching the license is the first use";

    const auto attested = story.stage.post("/v1/products/suite/attest", {{"nonce", "abc"}}, false);
    ASSERT_EQ(attested.status, 200) << attested.code();
    const auto manifest =
        licensing::verify_manifest(std::string(story.stage.vendor()
                                                   .admin("product", "export", {{"id", {"suite"}}})
                                                   .at("manifest")
                                                   .as_string()),
                                   nullptr);
    const auto trusted = licensing::accept_bundle(
        {{}, std::string(document.at("key_set").as_string())}, (*manifest)->pinned_root(), 0);
    ASSERT_TRUE(trusted) << trusted.error().detail;
    const auto license = licensing::verify_license(std::string(document.at("license").as_string()),
                                                   *trusted->key_set);
    ASSERT_TRUE(license) << license.error().detail;
    const auto statement =
        licensing::open_jws(std::string(attested.at("attestation").as_string()),
                            licensing::typ::kAttestation, (*license)->device_key);
    ASSERT_TRUE(statement) << "signed by the very device the license names";
    EXPECT_EQ(statement->at("nonce").as_string(), "abc");
    EXPECT_EQ(statement->at("state").as_string(), "licensed");
}

TEST(Rights, unknown_paths_products_and_members_are_refused) {
    Licensed story;
    EXPECT_EQ(story.stage.get("/v1/nothing").code(), "record_unknown");
    EXPECT_EQ(story.stage.get("/v1/products/other/license").code(), "product_unknown");
    EXPECT_EQ(story.stage.post("/v1/products/other/activate").code(), "product_unknown");
    EXPECT_EQ(story.stage.post("/v1/products/suite/activate", {{"keys", "x"}}).code(),
              "request_invalid");
    EXPECT_EQ(story.stage.get("/v1/history").status, 200);
}

TEST(Rights, the_fingerprint_report_masks_the_key) {
    Licensed story;
    const auto report = story.stage.post("/v1/products/suite/fingerprint");
    ASSERT_EQ(report.status, 200) << report.code();
    EXPECT_EQ(report.code().find(story.key.substr(0, 11)), std::string::npos);
    EXPECT_NE(report.at("body").as_string().find("fingerprint"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::scenario
