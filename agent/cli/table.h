#pragma once

// Columns for people: left-aligned, as wide as their widest cell, two spaces between, nothing
// trailing.

#include <cstdint>
#include <string>
#include <vector>

#include "agent/cli/look.h"

namespace latchkey::cli {

struct Cell {
    std::string text;  ///< made printable by the table
    Tone tone = Tone::plain;
    Line more{};  ///< goes on in other tones, without a space between
};

class Table {
public:
    /// `indent` spaces before each line.
    explicit Table(std::size_t indent = 0) : indent_(indent) {}
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    void heading(const std::vector<std::string>& titles);
    bool empty() const { return rows_.empty(); }
    std::string text(bool color) const { return text(Look{.color = color}); }
    /// Never cut or wrapped: see width().
    std::string text(const Look& look) const;
    /// The columns that text() takes.
    std::size_t width(const Look& look) const;

private:
    struct Laid;
    Laid lay_out(const Look& look) const;

    std::size_t indent_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace latchkey::cli
