// What is in the files that an installer was told of.

#include "service-install/told_contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/encoding.h"
#include "base/path_text.h"
#include "licensing/product_key.h"
#include "tests/unit/platform/temporary_directory.h"

namespace latchkey::service_install {
namespace {

using testing::HasSubstr;

std::string fine(std::string_view) { return {}; }

std::string key_of(licensing::KeyKind kind) {
    return licensing::ProductKey::make(kind, 7, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).text();
}

std::string part(std::string_view text) { return base64url(as_bytes(text)); }

std::string manifest(std::string_view typ, std::string_view payload) {
    return part(R"({"alg":"Ed25519","kid":"k","typ":")" + std::string(typ) + "\"}") + "." +
           part(payload) + "." + part("a signature");
}

class ToldContentsTest : public testing::Test {
protected:
    Result<std::string> read(std::string_view property, const std::string& content,
                             const CertificateJudge& judge = fine) {
        std::ofstream(directory_ / "file", std::ios::binary) << content;
        return read_from(property, utf8_text(directory_ / "file"), judge);
    }
    static Result<std::string> read_from(std::string_view property, const std::string& path,
                                         const CertificateJudge& judge = fine) {
        ToldFiles files;
        files.copies = {{property, path, "to", property == "KEY_FILE"}};
        if (auto done = read_copies(files, "editor", judge); !done)
            return fail(std::move(done.error()));
        return files.copies[0].content;
    }
    std::string why_not(std::string_view property, const std::string& content) {
        const auto taken = read(property, content);
        if (taken) return "taken";
        EXPECT_TRUE(taken.error().detail.starts_with(property)) << taken.error().detail;
        EXPECT_FALSE(taken.error().remedy.empty()) << taken.error().detail;
        return taken.error().detail;
    }

    const platform::TemporaryDirectory directory_;
};

TEST_F(ToldContentsTest, of_a_key_file_the_key_alone_is_taken_as_it_is_spelled) {
    const std::string key = key_of(licensing::KeyKind::product_key);
    EXPECT_EQ(read("KEY_FILE", key + "\r\nfor the second floor\r\n").value(), key + "\n");
}

TEST_F(ToldContentsTest, what_is_no_key_is_refused_and_not_repeated) {
    std::string slip = key_of(licensing::KeyKind::product_key);
    slip.back() = slip.back() == '7' ? '8' : '7';
    const auto why = why_not("KEY_FILE", slip);
    EXPECT_THAT(why, HasSubstr("KEY_FILE holds no product key in its first line"));
    EXPECT_EQ(why.find(slip.substr(0, 5)), std::string::npos) << why;
    EXPECT_THAT(why_not("KEY_FILE", "\n" + slip), HasSubstr("no product key"));
    EXPECT_THAT(why_not("KEY_FILE", ""), HasSubstr("no product key"));
    EXPECT_THAT(why_not("KEY_FILE",
                        "\xff\xfe"
                        "2\0"),
                HasSubstr("UTF-16"));
    EXPECT_THAT(why_not("KEY_FILE", key_of(licensing::KeyKind::token)), HasSubstr("a token"));
    EXPECT_THAT(why_not("KEY_FILE", std::string(5000, 'x')), HasSubstr("no file that can be read"));
}

TEST_F(ToldContentsTest, a_key_that_was_passed_for_its_file_is_not_repeated) {
    const auto read = read_from("KEY_FILE", "/roll out/1ABCD-EFGHJ-KMNPQ-RSTVW");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::input_unreadable);
    EXPECT_EQ((read.error().detail + read.error().remedy).find("EFGHJ"), std::string::npos);
}

TEST_F(ToldContentsTest, a_manifest_is_of_the_product_that_was_told) {
    const auto good = manifest("latchkey-manifest+jws", R"({"product":"editor","version":1})");
    EXPECT_EQ(read("MANIFEST_FILE", good + "\n").value(), good + "\n");
    EXPECT_THAT(
        why_not("MANIFEST_FILE", manifest("latchkey-manifest+jws", R"({"product":"other"})")),
        HasSubstr("is not the manifest of the PRODUCT"));
    EXPECT_THAT(
        why_not("MANIFEST_FILE", manifest("latchkey-license+jws", R"({"product":"editor"})")),
        HasSubstr("another signed document"));
}

TEST_F(ToldContentsTest, what_is_no_manifest_is_refused) {
    for (const std::string& bad : {std::string(), std::string("<html>"), std::string("a.b"),
                                   std::string("a.b.c"), std::string("..")})
        EXPECT_THAT(why_not("MANIFEST_FILE", bad), HasSubstr("MANIFEST_FILE holds no manifest"))
            << bad;
    EXPECT_THAT(why_not("MANIFEST_FILE", std::string(70'000, 'x')), HasSubstr("larger than 65536"));
    const auto good = manifest("latchkey-manifest+jws", R"({"product":"editor"})");
    EXPECT_THAT(why_not("MANIFEST_FILE", good.substr(0, good.rfind('.') + 1)),
                HasSubstr("damaged"));
}

TEST_F(ToldContentsTest, a_certificate_is_judged_by_whoever_can) {
    const auto judge = [](std::string_view pem) {
        return pem == "an authority" ? std::string() : std::string("holds no certificate");
    };
    EXPECT_EQ(read("CA_FILE", "an authority", judge).value(), "an authority");
    const auto bad = read("CA_FILE", "else", judge);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().detail, "CA_FILE holds no certificate");
    EXPECT_EQ(bad.error().code, Code::config_invalid);
}

TEST_F(ToldContentsTest, a_file_that_is_not_there_is_named) {
    const auto missing = read_from("CA_FILE", utf8_text(directory_ / "missing.pem"));
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().detail, HasSubstr("missing.pem does not exist"));
    EXPECT_THAT(missing.error().detail, testing::StartsWith("CA_FILE: "));
}

}  // namespace
}  // namespace latchkey::service_install
