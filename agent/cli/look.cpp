#include "agent/cli/look.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kNarrowest = 24;  // below it nothing reads well anyway
constexpr std::string_view kFull = "█";
constexpr std::string_view kEmpty = "░";

struct Spelling {
    std::string_view glyph;
    std::string_view ascii;
};

constexpr std::array kSpellings{
    Spelling{kFull, "#"}, Spelling{kEmpty, "-"},   Spelling{"●", "*"},   Spelling{"▲", "!"},
    Spelling{"×", "x"},   Spelling{"○", "o"},      Spelling{"…", "..."}, Spelling{"–", "-"},
    Spelling{"—", "-"},   Spelling{"’", "'"},      Spelling{"‘", "'"},   Spelling{"“", "\""},
    Spelling{"”", "\""},  Spelling{"\u00a0", " "},
};

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
        case Tone::dim:
            return "\x1b[2m";
    }
    return "";
}

bool goes_on(char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80; }

/// Bytes of the first code point.
std::size_t first_glyph(std::string_view text) {
    std::size_t bytes = 1;
    while (bytes < text.size() && goes_on(text[bytes])) ++bytes;
    return bytes;
}

std::string in_ascii(std::string_view text) {
    std::string ascii;
    while (!text.empty()) {
        const auto glyph = text.substr(0, first_glyph(text));
        const auto* const known =
            std::find_if(kSpellings.begin(), kSpellings.end(),
                         [&](const Spelling& row) { return row.glyph == glyph; });
        if (glyph.size() == 1)
            ascii += glyph;
        else
            ascii += known == kSpellings.end() ? "?" : known->ascii;
        text.remove_prefix(glyph.size());
    }
    return ascii;
}

/// What stays on one line, of spans that touch without a space.
struct Word {
    Line parts;
    std::size_t width = 0;
    void add(std::string text, Tone tone) {
        width += columns(text);
        parts.push_back({std::move(text), tone});
    }
};

void split(const std::string& text, Tone tone, std::vector<Word>& words, bool& touches) {
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = std::min(text.find(' ', start), text.size());
        if (end > start) {
            if (!touches || words.empty()) words.emplace_back();
            words.back().add(text.substr(start, end - start), tone);
        }
        touches = end == text.size();
        start = end + 1;
    }
}

std::vector<Word> words_of(const Line& text, std::size_t room, const Look& look) {
    std::vector<Word> words;
    bool touches = false;
    for (const Span& span : text) {
        std::string clean = shown(span.text, look);
        if (span.whole && columns(clean) <= room) {
            if (!touches || words.empty()) words.emplace_back();
            words.back().add(std::move(clean), span.tone);
            touches = true;
        } else {
            split(clean, span.tone, words, touches);
        }
    }
    return words;
}

/// A line under construction: neighbours of one tone share their colour.
class Row {
public:
    explicit Row(std::string lead) : text_(std::move(lead)), at_(columns(text_)), start_(at_) {}
    std::size_t at() const { return at_; }
    bool empty() const { return at_ == start_; }
    void add(std::string text, Tone tone, bool color) {
        at_ += columns(text);
        if (tone != tone_) flush(color);
        tone_ = tone;
        run_ += text;
    }
    void space() {
        ++at_;
        run_ += ' ';
    }
    std::string end(bool color) {
        flush(color);
        text_.erase(text_.find_last_not_of(' ') + 1);
        return std::move(text_) + "\n";
    }

private:
    void flush(bool color) {
        // A space between two tones belongs to neither.
        const std::size_t spaces = run_.size() - (run_.find_last_not_of(' ') + 1);
        std::string run = run_.substr(0, run_.size() - spaces);
        text_ += toned(std::move(run), tone_, color) + std::string(spaces, ' ');
        run_.clear();
    }
    std::string text_;
    std::string run_;
    Tone tone_ = Tone::plain;
    std::size_t at_;
    std::size_t start_;
};

/// A word longer than a whole line is cut where the line ends.
void add_in_pieces(Row& row, const Word& word, std::size_t width, std::size_t indent, bool color,
                   std::string& done) {
    for (const Span& part : word.parts) {
        std::string_view rest = part.text;
        while (!rest.empty()) {
            const auto glyph = rest.substr(0, first_glyph(rest));
            if (row.at() + columns(glyph) > width && !row.empty()) {
                done += row.end(color);
                row = Row(std::string(indent, ' '));
            }
            row.add(std::string(glyph), part.tone, color);
            rest.remove_prefix(glyph.size());
        }
    }
}

}  // namespace

std::string toned(std::string text, Tone tone, bool color) {
    if (!color || tone == Tone::plain || text.empty()) return text;
    return std::string(escape_of(tone)) + text + "\x1b[0m";
}

std::string shown(std::string_view text, const Look& look) {
    std::string clean = printable(text);
    return look.unicode ? clean : in_ascii(clean);
}

std::string paragraph(std::string_view lead, std::size_t indent, const Line& text,
                      const Look& look) {
    const std::size_t width = std::max(look.width, kNarrowest);
    const std::size_t room = width > indent ? width - indent : 1;
    std::string done;
    Row row{std::string(lead)};
    for (const Word& word : words_of(text, room, look)) {
        if (!row.empty() && row.at() + 1 + word.width > width) {
            done += row.end(look.color);
            row = Row(std::string(indent, ' '));
        }
        if (!row.empty()) row.space();
        if (word.width > room)
            add_in_pieces(row, word, width, indent, look.color, done);
        else
            for (const Span& part : word.parts) row.add(part.text, part.tone, look.color);
    }
    return done + row.end(look.color);
}

Line bar(double filled, double whole, std::size_t cells, Tone tone) {
    const double share = whole > 0 ? std::clamp(filled / whole, 0.0, 1.0) : 0.0;
    auto full = static_cast<std::size_t>(std::lround(share * static_cast<double>(cells)));
    if (filled > 0 && full == 0) full = 1;
    Line line(2);
    for (std::size_t i = 0; i < full; ++i) line[0].text += kFull;
    for (std::size_t i = full; i < cells; ++i) line[1].text += kEmpty;
    line[0].tone = tone;
    line[1].tone = Tone::dim;
    return line;
}

namespace {

/// Colours take no columns.
std::size_t visible_columns(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\x1b') {
            plain += text[i];
            continue;
        }
        const auto end = text.find('m', i);
        if (end == std::string_view::npos) break;
        i = end;
    }
    return columns(plain);
}

std::string fitted_line(std::string_view line, std::size_t width) {
    if (visible_columns(line) <= width) return std::string(line);
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::string indent(std::min(begin + 2, width / 2), ' ');
    std::string out(line.substr(0, begin));
    std::size_t at = begin;
    line.remove_prefix(begin);
    for (bool first = true; !line.empty(); first = false) {
        const auto space = std::min(line.find_first_not_of(' '), line.size());
        const auto end = std::min(line.find(' ', space), line.size());
        const auto word = line.substr(space, end - space);
        const auto size = visible_columns(word);
        if (!first && at + space + size > width) {
            out += "\n" + indent;
            at = indent.size();
        } else {
            out.append(space, ' ');
            at += space;
        }
        out += word;
        at += size;
        line.remove_prefix(end);
    }
    return out;
}

}  // namespace

std::string fitted(std::string_view text, const Look& look) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        out += fitted_line(text.substr(0, end), look.width);
        if (end == text.size()) break;
        out += '\n';
        text.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace latchkey::cli
