#pragma once

// A browser without a network: it keeps the cookie and says where its forms come from.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "keyserver/console/console.h"
#include "tests/console/estate.h"

namespace latchkey::keyserver::console {

inline constexpr std::string_view kPassword = "correct horse battery";

inline std::string header_of(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

class ConsoleTest : public ::testing::Test {
protected:
    ConsoleTest()
        : console(server.store(), server.keys(), server.clock, server.office(), server.directory(),
                  [](const std::function<void()>& work) { work(); }) {
        set_password(kPassword);
    }

    void set_password(std::string_view password) {
        ASSERT_TRUE(write_credential(
            server.directory(),
            make_credential(password, as_server(server.clock.wall()), DigestCost{16, 8, 1})));
    }

    HttpResponse send(const HttpRequest& request) {
        if (auto quick = console.quick(request)) return *quick;
        return console.answer(request);
    }
    HttpRequest request(std::string method, std::string target) const {
        HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.peer = "127.0.0.1";
        request.host = "127.0.0.1:8444";
        request.fetch_site = "same-origin";
        request.content_type = "application/x-www-form-urlencoded";
        if (!cookie.empty()) request.cookie = cookie;
        return request;
    }
    HttpResponse get(std::string target) { return send(request("GET", std::move(target))); }
    /// As a form of ours, which brings the session's token.
    HttpResponse post(std::string target, Fields fields = {}) {
        fields.emplace("form_token", form_token());
        HttpRequest form = request("POST", std::move(target));
        form.body = encode_fields(fields);
        return send(form);
    }
    HttpResponse try_to_sign_in(std::string_view password, const std::string& next = {}) {
        HttpRequest form = request("POST", "/sign-in");
        form.body = encode_fields({{"password", std::string(password)}, {"next", next}});
        return send(form);
    }
    void sign_in() {
        const auto response = try_to_sign_in(kPassword);
        ASSERT_EQ(response.status, 303);
        cookie = header_of(response, "Set-Cookie");
        cookie = cookie.substr(0, cookie.find(';'));
    }
    /// As it stands in the forms of the page.
    std::string form_token() {
        const std::string body = get("/").body;
        constexpr std::string_view kBefore = "name=\"form_token\" value=\"";
        const auto at = body.find(kBefore);
        if (at == std::string::npos) return {};
        const auto begin = at + kBefore.size();
        return body.substr(begin, body.find('"', begin) - begin);
    }
    std::string state_of(const std::string& machine) {
        return std::string(
            server.admin("machine", "show", {{"id", {machine}}}).at("state").as_string());
    }

    TestServer server;
    Console console;
    std::string cookie;
};

}  // namespace latchkey::keyserver::console
