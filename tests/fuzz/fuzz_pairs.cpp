#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "agent/cli/pairs.h"

namespace {

/// Counts lines, and holds that no control character of the input comes through.
class CountingConsole final : public latchkey::cli::Console {
public:
    void write(latchkey::cli::Stream stream, std::string_view text) override {
        for (const char c : text) {
            if (c == '\n') ++(stream == latchkey::cli::Stream::out ? results : complaints);
            if (static_cast<unsigned char>(c) < 0x20 && c != '\n') std::abort();
        }
    }
    bool flush() override { return true; }
    std::string trouble() const override { return {}; }
    std::optional<latchkey::cli::Window> window(latchkey::cli::Stream) const override {
        return std::nullopt;
    }
    latchkey::Result<std::string> read_input(std::size_t) override { return std::string(); }
    latchkey::Result<std::string> read_secret(std::string_view) override { return std::string(); }
    bool pause(latchkey::Duration) override { return true; }

    std::int64_t results = 0;
    std::int64_t complaints = 0;
};

}  // namespace

// Whatever the stream holds, each line gives one result or one complaint, and the stream goes on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::FILE* const stream = fmemopen(const_cast<std::uint8_t*>(data), size, "rb");
    if (stream == nullptr) return 0;
    CountingConsole console;
    const auto summary = latchkey::cli::compare_pairs(stream, size % 2 == 0, console);
    std::fclose(stream);
    if (!summary || summary->pairs != console.results || summary->skipped != console.complaints)
        std::abort();
    if (summary->same + summary->different + summary->insufficient != summary->pairs) std::abort();
    return 0;
}
