#include "tests/simulator/options.h"

#include <charconv>
#include <cstdio>
#include <string_view>

namespace latchkey::simulator {
namespace {

constexpr std::uint32_t kLargestHerd = 10'000'000;

constexpr const char* kUsage =
    "usage: simulate [--seed N] [--device-years N] [--machine M [--world W]] [--herd [AGENTS]]\n"
    "\n"
    "  --seed N          the same seed tells the same story (default 1)\n"
    "  --device-years N  ten machines live a year together; so many of these (default 20)\n"
    "  --machine M       tells the life of one machine, such as m3 (--world W: in that world)\n"
    "  --herd [AGENTS]   only the herd after an outage (default 1000000, at most 10000000)\n";

template <class Number>
bool read(std::string_view text, Number least, Number most, Number& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc() && end == text.data() + text.size() && into >= least &&
           into <= most;
}

}  // namespace

std::optional<Options> read_options(int count, char** words) {
    Options options;
    const auto bad = [](std::string_view word) {
        std::fprintf(stderr, "simulate: what is \"%.*s\"?\n%s", static_cast<int>(word.size()),
                     word.data(), kUsage);
        return std::nullopt;
    };
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        const std::string_view value = i + 1 < count ? words[i + 1] : "";
        bool good = true;
        if (word == "--help") {
            std::fputs(kUsage, stdout);
            options.help = true;
            continue;
        }
        if (word == "--herd") {
            options.herd_only = true;
            if (value.empty() || value.starts_with("--")) continue;
            good = read<std::uint32_t>(value, 1000, kLargestHerd, options.herd);
        } else if (word == "--seed") {
            good = read<std::uint64_t>(value, 0, ~std::uint64_t{0}, options.seed);
        } else if (word == "--device-years") {
            good = read(value, 1, 100'000, options.device_years);
        } else if (word == "--world") {
            good = read(value, 0, 10'000, options.world);
        } else if (word == "--machine") {
            options.machine = value;
            good = !value.empty();
        } else {
            return bad(word);
        }
        if (!good) return bad(std::string(word) + " " + std::string(value));
        ++i;
    }
    return options;
}

}  // namespace latchkey::simulator
