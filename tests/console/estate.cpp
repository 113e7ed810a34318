#include "tests/console/estate.h"

#include <array>
#include <iomanip>
#include <memory>
#include <sstream>

namespace latchkey::keyserver {
namespace {

constexpr int kWeeks = 12;
/// Activations of the editor, a week each: a launch, then a steady trickle.
constexpr std::array kLaunch{1, 2, 6, 9, 7, 5, 4, 4, 3, 0, 2, 3};
static_assert(kLaunch.size() == kWeeks);

std::string padded(int number, int digits) {
    std::ostringstream out;
    out << std::hex << std::setw(digits) << std::setfill('0') << number;
    return out.str();
}

struct Sold {
    std::string entitlement;
    std::string key_id;
    std::string key;
};

Sold sell(TestServer& server, const admin::RawArguments& entitlement) {
    Sold sold;
    sold.entitlement = server.admin("entitlement", "add", entitlement).at("id").as_string();
    const auto key = server.admin("key", "issue", {{"entitlement", {sold.entitlement}}});
    sold.key_id = key.at("id").as_string();
    sold.key = key.at("key").as_string();
    return sold;
}

std::string machine_of(const TestDevice& device) { return device.receipt->machine; }

void expect_ok(const Told& told) { EXPECT_LT(told.status, 300) << json::to_text(told.body); }

/// One machine under one key whose disk image was copied: both renew in turns.
std::string add_clone(TestServer& server, const std::string& key, int number) {
    TestDevice device(server);
    const Hardware hardware = hardware_number(number);
    expect_ok(device.activate(key, hardware));
    const std::string machine = machine_of(device);
    for (const int held : {1, 1, 2, 3, 4}) {
        server.clock += Days{1};
        expect_ok(device.renew(hardware, held));
    }
    server.clock += hours{5};
    EXPECT_EQ(device.renew(hardware, 5).code, "suspected_clone");
    return machine;
}

/// Activated, reimaged twice without a count, then with another board.
std::string add_reimaged(TestServer& server, const std::string& key, int number) {
    std::string machine;
    const Hardware before = hardware_number(number);
    for (const auto& hardware : {before, before, before.with_other_board()}) {
        TestDevice device(server);
        device.country = "DE";
        expect_ok(device.activate(key, hardware));
        if (machine.empty()) machine = machine_of(device);
        server.clock += Days{2};
    }
    return machine;
}

}  // namespace

Hardware hardware_number(int number) {
    const std::string hex4 = padded(number, 4);
    return {"SN" + hex4 + "X", "4c4c4544-0044-5210-8038-b5c04f57" + hex4,
            "00:1b:21:3a:" + hex4.substr(0, 2) + ":" + hex4.substr(2),
            "00:15:17:ab:" + hex4.substr(0, 2) + ":" + hex4.substr(2), "S5GXNX0T12" + hex4};
}

Estate fill(TestServer& server) {
    server.admin("product", "add", {{"id", {"editor"}}, {"name", {"Contour Editor"}}});
    server.admin("organization", "add", {{"id", {"contoso"}}, {"name", {"Contoso Ltd"}}});
    server.admin("organization", "add", {{"id", {"fabrikam"}}, {"name", {"Fabrikam & Sons"}}});
    server.admin("entitlement", "cap",
                 {{"product", {"editor"}}, {"program", {"competency"}}, {"quantity", {"400"}}});
    const auto wall = server.clock.wall() + Days{7 * kWeeks};
    const auto date = [&](Days from_now) { return format_rfc3339(wall + from_now).substr(0, 10); };
    const auto of = [](std::string program, std::string organization, int quantity,
                       int activations) {
        return admin::RawArguments{{"product", {"editor"}},
                                   {"program", {std::move(program)}},
                                   {"organization", {std::move(organization)}},
                                   {"quantity", {std::to_string(quantity)}},
                                   {"activations", {std::to_string(activations)}}};
    };
    auto wish = of("ai-cloud", "contoso", 250, 100);
    wish["activate-by"] = {date(Days{200})};
    const Sold main = sell(server, wish);
    wish = of("action-pack", "fabrikam", 10, 10);
    wish["activate-by"] = {date(Days{20})};
    wish["country"] = {"DE"};
    const Sold small = sell(server, wish);
    const Sold full = sell(server, of("competency", "contoso", 25, 5));
    server.admin("entitlement", "add", of("ai-cloud", "fabrikam", 40, 40));

    Estate estate{main.entitlement, main.key_id, {}, {}, {}};
    int number = 1;
    const auto began = server.clock.wall();
    for (int week = 0; week < kWeeks; ++week) {
        for (int i = 0; i < kLaunch[static_cast<std::size_t>(week)]; ++i) {
            TestDevice device(server);
            device.platform = number % 3 == 0 ? "windows" : number % 7 == 0 ? "mac" : "linux";
            expect_ok(device.activate(main.key, hardware_number(number++)));
            estate.machine = machine_of(device);
            server.clock += hours{5};
        }
        if (week == 4) estate.reimaged = add_reimaged(server, small.key, number++);
        if (week == 6)
            for (int i = 0; i < 7; ++i) {
                TestDevice device(server);
                device.country = "DE";
                expect_ok(device.activate(small.key, hardware_number(number++)));
            }
        if (week == 7)
            for (int i = 0; i < 5; ++i)
                expect_ok(TestDevice(server).activate(full.key, hardware_number(number++)));
        if (week == 9) estate.cloned = add_clone(server, main.key, number++);
        if (week == 10) {
            TestDevice leaving(server);
            expect_ok(leaving.activate(main.key, hardware_number(number++)));
            expect_ok(leaving.release());
        }
        const auto end = began + Days{7 * (week + 1)};
        if (server.clock.wall() < end) server.clock += end - server.clock.wall();
    }
    return estate;
}

}  // namespace latchkey::keyserver
