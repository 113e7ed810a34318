#pragma once

// The options of one verb, declared as a table and bound to the verb's variables:
//
//     Options options("check", "Monitoring plugin: ...");
//     options.text("--product", product, "only this product");
//     if (auto parsed = options.parse(args, common)) ...
//
// Plainly spelled command lines are read by hand, because `status` and `check` are called all day
// and CLI11 costs more than their work; anything else (help, abbreviations, mistakes) goes to
// CLI11, which knows the same table. CLI11 stays in options.cpp.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::cli {

using Arguments = std::span<const std::string_view>;

/// What every verb takes.
struct Common {
    bool json = false;
    std::string socket;  ///< empty: from `config`, or the default
    std::string config;
    Duration timeout = seconds{30};
};

class Options {
public:
    Options(std::string_view verb, std::string_view about);

    Options& flag(std::string_view name, bool& into, std::string_view help);
    /// `name` is "--product" or "-o,--output".
    Options& text(std::string_view name, std::string& into, std::string_view help,
                  bool required = false);
    /// A text whose absence differs from an empty one.
    Options& optional_text(std::string_view name, std::optional<std::string>& into,
                           std::string_view help);
    Options& number(std::string_view name, std::int64_t& into, std::int64_t min, std::int64_t max,
                    std::string_view help);
    /// The next argument without a name.
    Options& operand(std::string_view name, std::string& into, std::string_view help);

    /// Help that was asked for is an outcome, not a failure.
    struct Parsed {
        bool help_wanted = false;
        std::string help;
    };
    /// Adds the common options and reads. Fails with Code::usage.
    Result<Parsed> parse(Arguments arguments, Common& common);

private:
    struct Number {
        std::int64_t* into;
        std::int64_t min;
        std::int64_t max;
    };
    struct Entry {
        std::string_view name;
        std::string_view help;
        std::variant<bool*, std::string*, std::optional<std::string>*, Number> into;
        bool is_operand = false;
        bool required = false;
    };

    bool parse_plain(Arguments arguments);
    Result<Parsed> parse_with_care(Arguments arguments);
    const Entry* find(std::string_view name) const;
    bool required_are_there(std::span<const std::string_view> seen) const;
    static bool store(const Entry& entry, std::string_view value);

    std::string_view verb_;
    std::string_view about_;
    std::vector<Entry> entries_;
};

}  // namespace latchkey::cli
