#include "agent/daemon/unseen_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::daemon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

std::vector<std::string> told_of(const std::string& text) {
    const auto config = parse_config({{"agent.toml", text}});
    EXPECT_TRUE(config) << (config ? "" : config.error().detail);
    return config ? words_of_unseen(*config) : std::vector<std::string>{};
}

TEST(UnseenFiles, each_is_told_with_its_setting_and_what_to_do) {
    EXPECT_THAT(told_of(R"([keyserver]
ca_file = "/srv/ca.pem"
[publisher."contoso"]
ca_file = "/home/alice/ca.pem"
[paths]
products = "/tmp/products"
[[activate]]
product = "editor"
key_file = "/root/editor.key"
)"),
                UnorderedElementsAre(
                    AllOf(StartsWith("agent.toml:2: "),
                          HasSubstr("/srv/ca.pem: The service does "
                                    "not see /srv,"),
                          HasSubstr("/etc/latchkey")),
                    HasSubstr("not see /home,"), HasSubstr("not see /tmp,"),
                    AllOf(HasSubstr("key_file: /root/editor.key"), HasSubstr("the inbox"))));
}

TEST(UnseenFiles, what_the_service_sees_is_not_told) {
    EXPECT_THAT(told_of(""), IsEmpty());
    EXPECT_THAT(told_of(R"([keyserver]
ca_file = "/usr/local/share/ca-certificates/contoso.crt"
[organization]
location = "/home"
[[activate]]
product = "editor"
key_file = "editor.key"
)"),
                IsEmpty());
}

}  // namespace
}  // namespace latchkey::daemon
