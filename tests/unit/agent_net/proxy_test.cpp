#include "agent/net/proxy.h"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

const HostPort kServer{"keys.example.org", "8443"};

std::string chosen(std::string_view setting, const ProxyEnvironment& environment,
                   const HostPort& server = kServer) {
    const auto proxy = proxy_for(setting, server, environment);
    if (!proxy) return "error";
    return *proxy ? (*proxy)->text() : "direct";
}

TEST(Proxy, none_is_none_whatever_the_environment_says) {
    EXPECT_EQ(chosen("none", {"http://p:1", ""}), "direct");
}

TEST(Proxy, system_is_what_the_environment_says) {
    EXPECT_EQ(chosen("system", {}), "direct");
    EXPECT_EQ(chosen("system", {"http://p:8080", ""}), "p:8080");
    EXPECT_EQ(chosen("", {"p:8080/", ""}), "p:8080");
    EXPECT_EQ(chosen("system", {"http://p", ""}), "p:3128");
    EXPECT_EQ(chosen("system", {"http://user:secret@p:1", ""}), "error");
}

TEST(Proxy, no_proxy_names_hosts_domains_or_everything) {
    for (const std::string excluded :
         {"keys.example.org", "example.org", ".example.org", "a.b, example.org", "*"})
        EXPECT_EQ(chosen("system", {"http://p:1", excluded}), "direct") << excluded;
    for (const std::string other : {"ample.org", "keys.example.com", "", ",,"})
        EXPECT_EQ(chosen("system", {"http://p:1", other}), "p:1") << other;
}

TEST(Proxy, the_machines_own_serves_where_the_environment_names_none) {
    EXPECT_EQ(chosen("system", {"", "", "m:8080", ""}), "m:8080");
    EXPECT_EQ(chosen("system", {"http://p:1", "", "m:8080", ""}), "p:1");
    EXPECT_EQ(chosen("system", {"", "", "m:8080", "*.example.org"}), "direct");
    EXPECT_EQ(chosen("system", {"", "example.org", "m:8080", ""}), "direct");
    EXPECT_EQ(chosen("system", {"http://p:1", "", "m:8080", "*"}), "p:1")
        << "the machine's list is about the machine's proxy";
    EXPECT_EQ(chosen("none", {"", "", "m:8080", ""}), "direct");
}

TEST(Proxy, an_explicit_one_wins_over_no_proxy) {
    EXPECT_EQ(chosen("http://q:3", {"http://p:1", "*"}), "q:3");
}

TEST(Origin, is_scheme_host_and_port_and_nothing_else) {
    EXPECT_EQ(parse_origin("https://h", "https://", "443"), (HostPort{"h", "443"}));
    EXPECT_EQ(parse_origin("https://[::1]:8443/", "https://", "443"), (HostPort{"::1", "8443"}));
    EXPECT_EQ((HostPort{"::1", "8443"}).text(), "[::1]:8443");
    for (const std::string bad :
         {"http://h", "https://", "https://h:", "https://h:port", "https://h:123456",
          "https://h/path", "https://u@h", "https://[::1", "https://h?x", "https://h h"})
        EXPECT_FALSE(parse_origin(bad, "https://", "443")) << bad;
}

}  // namespace
}  // namespace latchkey::net
