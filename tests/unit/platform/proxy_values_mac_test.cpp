#include "platform/settings/proxy_values_mac.h"

#include <gtest/gtest.h>

#include "tests/unit/platform/fake_core_foundation.h"

namespace latchkey::platform {
namespace {

using Dictionary = FakeObject::Dictionary;
using List = FakeObject::List;

FakeObject text(std::string value) { return {std::move(value)}; }
FakeObject number(std::int64_t value) { return {value}; }

MachineProxy proxy(const Dictionary& set) {
    const FakeObject fake{set};
    return proxy_values(*core_foundation(), fake.get());
}

Dictionary one() {
    return {{"HTTPSEnable", number(1)},
            {"HTTPSProxy", text("proxy.example.org")},
            {"HTTPSPort", number(8080)}};
}

TEST(ProxyValuesMac, the_proxy_for_https_is_taken) {
    auto set = one();
    set["HTTPEnable"] = number(1);
    set["HTTPProxy"] = text("other.example.org");
    EXPECT_EQ(https_proxy_of(proxy(set).servers), "proxy.example.org:8080");
    EXPECT_EQ(proxy(set).bypass, "");
}

TEST(ProxyValuesMac, one_that_is_switched_off_or_not_there_is_none) {
    auto off = one();
    off["HTTPSEnable"] = number(0);
    EXPECT_EQ(proxy(off).servers, "");
    auto nameless = one();
    nameless.erase("HTTPSProxy");
    EXPECT_EQ(proxy(nameless).servers, "");
    EXPECT_EQ(proxy({{"ProxyAutoConfigEnable", number(1)}}).servers, "");
    EXPECT_EQ(proxy_values(*core_foundation(), nullptr).servers, "");
}

TEST(ProxyValuesMac, a_port_that_is_none_is_left_out) {
    auto set = one();
    set["HTTPSPort"] = number(70000);
    EXPECT_EQ(https_proxy_of(proxy(set).servers), "proxy.example.org:80");
    set["HTTPSPort"] = text("8080");
    EXPECT_EQ(https_proxy_of(proxy(set).servers), "proxy.example.org:80");
}

TEST(ProxyValuesMac, an_address_stands_in_brackets) {
    auto set = one();
    set["HTTPSProxy"] = text("2001:db8::1");
    EXPECT_EQ(https_proxy_of(proxy(set).servers), "[2001:db8::1]:8080");
}

TEST(ProxyValuesMac, exceptions_are_reached_without_it) {
    auto set = one();
    set["ExceptionsList"] = {List{text("*.example.org"), number(3), text("10.0.0.1")}};
    set["ExcludeSimpleHostnames"] = number(1);
    const auto found = proxy(set);
    EXPECT_EQ(found.bypass, "<local>;*.example.org;10.0.0.1");
    EXPECT_TRUE(is_bypassed(found.bypass, "keys.example.org", "443"));
    EXPECT_TRUE(is_bypassed(found.bypass, "keys", "443"));
    EXPECT_FALSE(is_bypassed(found.bypass, "keys.example.com", "443"));
}

}  // namespace
}  // namespace latchkey::platform
