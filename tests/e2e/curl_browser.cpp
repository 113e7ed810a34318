#include "tests/e2e/curl_browser.h"

#include <stdexcept>

namespace latchkey::e2e {

std::string Answered::header(const std::string& name) const {
    const std::string before = "\r\n" + name + ": ";
    const auto at = head.find(before);
    if (at == std::string::npos) return {};
    const auto begin = at + before.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

Answered CurlBrowser::ask(Words words) const {
    Words all{"curl",       "-sS", "-i",       "--noproxy",      "*",
              "--max-time", "15",  "--cacert", ca_file_.string()};
    if (!cookie_.empty()) all = all + Words{"-H", "Cookie: " + cookie_};
    const auto done = run({all + words, {}, {}});
    const auto end = done.out.find("\r\n\r\n");
    if (done.exit_code != 0 || end == std::string::npos)
        throw std::runtime_error("curl: " + done.err + done.out);
    Answered answered{0, done.out.substr(0, end + 2), done.out.substr(end + 4)};
    answered.status = std::stoi(done.out.substr(done.out.find(' ')));
    return answered;
}

Answered CurlBrowser::get(const std::string& path, const Words& headers) const {
    Words words;
    for (const auto& header : headers) words = words + Words{"-H", header};
    words.push_back(root_ + path);
    return ask(words);
}

Answered CurlBrowser::post(const std::string& path, const Fields& fields) const {
    return post(path, fields, {"Origin: " + root_});
}

Answered CurlBrowser::post(const std::string& path, const Fields& fields,
                           const Words& headers) const {
    Words words{"-X", "POST"};
    for (const auto& [name, value] : fields)
        words = words + Words{"--data-urlencode", name + "=" + value};
    if (fields.empty()) words = words + Words{"--data", ""};
    for (const auto& header : headers) words = words + Words{"-H", header};
    words.push_back(root_ + path);
    return ask(words);
}

Answered CurlBrowser::sign_in(const std::string& password) {
    auto answered = post("/sign-in", {{"password", password}});
    const auto cookie = answered.header("Set-Cookie");
    cookie_ = cookie.substr(0, cookie.find(';'));
    return answered;
}

std::string CurlBrowser::form_token(const std::string& path) const {
    const auto page = get(path).body;
    const std::string before = "name=\"form_token\" value=\"";
    const auto at = page.find(before);
    if (at == std::string::npos) throw std::runtime_error("no form on " + path + "\n" + page);
    const auto begin = at + before.size();
    return page.substr(begin, page.find('"', begin) - begin);
}

}  // namespace latchkey::e2e
