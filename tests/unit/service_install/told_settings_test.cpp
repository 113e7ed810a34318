// What the properties of the Windows installer become.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service-install/told_settings.h"

namespace latchkey::service_install {
namespace {

using testing::HasSubstr;

const Places kPlaces{R"(C:\ProgramData\Latchkey)", R"(C:\ProgramData\Latchkey\inbox)"};

Told everything() {
    return {"https://keys.example.org:8443",
            R"(D:\roll out\ca.pem)",
            R"(D:\roll out\editor.jws)",
            "editor",
            R"(D:\roll out\editor.key)",
            "proceed",
            "workstation",
            "http://proxy:3128",
            "contoso",
            "Zürich, Haus \"A\" [2]",
            "CH"};
}

TEST(ToldSettings, all_of_them_become_a_file_and_three_copies) {
    const auto files = files_of(everything(), kPlaces);
    ASSERT_TRUE(files);
    EXPECT_EQ(files->path, R"(C:\ProgramData\Latchkey\agent.d\50-installer.toml)");
    EXPECT_EQ(files->text, std::string(told_heading()) + R"(

[agent]
role = "workstation"

[keyserver]
url = "https://keys.example.org:8443"
ca_file = "C:\\ProgramData\\Latchkey\\keyserver-ca.pem"
proxy = "http://proxy:3128"

[organization]
id = "contoso"
location = "Zürich, Haus \"A\" [2]"
country = "CH"

[[activate]]
product = "editor"
key_file = "editor.key"
consume = true
when_counted = "proceed"
)");
    ASSERT_EQ(files->copies.size(), 3u);
    EXPECT_EQ(files->copies[0].to, R"(C:\ProgramData\Latchkey\keyserver-ca.pem)");
    EXPECT_EQ(files->copies[1].to, R"(C:\ProgramData\Latchkey\products.d\editor.jws)");
    EXPECT_EQ(files->copies[2].to, R"(C:\ProgramData\Latchkey\inbox\editor.key)");
    EXPECT_FALSE(files->copies[0].secret);
    EXPECT_TRUE(files->copies[2].secret);
}

TEST(ToldSettings, nothing_told_writes_nothing) {
    const auto files = files_of({}, kPlaces);
    ASSERT_TRUE(files);
    EXPECT_TRUE(files->text.empty());
    EXPECT_TRUE(files->copies.empty());
}

TEST(ToldSettings, a_manifest_alone_needs_no_file_of_settings) {
    Told told;
    told.product = "editor";
    told.manifest_file = R"(D:\editor.jws)";
    const auto files = files_of(told, kPlaces);
    ASSERT_TRUE(files);
    EXPECT_TRUE(files->text.empty());
    EXPECT_EQ(files->copies.size(), 1u);
}

TEST(ToldSettings, what_means_nothing_alone_was_meant_otherwise_and_is_refused) {
    Told told;
    told.product = "editor";
    ASSERT_FALSE(files_of(told, kPlaces));
    EXPECT_THAT(files_of(told, kPlaces).error().detail,
                HasSubstr("PRODUCT says nothing without a KEY_FILE or MANIFEST_FILE"));
    told.manifest_file = R"(D:\editor.jws)";
    EXPECT_TRUE(files_of(told, kPlaces));
    told.when_counted = "proceed";
    ASSERT_FALSE(files_of(told, kPlaces));
    EXPECT_THAT(files_of(told, kPlaces).error().detail,
                HasSubstr("WHEN_COUNTED says nothing without a KEY_FILE"));
}

TEST(ToldSettings, a_password_in_a_proxy_is_not_repeated) {
    Told told = everything();
    told.proxy = "http://me:secret@proxy:3128";
    const auto files = files_of(told, kPlaces);
    ASSERT_FALSE(files);
    EXPECT_EQ((files.error().detail + files.error().remedy).find("secret"), std::string::npos);
}

struct Wrong {
    std::string Told::*property;
    std::string value;
    std::string said;
};

class ToldWrong : public testing::TestWithParam<Wrong> {};

TEST_P(ToldWrong, is_refused_by_name) {
    Told told = everything();
    told.*GetParam().property = GetParam().value;
    const auto files = files_of(told, kPlaces);
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().code, Code::config_invalid);
    EXPECT_THAT(files.error().detail, HasSubstr(GetParam().said));
    EXPECT_FALSE(files.error().remedy.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Properties, ToldWrong,
    testing::Values(
        Wrong{&Told::keyserver_url, "http://keys.example.org", "KEYSERVER_URL must be https://"},
        Wrong{&Told::keyserver_url, "https://keys.example.org/v1", "KEYSERVER_URL must be"},
        Wrong{&Told::keyserver_url, "https://keys.example.org?a=b", "KEYSERVER_URL must be"},
        Wrong{&Told::keyserver_url, "https://me:word@keys.example.org", "KEYSERVER_URL must be"},
        Wrong{&Told::keyserver_url, "https://keys.example.org:0", "KEYSERVER_URL must be"},
        Wrong{&Told::keyserver_url, "https://", "KEYSERVER_URL must be"},
        Wrong{&Told::proxy, "System", "PROXY must be"},
        Wrong{&Told::proxy, "proxy:3128", "PROXY must be"},
        Wrong{&Told::proxy, "https://proxy:3128", "PROXY must be"},
        Wrong{&Told::proxy, "http://me:word@proxy:3128", "PROXY must be"},
        Wrong{&Told::location, "Green House North Tower Level", "LOCATION holds a product key"},
        Wrong{&Told::ca_file, std::string(10'000, 'x'), "CA_FILE has 10000 bytes"},
        Wrong{&Told::organization, "contoso\n[agent]\nrole = \"lab\"", "ORGANIZATION holds a line"},
        Wrong{&Told::organization, std::string("a\0b", 3), "ORGANIZATION holds"},
        Wrong{&Told::product, R"(..\..\evil)", "PRODUCT is no product id"},
        Wrong{&Told::product, "..", "PRODUCT is no product id"},
        Wrong{&Told::product, "", "PRODUCT is missing"},
        Wrong{&Told::product, "Editor", "PRODUCT is no product id"},
        Wrong{&Told::role, "Workstation", "ROLE is none of workstation, lab"},
        Wrong{&Told::when_counted, "yes", "WHEN_COUNTED is none of hold, proceed"},
        Wrong{&Told::ca_file, "ca.pem", "CA_FILE is no full path"},
        Wrong{&Told::manifest_file, R"(C:editor.jws)", "MANIFEST_FILE is no full path"},
        Wrong{&Told::key_file, "1ABCD-EFGHJ-KMNPQ-RSTVW-XYZ00", "KEY_FILE holds a product"},
        Wrong{&Told::key_file, "ABCDE-EFGHJ-KMNPQ-RSTVW-XYZAB", "KEY_FILE holds a product"},
        Wrong{&Told::location, "1abcdefghjkmnpqrstvwxyz00", "LOCATION holds a product"},
        Wrong{&Told::country, "Schweiz", "COUNTRY"}, Wrong{&Told::country, "ch", "COUNTRY"}));

TEST(ToldSettings, what_is_refused_as_a_key_is_not_repeated) {
    Told told = everything();
    told.key_file = "1ABCD EFGHJ KMNPQ RSTVW XYZ00";
    const auto files = files_of(told, kPlaces);
    ASSERT_FALSE(files);
    EXPECT_EQ((files.error().detail + files.error().remedy).find("EFGHJ"), std::string::npos);
}

TEST(ToldSettings, a_place_is_no_key) {
    Told told = everything();
    for (const char* place :
         {"Green House, North Tower, Level", "Haus 4, Raum 2", "abcdefghijklmnopqrstuvwxy"}) {
        told.location = place;
        EXPECT_TRUE(files_of(told, kPlaces)) << place;
    }
}

}  // namespace
}  // namespace latchkey::service_install
