#include "agent/cli/line_reader.h"

#include <algorithm>
#include <cstring>

namespace latchkey::cli {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

}  // namespace

LineReader::LineReader(std::FILE* stream, std::size_t max_line)
    : stream_(stream), max_line_(max_line), buffer_(max_line + kPiece) {}

/// Makes room at the end and reads more; false at the end of the stream.
bool LineReader::fill() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::size_t room = std::min(buffer_.size() - end_, kPiece);
    const std::size_t got = std::fread(buffer_.data() + end_, 1, room, stream_);
    end_ += got;
    return got > 0;
}

std::optional<LineReader::Line> LineReader::next() {
    bool too_long = false;
    std::size_t searched = 0;
    for (;;) {
        const char* const start = buffer_.data() + begin_;
        const auto* const found =
            static_cast<const char*>(std::memchr(start + searched, '\n', end_ - begin_ - searched));
        if (found != nullptr) {
            const auto length = static_cast<std::size_t>(found - start);
            begin_ += length + 1;
            too_long = too_long || length > max_line_;
            return Line{{start, too_long ? 0 : length}, too_long};
        }
        searched = end_ - begin_;
        if (searched > max_line_) {
            too_long = true;
            begin_ = end_;
            searched = 0;
        }
        if (fill()) continue;
        if (begin_ == end_ && !too_long) return std::nullopt;
        const Line last{{buffer_.data() + begin_, too_long ? 0 : end_ - begin_}, too_long};
        begin_ = end_;
        return last;
    }
}

}  // namespace latchkey::cli
