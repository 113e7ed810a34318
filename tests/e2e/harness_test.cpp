// The harness itself: what the other tests conclude from it must be so.

#include <csignal>

#include "tests/e2e/https_responder.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

TEST(Harness, a_finished_command_brings_exit_code_and_both_streams) {
    const auto done = run({{"sh", "-c", "cat; echo no >&2; exit 7"}, {}, "yes"});
    EXPECT_EQ(done.exit_code, 7);
    EXPECT_EQ(done.out, "yes");
    EXPECT_EQ(done.err, "no\n");
    EXPECT_EQ(run({{"sh", "-c", "kill -9 $$"}, {}, {}}).exit_code, 128 + SIGKILL);
}

TEST(Harness, a_command_without_end_is_killed_at_the_deadline) {
    EXPECT_THROW(run({{"tail", "-f", "/dev/null"}, {}, {}}, Millis{50}), std::runtime_error);
}

TEST(Harness, a_program_is_known_by_its_lines_and_gone_after_kill) {
    const World world;
    Process program(
        {{"sh", "-c", "echo one; sh -c 'echo child $$; exec tail -f /dev/null' & wait"}, {}, {}},
        world.path("log"));
    const auto child = std::stoi(program.wait_for_line("child ").substr(6));
    EXPECT_EQ(::kill(child, 0), 0);
    program.kill();
    EXPECT_NE(::kill(child, 0), 0) << "the whole group is gone";
}

TEST(Harness, a_program_that_runs_on_reads_its_input_too) {
    const World world;
    Process program({{"sh", "-c", "cat; exec tail -f /dev/null"}, {}, "one\ntwo\n"},
                    world.path("log"));
    EXPECT_EQ(program.wait_for_line("two"), "two");
}

TEST(Harness, a_program_that_ends_instead_of_speaking_fails_the_wait) {
    const World world;
    Process program({{"sh", "-c", "echo bad luck >&2; exit 3"}, {}, {}}, world.path("log"));
    EXPECT_THROW(program.wait_for_line("ready"), std::runtime_error);
    EXPECT_EQ(program.wait(), 3);
    EXPECT_EQ(program.log_text(), "bad luck\n");
}

TEST(Harness, a_responder_answers_over_tls_and_counts) {
    const World world;
    const HttpsResponder responder(world, Certificate::good, [](const WireRequest& request) {
        return WireResponse{418, "text/plain", request.method + request.target + request.body, {}};
    });
    const auto answer = run({{"curl", "-s", "-w", "%{http_code}", "--cacert",
                              responder.ca_file().string(), "-d", "tea", responder.url() + "/pot"},
                             {},
                             {}});
    EXPECT_EQ(answer.out, "POST/pottea418");
    EXPECT_EQ(responder.requests(), 1);
    const auto again = forward(responder.url(), {"GET", "/x", {}, ""});
    EXPECT_EQ(again.status, 418);
    EXPECT_EQ(again.body, "GET/x");
}

TEST(Harness, an_expired_certificate_and_another_host_are_what_curl_refuses) {
    const World world;
    for (const auto kind : {Certificate::expired, Certificate::other_host}) {
        const HttpsResponder responder(world, kind,
                                       [](const WireRequest&) { return WireResponse{}; });
        const auto answer = run(
            {{"curl", "-s", "--cacert", responder.ca_file().string(), responder.url()}, {}, {}});
        EXPECT_EQ(answer.exit_code, 60);
        EXPECT_EQ(responder.requests(), 0);
    }
}

TEST(Harness, a_missing_member_never_reads_as_empty) {
    const auto document = parse_json(R"({"a": [{"b": 1}], "c": null})");
    EXPECT_EQ(number_at(document, "a.0.b"), 1);
    EXPECT_EQ(text_at(document, "c"), "null");
    EXPECT_THROW(at(document, "a.1.b"), std::runtime_error);
    EXPECT_THROW(at(document, "a.0.x"), std::runtime_error);
    EXPECT_THROW(parse_json(R"({"a": 1, "a": 2})"), std::runtime_error);
}

}  // namespace
}  // namespace latchkey::e2e
