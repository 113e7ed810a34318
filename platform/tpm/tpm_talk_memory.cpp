#include "platform/tpm/tpm_talk_memory.h"

#include <utility>

#include "platform/tpm/tpm_codes.h"

namespace latchkey::platform {
namespace {

using namespace tpm2;

constexpr std::uint16_t kBytes = 8;

// TPMA_NV
constexpr std::uint32_t kAuthWrite = 1U << 2;
constexpr std::uint32_t kCounter = 1U << 4;
constexpr std::uint32_t kWriteLocked = 1U << 11;
constexpr std::uint32_t kWriteDefine = 1U << 13;
constexpr std::uint32_t kAuthRead = 1U << 18;
constexpr std::uint32_t kNoDictionary = 1U << 25;
constexpr std::uint32_t kWritten = 1U << 29;

std::uint32_t attributes(TpmTalkMemory::Kind kind) {
    return kAuthWrite | kAuthRead | kNoDictionary |
           (kind == TpmTalkMemory::Kind::counter ? kCounter : kWriteDefine);
}

/// TPM2B_NV_PUBLIC, without a policy.
Bytes form(std::uint32_t index, std::uint32_t with) {
    TpmWriter area;
    area.u32(index).u16(kSha256).u32(with).sized({}).u16(kBytes);
    return TpmWriter().sized(area.bytes()).bytes();
}

}  // namespace

std::optional<TpmTalkMemory::Place> TpmTalkMemory::find(std::uint32_t index, Kind kind) {
    if (!talk_.has_handle(index)) return std::nullopt;
    const auto answer = talk_.ask({.code = kNvReadPublic, .handles = {index}});
    if (!answer) return std::nullopt;
    TpmFields in(answer->parameters);
    const auto area = in.sized();
    (void)in.sized();  // its name
    TpmFields place(area);
    (void)place.u32();
    (void)place.u16();
    const auto found = place.u32();
    const auto fits = form(index, attributes(kind) | (found & (kWritten | kWriteLocked)));
    if (!in.finished() || TpmWriter().sized(area).bytes() != fits) {
        talk_.fail_with({TpmFailure::refused, "something of somebody else's lies in that place"});
        return std::nullopt;
    }
    return Place{index, (found & kWritten) != 0};
}

std::optional<TpmTalkMemory::Place> TpmTalkMemory::define(std::uint32_t index, Kind kind) {
    TpmWriter parameters;
    parameters.sized(authorisation_).raw(form(index, attributes(kind)));
    const auto answer = talk_.ask({.code = kNvDefineSpace,
                                   .handles = {kOwner},
                                   .authorisations = {{kPassword}},
                                   .parameters = parameters.bytes()});
    return answer ? std::optional(Place{index, false}) : std::nullopt;
}

std::optional<TpmAnswer> TpmTalkMemory::ask(std::uint32_t code, const Place& place,
                                            Bytes parameters) {
    return talk_.ask({.code = code,
                      .handles = {place.index, place.index},
                      .authorisations = {{kPassword, authorisation_}},
                      .parameters = std::move(parameters)});
}

bool TpmTalkMemory::increment(Place& counter) {
    counter.written = ask(kNvIncrement, counter, {}).has_value();
    return counter.written;
}

bool TpmTalkMemory::write_once(Place& place, std::uint64_t value) {
    const Bytes data = TpmWriter().u64(value).bytes();
    place.written = ask(kNvWrite, place, TpmWriter().sized(data).u16(0).bytes()).has_value();
    return place.written && ask(kNvWriteLock, place, {}).has_value();
}

std::optional<std::uint64_t> TpmTalkMemory::read(const Place& place) {
    const auto answer = ask(kNvRead, place, TpmWriter().u16(kBytes).u16(0).bytes());
    if (!answer) return std::nullopt;
    TpmFields in(answer->parameters);
    const auto size = in.u16();
    const auto value = in.u64();
    if (in.finished() && size == kBytes) return value;
    talk_.fail_with({TpmFailure::refused, "the TPM's answer cannot be read"});
    return std::nullopt;
}

}  // namespace latchkey::platform
