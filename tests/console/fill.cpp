// latchkey-console-estate DIR: makes the key server of DIR one with twelve weeks behind it, ending
// now, and prints what a test goes back to as one line of JSON.

#include <cstdio>

#include "platform/clock.h"
#include "tests/console/estate.h"

int main(int argc, char** argv) {
    using namespace latchkey;
    if (argc != 2) return 64;
    keyserver::TestServer server(argv[1], platform::calendar_time() - Days{84});
    const auto estate = keyserver::fill(server);
    const json::bj::object out{{"entitlement", estate.entitlement},
                               {"key", estate.key},
                               {"machine", estate.machine},
                               {"reimaged", estate.reimaged},
                               {"cloned", estate.cloned}};
    std::puts(json::to_text(out).c_str());
    return ::testing::Test::HasFailure() ? 1 : 0;
}
