// What a setting's text must be like, whoever brings it.

#include "base/setting_text.h"

#include <gtest/gtest.h>

namespace latchkey::setting_text {
namespace {

TEST(SettingText, a_key_server_is_an_origin_and_nothing_more) {
    for (const char* good : {"https://k", "https://keys.example.org", "https://keys.example.org/",
                             "https://keys.example.org:8443", "https://[fd00::1]:8443"})
        EXPECT_TRUE(is_key_server(good)) << good;
    for (const char* bad : {"", "https://", "http://k", "https://k/path", "https://k?q",
                            "https://k#f", "https://me@k", "https://:8443", "https://k:0",
                            "https://k:65536", "https://k:x", "HTTPS://k", "https://k k"})
        EXPECT_FALSE(is_key_server(bad)) << bad;
}

TEST(SettingText, a_proxy_is_the_systems_none_or_an_origin) {
    for (const char* good : {"system", "none", "http://proxy", "http://proxy:3128"})
        EXPECT_TRUE(is_proxy(good)) << good;
    for (const char* bad : {"", "System", "proxy:3128", "https://proxy", "http://me:word@proxy",
                            "http://proxy/x", "socks://proxy"})
        EXPECT_FALSE(is_proxy(bad)) << bad;
}

TEST(SettingText, a_country_has_two_capital_letters) {
    EXPECT_TRUE(is_country("CH"));
    for (const char* bad : {"", "ch", "C", "CHE", "C1"}) EXPECT_FALSE(is_country(bad)) << bad;
}

TEST(SettingText, any_text_is_bounded_printable_and_no_key) {
    EXPECT_EQ(wrong_with("Zürich, Haus \"A\""), "");
    EXPECT_EQ(wrong_with(std::string(kMaxBytes, 'x')), "");
    for (const std::string& bad :
         {std::string(), std::string(kMaxBytes + 1, 'x'), std::string("a\nb"), std::string("a\x7f"),
          std::string("2ABCD-EFGHJ-KMNPQ-RSTVW-XYZ00"),
          std::string("2abcd efghj kmnpq rstvw xyz00")})
        EXPECT_NE(wrong_with(bad), "") << bad;
}

}  // namespace
}  // namespace latchkey::setting_text
