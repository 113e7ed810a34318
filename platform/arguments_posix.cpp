#include "platform/arguments.h"

namespace latchkey::platform {

std::vector<std::string> start_program(int argc, char** argv) { return {argv, argv + argc}; }

}  // namespace latchkey::platform
