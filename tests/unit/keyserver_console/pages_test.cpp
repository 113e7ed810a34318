// What the pages tell, of a key server with a past, of an empty one, and of one with hostile names.

#include <algorithm>

#include "tests/unit/keyserver_console/console_fixture.h"

namespace latchkey::keyserver::console {
namespace {

class ConsolePages : public ConsoleTest {
protected:
    std::string body(std::string target) {
        if (cookie.empty()) sign_in();
        const auto response = get(target);
        EXPECT_EQ(response.status, 200) << target << "\n" << response.body;
        return response.body;
    }
    static void expect_all(const std::string& page, std::initializer_list<std::string_view> words) {
        for (const auto each : words)
            EXPECT_NE(page.find(each), std::string::npos) << each << "\n" << page;
    }
};

TEST_F(ConsolePages, an_empty_key_server_says_what_to_do) {
    expect_all(body("/"), {"There are no entitlements yet.", "admin entitlement add",
                           "No clones are suspected.", "0 activations counted in 12 weeks"});
    expect_all(body("/machines"), {"There are no machines yet.", "latchkey activate"});
    expect_all(body("/receipts"), {"There are no such receipts yet."});
    expect_all(body("/clones"), {"No clones are suspected.", "nothing to do"});
}

TEST_F(ConsolePages, K9_the_overview_shows_benefit_program_quantity_activate_by_used_and_left) {
    fill(server);
    expect_all(body("/"), {"Contour Editor", "ai-cloud", "Contoso Ltd", ">250<",
                           "48 used, 52 left of 100", "class=\"some\" width=\"48\"",
                           "9 used, 1 left of 10", "class=\"most\" width=\"90\"", "soon",
                           "5 used, 0 left of 5", "class=\"all\" width=\"100\"", "no keys yet",
                           "61 activations counted in 12 weeks, at most 13 in one"});
}

TEST_F(ConsolePages, entitlements_of_one_product_are_told_apart_by_where_and_what_for) {
    server.sell("competency", 3);
    server.sell("competency", 3, {{"country", {"DE"}}, {"purpose", {"training"}}});
    server.admin("location", "add",
                 {{"id", {"lyon"}},
                  {"organization", {"contoso"}},
                  {"country", {"FR"}},
                  {"competency", {"gold"}}});
    const auto toolkit = server.admin("entitlement", "toolkit",
                                      {{"product", {"editor"}},
                                       {"program", {"competency"}},
                                       {"organization", {"contoso"}},
                                       {"location", {"lyon"}},
                                       {"quantity", {"1"}},
                                       {"activations", {"1"}}});
    expect_all(body("/"), {">For<", ">any country<", ">DE, training<", ">FR, toolkit of lyon<"});
    expect_all(body("/entitlements/" + std::string(toolkit.at("id").as_string())),
               {"<dt>Toolkit of</dt><dd>lyon</dd>"});
}

TEST_F(ConsolePages, the_overview_leads_to_what_wants_to_be_looked_at) {
    const Estate estate = fill(server);
    expect_all(body("/"), {"/machines/" + estate.cloned + "/resolve", "root.key",
                           "/entitlements/" + estate.entitlement});
    expect_all(body("/clones"), {estate.cloned, "lease 6", "lease 5"});
}

TEST_F(ConsolePages, the_end_of_the_signing_key_is_told_before_it_comes) {
    server.clock += Days{375};
    expect_all(body("/"), {"The signing key or the key set ends on"});
}

TEST_F(ConsolePages, an_entitlement_shows_its_keys_by_their_last_five_alone) {
    const std::string key = server.sell("ai-cloud", 3);
    ASSERT_EQ(TestDevice(server).activate(key, {}).status, 201);
    const auto listed = server.admin("entitlement", "list", {}).at("entitlements").as_array();
    const std::string page = body("/entitlements/" + std::string(listed[0].at("id").as_string()));
    expect_all(page,
               {"1 used, 2 left of 3", "…-" + key.substr(24), "usable", "Machines seen last",
                "Activated: counted 1", "counts new machines and significant hardware changes"});
    EXPECT_EQ(page.find(key.substr(0, 5)), std::string::npos);
}

TEST_F(ConsolePages, a_machine_shows_each_decision_with_its_reasons) {
    const Estate estate = fill(server);
    const std::string page = body("/machines/" + estate.reimaged);
    expect_all(page, {"Activated: counted 1", "Activated: not counted",
                      "The first activation on this machine: counted.",
                      "Same machine, no hardware change: not counted.",
                      "recognised by its hardware", "1 used before, 2 after, of 10"});
    EXPECT_LT(page.find("Changed significantly"), page.find("No hardware changed"))
        << "the newest first";
}

TEST_F(ConsolePages, a_receipt_shows_what_was_compared_and_the_signed_document) {
    const Estate estate = fill(server);
    const auto receipts = server.admin("receipt", "list", {{"machine", {estate.reimaged}}});
    const auto& newest = receipts.at("receipts").as_array().back();
    const std::string page = body("/receipts/" + std::string(newest.at("id").as_string()));
    expect_all(page, {"What was compared", "changed", "Why",
                      std::string_view(newest.at("receipt").as_string())});
}

TEST_F(ConsolePages, receipts_are_narrowed_to_a_kind_a_key_or_a_machine) {
    const Estate estate = fill(server);
    const std::string releases = body("/receipts?kind=release");
    expect_all(releases, {"Released by its machine", "aria-current=\"true\">Releases"});
    EXPECT_EQ(releases.find("Activated:"), std::string::npos);
    expect_all(body("/receipts?machine=" + estate.reimaged), {"Of the machine", "not counted"});
    expect_all(body("/receipts?key=" + estate.key), {"Of one product key alone"});
}

TEST_F(ConsolePages, lists_go_on_where_they_stopped_and_lose_nothing) {
    fill(server);
    std::size_t machines = 0, pages = 0;
    std::string target = "/machines";
    for (; !target.empty(); ++pages) {
        const std::string page = body(target);
        for (auto at = page.find("rowheader"); at != std::string::npos;
             at = page.find("rowheader", at + 1))
            ++machines;
        const auto further = page.find("/machines?after=");
        target = further == std::string::npos
                     ? ""
                     : page.substr(further, page.find('"', further) - further);
        ASSERT_LT(pages, 10u);
    }
    EXPECT_EQ(pages, 3u);
    EXPECT_EQ(machines, server.admin("machine", "list", {}).at("machines").as_array().size());
}

TEST_F(ConsolePages, hostile_names_stay_text) {
    const std::string hostile = "<script>alert(1)</script>\" onload='x' \xE2\x80\xAE";
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {hostile}}});
    server.admin("organization", "add", {{"id", {"contoso"}}, {"name", {hostile}}});
    const std::string key = server.sell("ai-cloud", 3);
    TestDevice device(server);
    device.organization = "contoso";
    ASSERT_EQ(device.activate(key, {}).status, 201);
    const auto listed = server.admin("entitlement", "list", {}).at("entitlements").as_array();
    for (const auto& target :
         {std::string("/"), "/entitlements/" + std::string(listed[0].at("id").as_string()),
          "/machines/" + device.receipt->machine}) {
        const std::string page = body(target);
        expect_all(page, {"&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;"});
        EXPECT_EQ(page.find("<script"), std::string::npos) << target;
        EXPECT_EQ(page.find("\xE2\x80\xAE"), std::string::npos) << target;
    }
    cookie.clear();
    sign_in();
    const auto missing = get("/machines/%3Cscript%3Ealert(1)%3C%2fscript%3E");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.body.find("<script"), std::string::npos);
}

TEST_F(ConsolePages, no_page_needs_a_script_or_a_style_of_its_own) {
    const Estate estate = fill(server);
    for (const auto& target :
         {std::string("/"), std::string("/machines"), std::string("/receipts"),
          std::string("/clones"), "/machines/" + estate.cloned,
          "/machines/" + estate.cloned + "/resolve", "/entitlements/" + estate.entitlement}) {
        const std::string page = body(target);
        for (const char* never : {"<script", " style=", "<style", " onclick", "javascript:"})
            EXPECT_EQ(page.find(never), std::string::npos) << target << " " << never;
        EXPECT_EQ(std::count(page.begin(), page.end(), '<'),
                  std::count(page.begin(), page.end(), '>'))
            << target;
    }
}

TEST_F(ConsolePages, a_blocked_key_is_shown_as_one) {
    const Estate estate = fill(server);
    server.admin("key", "block", {{"id", {estate.key}}});
    expect_all(body("/entitlements/" + estate.entitlement), {"blocked"});
}

TEST_F(ConsolePages, the_trend_is_asked_for_once_a_minute_at_most) {
    expect_all(body("/"), {"0 activations counted in 12 weeks"});
    const std::string key = server.sell("ai-cloud", 3);
    ASSERT_EQ(TestDevice(server).activate(key, {}).status, 201);
    expect_all(body("/"), {"0 activations counted in 12 weeks"});
    server.clock += minutes{1};
    expect_all(body("/"), {"1 activation counted in 12 weeks"});
}

TEST_F(ConsolePages, the_trend_counts_no_activation_that_an_administrator_gave_back) {
    const std::string key = server.sell("ai-cloud", 5);
    TestDevice early(server), late(server);
    ASSERT_EQ(early.activate(key, {}).status, 201);
    server.clock += Days{14};
    ASSERT_EQ(late.activate(key, Hardware::another()).status, 201);
    expect_all(body("/"), {"2 activations counted in 12 weeks, at most 1 in one"});
    server.admin("activation", "return", {{"id", {early.receipt->id}}, {"reason", {"an error"}}});
    server.clock += minutes{1};
    expect_all(body("/"), {"1 activation counted in 12 weeks",
                           "but not those that an administrator gave back"});
    server.clock += Days{75};
    cookie.clear();
    expect_all(body("/"), {"1 activation counted in 12 weeks"});
}

TEST_F(ConsolePages, the_trend_goes_on_counting_what_a_lease_gives_back_when_it_ends) {
    server.admin("program", "add",
                 {{"id", {"floating"}}, {"rule", {"any-change"}}, {"returnable", {}}});
    TestDevice device(server);
    ASSERT_EQ(device.activate(server.sell("floating", 5), {}).status, 201);
    ASSERT_EQ(device.release().status, 200);
    expect_all(body("/"), {"1 activation counted in 12 weeks"});
}

TEST_F(ConsolePages, a_receipt_shows_no_verdict_where_nobody_looked_at_hardware) {
    const std::string key = server.sell("ai-cloud", 5);
    TestDevice device(server);
    ASSERT_EQ(device.activate(key, {}).status, 201);
    const auto given = server.admin("activation", "return",
                                    {{"id", {device.receipt->id}}, {"reason", {"an error"}}});
    const auto entitlement = server.admin("entitlement", "list", {}).at("entitlements").at(0);
    const auto token =
        server.admin("token", "issue",
                     {{"entitlement", {std::string(entitlement.at("id").as_string())}},
                      {"service", {"Cloud"}},
                      {"year-ends", {"2037-01-01"}}});
    ASSERT_EQ(device.redeem(std::string(token.at("token").as_string())).status, 201);
    for (const char* kind : {"returned", "redemption"}) {
        const std::string page = body("/receipts?kind=" + std::string(kind));
        expect_all(page, {">not looked at<"});
        for (const char* never : {"too little evidence", "a new machine"})
            EXPECT_EQ(page.find(never), std::string::npos) << kind << never;
    }
    expect_all(body("/receipts/" + std::string(given.at("id").as_string())),
               {"Not looked at: an administrator decided."});
    const auto redeemed = server.admin("receipt", "list", {}).at("receipts").as_array().back();
    expect_all(body("/receipts/" + std::string(redeemed.at("id").as_string())),
               {"Not looked at: a token goes by no hardware."});
}

/// Nothing can be read.
class BrokenStore final : public Store {
public:
    Result<std::unique_ptr<Transaction>> begin(Access) override {
        return fail(Code::storage_failed, "secret detail of the database");
    }
};

TEST_F(ConsolePages, a_database_that_does_not_answer_is_a_page_that_says_to_wait) {
    BrokenStore broken;
    Console out_of_order(broken, server.keys(), server.clock, server.office(), server.directory(),
                         [](const std::function<void()>& work) { work(); });
    HttpRequest form = request("POST", "/sign-in");
    form.body = encode_fields({{"password", std::string(kPassword)}});
    const auto in = out_of_order.answer(form);
    ASSERT_EQ(in.status, 303) << "signing in needs no database";
    cookie = header_of(in, "Set-Cookie");
    cookie = cookie.substr(0, cookie.find(';'));
    for (const char* target : {"/", "/machines", "/receipts", "/clones"}) {
        const auto response = out_of_order.answer(request("GET", target));
        EXPECT_EQ(response.status, 503) << target;
        EXPECT_TRUE(response.retry_after_s) << target;
        EXPECT_NE(response.body.find("Try again in a moment."), std::string::npos);
        EXPECT_EQ(response.body.find("secret detail"), std::string::npos) << "it is our log's";
    }
}

}  // namespace
}  // namespace latchkey::keyserver::console
