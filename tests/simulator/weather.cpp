#include "tests/simulator/weather.h"

#include <array>

namespace latchkey::simulator {
namespace {

namespace asio = boost::asio;

constexpr Duration kSlow = seconds{90};

net::HttpAnswer page(int status, const char* type, const char* body, const char* retry_after = "") {
    net::HttpAnswer answer;
    answer.status = status;
    answer.content_type = type;
    answer.retry_after = retry_after;
    answer.body = body;
    return answer;
}

Fault draw(const Weather& weather, Dice& dice) {
    if (weather.portal) return Fault::portal;
    if (!dice.chance(weather.trouble)) return Fault::none;
    constexpr std::array kKinds{Fault::lost_request, Fault::lost_reply,  Fault::lost_reply,
                                Fault::server_error, Fault::bad_gateway, Fault::rate_limited,
                                Fault::cut_short,    Fault::slow};
    return kKinds[dice.roll(kKinds.size())];
}

class Troubled final : public net::HttpConnection {
public:
    Troubled(std::unique_ptr<net::HttpConnection> clear, const WeatherParts& parts)
        : clear_(std::move(clear)), parts_(parts) {}

    asio::awaitable<Result<net::HttpAnswer>> exchange(net::HttpRequest request) override {
        const auto spark = parts_.fuse.burn();
        if (parts_.fuse.blown()) co_return fail(Code::keyserver_unreachable, "the machine is off");
        Fault fault = draw(parts_.weather, parts_.dice);
        const bool signed_request = request.method != "GET";
        if (parts_.weather.hook_lost_reply && signed_request) {
            parts_.weather.hook_lost_reply = false;
            fault = Fault::lost_reply;
        }
        if (fault != Fault::none) parts_.note(fault);
        if (auto instead = without_the_server(fault)) co_return std::move(*instead);
        if (fault == Fault::lost_request)
            co_return fail(Code::keyserver_unreachable, "the request was lost on the way");
        if (fault == Fault::slow) parts_.pass(kSlow);
        ++parts_.weather.exchanges;
        const std::string path = request.target;
        auto answer = co_await clear_->exchange(std::move(request));
        if (signed_request) parts_.decided(path);
        if (spark == Fuse::Spark::after) {
            parts_.fuse.blow();
            co_return fail(Code::keyserver_unreachable, "the machine went off");
        }
        if (fault == Fault::lost_reply)
            co_return fail(Code::keyserver_unreachable, "the answer was lost on the way");
        if (fault == Fault::cut_short && answer) answer->body.resize(answer->body.size() / 2);
        co_return answer;
    }

private:
    static std::optional<net::HttpAnswer> without_the_server(Fault fault) {
        switch (fault) {
            case Fault::server_error:
                return page(503, "application/problem+json", "{}", "120");
            case Fault::bad_gateway:
                return page(502, "text/html", "<h1>Bad Gateway</h1>");
            case Fault::portal:
                return page(200, "text/html", "<h1>Welcome to the hotel</h1>");
            case Fault::rate_limited:
                return page(429, "application/problem+json", "{}", "3600");
            case Fault::none:
            case Fault::refused:
            case Fault::lost_request:
            case Fault::lost_reply:
            case Fault::cut_short:
            case Fault::slow:
                break;
        }
        return std::nullopt;
    }

    std::unique_ptr<net::HttpConnection> clear_;
    WeatherParts parts_;
};

}  // namespace

const char* name(Fault fault) {
    switch (fault) {
        case Fault::none:
            return "none";
        case Fault::refused:
            return "no connection";
        case Fault::lost_request:
            return "request lost";
        case Fault::lost_reply:
            return "reply lost";
        case Fault::server_error:
            return "server error 503";
        case Fault::bad_gateway:
            return "proxy error 502";
        case Fault::portal:
            return "captive portal";
        case Fault::rate_limited:
            return "rate limited 429";
        case Fault::cut_short:
            return "answer cut short";
        case Fault::slow:
            return "slow answer";
    }
    return "";
}

net::Dialer through(net::Dialer clear, WeatherParts parts) {
    return [clear = std::move(clear), parts = std::move(parts)](
               net::ServerAddress address) -> asio::awaitable<Result<net::Line>> {
        const WeatherParts own = parts;
        ++own.weather.dials;
        if (own.fuse.blown()) co_return fail(Code::keyserver_unreachable, "the machine is off");
        if (!own.weather.cable || !own.weather.server_up) {
            own.note(Fault::refused);
            co_return fail(Code::keyserver_unreachable, "the network is down");
        }
        auto line = co_await clear(std::move(address));
        if (!line) co_return fail(std::move(line.error()));
        net::Line troubled{line->server,
                           std::make_unique<Troubled>(std::move(line->connection), own)};
        co_return troubled;
    };
}

}  // namespace latchkey::simulator
