// A publisher's own evidence table: signed by the root, handed to agents, and never a reason to
// take a license away.

#include <gtest/gtest.h>

#include <fstream>

#include "keyserver/admin/ceremony.h"
#include "keyserver/keys/key_files.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class EvidenceTable : public ::testing::Test {
protected:
    static int built_in() { return hwid::default_weights().version; }

    licensing::WeightsTable table(int version) const {
        licensing::WeightsTable made{"acme", ServerTime{Days{20500}}, hwid::default_weights()};
        made.weights.version = version;
        made.weights.provenance = "our own machines";
        return made;
    }
    /// Nothing but its board makes a machine the same.
    licensing::WeightsTable strict(int version) const {
        auto made = table(version);
        for (auto& weight : made.weights.of) weight = {};
        for (const auto kind :
             {hwid::Kind::system_uuid, hwid::Kind::system_serial, hwid::Kind::board_serial})
            made.weights[kind] = {200, 200, -200};
        made.weights[hwid::Kind::nic] = {10, 5, -400};
        made.weights.same_threshold = 100;
        return made;
    }
    Result<json::bj::object> hold(std::string noun, std::string name,
                                  admin::RawArguments arguments) {
        return admin::hold_ceremony(
            {std::move(noun), std::move(name), std::move(arguments)}, server.directory(),
            [this](const admin::Command& command) { return server.office().run(command); });
    }
    Result<json::bj::object> install(const licensing::WeightsTable& made) {
        return hold("weights", "install",
                    {{"table", {json::to_pretty_text(licensing::to_json(made)) + "\n"}}});
    }
    json::bj::value get(const std::string& path) {
        HttpRequest ask;
        ask.method = "GET";
        ask.target = path;
        return json::parse_strict(server.answer(ask).body).value();
    }
    const WeightsInForce& in_force() const { return server.room().weights(); }

    TestServer server;
};

TEST_F(EvidenceTable, is_the_one_built_in_until_the_root_signs_another) {
    EXPECT_EQ(get("/v1/weights").at("code").as_string(), "record_unknown");
    EXPECT_FALSE(get("/.well-known/latchkey").as_object().contains("weights_version"));
    EXPECT_EQ(server.admin("weights", "show", {}).at("version").as_int64(), built_in());
    const auto done = install(table(built_in() + 1));
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->at("version").as_int64(), built_in() + 1);
    EXPECT_EQ(get("/.well-known/latchkey").at("weights_version").as_int64(), built_in() + 1);
    const auto served = licensing::verify_weights(
        std::string(get("/v1/weights").at("weights").as_string()), server.room().root());
    ASSERT_TRUE(served) << served.error().detail;
    EXPECT_EQ((*served)->weights, table(built_in() + 1).weights);
    EXPECT_EQ(server.admin("weights", "show", {}).at("provenance").as_string(), "our own machines");
}

TEST_F(EvidenceTable, is_named_in_receipts) {
    ASSERT_TRUE(install(table(built_in() + 1)));
    TestDevice device(server);
    device.activate(server.sell("competency", 5), {});
    ASSERT_TRUE(device.receipt);
    EXPECT_EQ(device.receipt->weights_version, built_in() + 1);
}

TEST_F(EvidenceTable, whose_version_does_not_rise_or_that_is_another_publishers_is_refused) {
    ASSERT_TRUE(install(table(built_in() + 5)));
    EXPECT_EQ(install(table(built_in() + 5)).error().code, Code::version_not_newer);
    EXPECT_EQ(install(table(built_in() + 4)).error().code, Code::version_not_newer);
    auto other = table(built_in() + 6);
    other.publisher = "fabrikam";
    EXPECT_EQ(install(other).error().code, Code::signature_invalid);
    EXPECT_EQ(in_force().table.version, built_in() + 5);
}

TEST_F(EvidenceTable, that_is_damaged_unsound_or_signed_by_another_is_refused) {
    const auto signed_by = [&](const licensing::SigningKey& key) {
        return hold("weights", "install",
                    {{"table", {licensing::sign_weights(key, table(built_in() + 1)) + "\n"}}});
    };
    EXPECT_EQ(signed_by(licensing::SigningKey::generate()).error().code, Code::signature_invalid);
    EXPECT_EQ(signed_by(server.room().signing_key()).error().code, Code::signature_invalid);
    EXPECT_EQ(hold("weights", "install", {{"table", {"rubbish"}}}).error().code,
              Code::signature_invalid);
    EXPECT_EQ(hold("weights", "install", {{"table", {"{rubbish"}}}).error().code,
              Code::input_unreadable);
    auto unsound = table(built_in() + 1);
    unsound.weights[hwid::Kind::cpu_model] = {500, 0, 0};
    EXPECT_EQ(install(unsound).error().code, Code::input_unreadable);
    EXPECT_TRUE(in_force().jws.empty());
    EXPECT_TRUE(signed_by(read_signing_key(server.directory() / "root.key").value()));
}

TEST_F(EvidenceTable, stays_over_a_restart_and_one_that_was_damaged_is_passed_over) {
    ASSERT_TRUE(install(table(built_in() + 1)));
    const ServerTime now = as_server(server.clock.wall());
    EXPECT_EQ(KeyRoom::open(server.directory(), "", now)->weights().table.version, built_in() + 1);
    std::ofstream(server.directory() / "weights.jws", std::ios::trunc) << "rubbish";
    const auto room = KeyRoom::open(server.directory(), "", now);
    ASSERT_TRUE(room) << room.error().detail;
    EXPECT_EQ(room->weights().table.version, built_in());
}

TEST_F(EvidenceTable, is_signed_anew_by_a_new_root) {
    ASSERT_TRUE(install(table(built_in() + 1)));
    ASSERT_TRUE(hold("signing-key", "rotate", {}));
    EXPECT_TRUE(licensing::verify_weights(in_force().jws, server.room().root()));
    const auto done = hold("signing-key", "rotate", {{"root", {}}});
    ASSERT_TRUE(done) << done.error().detail;
    const auto again = licensing::verify_weights(in_force().jws, server.room().root());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ((*again)->weights.version, built_in() + 1);
    EXPECT_EQ(KeyRoom::open(server.directory(), "", as_server(server.clock.wall()))
                  ->weights()
                  .table.version,
              built_in() + 1);
}

TEST_F(EvidenceTable, judges_activations_and_takes_no_license_from_anybody) {
    const auto key = server.sell("ai-cloud", 5);
    TestDevice device(server);
    ASSERT_EQ(device.activate(key, {}).status, 201);
    const auto done = install(strict(built_in() + 1));
    ASSERT_TRUE(done) << done.error().detail;
    Hardware changed;
    changed.mac = "00:1b:21:9c:10:07";
    changed.card = "00:15:17:9c:10:07";
    EXPECT_EQ(device.renew(changed, 1).status, 200)
        << "by the table before it is the same machine, and it is licensed";
    TestDevice reimaged(server);
    ASSERT_EQ(
        reimaged.activate(key, Hardware{.mac = "00:1b:21:9c:10:08", .card = "00:15:17:9c:10:08"})
            .status,
        201);
    EXPECT_EQ(reimaged.receipt->counted, 1) << "an activation is judged by the new one";
}

}  // namespace
}  // namespace latchkey::keyserver
