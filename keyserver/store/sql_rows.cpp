#include "keyserver/store/sql_rows.h"

#include <charconv>
#include <limits>

#include "base/strict_json.h"
#include "licensing/messages.h"

namespace latchkey::keyserver {

Result<std::int64_t> page_start(const Page& page) {
    std::int64_t start = 0;
    if (page.after.empty()) return start;
    const char* end = page.after.data() + page.after.size();
    const auto [stop, error] = std::from_chars(page.after.data(), end, start);
    if (error != std::errc{} || stop != end || start < 0)
        return fail(Code::usage, "this cursor was not made by an earlier answer");
    return start;
}

Result<std::int64_t> page_end(const Page& page) {
    if (page.after.empty()) return std::numeric_limits<std::int64_t>::max();
    return page_start(page);
}

std::string fingerprint_text(const hwid::Fingerprint& fingerprint) {
    return json::to_text(licensing::to_json(fingerprint));
}

Result<hwid::Fingerprint> fingerprint_from(const std::string& text) {
    const auto value = json::parse_strict(text, {.max_bytes = 256 * 1024});
    if (!value) return fail(Code::state_corrupt, "a machine's fingerprint is damaged");
    auto fingerprint = licensing::fingerprint_from_json(*value);
    if (!fingerprint) return fail(Code::state_corrupt, "a machine's fingerprint is damaged");
    return fingerprint;
}

}  // namespace latchkey::keyserver
