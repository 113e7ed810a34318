#pragma once

// One product as a card: a title, and lines with a label before them. Pure.

#include <string>

#include "agent/cli/document.h"
#include "agent/cli/look.h"
#include "agent/cli/outlook.h"
#include "base/time.h"

namespace latchkey::cli {

/// "● ", in the level's colour; "○ " for what is no matter of licensing.
Span mark(Level level, bool matters = true);

/// What is left of grace or lease, as a bar of `cells` and in words; empty where there is neither.
Line time_left_line(View product, WallTime now, Level level, std::size_t cells,
                    bool of_whole = true);

/// Lines "  label  text", the texts under each other.
class Card {
public:
    Card(const Look& look, std::size_t label_width) : look_(look), label_width_(label_width) {}
    void title(Line line);
    /// The label is left out where the line before had the same.
    void line(std::string_view label, Line text);
    std::string take() { return std::move(text_); }

private:
    const Look& look_;
    std::size_t label_width_;
    std::string last_label_;
    std::string text_;
};

/// Title, time left, uses, why, next, to do. `brief`: of a product that needs nobody.
void fill(Card& card, View status, View product, WallTime now, const Look& look, bool brief);

}  // namespace latchkey::cli
