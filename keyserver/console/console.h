#pragma once

// The console: a few pages for administrators behind a password, on a port of its own
// (docs/console.md). What it changes goes through the administration verbs, as everything else.

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "keyserver/admin/office.h"
#include "keyserver/console/door.h"
#include "keyserver/console/gather.h"
#include "keyserver/console/pages.h"
#include "keyserver/http/access_log.h"
#include "keyserver/http/http.h"
#include "keyserver/keys/key_keeper.h"
#include "keyserver/metrics.h"
#include "keyserver/store/store.h"
#include "platform/clock.h"

namespace latchkey::keyserver::console {

/// Runs its argument where the store may be used, and returns when that is done.
using AtTheStore = std::function<void(const std::function<void()>&)>;

class Console final : public HttpHandler {
public:
    /// Everything must outlive it.
    Console(Store& store, const KeyKeeper& keys, const platform::Clock& clock,
            admin::Office& office, const std::filesystem::path& directory, AtTheStore at_the_store);

    std::optional<HttpResponse> quick(const HttpRequest& request) override;
    /// On any thread of the console's own: signing in takes its time, and no agent waits for it.
    HttpResponse answer(const HttpRequest& request) override;
    std::optional<HttpResponse> refused(const Problem& problem) override;
    void arrives(HttpRequest& request) override { request.arrived = clock_.now().since_boot; }
    void answered(const HttpRequest& request, const HttpResponse& response) override;

    /// From now on every answer is told to both; they must outlive it. The log may be null.
    void tell(AccessLog* log, Metrics& metrics) {
        access_log_ = log;
        metrics_ = &metrics;
    }

private:
    struct Asked {
        const HttpRequest& http;
        Target target;
        SinceBoot now;
        Door::Guest guest;
        Visitor visitor;
    };

    HttpResponse routed(const HttpRequest& request);
    HttpResponse sign_in(const HttpRequest& request, const Target& target);
    HttpResponse show_sign_in(const Target& target) const;
    HttpResponse shown(const Asked& asked);
    HttpResponse posted(const Asked& asked);
    HttpResponse overview(const Asked& asked);
    HttpResponse list_page(const Asked& asked);
    HttpResponse detail_page(const Asked& asked);
    HttpResponse confirmation(const Asked& asked);
    HttpResponse resolve(const Asked& asked, const std::string& machine,
                         const std::string& goes_on);
    /// Do two machines renew a license of it in turns?
    Result<bool> disputed(const std::string& machine);
    HttpResponse act(const Asked& asked, const std::string& machine, const std::string& verb,
                     admin::RawArguments arguments, std::string notice);
    Result<Trend> trend(const Sources& from);
    Visitor stranger() const;

    template <class View>
    Result<View> gathered(const std::function<Result<View>(const Sources&)>& gather);

    Store& store_;
    const KeyKeeper& keys_;
    const platform::Clock& clock_;
    admin::Office& office_;
    AtTheStore at_the_store_;
    Door door_;
    AccessLog* access_log_ = nullptr;
    Metrics* metrics_ = nullptr;
    std::mutex trend_mutex_;
    std::optional<Trend> trend_;
    SinceBoot trend_at_;
};

}  // namespace latchkey::keyserver::console
