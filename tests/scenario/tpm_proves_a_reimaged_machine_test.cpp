// A machine that is installed anew has nothing but its hardware to be known by, and what hardware
// shows can be told by anybody; so it gets three activations for nothing in 90 days. A machine
// whose TPM answers for it (tpm = "proof") needs no such allowance. The TPM here is a real one in
// software.

#include <atomic>
#include <future>

#include "agent/core/policy.h"
#include "tests/fakes/tpm_simulator.h"
#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

using fakes::TpmSimulator;
namespace fs = std::filesystem;

constexpr const char* kProof = "[agent]\ntpm = \"proof\"\n";

/// A TPM that stays with its machine through reimages.
class Chip {
public:
    explicit Chip(const fs::path& folder) : folder_(folder) {
        fs::create_directories(folder_);
        switch_on();
        prover_ =
            platform::tpm_prover_of([this] { return simulator_->open(); }, fakes::kAmplePatience);
        key_ = prover_->keys({}).value().ek_public;
    }
    void switch_on() {
        simulator_.reset();
        simulator_ = std::make_unique<TpmSimulator>(folder_);
    }
    std::shared_ptr<platform::TpmProver> prover() const { return prover_; }
    const Bytes& key() const { return key_; }

private:
    fs::path folder_;
    std::unique_ptr<TpmSimulator> simulator_;
    std::shared_ptr<platform::TpmProver> prover_;
    Bytes key_;
};

/// Hangs at the first question until it is let go, and answers every other. Whoever hung then asks
/// the chip nothing any more: nobody waits for that thread, and the chip may be gone.
class Sluggish final : public platform::TpmProver {
public:
    explicit Sluggish(std::shared_ptr<platform::TpmProver> tpm) : tpm_(std::move(tpm)) {}
    platform::TpmResult<platform::TpmKeys> keys(const Label& label) override {
        if (asked_.exchange(true)) return tpm_->keys(label);
        let_go_.wait();
        return tl::unexpected(platform::TpmTrouble{platform::TpmFailure::refused, "let go"});
    }
    platform::TpmResult<platform::TpmProofParts> prove(
        const Label& label, std::span<const std::uint8_t> blob,
        std::span<const std::uint8_t> secret, std::span<const std::uint8_t> qualifying) override {
        return tpm_->prove(label, blob, secret, qualifying);
    }
    bool was_asked() const { return asked_; }
    void let_go() { release_.set_value(); }

private:
    std::shared_ptr<platform::TpmProver> tpm_;
    std::atomic<bool> asked_ = false;
    std::promise<void> release_;
    std::shared_future<void> let_go_ = release_.get_future().share();
};

/// A question's time is up once it hangs, an activation's never.
auto up_for_questions(const std::shared_ptr<Sluggish>& tpm) {
    return [tpm](std::condition_variable& woken, std::unique_lock<std::mutex>& lock, Duration slice,
                 const std::function<bool()>& done) {
        const core::Policy policy;
        const bool question = slice < policy.tpm_preview_patience;
        while (!done() && !(question && tpm->was_asked())) woken.wait_for(lock, Duration(1));
        return done();
    };
}

class TpmProof : public testing::Test {
protected:
    TpmProof() {
        stage.vendor().add_product("suite");
        key = stage.vendor().sell("suite", "ai-cloud", 10);
        stage.install("suite");
        stage.fit(chip.prover(), chip.key());
    }

    std::string continuity() {
        const auto product = stage.product("suite");
        return std::string(product.at("last_decision").at("continuity").as_string());
    }
    std::string last_reason() {
        const auto product = stage.product("suite");
        return std::string(product.at("last_decision").at("reasons").as_array().back().as_string());
    }
    std::string last_proof() {
        const auto status = stage.get("/v1/status");
        const auto& last = status.at("machine").at("tpm").at("last_proof");
        return last.is_null() ? "none" : std::string(last.at("outcome").as_string());
    }
    static std::string refusal(const Said& explained) {
        const auto& refused = explained.at("refusal");
        return refused.is_null() ? "none" : std::string(refused.at("code").as_string());
    }
    static std::string proof_of(const Said& explained) {
        const auto& proof = explained.at("tpm_proof");
        return proof.is_null() ? "none" : std::string(proof.at("outcome").as_string());
    }
    void use_up_the_allowance() {
        for (int i = 0; i < 4; ++i) {
            ASSERT_EQ(stage.activate("suite", key).status, 200);
            stage.reimage();
        }
    }

    Stage stage;
    Chip chip{stage.folder() / "tpm"};
    std::string key;
};

TEST_F(TpmProof, has_a_machine_reimaged_as_often_as_anybody_likes) {
    stage.configure(kProof);
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    EXPECT_EQ(continuity(), "none") << "nothing to go on with yet";
    for (int reimage = 0; reimage < 5; ++reimage) {
        chip.switch_on();
        stage.reimage();
        const auto again = stage.activate("suite", key);
        ASSERT_EQ(again.status, 200) << again.code();
        EXPECT_EQ(again.at("counted"), 0);
        EXPECT_EQ(continuity(), "tpm");
        EXPECT_EQ(last_proof(), "made");
    }
    EXPECT_EQ(stage.used("suite"), 1);
    EXPECT_EQ(health_text(stage, "tpm_unproven"), "");
}

TEST_F(TpmProof, is_given_where_the_configuration_asks_for_it_alone) {
    use_up_the_allowance();
    EXPECT_EQ(stage.activate("suite", key).code(), "needs_admin");
    EXPECT_EQ(last_proof(), "none");
    stage.configure(kProof);
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 0);
    EXPECT_EQ(continuity(), "tpm");
}

TEST_F(TpmProof, goes_along_with_the_question_what_activating_would_cost) {
    use_up_the_allowance();
    const auto without = stage.explain("suite", key);
    EXPECT_EQ(refusal(without), "needs_admin");
    EXPECT_EQ(proof_of(without), "none") << "the configuration wants none";
    stage.configure(kProof);
    const auto with = stage.explain("suite", key);
    EXPECT_EQ(refusal(with), "none");
    EXPECT_EQ(with.at("would_use"), 0);
    EXPECT_EQ(with.at("source"), "key_server");
    EXPECT_EQ(proof_of(with), "made");
    EXPECT_EQ(last_proof(), "none") << "status tells of activations";
    EXPECT_EQ(stage.state("suite"), "initial_grace") << "and nothing was done";
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 0) << "as it was said";
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST_F(TpmProof, of_another_tpm_makes_no_question_sound_better) {
    use_up_the_allowance();
    Chip other(stage.folder() / "other tpm");
    stage.fit(other.prover(), other.key());
    stage.configure(kProof);
    const auto told = stage.explain("suite", key);
    EXPECT_EQ(refusal(told), "needs_admin");
    EXPECT_EQ(proof_of(told), "made");
}

TEST_F(TpmProof, that_a_question_cannot_wait_for_is_missing_there_alone_and_that_is_said) {
    use_up_the_allowance();
    const auto sluggish = std::make_shared<Sluggish>(chip.prover());
    stage.fit(sluggish, chip.key());
    stage.time_the_tpm_by(up_for_questions(sluggish));
    stage.configure(kProof);
    const auto told = stage.explain("suite", key);
    EXPECT_EQ(refusal(told), "needs_admin");
    EXPECT_EQ(proof_of(told), "timed_out");
    EXPECT_EQ(told.at("tpm_proof").at("text").as_string(), "the TPM took too long to answer");
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 0);
    EXPECT_EQ(continuity(), "tpm") << "what the question left behind does not hold the activation";
    sluggish->let_go();
}

TEST_F(TpmProof, keeps_no_question_from_an_answer_where_the_key_server_is_away) {
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    stage.configure(kProof);
    stage.vendor().reachable = false;
    const auto told = stage.explain("suite");
    EXPECT_EQ(told.at("source"), "agent");
    EXPECT_EQ(told.at("key_server_problem").at("code"), "keyserver_unreachable");
    EXPECT_EQ(proof_of(told), "none");
}

TEST_F(TpmProof, of_another_tpm_does_not_make_it_that_machine) {
    use_up_the_allowance();
    Chip other(stage.folder() / "other tpm");
    stage.fit(other.prover(), other.key());
    stage.configure(kProof);
    EXPECT_EQ(stage.activate("suite", key).code(), "needs_admin");
    EXPECT_EQ(last_proof(), "made") << "it proved that it is another";
}

TEST_F(TpmProof, is_not_given_by_showing_another_machines_key) {
    ASSERT_EQ(stage.activate("suite", key).status, 200);
    stage.reimage();
    Chip other(stage.folder() / "other tpm");
    stage.fit(other.prover(), chip.key());
    stage.configure(kProof);
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 0) << "and refuses nothing";
    EXPECT_EQ(continuity(), "digests");
    EXPECT_EQ(last_reason(),
              "The TPM's proof does not hold: the TPM that answered is not the one this machine "
              "shows.");
}

TEST_F(TpmProof, waits_with_its_activation_for_the_network) {
    use_up_the_allowance();
    stage.configure(kProof);
    stage.vendor().reachable = false;
    EXPECT_EQ(stage.activate("suite", key).code(), "keyserver_unreachable");
    EXPECT_EQ(stage.state("suite"), "initial_grace");
    stage.vendor().reachable = true;
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(continuity(), "tpm");
}

TEST_F(TpmProof, comes_later_where_the_challenge_was_lost_on_its_way) {
    use_up_the_allowance();
    stage.configure(kProof);
    stage.vendor().lost_replies = 1;
    EXPECT_EQ(stage.activate("suite", key).code(), "keyserver_unreachable");
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(continuity(), "tpm");
}

TEST_F(TpmProof, is_sent_again_to_the_letter_where_the_activations_answer_was_lost) {
    use_up_the_allowance();
    stage.configure(kProof);
    auto& vendor = stage.vendor();
    int decisions = 0;  // the first is the challenge's
    vendor.on_decision = [&] { vendor.lost_replies = ++decisions == 2 ? 1 : 0; };
    const int before = vendor.activations;
    EXPECT_EQ(stage.activate("suite", key).code(), "keyserver_unreachable");
    stage.pass(hour);
    EXPECT_EQ(stage.state("suite"), "licensed");
    EXPECT_EQ(continuity(), "tpm");
    EXPECT_EQ(vendor.activations, before + 2);
    EXPECT_EQ(stage.used("suite"), 1);
}

TEST_F(TpmProof, that_cannot_be_given_stops_nothing_and_is_said) {
    stage.fit(platform::tpm_prover_of(
                  []() -> platform::TpmResult<platform::UniqueFd> {
                      return tl::unexpected(platform::TpmTrouble{
                          platform::TpmFailure::not_permitted, "cannot open /dev/tpmrm0"});
                  },
                  fakes::kAmplePatience),
              chip.key());
    stage.configure(kProof);
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    EXPECT_EQ(last_proof(), "not_permitted");
    EXPECT_NE(health_text(stage, "tpm_unproven").find("on Linux the group tss may"),
              std::string::npos);
    EXPECT_EQ(stage.get("/v1/status").at("overall").as_string(), "ok") << "it alarms nobody";
    EXPECT_EQ(last_reason(),
              "The TPM gave no proof: the agent's user may not use the TPM; on Linux the group "
              "tss may.");
}

TEST_F(TpmProof, in_a_program_that_reads_no_tpm_is_as_if_there_was_none) {
    stage.fit(nullptr, chip.key());
    stage.configure(kProof);
    EXPECT_EQ(stage.activate("suite", key).at("counted"), 1);
    EXPECT_EQ(last_proof(), "absent");
}

}  // namespace
}  // namespace latchkey::scenario
