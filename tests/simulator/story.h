#pragma once

// The life of one machine, line by line, in names that are the same in every run: ids, keys and
// paths are drawn anew each time and never appear in it.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace latchkey::simulator {

/// First instant of every simulated world.
inline constexpr WallTime kFirstDay{seconds{1'780'272'000}};  // 2026-06-01T00:00:00Z

/// "2026-06-03 14:05"
std::string date_of(Duration since_start);
/// "12 d 3 h", "40 min"
std::string words_for(Duration duration);

/// Replaces what differs between runs by what does not.
class Names {
public:
    /// `random` is told as `stable` from now on.
    void tell(const std::string& random, const std::string& stable) { known_[random] = stable; }
    std::string scrub(std::string text) const;

private:
    std::map<std::string, std::string> known_;
};

class Story {
public:
    /// Keeps everything where `whole`, else the last lines only.
    Story(const Names& names, bool whole) : names_(names), whole_(whole) {}

    void tell(Duration at, const char* who, const std::string& text);
    const std::deque<std::string>& lines() const { return lines_; }
    /// Of every line ever told: two runs that agree in it told the same story.
    std::uint64_t digest() const { return digest_; }
    std::uint64_t count() const { return count_; }

private:
    const Names& names_;
    bool whole_;
    std::deque<std::string> lines_;
    std::uint64_t digest_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace latchkey::simulator
