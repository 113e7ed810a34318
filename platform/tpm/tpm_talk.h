#pragma once

// One conversation with a TPM over a wire, in its own language: for systems that have no library
// for it. What it loads is flushed at its end. Not thread-safe. Internal to platform/.

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "platform/tpm/tpm.h"
#include "platform/tpm/tpm_wire.h"

namespace latchkey::platform {

/// TPM2B_PUBLIC: TCG EK Credential Profile for TPM 2.0, template L-1.
Bytes endorsement_template_bytes();
/// TPM2B_PUBLIC: a restricted signing key on P-256; `unique` tells those of different purposes
/// apart.
Bytes attestation_template_bytes(std::span<const std::uint8_t, 32> unique);

class TpmTalk {
public:
    struct Key {
        std::uint32_t handle = 0;
        Bytes public_bytes;  ///< TPM2B_PUBLIC
    };
    struct Quoted {
        Bytes statement;  ///< TPMS_ATTEST
        Bytes signature;  ///< r and s, 32 bytes each
    };
    using Saved = Bytes;  ///< TPMS_CONTEXT

    /// The wire outlives it.
    explicit TpmTalk(TpmWire& wire) : wire_(wire) {}
    ~TpmTalk();
    TpmTalk(const TpmTalk&) = delete;
    TpmTalk& operator=(const TpmTalk&) = delete;

    /// Of the last call; where a call below gives nothing, the reason is trouble().
    bool failed() const { return trouble_.has_value(); }
    TpmTrouble trouble() const { return trouble_.value_or(TpmTrouble{}); }

    /// The endorsement key where TCG's place keeps the one of the template; none, and no failure,
    /// where it does not.
    std::optional<Key> kept_endorsement_key();
    std::optional<Key> create_endorsement_key();
    std::optional<Key> create_attestation_key(const TpmProver::Label& label);
    std::optional<Saved> save(const Key& key);
    std::optional<std::uint32_t> load(const Saved& saved);

    /// What the credential holds, where it was made for these two keys.
    std::optional<Bytes> activate(std::uint32_t attestation, std::uint32_t endorsement,
                                  std::span<const std::uint8_t> blob,
                                  std::span<const std::uint8_t> encrypted_secret);
    std::optional<Quoted> quote(std::uint32_t attestation,
                                std::span<const std::uint8_t> qualifying);

    /// For what goes on with the same conversation (tpm_talk_memory.h).
    std::optional<TpmAnswer> ask(const TpmCommand& command);
    bool has_handle(std::uint32_t handle);
    void fail_with(TpmTrouble trouble) { trouble_ = std::move(trouble); }

private:
    std::optional<Key> create_primary(std::span<const std::uint8_t> wanted);
    std::optional<std::uint32_t> endorsement_session();
    std::optional<Bytes> transmit(const Bytes& command);
    void flush(std::uint32_t handle);
    std::nullopt_t unreadable();

    TpmWire& wire_;
    bool broken_ = false;  ///< the wire failed: nothing more is asked
    std::optional<TpmTrouble> trouble_;
    std::vector<std::uint32_t> loaded_;
};

}  // namespace latchkey::platform
