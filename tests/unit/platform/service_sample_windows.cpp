// A service for service_host_windows_test.cpp: service_sample NAME MODE. What happens to it, it
// says by events that the test made: Global\NAME-works, -reloaded, and it waits for Global\NAME-go.

#include <windows.h>

#include <boost/asio/io_context.hpp>

#include <string>
#include <vector>

#include "platform/arguments.h"
#include "platform/handle_windows.h"
#include "platform/service/service_host.h"
#include "platform/text_windows.h"

namespace {

using namespace latchkey::platform;

UniqueHandle event(const std::string& name, const char* what) {
    return UniqueHandle(
        ::OpenEventW(EVENT_ALL_ACCESS, FALSE, wide("Global\\" + name + "-" + what).c_str()));
}

int serve(const std::string& name, const std::string& mode) {
    thread_local std::vector<std::string> kept{name, mode, "what a log keeps"};
    if (mode == "fail") return kept.size() == 3 ? 78 : 1;
    ::SetEvent(event(name, "works").get());
    if (mode != "run") ::WaitForSingleObject(event(name, "go").get(), INFINITE);
    boost::asio::io_context io;
    const auto guard = boost::asio::make_work_guard(io);
    std::unique_ptr<ServiceHost> host;
    host =
        connect_service_host(io.get_executor(), {[&] {
                                                     host->stopping();
                                                     io.stop();
                                                 },
                                                 [&] { ::SetEvent(event(name, "reloaded").get()); },
                                                 {}});
    host->ready();
    io.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const auto words = start_program(argc, argv);
    if (words.size() != 3) return 64;
    return run_for_service_manager([&] { return serve(words[1], words[2]); });
}
