// What is shipped: how it is linked, and what installing it would do.

#include "tests/e2e/schema.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

TEST(Binaries, the_cli_is_static_and_holds_no_openssl_or_sqlite) {
    const auto cli = program("latchkey");
    const auto headers = run({{"readelf", "--program-headers", cli}, {}, {}});
    ASSERT_EQ(headers.exit_code, 0) << headers.err;
    EXPECT_EQ(headers.out.find("INTERP"), std::string::npos) << "it needs a dynamic linker";
    const auto symbols = run({{"nm", "-C", cli}, {}, {}});
    ASSERT_EQ(symbols.exit_code, 0) << symbols.err;
    for (const auto* foreign : {"SSL_CTX_new", "EVP_DigestInit", "sqlite3_open"})
        EXPECT_EQ(symbols.out.find(foreign), std::string::npos) << foreign;
    EXPECT_NE(symbols.out.find("latchkey::"), std::string::npos) << "nm saw no symbols at all";
}

TEST(Binaries, every_program_says_its_version) {
    for (const auto* name : {"latchkey", "latchkeyd", "latchkey-keyserver", "latchkey-service"}) {
        const auto done = run({{program(name), "--version"}, {}, {}});
        EXPECT_EQ(done.exit_code, 0) << name << done.err;
        EXPECT_THAT(done.out,
                    testing::MatchesRegex(std::string(name) + " [0-9]+[.][0-9]+[.][0-9]+\n"));
    }
}

TEST(Binaries, a_dry_run_of_installing_names_every_step_and_does_none) {
    for (const auto* verb : {"install", "uninstall"}) {
        const auto done = run({{program("latchkey-service"), verb, "--dry-run"}, {}, {}});
        EXPECT_EQ(done.exit_code, 0) << done.err;
        EXPECT_NE(done.out.find("latchkeyd.service"), std::string::npos) << done.out;
        EXPECT_NE(done.out.find(" 1. "), std::string::npos) << done.out;
    }
    EXPECT_FALSE(fs::exists("/etc/systemd/system/latchkeyd.service"));
}

TEST(Binaries, wrong_use_is_exit_64_with_an_error_document) {
    const auto done =
        run({{program("latchkey"), "activate", "--no-such-option", "--json"}, {}, {}});
    EXPECT_EQ(done.exit_code, 64) << done.out << done.err;
    expect_problem(parse_json(done.out), "usage");
}

TEST(Binaries, unreadable_snapshots_are_exit_65_with_an_error_document) {
    const World world;
    const auto bad = world.write("bad.json", R"({"schema": "latchkey.hwid.snapshot/1", "os": )");
    const auto doubled = world.write(
        "doubled.json",
        R"({"schema":"latchkey.hwid.snapshot/1","os":"linux","os":"mac","components":[]})");
    for (const auto& file : {bad, doubled, world.path("absent.json")}) {
        const auto done =
            run({{program("latchkey"), "hwid", "compare", file, file, "--json"}, {}, {}});
        EXPECT_EQ(done.exit_code, 65) << file << done.out << done.err;
        expect_problem(parse_json(done.out), "input_unreadable");
    }
}

TEST(Binaries, what_standard_output_does_not_take_is_an_error) {
    const World world;
    const KeyServer server(world, "contoso");
    server.add_product("editor", "Contoso Editor");
    const auto entitlement = server.add_entitlement("editor", "ai-cloud", 3);
    const auto into_the_full = [&](Words words) {
        return run(
            {Words{"sh", "-c", "exec \"$0\" \"$@\" > /dev/full"} + std::move(words), {}, {}});
    };
    for (const Words& json : {Words{}, Words{"--json"}}) {
        const auto lost = into_the_full(Words{program("latchkey-keyserver"), "admin", "--data",
                                              server.data().string(), "key", "issue",
                                              "--entitlement", entitlement} +
                                        json);
        EXPECT_EQ(lost.exit_code, 1);
        EXPECT_NE(lost.err.find("key block key_"), std::string::npos) << lost.err;
    }
    const Words to_export{program("latchkey-keyserver"),
                          "admin",
                          "--data",
                          server.data().string(),
                          "product",
                          "export",
                          "editor"};
    EXPECT_EQ(into_the_full(to_export).exit_code, 1);
    const auto nowhere =
        run({to_export + Words{"-o", world.path("absent/editor.jws").string()}, {}, {}});
    EXPECT_EQ(nowhere.exit_code, 1);
    EXPECT_NE(nowhere.err.find("-o"), std::string::npos) << nowhere.err;
    EXPECT_EQ(number_at(server.admin({"product", "export", "editor"}), "manifest_version"), 1);
    EXPECT_EQ(into_the_full({program("latchkey-keyserver"), "--help"}).exit_code, 1);
    EXPECT_EQ(into_the_full({program("latchkey"), "--help"}).exit_code, 1);
}

}  // namespace
}  // namespace latchkey::e2e
