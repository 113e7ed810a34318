#include "platform/settings/machine_proxy.h"

#include <gtest/gtest.h>

namespace latchkey::platform {
namespace {

TEST(MachineProxy, https_goes_through_its_own_or_the_one_for_all) {
    EXPECT_EQ(https_proxy_of("proxy.example.org:8080"), "proxy.example.org:8080");
    EXPECT_EQ(https_proxy_of("http=a:80;https=b:8080"), "b:8080");
    EXPECT_EQ(https_proxy_of("HTTP=a:80 HTTPS=b:8080"), "b:8080");
    EXPECT_EQ(https_proxy_of("https=http://b:8080/"), "b:8080");
    EXPECT_EQ(https_proxy_of("c:1;https=b:2"), "b:2");
    EXPECT_EQ(https_proxy_of("c:1;d:2"), "c:1");
    EXPECT_EQ(https_proxy_of("[2001:db8::1]:8080"), "[2001:db8::1]:8080");
}

TEST(MachineProxy, without_a_port_it_is_80) {
    EXPECT_EQ(https_proxy_of("proxy"), "proxy:80");
    EXPECT_EQ(https_proxy_of("[2001:db8::1]"), "[2001:db8::1]:80");
}

TEST(MachineProxy, another_schemes_is_none_of_ours) {
    for (const char* none : {"", ";;  ;", "http=a:80;ftp=c:21", "socks=s:1080", "https="})
        EXPECT_EQ(https_proxy_of(none), "") << none;
}

TEST(MachineProxy, the_bypass_list_names_hosts_by_pattern) {
    for (const char* list :
         {"keys.example.org", "*.example.org", "KEYS.*", "*", "a;keys.example.org", "a b *.org",
          "https://keys.example.org", "keys.example.org:8443", "*.example.org:8443", "k*y*.org"})
        EXPECT_TRUE(is_bypassed(list, "keys.example.org", "8443")) << list;
    for (const char* list : {"", ";", "example.org", "*.example.com", "<local>",
                             "http://keys.example.org", "keys.example.org:443", "keys", ":8443"})
        EXPECT_FALSE(is_bypassed(list, "keys.example.org", "8443")) << list;
}

TEST(MachineProxy, local_is_a_name_without_a_dot) {
    EXPECT_TRUE(is_bypassed("<local>", "keys", "443"));
    EXPECT_TRUE(is_bypassed("a;<LOCAL>", "keys", "443"));
    EXPECT_FALSE(is_bypassed("<local>", "::1", "443"));
    EXPECT_TRUE(is_bypassed("[::1]", "::1", "443"));
    EXPECT_TRUE(is_bypassed("192.168.*", "192.168.0.1", "443"));
}

TEST(MachineProxy, many_stars_take_no_time) {
    std::string stars;
    for (int i = 0; i < 2000; ++i) stars += "*a";
    EXPECT_FALSE(is_bypassed(stars + "b", std::string(255, 'a'), "443"));
}

TEST(MachineProxy, asking_the_system_is_harmless) {
    const auto proxy = machine_proxy();
    EXPECT_TRUE(!proxy.servers.empty() || proxy.bypass.empty());
}

}  // namespace
}  // namespace latchkey::platform
