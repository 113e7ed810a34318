#pragma once

// Reading and printing the agent's documents. A View never fails: what is missing, null or of
// another type reads as empty, so that a CLI of another version than the agent shows what it knows.

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/cli/console.h"
#include "base/strict_json.h"

namespace latchkey::cli {

namespace bj = json::bj;

/// Looks at a value that must outlive it.
class View {
public:
    View() = default;
    View(const bj::value& value) : value_(&value) {}  // NOLINT: a view, as string_view is one

    View operator[](std::string_view member) const;
    bool is_null() const { return value_ == nullptr || value_->is_null(); }
    std::string_view text() const;
    std::optional<std::int64_t> number() const;
    /// Also of a whole number.
    std::optional<double> real() const;
    bool truth() const;
    /// Empty where it is no array.
    const bj::array& items() const;

private:
    const bj::value* value_ = nullptr;
};

/// One document on standard output: indented for a terminal, on one line for a script.
void print_document(Console& console, const bj::value& document);

/// The same for a document that is text already.
void print_document_text(Console& console, std::string_view text);

}  // namespace latchkey::cli
