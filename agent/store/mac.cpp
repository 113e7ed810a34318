#include "agent/store/mac.h"

#include "platform/secure_file.h"

namespace latchkey::store {
namespace {

void append_length(std::string& out, std::size_t length) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>((static_cast<std::uint64_t>(length) >> shift) & 0xff);
}

}  // namespace

Result<std::optional<MacKey>> MacKey::load(const std::filesystem::path& path) {
    auto content = platform::read_secret_file(path, 2 * kSize);
    if (!content) return fail(content.error());
    if (!*content) return std::nullopt;
    auto bytes = from_hex(**content);
    licensing::wipe(**content);
    if (!bytes || bytes->size() != kSize) return std::nullopt;
    return MacKey(std::move(*bytes));
}

Result<MacKey> MacKey::make(const std::filesystem::path& path) {
    auto bytes = licensing::random_bytes(kSize);
    auto text = hex(bytes);
    const auto written = platform::write_secret_file(path, text);
    licensing::wipe(text);
    if (!written) return fail(written.error());
    return MacKey(std::move(bytes));
}

MacKey::~MacKey() { licensing::wipe(key_); }

Mac MacKey::of(std::initializer_list<std::string_view> parts) const {
    std::string message;
    for (const auto part : parts) {
        append_length(message, part.size());
        message += part;
    }
    return licensing::hmac_sha256(key_, as_bytes(message));
}

bool equal(const Mac& mac, const Bytes& stored) {
    return stored.size() == mac.size() && licensing::equal_secret(mac, stored);
}

std::string_view as_text(const Mac& mac) {
    return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

}  // namespace latchkey::store
