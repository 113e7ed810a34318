// GET /v1/status, health, history, metrics, config: for everybody, no network, no disk but the
// journal's.

#include <charconv>

#include "agent/daemon/handlers.h"
#include "agent/daemon/metrics.h"
#include "agent/daemon/receipt_id.h"

namespace latchkey::daemon {
namespace {

namespace bj = json::bj;
using localapi::failed;
using localapi::Request;
using localapi::Response;

constexpr std::int64_t kDefaultEntries = 50;
constexpr std::int64_t kMaxEntries = 200;

Response health(Agent& agent) {
    const auto view = agent.status();
    const auto document = localapi::to_json(view);
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"overall", document.at("overall")},
                         {"health", document.at("agent").at("health")}});
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bj::value text_or_null(const std::string& text) {
    return text.empty() ? bj::value(nullptr) : bj::value(text);
}

bj::value entry_json(const store::JournalEntry& entry) {
    return bj::object({{"number", entry.number},
                       {"at", format_rfc3339(entry.at)},
                       {"publisher", text_or_null(entry.publisher)},
                       {"product", text_or_null(entry.product)},
                       {"event", entry.event},
                       {"detail", entry.detail},
                       {"receipt_id", receipt_id_json(entry.document)}});
}

/// A product that is installed is its publisher's alone, whoever had that id here before.
store::JournalFilter filter_of(Agent& agent, const Request& request) {
    store::JournalFilter filter{std::string(request.parameter("product"))};
    const auto manifest = agent.desk().manifest(filter.product);
    if (manifest) filter.publisher = manifest->publisher;
    return filter;
}

Response history(Agent& agent, const Request& request) {
    const auto limit_text = request.parameter("limit");
    const auto cursor_text = request.parameter("cursor");
    const auto limit = limit_text.empty() ? std::optional(kDefaultEntries) : number(limit_text);
    const auto cursor = cursor_text.empty() ? std::nullopt : number(cursor_text);
    if (!limit || *limit < 1 || *limit > kMaxEntries)
        return failed({Code::request_invalid, "limit must be between 1 and 200", {}});
    if (!cursor_text.empty() && !cursor)
        return failed({Code::request_invalid, "cursor is not one that was given", {}});
    const auto wanted = static_cast<std::size_t>(*limit);
    const auto entries = agent.store().journal(filter_of(agent, request), cursor, wanted);
    if (!entries) return failed(entries.error());
    bj::array list;
    for (const auto& entry : *entries) list.push_back(entry_json(entry));
    const bool more = entries->size() == wanted && entries->back().number > 1;
    return localapi::ok({{"schema_version", localapi::kSchemaVersion},
                         {"entries", std::move(list)},
                         {"next_cursor", more ? bj::value(std::to_string(entries->back().number))
                                              : bj::value(nullptr)}});
}

Response config(Agent& agent) {
    bj::array settings;
    for (const auto& setting : agent.desk().config.settings)
        settings.push_back(bj::object({{"name", setting.name},
                                       {"value", setting.value},
                                       {"source", setting.source},
                                       {"from", name(setting.by)}}));
    return localapi::ok(
        {{"schema_version", localapi::kSchemaVersion}, {"settings", std::move(settings)}});
}

}  // namespace

Response read_request(Agent& agent, const Route& route, const Request& request) {
    if (route.verb == "status") return localapi::ok(localapi::to_json(agent.status()));
    if (route.verb == "health") return health(agent);
    if (route.verb == "history") return history(agent, request);
    if (route.verb == "config") return config(agent);
    return {200, metrics_text(agent.status()),
            "application/openmetrics-text; version=1.0.0; charset=utf-8"};
}

}  // namespace latchkey::daemon
