// The local endpoint as a pipe: its name, its rights, and who is not believed.

#include <windows.h>

#include <aclapi.h>

#include "platform/endpoint/pipe_windows.h"
#include "platform/handle_windows.h"
#include "platform/security_windows.h"
#include "tests/unit/platform/local_endpoint_fixture.h"

namespace latchkey::platform {
namespace {

TEST_F(LocalEndpoint, the_system_says_who_asked) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    ask_during("hello", echo_once(**listener, peer));
    EXPECT_GE(peer.user_id, 0);
    EXPECT_EQ(peer.process_id, static_cast<std::int64_t>(::GetCurrentProcessId()));
    EXPECT_EQ(peer.user_name, own_user().text());
}

TEST_F(LocalEndpoint, a_pipe_that_somebody_squats_on_is_not_shared_with_him) {
    const UniqueHandle squatter(::CreateNamedPipeW(endpoint.c_str(), PIPE_ACCESS_DUPLEX,
                                                   PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES, 0, 0,
                                                   0, nullptr));
    ASSERT_TRUE(squatter);
    const auto listener = listen();
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Code::state_locked);
    const std::string self = std::to_string(::GetCurrentProcessId());
    EXPECT_NE(listener.error().detail.find("is served by process " + self + " ("),
              std::string::npos)
        << listener.error().detail;
    EXPECT_NE(listener.error().detail.find("platform_io_tests.exe"), std::string::npos)
        << listener.error().detail;
    EXPECT_NE(listener.error().remedy.find("taskkill /f /pid " + self), std::string::npos);
}

/// Lets nobody open this process: the agent's account may not open another user's either.
class Closed {
public:
    Closed() {
        ::GetSecurityInfo(::GetCurrentProcess(), SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION,
                          nullptr, nullptr, &former_, nullptr, &owner_of_former_);
        set(&nobody_);
    }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;
    ~Closed() {
        set(former_);
        ::LocalFree(owner_of_former_);
    }

private:
    static void set(ACL* list) {
        ::SetSecurityInfo(::GetCurrentProcess(), SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION,
                          nullptr, nullptr, list, nullptr);
    }
    ACL nobody_{ACL_REVISION, 0, sizeof(ACL), 0, 0};
    ACL* former_ = nullptr;
    PSECURITY_DESCRIPTOR owner_of_former_ = nullptr;
};

TEST_F(LocalEndpoint, a_squatter_that_may_not_be_opened_is_named_all_the_same) {
    const UniqueHandle squatter(::CreateNamedPipeW(endpoint.c_str(), PIPE_ACCESS_DUPLEX,
                                                   PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES, 0, 0,
                                                   0, nullptr));
    ASSERT_TRUE(squatter);
    const Closed closed;
    const UniqueHandle opened(
        ::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, ::GetCurrentProcessId()));
    ASSERT_FALSE(opened) << "so it shows nothing";
    const auto listener = listen();
    ASSERT_FALSE(listener);
    const std::string self = std::to_string(::GetCurrentProcessId());
    EXPECT_NE(listener.error().detail.find("process " + self + " (platform_io_tests.exe)"),
              std::string::npos)
        << listener.error().detail;
}

TEST_F(LocalEndpoint, the_name_is_held_between_two_clients) {
    auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    Peer peer;
    ask_during("hello", echo_once(**listener, peer));
    EXPECT_EQ(listen().error().code, Code::state_locked);
}

TEST_F(LocalEndpoint, a_pipe_of_a_stranger_is_not_believed) {
    // Another's pipe cannot be made here, but one that says it is: its owner is what counts.
    Descriptor descriptor("O:S-1-5-21-1-2-3-1001D:P(A;;FA;;;WD)");
    const UniqueHandle server(::CreateNamedPipeW(endpoint.c_str(), PIPE_ACCESS_DUPLEX | WRITE_OWNER,
                                                 PIPE_TYPE_BYTE, 2, 0, 0, 0,
                                                 descriptor.attributes()));
    if (!server) GTEST_SKIP() << "this user may not give things away";
    const auto client = connect_local(endpoint, kAmple);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Code::not_permitted);
}

TEST_F(LocalEndpoint, users_may_ask_and_may_not_stand_beside_the_agent) {
    Descriptor descriptor(kPipeForAll);
    const UniqueHandle event(::CreateEventW(descriptor.attributes(), TRUE, FALSE, nullptr));
    const auto rights = rights_of_handle(event.get());
    EXPECT_NE(rights.shown.find("(A;;0x12008b;;;AU)"), std::string::npos) << rights.shown;
    EXPECT_EQ(kClientAccess & FILE_CREATE_PIPE_INSTANCE, 0u);
    EXPECT_NE(rights.shown.find("(D;;FA;;;NU)"), std::string::npos) << "nobody over the network";
    EXPECT_EQ(kPipeForOwner.find("AU"), std::string_view::npos);
}

TEST_F(LocalEndpoint, what_is_no_pipes_name_is_an_error) {
    EXPECT_EQ(connect_local(R"(C:\agent.sock)", kAmple).error().code, Code::agent_unreachable);
    EXPECT_EQ(listen(R"(C:\agent.sock)").error().code, Code::config_invalid);
}

}  // namespace
}  // namespace latchkey::platform
