#include "keyserver/store/postgres_url.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

namespace latchkey::keyserver {
namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

}  // namespace

bool is_postgres_url(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

Result<PostgresUrl> parse_postgres_url(const std::string& text) {
    const auto refuse = [] {
        return fail(Problem{Code::usage, "this PostgreSQL URL cannot be read",
                            "Write it as postgresql://USER@HOST:PORT/NAME, or "
                            "postgresql:///NAME?host=/run/postgresql for a Unix socket."});
    };
    if (!is_postgres_url(text)) return refuse();
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(text.c_str(), nullptr));
    if (!options) return refuse();
    std::map<std::string, std::string> given;
    for (const auto* option = options.get(); option->keyword; ++option)
        if (option->val) given[option->keyword] = option->val;

    PostgresUrl url{text, "postgresql://", false};
    if (!given["user"].empty()) url.shown += given["user"] + "@";
    std::string host = given["host"].empty() ? given["hostaddr"] : given["host"];
    const bool is_socket = host.starts_with("/");
    if (!is_socket) url.shown += host;
    if (!given["port"].empty()) url.shown += ":" + given["port"];
    url.shown += "/" + given["dbname"];
    if (is_socket)
        url.shown += "?host=" + host;
    else if (!given["service"].empty())
        url.shown += "?service=" + given["service"];
    url.has_password = !given["password"].empty() || !given["sslpassword"].empty();
    return url;
}

}  // namespace latchkey::keyserver
