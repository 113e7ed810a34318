// What the HTTP server rests on, without a network: who may hold how many connections, and how
// addresses and dates are written.

#include <gtest/gtest.h>

#include "keyserver/http/client_connections.h"
#include "keyserver/http/connection_limit.h"
#include "keyserver/http/http_server.h"
#include "keyserver/http/wire.h"
#include "keyserver/policy.h"

namespace latchkey::keyserver {
namespace {

namespace asio = boost::asio;

TEST(ClientConnections, are_counted_while_they_are_open) {
    ClientConnections clients(2);
    EXPECT_TRUE(clients.enter("a"));
    EXPECT_TRUE(clients.enter("a"));
    EXPECT_FALSE(clients.enter("a"));
    EXPECT_TRUE(clients.first_refusal("a"));
    EXPECT_FALSE(clients.enter("a"));
    EXPECT_FALSE(clients.first_refusal("a")) << "one line in the log is enough";
    EXPECT_TRUE(clients.enter("b"));
    clients.leave("a");
    EXPECT_TRUE(clients.enter("a"));
    for (const char* client : {"a", "a", "b"}) clients.leave(client);
    EXPECT_EQ(clients.clients(), 0u) << "nothing is kept of who is gone";
}

TEST(ClientConnections, know_a_client_by_its_address_or_network) {
    const auto client = [](const char* text) { return client_of(asio::ip::make_address(text)); };
    EXPECT_EQ(client("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(client("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(client("2001:db8::1"), client("2001:db8::ffff:1"));
    EXPECT_NE(client("2001:db8::1"), client("2001:db8:0:1::1"));
}

TEST(ConnectionLimit, is_what_the_open_files_leave_and_never_a_promise_beyond_them) {
    EXPECT_EQ(connections_within(1'000'000).value(), kMaxConnections);
    EXPECT_EQ(connections_within(kMaxConnections + kOtherFiles).value(), kMaxConnections);
    EXPECT_EQ(connections_within(1024).value(), 1024 - kOtherFiles);
    const auto few = connections_within(80);
    ASSERT_FALSE(few);
    EXPECT_EQ(few.error().code, Code::config_invalid);
    for (const std::size_t number : {std::size_t{80}, kOtherFiles + kFewestConnections})
        EXPECT_NE(few.error().detail.find(std::to_string(number)), std::string::npos);
    EXPECT_NE(few.error().remedy.find("ulimit -n"), std::string::npos);
}

TEST(HttpDate, is_written_as_other_programs_read_it) {
    const auto written = [](const char* time) { return http_date(parse_wall_time(time).value()); };
    EXPECT_EQ(written("1970-01-01T00:00:00Z"), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(written("1994-11-06T08:49:37Z"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(written("2028-02-29T23:59:59.999Z"), "Tue, 29 Feb 2028 23:59:59 GMT");
}

TEST(ListenAddress, is_read_strictly_and_written_back) {
    for (const char* good : {"127.0.0.1:8443", "[::1]:0", "localhost:65535"})
        EXPECT_EQ(to_text(parse_listen_address(good).value()), good);
    for (const char* bad :
         {"", "8443", ":8443", "::1:8443", "[::1]", "h:", "h:99999", "h:-1", "h:8443x", "[]:1"})
        EXPECT_FALSE(parse_listen_address(bad)) << bad;
}

}  // namespace
}  // namespace latchkey::keyserver
