#pragma once

// What a program does before anything else.

#include <string>
#include <vector>

namespace latchkey::platform {

/// The arguments in UTF-8, the program's name first. From here on standard input and output carry
/// bytes as they are (Windows would make two characters of a line's end), and a crash ends the
/// process without asking anybody. Call it once, first thing in main.
std::vector<std::string> start_program(int argc, char** argv);

}  // namespace latchkey::platform
