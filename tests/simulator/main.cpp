// ./dev simulate: device-years with faults, then the herd. A test program, never packaged.

#include "tests/simulator/options.h"
#include "tests/simulator/report.h"

int main(int count, char** words) {
    using namespace latchkey::simulator;
    const auto options = read_options(count, words);
    if (!options) return 64;
    return simulate(*options);
}
