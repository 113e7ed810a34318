#pragma once

// The project's own sources, read once, for the checks of this folder.

#include <filesystem>
#include <string>
#include <vector>

namespace latchkey::arch {

struct Line {
    int number;
    std::string text;  ///< as written
};

struct Source {
    std::string path;  ///< from the repository root, with '/'
    std::vector<Line> lines;
    bool is_test() const { return path.starts_with("tests/"); }
};

/// Every *.h and *.cpp below the rooms of the house and tests/.
const std::vector<Source>& sources();

/// "agent/core" of "agent/core/step.cpp".
std::string folder_of(const std::string& path);

/// The text of a line without its // comment and without string literals, for rules about code.
std::string code_of(const std::string& line);

std::filesystem::path repository();

}  // namespace latchkey::arch
