#pragma once

// The console on a port of its own, beside the public one: its own threads, so that signing in
// (which is slow on purpose) keeps no agent waiting; the store is asked on the store's worker.

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <memory>

#include "keyserver/admin/office.h"
#include "keyserver/http/access_log.h"
#include "keyserver/http/http_server.h"
#include "keyserver/metrics.h"

namespace latchkey::keyserver {

class ConsoleListener {
public:
    virtual ~ConsoleListener() = default;
    virtual std::uint16_t port() const = 0;
    virtual void stop() = 0;
    /// After the network's executor has run out of work.
    virtual void join() = 0;
};

struct ConsoleParts {
    Store& store;
    const KeyKeeper& keys;
    const platform::Clock& clock;
    admin::Office& office;
    std::filesystem::path directory;
    Metrics& metrics;
    AccessLog* access_log = nullptr;  ///< none is written
};

/// Accepts from now on; what `parts` names and both executors must outlive it. Fails as
/// serve_https().
Result<std::unique_ptr<ConsoleListener>> open_console(boost::asio::any_io_executor network,
                                                      boost::asio::any_io_executor store_worker,
                                                      const ConsoleParts& parts,
                                                      const ListenAddress& address,
                                                      const TlsFiles& tls);

}  // namespace latchkey::keyserver
