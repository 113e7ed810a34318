#include "agent/cli/document.h"

#include "base/printable.h"

namespace latchkey::cli {

View View::operator[](std::string_view member) const {
    const auto* const object = value_ ? value_->if_object() : nullptr;
    const auto* const found = object ? object->if_contains(member) : nullptr;
    return found ? View(*found) : View();
}

std::string_view View::text() const {
    const auto* const string = value_ ? value_->if_string() : nullptr;
    return string ? std::string_view(string->data(), string->size()) : std::string_view();
}

std::optional<std::int64_t> View::number() const {
    const auto* const number = value_ ? value_->if_int64() : nullptr;
    return number ? std::optional(*number) : std::nullopt;
}

std::optional<double> View::real() const {
    if (const auto whole = number()) return static_cast<double>(*whole);
    const auto* const real = value_ ? value_->if_double() : nullptr;
    return real ? std::optional(*real) : std::nullopt;
}

bool View::truth() const {
    const auto* const flag = value_ ? value_->if_bool() : nullptr;
    return flag && *flag;
}

const bj::array& View::items() const {
    static const bj::array kNone;
    const auto* const array = value_ ? value_->if_array() : nullptr;
    return array ? *array : kNone;
}

void print_document(Console& console, const bj::value& document) {
    // A string inside JSON holds no raw control characters, but may hold bidirectional ones.
    if (console.is_terminal(Stream::out))
        out(console, printable_lines(json::to_pretty_text(document)) + "\n");
    else
        out(console, json::to_text(document) + "\n");
}

void print_document_text(Console& console, std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    if (console.is_terminal(Stream::out)) {
        const auto document = json::parse_strict(
            text, {.max_bytes = text.size(), .max_depth = 16, .allow_doubles = true});
        if (document) return print_document(console, *document);
        return out(console, printable_lines(text) + "\n");
    }
    out(console, text);
    out(console, "\n");
}

}  // namespace latchkey::cli
