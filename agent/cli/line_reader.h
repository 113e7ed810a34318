#pragma once

// Lines of a stream of any length in constant memory.

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::cli {

class LineReader {
public:
    struct Line {
        std::string_view text;  ///< without the line break; valid until the next call
        bool too_long = false;  ///< the rest of the line was passed over
    };

    /// `stream` stays the caller's.
    LineReader(std::FILE* stream, std::size_t max_line);

    /// nullopt at the end of the stream, or after a read error (failed()).
    std::optional<Line> next();
    bool failed() const { return std::ferror(stream_) != 0; }

private:
    bool fill();

    std::FILE* stream_;
    std::size_t max_line_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace latchkey::cli
