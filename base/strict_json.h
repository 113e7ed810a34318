#pragma once

// The strict JSON reader for everything that crosses an edge: signed documents, wire messages,
// snapshots, configuration files of our own. Boost.JSON alone keeps the last of duplicate keys and
// turns 2^64 into a double; both are refused here, as are numbers that are not 64-bit integers
// (unless asked for), nesting deeper and texts longer than the limits.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::json {

namespace bj = boost::json;

struct Limits {
    std::size_t max_bytes = 64 * 1024;
    std::size_t max_depth = 16;
    bool allow_doubles = false;
    /// Errors also name the last member read: for files that people make, never for secrets.
    bool name_members = false;
};

/// Parses one whole document. Fails with Code::request_invalid; the detail names what and the byte
/// offset.
Result<bj::value> parse_strict(std::string_view text, const Limits& limits = {});

/// Reads members of one object by name and type, remembering the first failure, so that a parser
/// reads like a table:
///
///     ObjectReader in(value, "receipt");
///     receipt.id = in.string("receipt_id", 64);
///     receipt.counted = in.integer("counted", 0, 1);
///     if (auto bad = in.finish(Unknown::ignored)) return fail(*bad);
///
/// After a failure every further read returns an empty value. Text is valid UTF-8 (the parser
/// checked) and free of control characters unless asked for otherwise. The object must outlive the
/// reader.
class ObjectReader {
public:
    enum class Unknown { refused, ignored };

    /// `where` names the document in errors ("receipt", "activation request").
    ObjectReader(const bj::value& value, std::string where);

    std::string string(std::string_view name, std::size_t max_bytes);
    std::optional<std::string> optional_string(std::string_view name, std::size_t max_bytes);
    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min,
                                                 std::int64_t max);
    bool boolean(std::string_view name);
    bool boolean_or(std::string_view name, bool fallback);
    WallTime time(std::string_view name);
    std::optional<WallTime> optional_time(std::string_view name);
    /// nullptr after a failure, or where an optional member is absent or null.
    const bj::array* array(std::string_view name, std::size_t max_elements);
    const bj::array* optional_array(std::string_view name, std::size_t max_elements);
    const bj::value* object(std::string_view name);
    const bj::value* optional_object(std::string_view name);

    /// Records a failure of the caller's own ("unknown counting rule"); the first one wins.
    void refuse(std::string_view name, std::string_view why);
    bool ok() const { return !problem_; }

    /// The first failure, if any. `Unknown::refused` also refuses members nobody asked for.
    std::optional<Problem> finish(Unknown unknown);

private:
    const bj::value* find(std::string_view name, bool required);

    const bj::object* object_ = nullptr;
    std::string where_;
    std::vector<std::string_view> seen_;
    std::optional<Problem> problem_;
};

/// The text of a value on one line, members in insertion order.
std::string to_text(const bj::value& value);

/// An indented rendering for people (`--json` on a terminal and files meant to be read).
std::string to_pretty_text(const bj::value& value);

}  // namespace latchkey::json
