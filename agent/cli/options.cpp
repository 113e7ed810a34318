#include "agent/cli/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

namespace latchkey::cli {
namespace {

constexpr std::int64_t kMaxTimeoutSeconds = 86400;

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// True where `name` is one of the spellings in "-o,--output".
bool is_spelling(std::string_view spellings, std::string_view name) {
    while (!spellings.empty()) {
        const auto end = std::min(spellings.find(','), spellings.size());
        if (spellings.substr(0, end) == name) return true;
        spellings.remove_prefix(std::min(end + 1, spellings.size()));
    }
    return false;
}

}  // namespace

Options::Options(std::string_view verb, std::string_view about) : verb_(verb), about_(about) {
    entries_.reserve(12);
}

Options& Options::flag(std::string_view name, bool& into, std::string_view help) {
    entries_.push_back({name, help, &into, false, false});
    return *this;
}

Options& Options::text(std::string_view name, std::string& into, std::string_view help,
                       bool required) {
    entries_.push_back({name, help, &into, false, required});
    return *this;
}

Options& Options::optional_text(std::string_view name, std::optional<std::string>& into,
                                std::string_view help) {
    entries_.push_back({name, help, &into, false, false});
    return *this;
}

Options& Options::number(std::string_view name, std::int64_t& into, std::int64_t min,
                         std::int64_t max, std::string_view help) {
    entries_.push_back({name, help, Number{&into, min, max}, false, false});
    return *this;
}

Options& Options::operand(std::string_view name, std::string& into, std::string_view help) {
    entries_.push_back({name, help, &into, true, false});
    return *this;
}

Result<Options::Parsed> Options::parse(Arguments arguments, Common& common) {
    std::int64_t timeout = std::chrono::duration_cast<seconds>(common.timeout).count();
    flag("--json", common.json, "JSON alone on standard output, errors included");
    text("--socket", common.socket, "the agent's local endpoint");
    text("--config", common.config, "read [paths] socket from this agent.toml");
    number("--timeout", timeout, 1, kMaxTimeoutSeconds, "seconds to wait for the agent");
    Result<Parsed> parsed = Parsed{};
    if (!parse_plain(arguments)) parsed = parse_with_care(arguments);
    common.timeout = seconds{timeout};
    return parsed;
}

const Options::Entry* Options::find(std::string_view name) const {
    for (const Entry& entry : entries_)
        if (!entry.is_operand && is_spelling(entry.name, name)) return &entry;
    return nullptr;
}

bool Options::store(const Entry& entry, std::string_view value) {
    if (auto* const* text = std::get_if<std::string*>(&entry.into)) {
        **text = value;
        return true;
    }
    if (auto* const* text = std::get_if<std::optional<std::string>*>(&entry.into)) {
        **text = std::string(value);
        return true;
    }
    const auto* number = std::get_if<Number>(&entry.into);
    const auto read = number ? whole_number(value) : std::nullopt;
    if (!read || *read < number->min || *read > number->max) return false;
    *number->into = *read;
    return true;
}

/// False: something is not plain, and CLI11 shall judge it from the start.
bool Options::parse_plain(Arguments arguments) {
    std::vector<std::string_view> seen;
    std::size_t operands = 0;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        if (argument.empty()) return false;
        if (argument.front() != '-' || argument == "-") {
            const auto wanted = std::find_if(
                entries_.begin(), entries_.end(),
                [skip = operands](const Entry& e) mutable { return e.is_operand && skip-- == 0; });
            if (wanted == entries_.end()) return false;
            ++operands;
            store(*wanted, argument);
            continue;
        }
        const Entry* const entry = find(argument);
        if (entry == nullptr || std::count(seen.begin(), seen.end(), entry->name) != 0)
            return false;
        seen.push_back(entry->name);
        if (auto* const* flag = std::get_if<bool*>(&entry->into)) {
            **flag = true;
            continue;
        }
        if (++i == arguments.size() || arguments[i].empty() || arguments[i].front() == '-')
            return false;
        if (!store(*entry, arguments[i])) return false;
    }
    return required_are_there(seen);
}

bool Options::required_are_there(std::span<const std::string_view> seen) const {
    return std::all_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return !entry.required || std::count(seen.begin(), seen.end(), entry.name) != 0;
    });
}

Result<Options::Parsed> Options::parse_with_care(Arguments arguments) {
    CLI::App app(std::string(about_), "latchkey " + std::string(verb_));
    for (const Entry& entry : entries_) {
        const std::string name(entry.name);
        const std::string help(entry.help);
        CLI::Option* option = nullptr;
        if (auto* const* flag = std::get_if<bool*>(&entry.into)) {
            option = app.add_flag(name, **flag, help);
        } else if (auto* const* text = std::get_if<std::string*>(&entry.into)) {
            option = app.add_option(name, **text, help);
        } else if (auto* const* given = std::get_if<std::optional<std::string>*>(&entry.into)) {
            // Into an optional CLI11 would read an empty text as none.
            const auto keep = [into = *given](const std::string& value) { *into = value; };
            option = app.add_option_function<std::string>(name, keep, help);
        } else if (const auto* number = std::get_if<Number>(&entry.into)) {
            option = app.add_option(name, *number->into, help);
            option->check(CLI::Range(number->min, number->max));
        }
        if (entry.required) option->required();
    }
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        return Parsed{true, app.help()};
    } catch (const CLI::ParseError& error) {
        return fail(Code::usage, "latchkey " + std::string(verb_) + ": " + error.what());
    }
    return Parsed{};
}

}  // namespace latchkey::cli
