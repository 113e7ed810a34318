#include "agent/cli/table.h"

#include <algorithm>

#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kGap = 2;

struct LaidCell {
    Line parts;
    std::size_t width = 0;
};

LaidCell lay_cell(const Cell& cell, const Look& look) {
    LaidCell laid;
    const auto add = [&](std::string_view text, Tone tone) {
        auto& part = laid.parts.emplace_back(Span{shown(text, look), tone});
        laid.width += columns(part.text);
    };
    add(cell.text, cell.tone);
    for (const Span& span : cell.more) add(span.text, span.tone);
    return laid;
}

}  // namespace

struct Table::Laid {
    std::vector<std::vector<LaidCell>> rows;
    std::vector<std::size_t> widths;
};

Table::Laid Table::lay_out(const Look& look) const {
    Laid laid;
    for (const auto& row : rows_) {
        auto& line = laid.rows.emplace_back();
        for (const Cell& cell : row) {
            line.push_back(lay_cell(cell, look));
            if (laid.widths.size() < line.size()) laid.widths.push_back(0);
            auto& width = laid.widths[line.size() - 1];
            width = std::max(width, line.back().width);
        }
    }
    return laid;
}

void Table::heading(const std::vector<std::string>& titles) {
    std::vector<Cell> cells;
    for (const auto& title : titles) cells.push_back({title, Tone::heading});
    row(std::move(cells));
}

std::size_t Table::width(const Look& look) const {
    const Laid laid = lay_out(look);
    std::size_t widest = 0;
    for (const auto& row : laid.rows) {
        std::size_t at = indent_;
        std::size_t end = 0;
        for (std::size_t c = 0; c < row.size(); ++c) {
            if (row[c].width != 0) end = at + row[c].width;
            at += laid.widths[c] + kGap;
        }
        widest = std::max(widest, end);
    }
    return widest;
}

std::string Table::text(const Look& look) const {
    Laid laid = lay_out(look);
    std::string text;
    for (auto& row : laid.rows) {
        std::string line(indent_, ' ');
        std::size_t owed = 0;  // spaces that are written only if something follows
        for (std::size_t c = 0; c < row.size(); ++c) {
            if (row[c].width != 0) {
                line.append(owed, ' ');
                owed = 0;
                for (Span& part : row[c].parts)
                    line += toned(std::move(part.text), part.tone, look.color);
            }
            owed += laid.widths[c] - row[c].width + kGap;
        }
        text += line + "\n";
    }
    return text;
}

}  // namespace latchkey::cli
