#pragma once

// A browser as far as HTTP goes: curl over real TLS, with the cookie it was given.

#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/key_server.h"

namespace latchkey::e2e {

struct Answered {
    int status = 0;
    std::string head;  ///< status line and headers, as sent
    std::string body;

    /// Of the header; empty where there is none.
    std::string header(const std::string& name) const;
};

class CurlBrowser {
public:
    /// `root`: "https://127.0.0.1:1234".
    CurlBrowser(std::string root, fs::path ca_file)
        : root_(std::move(root)), ca_file_(std::move(ca_file)) {}

    Answered get(const std::string& path, const Words& headers = {}) const;
    using Fields = std::vector<std::pair<std::string, std::string>>;
    /// As a page of `root` would send it, unless other headers are given.
    Answered post(const std::string& path, const Fields& fields) const;
    Answered post(const std::string& path, const Fields& fields, const Words& headers) const;
    /// Keeps the cookie.
    Answered sign_in(const std::string& password);
    /// As it stands in the forms of the page.
    std::string form_token(const std::string& path = "/") const;
    void forget() { cookie_.clear(); }

private:
    Answered ask(Words words) const;

    std::string root_;
    fs::path ca_file_;
    std::string cookie_;
};

}  // namespace latchkey::e2e
