#pragma once

// How text for people is laid out: what the terminal can show, and paragraphs in it. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::cli {

/// What the reader's terminal can show.
struct Look {
    bool color = false;
    bool unicode = true;  ///< false: ASCII alone, whatever names and errors hold
    std::size_t width = 100;
};

enum class Tone : std::uint8_t { plain, good, warning, bad, heading, dim };

/// `text` in the tone's colour; unchanged where `color` is false.
std::string toned(std::string text, Tone tone, bool color);

/// Without anything that moves the cursor, and in ASCII where the terminal knows no more.
std::string shown(std::string_view text, const Look& look);

struct Span {
    std::string text;  ///< made printable when it is laid out
    Tone tone = Tone::plain;
    bool whole = false;  ///< a command to copy: on one line wherever it fits on one
};
using Line = std::vector<Span>;

/// Text in lines of at most `look.width` columns, each ended by a line break. The first starts with
/// `lead` (printable already), the others with `indent` spaces.
std::string paragraph(std::string_view lead, std::size_t indent, const Line& text,
                      const Look& look);

/// Finished text (colours and all) with its longer lines broken between words, so that they fit
/// into `look.width`; what follows stands two columns further in than the line began.
std::string fitted(std::string_view text, const Look& look);

/// `filled` of `whole` in `cells` glyphs; at least one while anything is left. Two spans, so that
/// the empty part can be dimmed.
Line bar(double filled, double whole, std::size_t cells, Tone tone);

}  // namespace latchkey::cli
