#pragma once

// Columns for people: left-aligned, as wide as their widest cell, two spaces between, nothing
// trailing.

#include <cstdint>
#include <string>
#include <vector>

namespace latchkey::cli {

enum class Tone : std::uint8_t { plain, good, warning, bad, heading };

/// `text` in the tone's colour; unchanged where `color` is false.
std::string toned(std::string text, Tone tone, bool color);

struct Cell {
    std::string text;  ///< made printable by the table
    Tone tone = Tone::plain;
};

class Table {
public:
    /// `indent` spaces before each line.
    explicit Table(std::size_t indent = 0) : indent_(indent) {}
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    void heading(const std::vector<std::string>& titles);
    bool empty() const { return rows_.empty(); }
    std::string text(bool color) const;

private:
    std::size_t indent_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace latchkey::cli
