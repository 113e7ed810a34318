// One status over the local endpoint: connect, ask, answer, read. Client and server share the
// process; the CPU time is both's.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <thread>

#include "agent/localapi/client.h"
#include "agent/localapi/contract.h"
#include "agent/localapi/server.h"
#include "platform/endpoint/local_endpoint.h"

namespace latchkey::localapi {
namespace {

StatusView view_of(std::int64_t products) {
    StatusView view;
    view.version = "0.1.0";
    for (std::int64_t i = 0; i < products; ++i) {
        ProductView product;
        product.state.product = "product-" + std::to_string(i);
        product.name = "Product " + std::to_string(i);
        view.products.push_back(std::move(product));
    }
    return view;
}

/// An agent's endpoint on a thread of its own.
class Endpoint {
public:
    explicit Endpoint(std::int64_t products) : view_(view_of(products)) {
        std::string name =
            (std::filesystem::temp_directory_path() / "latchkey-bench-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        directory_ = name;
        auto listener = platform::listen_local(context_.get_executor(), path(), "latchkey-admin");
        server_ = serve(
            context_.get_executor(), std::move(listener.value()),
            [this](Request) -> boost::asio::awaitable<Response> { co_return ok(to_json(view_)); });
        thread_ = std::thread([this] { context_.run(); });
    }
    ~Endpoint() {
        context_.stop();
        thread_.join();
        std::filesystem::remove_all(directory_);
    }
    std::filesystem::path path() const { return directory_ / "agent.sock"; }

private:
    StatusView view_;
    std::filesystem::path directory_;
    boost::asio::io_context context_;
    std::unique_ptr<Server> server_;
    std::thread thread_;
};

void status_round_trip(benchmark::State& state) {
    const Endpoint endpoint(state.range(0));
    const ClientOptions options{endpoint.path(), seconds{10}};
    for (auto _ : state) {
        const auto status = request_text(options, "GET", "/v1/status", nullptr);
        if (!status) return state.SkipWithError(status.error().detail.c_str());
    }
}
BENCHMARK(status_round_trip)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace latchkey::localapi
