#include "base/strict_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

namespace latchkey::json {
namespace {

/// Builds a value like Boost's own parser, and refuses what Boost lets pass.
struct StrictHandler {
    static constexpr std::size_t max_object_size = 4096;
    static constexpr std::size_t max_array_size = 65536;
    static constexpr std::size_t max_key_size = 256;
    static constexpr std::size_t max_string_size = 1u << 20;

    using error_code = boost::system::error_code;

    bj::value_stack stack;
    std::vector<std::set<std::string, std::less<>>> keys;
    std::string key;
    std::string last_member;
    bool names_members = false;
    bool allow_doubles = false;
    std::string why;

    bool refuse(error_code& ec, std::string reason) {
        why = std::move(reason);
        ec = bj::error::syntax;
        return false;
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) {
        keys.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t n, error_code&) {
        keys.pop_back();
        stack.push_object(n);
        return true;
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t n, error_code&) {
        stack.push_array(n);
        return true;
    }
    bool on_key_part(bj::string_view s, std::size_t, error_code&) {
        key.append(s.data(), s.size());
        stack.push_chars(s);
        return true;
    }
    bool on_key(bj::string_view s, std::size_t, error_code& ec) {
        key.append(s.data(), s.size());
        if (!keys.back().insert(key).second)
            return refuse(ec, "the member \"" + key + "\" appears twice");
        if (names_members) last_member = key;
        key.clear();
        stack.push_key(s);
        return true;
    }
    bool on_string_part(bj::string_view s, std::size_t, error_code&) {
        stack.push_chars(s);
        return true;
    }
    bool on_string(bj::string_view s, std::size_t, error_code&) {
        stack.push_string(s);
        return true;
    }
    bool on_number_part(bj::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t i, bj::string_view, error_code&) {
        stack.push_int64(i);
        return true;
    }
    bool on_uint64(std::uint64_t, bj::string_view, error_code& ec) {
        return refuse(ec, "a number is outside the 64-bit range");
    }
    bool on_double(double d, bj::string_view, error_code& ec) {
        if (!allow_doubles) return refuse(ec, "a number is not a 64-bit integer");
        stack.push_double(d);
        return true;
    }
    bool on_bool(bool b, error_code&) {
        stack.push_bool(b);
        return true;
    }
    bool on_null(error_code&) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(bj::string_view, error_code&) { return true; }
    bool on_comment(bj::string_view, error_code&) { return true; }
};

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

/// 16.6, where Boost.JSON writes 1.66E1. Numbers that are no plain decimals keep its spelling.
std::string decimal(double number) {
    std::array<char, 64> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                            std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(number)) return bj::serialize(bj::value(number));
    return {digits.data(), end};
}

bool holds_decimals(const bj::value& value) {
    if (const auto* object = value.if_object())
        return std::any_of(object->begin(), object->end(),
                           [](const auto& member) { return holds_decimals(member.value()); });
    if (const auto* array = value.if_array())
        return std::any_of(array->begin(), array->end(), holds_decimals);
    return value.is_double();
}

void append_plain(std::string& out, const bj::value& value) {
    if (!holds_decimals(value)) {
        out += bj::serialize(value);
    } else if (const auto* object = value.if_object()) {
        char separator = '{';
        for (const auto& [name, member] : *object) {
            out += std::exchange(separator, ',') + bj::serialize(bj::string_view(name)) + ":";
            append_plain(out, member);
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        char separator = '[';
        for (const auto& element : *array) {
            out += std::exchange(separator, ',');
            append_plain(out, element);
        }
        out += ']';
    } else {
        out += decimal(value.get_double());
    }
}

void append_pretty(std::string& out, const bj::value& value, std::size_t indent) {
    const std::string pad(indent + 2, ' ');
    if (const auto* object = value.if_object(); object && !object->empty()) {
        out += "{\n";
        std::size_t i = 0;
        for (const auto& [name, member] : *object) {
            out += pad + bj::serialize(bj::string_view(name)) + ": ";
            append_pretty(out, member, indent + 2);
            out += ++i < object->size() ? ",\n" : "\n";
        }
        out += std::string(indent, ' ') + "}";
    } else if (const auto* array = value.if_array(); array && !array->empty()) {
        out += "[\n";
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += pad;
            append_pretty(out, (*array)[i], indent + 2);
            out += i + 1 < array->size() ? ",\n" : "\n";
        }
        out += std::string(indent, ' ') + "]";
    } else {
        append_plain(out, value);
    }
}

}  // namespace

Result<bj::value> parse_strict(std::string_view text, const Limits& limits) {
    if (text.size() > limits.max_bytes) {
        return fail(Code::request_too_large, "the document has " + std::to_string(text.size()) +
                                                 " bytes; at most " +
                                                 std::to_string(limits.max_bytes) + " are read");
    }
    bj::parse_options options;
    options.max_depth = limits.max_depth;
    bj::basic_parser<StrictHandler> parser(options);
    parser.handler().allow_doubles = limits.allow_doubles;
    parser.handler().names_members = limits.name_members;
    boost::system::error_code ec;
    parser.handler().stack.reset();
    const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size()) {
        const auto rest = text.substr(used);
        if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) ec = bj::error::extra_data;
    }
    if (ec) {
        const auto& [why, last] = std::tie(parser.handler().why, parser.handler().last_member);
        return fail(Code::request_invalid, "not valid JSON near byte " + std::to_string(used) +
                                               (last.empty() ? "" : " (behind \"" + last + "\")") +
                                               ": " + (why.empty() ? ec.message() : why));
    }
    return parser.handler().stack.release();
}

ObjectReader::ObjectReader(const bj::value& value, std::string where) : where_(std::move(where)) {
    object_ = value.if_object();
    if (!object_) problem_ = Problem{Code::request_invalid, where_ + ": expected an object", {}};
}

void ObjectReader::refuse(std::string_view name, std::string_view why) {
    if (problem_) return;
    problem_ = Problem{
        Code::request_invalid, where_ + ": \"" + std::string(name) + "\" " + std::string(why), {}};
}

const bj::value* ObjectReader::find(std::string_view name, bool required) {
    if (problem_) return nullptr;
    seen_.push_back(name);
    const bj::value* member = object_->if_contains(name);
    if (member && !member->is_null()) return member;
    if (required) refuse(name, "is missing");
    return nullptr;
}

std::optional<std::string> ObjectReader::optional_string(std::string_view name,
                                                         std::size_t max_bytes) {
    const auto* member = find(name, false);
    if (!member) return std::nullopt;
    const auto* text = member->if_string();
    if (!text) return refuse(name, "must be a string"), std::nullopt;
    if (text->size() > max_bytes) {
        return refuse(name, "is longer than " + std::to_string(max_bytes) + " bytes"), std::nullopt;
    }
    if (has_control_characters({text->data(), text->size()})) {
        return refuse(name, "holds control characters"), std::nullopt;
    }
    return std::string(text->data(), text->size());
}

std::string ObjectReader::string(std::string_view name, std::size_t max_bytes) {
    if (!find(name, true)) return {};
    return optional_string(name, max_bytes).value_or(std::string{});
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name, std::int64_t min,
                                                           std::int64_t max) {
    const auto* member = find(name, false);
    if (!member) return std::nullopt;
    const auto* number = member->if_int64();
    if (!number) return refuse(name, "must be an integer"), std::nullopt;
    if (*number < min || *number > max) {
        refuse(name, "must lie between " + std::to_string(min) + " and " + std::to_string(max));
        return std::nullopt;
    }
    return *number;
}

std::int64_t ObjectReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    if (!find(name, true)) return min;
    return optional_integer(name, min, max).value_or(min);
}

bool ObjectReader::boolean_or(std::string_view name, bool fallback) {
    const auto* member = find(name, false);
    if (!member) return fallback;
    const auto* flag = member->if_bool();
    if (!flag) return refuse(name, "must be true or false"), fallback;
    return *flag;
}

bool ObjectReader::boolean(std::string_view name) {
    if (!find(name, true)) return false;
    return boolean_or(name, false);
}

std::optional<WallTime> ObjectReader::optional_time(std::string_view name) {
    const auto text = optional_string(name, 40);
    if (!text) return std::nullopt;
    const auto parsed = parse_wall_time(*text);
    if (!parsed) return refuse(name, parsed.error().detail), std::nullopt;
    return *parsed;
}

WallTime ObjectReader::time(std::string_view name) {
    if (!find(name, true)) return {};
    return optional_time(name).value_or(WallTime{});
}

const bj::array* ObjectReader::optional_array(std::string_view name, std::size_t max_elements) {
    const auto* member = find(name, false);
    if (!member) return nullptr;
    const auto* array = member->if_array();
    if (!array) return refuse(name, "must be an array"), nullptr;
    if (array->size() > max_elements) {
        return refuse(name, "has more than " + std::to_string(max_elements) + " elements"), nullptr;
    }
    return array;
}

const bj::array* ObjectReader::array(std::string_view name, std::size_t max_elements) {
    if (!find(name, true)) return nullptr;
    return optional_array(name, max_elements);
}

const bj::value* ObjectReader::optional_object(std::string_view name) {
    const auto* member = find(name, false);
    if (!member) return nullptr;
    if (!member->is_object()) return refuse(name, "must be an object"), nullptr;
    return member;
}

const bj::value* ObjectReader::object(std::string_view name) {
    if (!find(name, true)) return nullptr;
    return optional_object(name);
}

std::optional<Problem> ObjectReader::finish(Unknown unknown) {
    if (problem_ || unknown == Unknown::ignored) return problem_;
    for (const auto& member : *object_) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::find(seen_.begin(), seen_.end(), name) == seen_.end()) {
            refuse(name, "is not known here");
            break;
        }
    }
    return problem_;
}

std::string to_text(const bj::value& value) {
    std::string out;
    append_plain(out, value);
    return out;
}

std::string to_pretty_text(const bj::value& value) {
    std::string out;
    append_pretty(out, value, 0);
    return out;
}

}  // namespace latchkey::json
