#include "platform/tpm/tpm_wire.h"

#include <algorithm>

#include "platform/tpm/tpm_codes.h"

namespace latchkey::platform {
namespace {

constexpr std::size_t kHeaderBytes = 10;
constexpr std::uint8_t kContinueSession = 1;

/// A TPM 1.2 answers what it does not understand with this.
constexpr std::uint16_t kTag12 = 0x00c4;

template <class Number>
void append(Bytes& to, Number value) {
    for (std::size_t i = sizeof value; i-- > 0;)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

TpmWriter& TpmWriter::u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
}

TpmWriter& TpmWriter::u16(std::uint16_t value) {
    append(bytes_, value);
    return *this;
}

TpmWriter& TpmWriter::u32(std::uint32_t value) {
    append(bytes_, value);
    return *this;
}

TpmWriter& TpmWriter::u64(std::uint64_t value) {
    append(bytes_, value);
    return *this;
}

TpmWriter& TpmWriter::raw(std::span<const std::uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
}

TpmWriter& TpmWriter::sized(std::span<const std::uint8_t> bytes) {
    const auto said = static_cast<std::uint16_t>(std::min<std::size_t>(bytes.size(), 0xffff));
    return u16(said).raw(bytes.first(said));
}

std::uint64_t TpmFields::number(std::size_t size) {
    std::uint64_t value = 0;
    for (const auto byte : raw(size)) value = value << 8 | byte;
    return value;
}

std::uint8_t TpmFields::u8() { return static_cast<std::uint8_t>(number(1)); }
std::uint16_t TpmFields::u16() { return static_cast<std::uint16_t>(number(2)); }
std::uint32_t TpmFields::u32() { return static_cast<std::uint32_t>(number(4)); }
std::uint64_t TpmFields::u64() { return number(8); }

std::span<const std::uint8_t> TpmFields::raw(std::size_t size) {
    ok_ = ok_ && size <= left_.size();
    if (!ok_) return {};
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
}

std::span<const std::uint8_t> TpmFields::sized() { return raw(u16()); }

Bytes to_bytes(const TpmCommand& command) {
    TpmWriter body;
    for (const auto handle : command.handles) body.u32(handle);
    if (!command.authorisations.empty()) {
        TpmWriter area;
        for (const auto& by : command.authorisations)
            area.u32(by.session).sized({}).u8(kContinueSession).sized(by.password);
        body.u32(static_cast<std::uint32_t>(area.bytes().size())).raw(area.bytes());
    }
    body.raw(command.parameters);
    TpmWriter whole;
    whole.u16(command.authorisations.empty() ? tpm2::kTagNoSessions : tpm2::kTagSessions)
        .u32(static_cast<std::uint32_t>(kHeaderBytes + body.bytes().size()))
        .u32(command.code)
        .raw(body.bytes());
    return whole.bytes();
}

std::optional<TpmAnswer> parse_tpm_answer(const TpmCommand& command,
                                          std::span<const std::uint8_t> bytes) {
    if (bytes.size() > kMostTpmBytes) return std::nullopt;
    TpmFields in(bytes);
    const auto tag = in.u16();
    const auto size = in.u32();
    TpmAnswer out;
    out.code = in.u32();
    if (!in.ok() || size != bytes.size()) return std::nullopt;
    if (out.code != tpm2::kSuccess) {
        const bool known = tag == tpm2::kTagNoSessions || tag == kTag12;
        return known && in.finished() ? std::optional(out) : std::nullopt;
    }
    const bool sessions = !command.authorisations.empty();
    if (tag != (sessions ? tpm2::kTagSessions : tpm2::kTagNoSessions)) return std::nullopt;
    if (command.answers_with_handle) out.handle = in.u32();
    const std::size_t handle_bytes = command.answers_with_handle ? 4 : 0;
    const std::size_t rest = bytes.size() - std::min(bytes.size(), kHeaderBytes + handle_bytes);
    const auto parameters = in.raw(sessions ? in.u32() : rest);
    out.parameters.assign(parameters.begin(), parameters.end());
    // One acknowledgement a session: a nonce, attributes, and a proof that none of ours has.
    for (std::size_t i = 0; i < command.authorisations.size(); ++i) {
        (void)in.sized();
        (void)in.u8();
        (void)in.sized();
    }
    return in.finished() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace latchkey::platform
