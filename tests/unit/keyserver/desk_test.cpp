#include "keyserver/admin/desk.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <sstream>

#include <thread>

#include "base/strict_json.h"
#include "keyserver/admin/ceremony.h"
#include "platform/endpoint/local_client.h"
#include "tests/unit/keyserver/test_server.h"

namespace latchkey::keyserver {
namespace {

class DeskTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = admin::open_desk(io.get_executor(), io.get_executor(), server.office(),
                                       server.directory());
        ASSERT_TRUE(opened) << opened.error().detail;
        desk = *opened;
        thread = std::jthread([this] { io.run(); });
    }
    void TearDown() override {
        boost::asio::post(io, [this] { desk->stop(); });
        thread.join();
    }

    TestServer server;
    boost::asio::io_context io{1};
    std::shared_ptr<admin::Desk> desk;
    std::jthread thread;
};

TEST_F(DeskTest, a_command_is_carried_out_and_its_refusal_comes_back_whole) {
    const admin::Command add{"organization", "add", {{"id", {"contoso"}}}};
    const auto added = admin::ask_desk(server.directory(), add);
    ASSERT_TRUE(added) << added.error().detail;
    EXPECT_EQ(added->at("id").as_string(), "contoso");
    const auto again = admin::ask_desk(server.directory(), add);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::already_exists);
}

TEST_F(DeskTest, whoever_connects_and_says_nothing_does_not_delay_the_end) {
    boost::asio::io_context client;
    boost::asio::local::stream_protocol::socket silent(client);
    silent.connect(admin::desk_path(server.directory()).string());
    // Answered after it: the silent one is with the server by then.
    ASSERT_TRUE(admin::ask_desk(server.directory(), {"organization", "list", {}}));
    boost::asio::post(io, [this] { desk->stop(); });
    std::string said(100, '\0');
    boost::system::error_code end;
    const auto size = silent.read_some(boost::asio::buffer(said), end);
    EXPECT_EQ(said.substr(0, size), "") << "it was hung up on, not waited for";
    EXPECT_TRUE(end);
}

/// Every line of the log from now on.
class Log {
public:
    Log() {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>(
            "", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
        spdlog::set_pattern("%v");
        spdlog::set_level(spdlog::level::info);
    }
    ~Log() {
        spdlog::set_default_logger(before_);
        spdlog::set_level(spdlog::level::off);
    }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    std::string text() const { return text_.str(); }

private:
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
    std::ostringstream text_;
};

TEST_F(DeskTest, the_log_says_once_what_was_done_and_nothing_of_the_steps_before) {
    const auto ask = [&](const admin::Command& command) {
        return admin::ask_desk(server.directory(), command);
    };
    auto table = server.admin("weights", "show", {});
    table["version"] = table.at("version").to_number<std::int64_t>() + 1;
    const auto hold = [&](const admin::Command& command) {
        const auto held = admin::hold_ceremony(command, server.directory(), ask);
        ASSERT_TRUE(held) << held.error().detail;
    };
    {
        const Log log;
        hold({"weights", "install", {{"table", {json::to_text(table)}}}});
        EXPECT_EQ(log.text(), "admin weights install: done\n");
    }
    {
        const Log log;
        hold({"signing-key", "rotate", {}});
        EXPECT_EQ(log.text(), "admin signing-key rotate: done\n");
    }
    const Log log;
    EXPECT_FALSE(ask({"signing-key", "rotate", {}}));
    EXPECT_EQ(log.text(), "admin signing-key rotate: usage\n") << "what failed is told";
}

TEST_F(DeskTest, what_is_no_command_is_refused_and_the_desk_stays_open) {
    for (const std::string line :
         {"nonsense\n", "{}\n", "{\"verb\":[\"a\",\"b\"],\"verb\":[],\"arguments\":{}}\n"}) {
        auto client = platform::connect_local(admin::desk_path(server.directory()), seconds{10});
        ASSERT_TRUE(client);
        ASSERT_TRUE((*client)->write(as_bytes(line)));
        std::array<std::uint8_t, 4096> answer{};
        const auto got = (*client)->read_some(answer);
        ASSERT_TRUE(got);
        EXPECT_TRUE(std::string(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(*got))
                        .starts_with("{\"error\""));
    }
    EXPECT_TRUE(admin::ask_desk(server.directory(), {"program", "list", {}}));
}

TEST_F(DeskTest, nobody_but_root_and_the_servers_user_gets_as_far_as_the_socket) {
    struct stat info {};
    ASSERT_EQ(::stat(admin::desk_path(server.directory()).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777u, 0600u) << "also where the directory lets others in";
}

TEST(Desk, where_no_server_runs_nobody_answers) {
    TemporaryDirectory directory;
    EXPECT_EQ(admin::ask_desk(directory.path(), {"program", "list", {}}).error().code,
              Code::agent_unreachable);
}

TEST(Desk, a_server_that_dies_in_the_middle_may_have_done_it_and_nobody_does_it_again) {
    for (const std::string cut : {"", "{\"result\":{"}) {
        TemporaryDirectory directory;
        boost::asio::local::stream_protocol::endpoint place(
            admin::desk_path(directory.path()).string());
        boost::asio::io_context io;
        boost::asio::local::stream_protocol::acceptor acceptor(io, place);
        std::jthread server([&] {
            auto client = acceptor.accept();
            std::array<char, 1024> command{};
            client.read_some(boost::asio::buffer(command));
            boost::asio::write(client, boost::asio::buffer(cut));
        });
        const auto told = admin::ask_desk(directory.path(), {"program", "list", {}});
        ASSERT_FALSE(told);
        EXPECT_EQ(told.error().code, Code::internal)
            << "agent_unreachable would have the command carried out a second time";
        EXPECT_NE(told.error().detail.find("went away"), std::string::npos) << told.error().detail;
    }
}

}  // namespace
}  // namespace latchkey::keyserver
