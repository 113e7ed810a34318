#pragma once

// HTML that is right by construction: markup comes from literals in our source alone, everything
// else is text or an attribute's value and is escaped. There is no way to put a string in as it is.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::keyserver::console {

/// A name of an element or attribute: a literal, checked when it is compiled.
class Name {
public:
    template <std::size_t N>
    consteval Name(const char (&literal)[N]) : text_(literal, N - 1) {
        for (const char c : text_)
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-'))
                throw "an HTML name is letters, digits and hyphens";
    }
    constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

struct Attribute {
    Name name;
    std::string value;
    bool present = true;  ///< false: it is left out
};
using Attributes = std::vector<Attribute>;

/// A piece of a page. Only the functions below make one.
class Html {
public:
    Html() = default;
    Html& operator+=(const Html& other) {
        markup_ += other.markup_;
        return *this;
    }
    friend Html operator+(Html first, const Html& second) { return first += second; }
    bool empty() const { return markup_.empty(); }
    const std::string& markup() const { return markup_; }

private:
    explicit Html(std::string markup) : markup_(std::move(markup)) {}
    std::string markup_;

    friend Html text(std::string_view value);
    friend Html document(const Html& root);
    friend Html make_element(Name name, const Attributes& attributes,
                             std::initializer_list<Html> children);
};

/// Escaped; without control and bidirectional characters (base/printable.h).
Html text(std::string_view value);

/// <name attributes>children</name>, or <name attributes> for elements without content.
Html make_element(Name name, const Attributes& attributes, std::initializer_list<Html> children);

template <std::same_as<Html>... Children>
Html element(Name name, const Attributes& attributes, const Children&... children) {
    return make_element(name, attributes, {children...});
}
template <std::same_as<Html>... Children>
Html element(Name name, const Children&... children) {
    return make_element(name, {}, {children...});
}

/// A whole document: <!DOCTYPE html> and its root.
Html document(const Html& root);

/// One piece of a path, percent-encoded.
std::string path_piece(std::string_view value);

}  // namespace latchkey::keyserver::console
