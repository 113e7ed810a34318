#include "platform/tpm/tpm_memory_linux.h"

#include <algorithm>

namespace latchkey::platform {
namespace {

constexpr std::uint16_t kBytes = 8;

/// Somebody else's index lies there: what the library says of a value that does not fit.
constexpr TSS2_RC kForeign = TSS2_BASE_RC_BAD_VALUE;

TPMS_NV_PUBLIC form(TPM2_HANDLE index, TpmMemory::Kind kind) {
    TPMS_NV_PUBLIC out{};
    out.nvIndex = index;
    out.nameAlg = TPM2_ALG_SHA256;
    out.attributes = TPMA_NV_AUTHWRITE | TPMA_NV_AUTHREAD | TPMA_NV_NO_DA;
    out.attributes |= kind == TpmMemory::Kind::counter
                          ? static_cast<TPMA_NV>(TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT)
                          : TPMA_NV_WRITEDEFINE;
    out.dataSize = kBytes;
    return out;
}

bool fits(const TPMS_NV_PUBLIC& found, const TPMS_NV_PUBLIC& wanted) {
    constexpr TPMA_NV kComesLater = TPMA_NV_WRITTEN | TPMA_NV_WRITELOCKED;
    return found.nameAlg == wanted.nameAlg && found.dataSize == wanted.dataSize &&
           (found.attributes & ~kComesLater) == wanted.attributes && found.authPolicy.size == 0;
}

}  // namespace

bool TpmMemory::open(ESYS_TR handle) {
    TPM2B_AUTH authorisation{};
    authorisation.size = static_cast<UINT16>(authorisation_.size());
    std::copy(authorisation_.begin(), authorisation_.end(), authorisation.buffer);
    return session_.worked(
        session_.tss().set_authorisation(session_.context(), handle, &authorisation));
}

std::optional<TpmMemory::Place> TpmMemory::find(TPM2_HANDLE index, Kind kind) {
    if (!session_.has_handle(index)) return std::nullopt;
    const auto& tss = session_.tss();
    auto* const context = session_.context();
    Place place;
    if (!session_.worked(tss.from_tpm_public(context, index, ESYS_TR_NONE, ESYS_TR_NONE,
                                             ESYS_TR_NONE, &place.handle)))
        return std::nullopt;
    TPM2B_NV_PUBLIC* found = nullptr;
    const bool told = session_.worked(tss.nv_read_public(
        context, place.handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &found, nullptr));
    const auto area = session_.owned(found);
    if (!told || !area) return std::nullopt;
    if (!fits(area->nvPublic, form(index, kind))) {
        (void)session_.worked(kForeign);
        return std::nullopt;
    }
    place.written = (area->nvPublic.attributes & TPMA_NV_WRITTEN) != 0;
    return open(place.handle) ? std::optional(place) : std::nullopt;
}

std::optional<TpmMemory::Place> TpmMemory::define(TPM2_HANDLE index, Kind kind) {
    TPM2B_AUTH authorisation{};
    authorisation.size = static_cast<UINT16>(authorisation_.size());
    std::copy(authorisation_.begin(), authorisation_.end(), authorisation.buffer);
    TPM2B_NV_PUBLIC wanted{};
    wanted.nvPublic = form(index, kind);
    Place place;
    if (!session_.worked(session_.tss().nv_define_space(
            session_.context(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
            &authorisation, &wanted, &place.handle)))
        return std::nullopt;
    return open(place.handle) ? std::optional(place) : std::nullopt;
}

bool TpmMemory::increment(Place& counter) {
    counter.written = session_.worked(
        session_.tss().nv_increment(session_.context(), counter.handle, counter.handle,
                                    ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE));
    return counter.written;
}

bool TpmMemory::write_once(Place& place, std::uint64_t value) {
    TPM2B_MAX_NV_BUFFER data{};
    data.size = kBytes;
    for (int i = 0; i < kBytes; ++i)
        data.buffer[i] = static_cast<std::uint8_t>(value >> (8 * (kBytes - 1 - i)));
    const auto& tss = session_.tss();
    place.written =
        session_.worked(tss.nv_write(session_.context(), place.handle, place.handle,
                                     ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data, 0));
    return place.written &&
           session_.worked(tss.nv_write_lock(session_.context(), place.handle, place.handle,
                                             ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE));
}

std::optional<std::uint64_t> TpmMemory::read(const Place& place) {
    TPM2B_MAX_NV_BUFFER* got = nullptr;
    const bool told = session_.worked(
        session_.tss().nv_read(session_.context(), place.handle, place.handle, ESYS_TR_PASSWORD,
                               ESYS_TR_NONE, ESYS_TR_NONE, kBytes, 0, &got));
    const auto data = session_.owned(got);
    if (!told || !data || data->size != kBytes) return std::nullopt;
    std::uint64_t value = 0;
    for (int i = 0; i < kBytes; ++i) value = value << 8 | data->buffer[i];
    return value;
}

}  // namespace latchkey::platform
