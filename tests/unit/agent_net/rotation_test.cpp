// Keys are rotated while a call is under way: what a key signed that the set at hand does not name
// has the set fetched once more, and is then believed or refused.

#include "tests/unit/agent_net/client_fixture.h"

namespace latchkey::net {
namespace {

class RotatingServer : public ClientFixture {
protected:
    RotatingServer() : next_signer_(SigningKey::generate()) {
        next_ = room_.set;
        ++next_.version;
        next_.signing_keys.push_back({licensing::key_id(next_signer_.public_key()),
                                      next_signer_.public_key(), kServerNow - Days{1},
                                      kServerNow + Days{90}});
    }
    std::string next_bundle() const {
        return json::to_text(licensing::to_json(
            licensing::TrustBundle{{}, licensing::sign_key_set(room_.root, next_)}));
    }
    /// Everything as before the rotation until `from` is asked for; that answer is the first after.
    void rotate_at(const std::string& from) {
        serve([this, from](const SeenRequest& seen) {
            if (seen.target.starts_with(from)) rotated_ = true;
            if (seen.target == "/.well-known/latchkey") {
                ++fetched_;
                return http_answer(200, rotated_ ? answered_ : room_.bundle());
            }
            if (!rotated_) return right(seen);
            if (seen.target.starts_with("/v1/time")) {
                const licensing::Challenge challenge{
                    "example.org", seen.target.substr(seen.target.find('=') + 1), kServerNow};
                return http_answer(
                    200, json::to_text(
                             {{"challenge", licensing::sign_challenge(next_signer_, challenge)}}));
            }
            return http_answer(200, room_.reply(seen, 200, {{"answer", 42}}, &next_signer_));
        });
    }

    SigningKey next_signer_;
    licensing::KeySet next_;
    std::string answered_;
    bool rotated_ = false;
    int fetched_ = 0;
};

TEST_F(RotatingServer, between_key_set_and_challenge_is_followed) {
    answered_ = next_bundle();
    rotate_at("/v1/time");
    const auto answer = call();
    ASSERT_TRUE(answer.has_value()) << answer.error().problem.detail;
    EXPECT_EQ(answer->fresh.trusted.key_set->version, 4) << "and the new set is kept";
    EXPECT_EQ(fetched_, 2);
}

TEST_F(RotatingServer, between_request_and_reply_is_followed) {
    answered_ = next_bundle();
    rotate_at("/v1/activations");
    const auto answer = call();
    ASSERT_TRUE(answer.has_value()) << answer.error().problem.detail;
    EXPECT_EQ(answer->message.at("answer").as_int64(), 42);
    EXPECT_EQ(answer->fresh.trusted.key_set->version, 4);
}

TEST_F(RotatingServer, that_names_no_such_key_is_asked_once_more_and_no_further) {
    answered_ = room_.bundle();
    rotate_at("/v1/activations");
    const auto refused = failure();
    expect(refused, Code::signature_invalid, "");
    EXPECT_TRUE(refused.may_have_arrived);
    EXPECT_EQ(fetched_, 2);
}

TEST_F(RotatingServer, whose_new_set_goes_back_or_has_another_root_is_refused) {
    auto older = next_;
    older.version = room_.set.version - 1;
    answered_ = json::to_text(
        licensing::to_json(licensing::TrustBundle{{}, licensing::sign_key_set(room_.root, older)}));
    rotate_at("/v1/activations");
    expect(failure(), Code::signature_invalid, "seen before");
    answered_ = json::to_text(licensing::to_json(
        licensing::TrustBundle{{}, licensing::sign_key_set(next_signer_, next_)}));
    rotated_ = false;
    expect(failure(), Code::signature_invalid, "");
}

class OfferedTable : public ClientFixture {
protected:
    /// What a server says that has an evidence table of that version.
    void serve_table(std::int64_t version, std::string answer) {
        serve([this, version, answer = std::move(answer)](const SeenRequest& seen) {
            if (seen.target == "/v1/weights") {
                ++fetched_;
                return answer;
            }
            if (seen.target != "/.well-known/latchkey") return right(seen);
            return http_answer(200,
                               json::to_text(licensing::to_json(licensing::TrustBundle{
                                   {}, licensing::sign_key_set(room_.root, room_.set), version})));
        });
    }
    std::string brought() {
        const auto answer = call();
        EXPECT_TRUE(answer.has_value()) << "a table never makes a call fail";
        return answer ? answer->fresh.weights_jws : "(failed)";
    }
    int fetched_ = 0;
};

TEST_F(OfferedTable, is_fetched_where_it_is_newer_than_the_one_in_force) {
    weights_version_ = 6;
    serve_table(7, http_answer(200, R"({"weights":"a.b.c"})"));
    EXPECT_EQ(brought(), "a.b.c");
    weights_version_ = 7;
    EXPECT_EQ(brought(), "");
    weights_version_ = 0;
    EXPECT_EQ(brought(), "") << "nor by who wants none";
    EXPECT_EQ(fetched_, 1);
}

TEST_F(OfferedTable, that_is_none_or_too_large_is_passed_over) {
    weights_version_ = 1;
    for (const auto& answer :
         {http_answer(200, "rubbish"), http_answer(200, "{}"), http_answer(200, R"({"weights":1})"),
          http_answer(404, "{}", "application/problem+json"),
          http_answer(200, R"({"weights":")" + std::string(70'000, 'a') + R"("})")}) {
        serve_table(2, answer);
        EXPECT_EQ(brought(), "");
    }
}

}  // namespace
}  // namespace latchkey::net
