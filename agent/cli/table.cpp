#include "agent/cli/table.h"

#include <algorithm>

#include "base/printable.h"

namespace latchkey::cli {
namespace {

std::string_view escape_of(Tone tone) {
    switch (tone) {
        case Tone::plain:
            return "";
        case Tone::good:
            return "\x1b[32m";
        case Tone::warning:
            return "\x1b[33m";
        case Tone::bad:
            return "\x1b[31m";
        case Tone::heading:
            return "\x1b[1m";
    }
    return "";
}

}  // namespace

std::string toned(std::string text, Tone tone, bool color) {
    if (!color || tone == Tone::plain || text.empty()) return text;
    return std::string(escape_of(tone)) + text + "\x1b[0m";
}

void Table::heading(const std::vector<std::string>& titles) {
    std::vector<Cell> cells;
    for (const auto& title : titles) cells.push_back({title, Tone::heading});
    row(std::move(cells));
}

std::string Table::text(bool color) const {
    std::vector<std::vector<std::string>> words;
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        auto& line = words.emplace_back();
        for (const Cell& cell : row) {
            line.push_back(printable(cell.text));
            if (widths.size() < line.size()) widths.push_back(0);
            auto& width = widths[line.size() - 1];
            width = std::max(width, columns(line.back()));
        }
    }
    std::string text;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        std::string line(indent_, ' ');
        std::size_t owed = 0;  // spaces that are written only if something follows
        for (std::size_t c = 0; c < rows_[r].size(); ++c) {
            const std::size_t width = columns(words[r][c]);
            if (width != 0) {
                line.append(owed, ' ');
                owed = 0;
                line += toned(std::move(words[r][c]), rows_[r][c].tone, color);
            }
            owed += widths[c] - width + 2;
        }
        text += line + "\n";
    }
    return text;
}

}  // namespace latchkey::cli
