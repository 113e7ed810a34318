#include "tests/e2e/local_responder.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <thread>

namespace latchkey::e2e {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using local = asio::local::stream_protocol;

class LocalResponder::Server {
public:
    Server(fs::path path, WireHandler handler)
        : path_(std::move(path)),
          handler_(std::move(handler)),
          acceptor_(context_, local::endpoint(path_.string())),
          thread_([this] { serve(); }) {}

    ~Server() {
        // Closing does not wake a blocked accept; shutting down does.
        shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

    const fs::path& path() const { return path_; }

private:
    void serve() {
        for (;;) {
            boost::system::error_code failed;
            local::socket socket(context_);
            acceptor_.accept(socket, failed);
            if (failed) return;
            boost::beast::flat_buffer buffer;
            http::request<http::string_body> heard;
            http::read(socket, buffer, heard, failed);
            if (failed) continue;
            const auto said = handler_({std::string(heard.method_string()),
                                        std::string(heard.target()),
                                        {},
                                        heard.body()});
            http::response<http::string_body> answer;
            answer.result(static_cast<unsigned>(said.status));
            answer.set(http::field::content_type, said.content_type);
            answer.body() = said.body;
            answer.keep_alive(false);
            answer.prepare_payload();
            http::write(socket, answer, failed);
        }
    }

    fs::path path_;
    WireHandler handler_;
    asio::io_context context_;
    local::acceptor acceptor_;
    std::thread thread_;  ///< last: it uses all of the above
};

LocalResponder::LocalResponder(fs::path socket, WireHandler handler)
    : server_(std::make_unique<Server>(std::move(socket), std::move(handler))) {}
LocalResponder::~LocalResponder() = default;
const fs::path& LocalResponder::socket() const { return server_->path(); }

WireResponse ask_local(const fs::path& path, const WireRequest& request) {
    asio::io_context context;
    local::socket socket(context);
    socket.connect(local::endpoint(path.string()));
    http::request<http::string_body> message;
    message.method_string(request.method);
    message.target(request.target);
    message.version(11);
    message.set(http::field::host, "localhost");
    if (!request.body.empty()) message.set(http::field::content_type, "application/json");
    message.body() = request.body;
    message.keep_alive(false);
    message.prepare_payload();
    http::write(socket, message);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> answer;
    http::read(socket, buffer, answer);
    return {static_cast<int>(answer.result_int()),
            std::string(answer[http::field::content_type]),
            answer.body(),
            {}};
}

}  // namespace latchkey::e2e
