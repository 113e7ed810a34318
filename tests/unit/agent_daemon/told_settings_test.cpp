// What the installer lets through the agent takes: it never starts into exit code 78 for something
// that the installer was told.

#include "service-install/told_settings.h"

#include <gtest/gtest.h>

#include "agent/daemon/config.h"

namespace latchkey::daemon {
namespace {

using service_install::files_of;
using service_install::Told;

service_install::Places places() {
    const auto root = std::filesystem::temp_directory_path().root_name().u8string();
    const std::string begin(root.begin(), root.end());
    return {begin + "/data", begin + "/data/inbox", '/'};
}

Told good() {
    Told told;
    told.product = "editor";
    told.key_file = "/roll out/editor.key";
    told.ca_file = "/roll out/ca.pem";
    return told;
}

void expect_one_mind(const Told& told, const std::string& value) {
    const auto files = files_of(told, places());
    if (!files) return;
    const auto config = parse_config({{"50-installer.toml", files->text}});
    EXPECT_TRUE(config) << value << ": " << (config ? "" : config.error().detail);
}

/// Values of every sort, of which each property takes a few.
const std::vector<std::string> kValues = {"https://keys.example.org:8443",
                                          "https://keys.example.org/",
                                          "https://keys.example.org/v1",
                                          "https://keys.example.org?a",
                                          "https://me:word@keys.example.org",
                                          "http://keys.example.org",
                                          "https://keys.example.org:0",
                                          "https://",
                                          "https://[::1]:1",
                                          "system",
                                          "none",
                                          "System",
                                          "http://proxy:3128",
                                          "http://me:word@proxy:3128",
                                          "http://proxy/",
                                          "proxy",
                                          "hold",
                                          "proceed",
                                          "Hold",
                                          "workstation",
                                          "lab",
                                          "Lab",
                                          "CH",
                                          "ch",
                                          "CHE",
                                          "Zürich; \"A\" \\ [x] {y} 100%PATH% 東京",
                                          "it's",
                                          "'''",
                                          "\"\"\"",
                                          "a\nb",
                                          "a\tb",
                                          std::string("a\0b", 3),
                                          "\x7f",
                                          "\\u0000",
                                          "#",
                                          "2ABCD-EFGHJ-KMNPQ-RSTVW-XYZ00",
                                          "2ABCDEFGHJKMNPQRSTVWXYZ00",
                                          "Green House North Tower Level",
                                          "abcde-fghij-klmno-pqrst-uvwxy",
                                          std::string(1024, 'x'),
                                          std::string(1025, 'x')};

TEST(ToldSettingsAndTheAgent, are_of_one_mind) {
    int taken = 0;
    for (const auto& property : service_install::told_properties())
        for (const auto& value : kValues) {
            if (property.name.ends_with("_FILE")) continue;
            Told told = good();
            told.*property.value = value;
            expect_one_mind(told, std::string(property.name) + "=" + value);
            taken += files_of(told, places()) ? 1 : 0;
        }
    EXPECT_GT(taken, 30) << "what is all refused shows nothing";
}

}  // namespace
}  // namespace latchkey::daemon
