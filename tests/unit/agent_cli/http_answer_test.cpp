#include "agent/localapi/http_answer.h"

#include <gtest/gtest.h>

namespace latchkey::localapi {
namespace {

constexpr std::size_t kMaxBody = 1000;
const std::string kGood =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length:  7 \r\n\r\n{\"a\":1}";

bool is_refused(const std::string& bytes) {
    HttpAnswer answer(kMaxBody);
    const auto added = answer.add(bytes);
    return !added || !answer.end();
}

TEST(HttpAnswer, is_read_in_pieces_of_any_size) {
    for (std::size_t piece = 1; piece <= kGood.size(); ++piece) {
        HttpAnswer answer(kMaxBody);
        bool complete = false;
        for (std::size_t at = 0; at < kGood.size(); at += piece) {
            EXPECT_FALSE(complete);
            const auto added = answer.add(kGood.substr(at, piece));
            ASSERT_TRUE(added) << added.error().detail;
            complete = *added;
        }
        EXPECT_TRUE(complete);
        EXPECT_EQ(answer.status(), 200);
        EXPECT_EQ(answer.take_body(), "{\"a\":1}");
    }
}

TEST(HttpAnswer, without_a_length_ends_with_the_stream) {
    HttpAnswer answer(kMaxBody);
    EXPECT_EQ(answer.add("HTTP/1.1 403 Forbidden\r\n\r\nno"), Result<bool>(false));
    EXPECT_TRUE(answer.end());
    EXPECT_EQ(answer.status(), 403);
    EXPECT_EQ(answer.take_body(), "no");
}

TEST(HttpAnswer, cut_off_anywhere_is_incomplete) {
    for (std::size_t length = 0; length < kGood.size(); ++length)
        EXPECT_TRUE(is_refused(kGood.substr(0, length))) << length;
}

TEST(HttpAnswer, refuses_what_is_not_plain_http) {
    EXPECT_FALSE(is_refused(kGood));
    EXPECT_TRUE(is_refused("+PONG\r\n\r\n"));
    EXPECT_TRUE(is_refused("\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/2 200 OK\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/1.1 20 OK\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/1.1 2000 OK\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/1.1 999 OK\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/1.1 200 OK\r\n: empty\r\n\r\n"));
}

TEST(HttpAnswer, refuses_doubtful_lengths) {
    const std::string head = "HTTP/1.1 200 OK\r\n";
    EXPECT_TRUE(is_refused(head + "Content-Length: -1\r\n\r\n"));
    EXPECT_TRUE(is_refused(head + "Content-Length: 1x\r\n\r\na"));
    EXPECT_TRUE(is_refused(head + "Content-Length:\r\n\r\n"));
    EXPECT_TRUE(is_refused(head + "Content-Length: 99999999999999999999999\r\n\r\n"));
    EXPECT_TRUE(is_refused(head + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"));
    EXPECT_TRUE(is_refused(head + "Content-Length: 1\r\n\r\nab"));
    EXPECT_TRUE(is_refused(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
}

TEST(HttpAnswer, has_limits) {
    EXPECT_TRUE(is_refused("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"));
    EXPECT_TRUE(is_refused("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')));
    EXPECT_FALSE(is_refused("HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, 'x')));
    EXPECT_TRUE(is_refused("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x')));
    EXPECT_TRUE(is_refused("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"));
}

}  // namespace
}  // namespace latchkey::localapi
