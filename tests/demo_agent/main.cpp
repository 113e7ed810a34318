// The daemon with a clock and hardware of its own, told over standard input (README.md here). A
// test program, never packaged.

#include <unistd.h>
#include <CLI/CLI.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdio>
#include <sstream>
#include <string>

#include "agent/daemon/spawn.h"
#include "agent/daemon/wiring.h"
#include "tests/demo_agent/demo_world.h"

namespace latchkey::demo {
namespace {

namespace asio = boost::asio;

constexpr Duration kStride = hours{12};
constexpr std::size_t kMaxLine = 4096;

struct Demo {
    DemoClock clock;
    DemoCaptures captures;
};

asio::awaitable<Result<void>> pass(Demo& demo, daemon::Agent& agent, Duration time) {
    while (time > Duration{0}) {
        const Duration stride = std::min(time, kStride);
        demo.clock.advance(stride);
        time -= stride;
        agent.wake();
        co_await agent.settle_in();
    }
    co_return Result<void>{};
}

asio::awaitable<Result<void>> obey(Demo& demo, daemon::Agent& agent, std::string line) {
    std::istringstream words(line);
    std::string verb;
    std::string argument;
    words >> verb;
    std::getline(words >> std::ws, argument);
    if (verb == "machine") {
        const auto done = demo.captures.become(argument);
        if (!done) co_return done;
        co_await agent.settle_in();
        agent.wake();
        co_return Result<void>{};
    }
    if (verb == "advance" || verb == "turn-clock") {
        const auto time = parse_duration(argument);
        if (!time) co_return fail(time.error());
        if (verb == "advance") co_return co_await pass(demo, agent, *time);
        demo.clock.turn(*time);
        agent.wake();
        co_return Result<void>{};
    }
    if (verb == "quit") {
        std::raise(SIGTERM);
        co_return Result<void>{};
    }
    co_return fail(Code::usage, "no such command: " + verb);
}

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

asio::awaitable<void> listen(Demo& demo, daemon::Agent& agent, asio::any_io_executor executor) {
    asio::posix::stream_descriptor input(executor, ::dup(STDIN_FILENO));
    std::string buffer;
    for (;;) {
        boost::system::error_code error;
        const std::size_t length =
            co_await asio::async_read_until(input, asio::dynamic_buffer(buffer, kMaxLine), '\n',
                                            asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        const std::string line = buffer.substr(0, length - 1);
        buffer.erase(0, length);
        const auto done = co_await obey(demo, agent, line);
        say(done ? "ok" : "error: " + done.error().detail);
    }
}

int run(const std::string& config, const std::string& machine) {
    Demo demo;
    if (const auto first = demo.captures.become(machine); !first) {
        std::fprintf(stderr, "%s: %s\n", machine.c_str(), first.error().detail.c_str());
        return static_cast<int>(ExitCode::input_unreadable);
    }
    const daemon::World world{demo.clock, demo.captures,
                              [&demo](asio::any_io_executor executor, daemon::Agent& agent) {
                                  say("ready");
                                  daemon::spawn(executor, listen(demo, agent, executor));
                              }};
    return daemon::run_agent(config, world);
}

}  // namespace
}  // namespace latchkey::demo

int main(int argc, char** argv) {
    CLI::App app("The agent with a clock and hardware of its own: for demonstrations and tests.");
    app.require_subcommand(1);
    std::string config;
    std::string machine;
    auto* verb =
        app.add_subcommand("run", "Run in the foreground; commands come on standard input");
    verb->add_option("--config", config, "The configuration file")->required();
    verb->add_option("--machine", machine, "The snapshot this machine is")->required();
    CLI11_PARSE(app, argc, argv);
    return latchkey::demo::run(config, machine);
}
