// How the daemon has its TPM answer, and that it goes on whatever becomes of that.

#include "agent/daemon/tpm_proof.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <future>

#include "licensing/tpm_credential.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/agent_daemon/scripted_client.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
using platform::TpmFailure;
using platform::TpmKeys;
using platform::TpmProofParts;
using platform::TpmResult;

/// Does as it is told, on whatever thread asks.
class ScriptedTpm final : public platform::TpmProver {
public:
    TpmResult<TpmKeys> keys(const Label& label) override {
        asked_label = label;
        if (reached) reached->set_value();
        if (hangs.valid()) hangs.wait();
        if (failure) return tl::unexpected(platform::TpmTrouble{*failure, "so it says"});
        return TpmKeys{{1}, {2}};
    }
    TpmResult<TpmProofParts> prove(const Label&, std::span<const std::uint8_t> blob,
                                   std::span<const std::uint8_t> secret,
                                   std::span<const std::uint8_t> qualifying) override {
        asked.assign(qualifying.begin(), qualifying.end());
        if (later_failure) return tl::unexpected(platform::TpmTrouble{*later_failure, {}});
        return TpmProofParts{{secret.begin(), secret.end()}, {blob.begin(), blob.end()}, {9}};
    }
    Label asked_label{};
    Bytes asked;
    std::optional<TpmFailure> failure;
    std::optional<TpmFailure> later_failure;
    std::promise<void>* reached = nullptr;
    std::shared_future<void> hangs;
};

class TpmProofsTest : public testing::Test {
protected:
    TpmProofsTest() {
        manifest.publisher = "example.org";
        manifest.product = "suite";
        manifest.root = root.public_key();
        manifest.salt_id = "salt-1";
        manifest.salt = Bytes(32, 7);
        desk.manifests["suite"] = manifest;
        client.trusted = key_set_of(root, manifest.pinned_root());
        client.server_time = as_server(clock.wall());
        client.message = licensing::to_json(
            licensing::TpmChallengeReply{{5, 6}, as_server(clock.wall()), {3}, {4}});
        EXPECT_TRUE(desk.runner.load());
    }

    net::CallResult<TpmStatement> make(TpmProofs& proofs) {
        std::optional<net::CallResult<TpmStatement>> made;
        asio::co_spawn(io, proofs.make(manifest),
                       [&](const std::exception_ptr&, net::CallResult<TpmStatement> result) {
                           made = std::move(result);
                       });
        io.restart();
        while (!made) io.run_one();
        return *made;
    }
    net::CallResult<TpmStatement> make() { return make(proofs); }
    std::string outcome() { return proofs.last() ? proofs.last()->outcome : "none"; }

    asio::io_context io;
    fakes::FakeClock clock;
    fakes::MemoryStore store;
    Captures captures;
    ScriptedClient client{io.get_executor()};
    licensing::SigningKey root = licensing::SigningKey::generate();
    licensing::Manifest manifest;
    Desk desk{io.get_executor(),
              client,
              {},
              {},
              Trust(store),
              Machine(io.get_executor(), captures),
              Runner(
                  store, clock, [] { return std::uint64_t{7}; },
                  [](const RowKey&, const core::Effects&) {})};
    std::shared_ptr<ScriptedTpm> tpm = std::make_shared<ScriptedTpm>();
    TpmProofs proofs{desk, tpm, TpmOccasion::activation};
};

TEST_F(TpmProofsTest, takes_the_key_servers_challenge_to_the_tpm_and_its_answer_back) {
    const auto made = make();
    ASSERT_TRUE(made);
    ASSERT_TRUE(made->proof);
    EXPECT_EQ(made->unproven, "");
    ASSERT_EQ(client.calls.size(), 1u);
    EXPECT_EQ(client.calls.front().path, "/v1/tpm/challenge");
    const auto question = licensing::tpm_challenge_request_from_json(
        json::parse_strict(client.calls.front().inner).value());
    EXPECT_EQ(question->ek_public, Bytes{1});
    EXPECT_EQ(question->ak_public, Bytes{2});
    EXPECT_EQ(made->proof->issued_at, as_server(clock.wall()));
    EXPECT_EQ(made->proof->quote, Bytes{3});
    EXPECT_EQ(made->proof->secret, Bytes{4});
    EXPECT_EQ(tpm->asked_label, licensing::tpm_label("example.org"));
    const auto device = desk.caller(manifest)->device->public_key();
    const auto expected = licensing::tpm_qualifying_data(Bytes{5, 6}, device);
    EXPECT_EQ(tpm->asked, Bytes(expected.begin(), expected.end()));
    EXPECT_EQ(outcome(), "made");
}

TEST_F(TpmProofsTest, does_without_a_tpm_that_fails_and_asks_the_key_server_nothing) {
    tpm->failure = TpmFailure::hierarchy_locked;
    const auto made = make();
    ASSERT_TRUE(made);
    EXPECT_FALSE(made->proof);
    EXPECT_EQ(made->unproven, "hierarchy_locked");
    EXPECT_TRUE(client.calls.empty());
    EXPECT_EQ(outcome(), "hierarchy_locked");
    EXPECT_NE(proofs.last()->text.find("so it says"), std::string::npos);
    tpm->failure.reset();
    tpm->later_failure = TpmFailure::refused;
    EXPECT_EQ(make()->unproven, "refused");
}

TEST_F(TpmProofsTest, does_without_a_key_server_that_knows_of_no_proofs) {
    client.failure = net::CallFailure{{Code::record_unknown, "no", {}}, false, {}, {}, {}, true};
    EXPECT_EQ(make()->unproven, "not_offered");
    client.failure = net::CallFailure{{Code::request_invalid, "no", {}}, true, {}, {}, {}, true};
    EXPECT_EQ(make()->unproven, "not_offered");
    client.failure.reset();
    client.message = json::bj::object{};
    EXPECT_EQ(make()->unproven, "not_offered");
}

TEST_F(TpmProofsTest, says_when_there_is_no_way_to_the_key_server_at_all) {
    client.failure =
        net::CallFailure{{Code::keyserver_unreachable, "no", {}}, false, {}, {}, {}, false};
    const auto made = make();
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().problem.code, Code::keyserver_unreachable);
}

TEST_F(TpmProofsTest, asks_once_more_for_an_answer_that_was_lost_and_then_does_without) {
    client.failure =
        net::CallFailure{{Code::keyserver_unreachable, "no", {}}, false, {}, {}, {}, true};
    const auto lost = make();
    ASSERT_FALSE(lost);
    EXPECT_FALSE(lost.error().may_have_arrived) << "the activation was never sent";
    EXPECT_EQ(make()->unproven, "not_offered");
    EXPECT_FALSE(make()) << "and so again at the next one";
    client.failure.reset();
    EXPECT_TRUE(make()->proof);
}

TEST_F(TpmProofsTest, gives_up_a_tpm_that_hangs_and_does_not_ask_it_again_while_it_does) {
    std::promise<void> wakes_up;
    tpm->hangs = wakes_up.get_future().share();
    bool time_is_up = true;
    TpmProofs impatient(desk, tpm, TpmOccasion::activation,
                        [&](std::condition_variable& woken, std::unique_lock<std::mutex>& lock,
                            Duration, const std::function<bool()>& done) {
                            if (!time_is_up) woken.wait(lock, done);
                            return !time_is_up;
                        });
    EXPECT_EQ(make(impatient)->unproven, "timed_out");
    EXPECT_EQ(make(impatient)->unproven, "timed_out");
    EXPECT_TRUE(client.calls.empty());
    wakes_up.set_value();
}

TEST_F(TpmProofsTest, wait_less_while_somebody_waits_for_an_answer) {
    std::promise<void> wakes_up;
    tpm->hangs = wakes_up.get_future().share();
    Duration waited{0};
    const auto count = [&](std::condition_variable&, std::unique_lock<std::mutex>&, Duration slice,
                           const std::function<bool()>&) {
        waited += slice;
        return false;
    };
    const core::Policy policy = desk.policy(manifest);
    constexpr Duration kRoundedUp{10};
    for (const auto& [occasion, patience] :
         {std::pair(TpmOccasion::activation, policy.tpm_patience),
          std::pair(TpmOccasion::question, policy.tpm_preview_patience)}) {
        waited = Duration{0};
        TpmProofs impatient(desk, tpm, occasion, count);
        EXPECT_EQ(make(impatient)->unproven, "timed_out");
        EXPECT_GE(waited, patience);
        EXPECT_LE(waited, patience + kRoundedUp);
    }
    wakes_up.set_value();
}

TEST_F(TpmProofsTest, end_at_a_stop_though_the_tpm_hangs_and_time_is_never_up) {
    std::promise<void> wakes_up;
    std::promise<void> reached;
    tpm->hangs = wakes_up.get_future().share();
    tpm->reached = &reached;
    auto patient = std::make_unique<TpmProofs>(
        desk, tpm, TpmOccasion::activation,
        [](std::condition_variable& woken, std::unique_lock<std::mutex>& lock, Duration,
           const std::function<bool()>& done) {
            woken.wait(lock, done);
            return true;
        });
    asio::co_spawn(io, patient->make(manifest), asio::detached);
    io.run_one();
    reached.get_future().wait();
    patient.reset();
    EXPECT_TRUE(client.calls.empty());
    wakes_up.set_value();
}

}  // namespace
}  // namespace latchkey::daemon
