#include "platform/tpm/tpm_talk.h"

#include <algorithm>
#include <array>

#include "platform/random.h"
#include "platform/tpm/tpm_codes.h"

namespace latchkey::platform {
namespace {

using namespace tpm2;

constexpr std::uint32_t kKeptKey = 0x81010001;  // TCG's place for the RSA endorsement key
constexpr std::uint32_t kHandles = 1;           // TPM_CAP_HANDLES
constexpr std::uint8_t kPolicySession = 1;      // TPM_SE_POLICY
constexpr std::size_t kModulusBytes = 256;
constexpr std::size_t kCoordinateBytes = 32;

/// A TPM that is busy with itself may want to be asked again, but not for ever.
constexpr int kMostAttempts = 5;

/// Nothing that is handed to a TPM here is longer; more is not worth a question.
constexpr std::size_t kMostFieldBytes = 1024;

const TpmAuthorisation kEmptyPassword{kPassword};

/// A TPM may leave out leading zeros.
bool append_padded(Bytes& to, std::span<const std::uint8_t> number) {
    if (number.size() > kCoordinateBytes) return false;
    to.insert(to.end(), kCoordinateBytes - number.size(), 0);
    to.insert(to.end(), number.begin(), number.end());
    return true;
}

Bytes sized(std::span<const std::uint8_t> bytes) { return TpmWriter().sized(bytes).bytes(); }

/// Of template L-1: all that stands before the modulus is the template's.
bool is_endorsement_key(const Bytes& public_bytes) {
    const Bytes wanted = endorsement_template_bytes();
    return public_bytes.size() == wanted.size() &&
           std::equal(wanted.begin(), wanted.end() - kModulusBytes, public_bytes.begin());
}

}  // namespace

Bytes endorsement_template_bytes() {
    // fixedTPM, fixedParent, sensitiveDataOrigin, adminWithPolicy, restricted, decrypt
    constexpr std::uint32_t kAttributes = 0x000300b2;
    // PolicySecret with the endorsement hierarchy's authorisation ("PolicyA").
    constexpr std::array<std::uint8_t, 32> kPolicy = {
        0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
        0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
        0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};
    TpmWriter area;
    area.u16(kRsa).u16(kSha256).u32(kAttributes).sized(kPolicy);
    area.u16(kAes).u16(128).u16(kCfb).u16(kNull);
    area.u16(2048).u32(0).sized(Bytes(kModulusBytes));
    return sized(area.bytes());
}

Bytes attestation_template_bytes(std::span<const std::uint8_t, 32> unique) {
    // fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, restricted, sign
    constexpr std::uint32_t kAttributes = 0x00050472;
    TpmWriter area;
    area.u16(kEcc).u16(kSha256).u32(kAttributes).sized({});
    area.u16(kNull).u16(kEcdsa).u16(kSha256).u16(kP256).u16(kNull);
    area.sized(unique).sized(Bytes(kCoordinateBytes));
    return sized(area.bytes());
}

TpmTalk::~TpmTalk() {
    for (const auto handle : loaded_) flush(handle);
}

std::nullopt_t TpmTalk::unreadable() {
    trouble_ = TpmTrouble{TpmFailure::refused, "the TPM's answer cannot be read"};
    return std::nullopt;
}

std::optional<Bytes> TpmTalk::transmit(const Bytes& command) {
    if (broken_) return std::nullopt;  // and the first reason stands
    auto answer = wire_.transmit(command);
    if (answer) return std::move(*answer);
    broken_ = true;
    trouble_ = std::move(answer.error());
    return std::nullopt;
}

std::optional<TpmAnswer> TpmTalk::ask(const TpmCommand& command) {
    const Bytes bytes = to_bytes(command);
    for (int attempt = 1;; ++attempt) {
        const auto got = transmit(bytes);
        if (!got) return std::nullopt;
        auto answer = parse_tpm_answer(command, *got);
        if (!answer) return unreadable();
        if (asks_again(answer->code) && attempt < kMostAttempts) continue;
        trouble_.reset();
        if (answer->code == kSuccess) return answer;
        trouble_ = trouble_of_code(answer->code);
        return std::nullopt;
    }
}

/// Whatever comes of it, what happened before is the news.
void TpmTalk::flush(std::uint32_t handle) {
    auto news = trouble_;
    (void)ask({.code = kFlushContext, .parameters = TpmWriter().u32(handle).bytes()});
    trouble_ = std::move(news);
}

bool TpmTalk::has_handle(std::uint32_t handle) {
    const auto answer = ask({.code = kGetCapability,
                             .parameters = TpmWriter().u32(kHandles).u32(handle).u32(1).bytes()});
    if (!answer) return false;
    TpmFields in(answer->parameters);
    (void)in.u8();  // whether there are more
    const auto capability = in.u32();
    const auto count = in.u32();
    const auto first = count == 0 ? 0 : in.u32();
    if (!in.finished() || capability != kHandles || count > 1) {
        (void)unreadable();
        return false;
    }
    return count == 1 && first == handle;
}

std::optional<TpmTalk::Key> TpmTalk::kept_endorsement_key() {
    if (!has_handle(kKeptKey)) return std::nullopt;
    const auto answer = ask({.code = kReadPublic, .handles = {kKeptKey}});
    if (!answer) return std::nullopt;
    TpmFields in(answer->parameters);
    Key key{kKeptKey, sized(in.sized())};
    (void)in.sized();  // its names
    (void)in.sized();
    if (!in.finished()) return unreadable();
    return is_endorsement_key(key.public_bytes) ? std::optional(std::move(key)) : std::nullopt;
}

std::optional<TpmTalk::Key> TpmTalk::create_endorsement_key() {
    auto key = create_primary(endorsement_template_bytes());
    if (key && !is_endorsement_key(key->public_bytes)) return unreadable();
    return key;
}

std::optional<TpmTalk::Key> TpmTalk::create_attestation_key(const TpmProver::Label& label) {
    return create_primary(attestation_template_bytes(label));
}

/// Of the endorsement hierarchy, with an empty authorisation.
std::optional<TpmTalk::Key> TpmTalk::create_primary(std::span<const std::uint8_t> wanted) {
    TpmWriter parameters;
    parameters.sized(Bytes(4));               // no authorisation, no data
    parameters.raw(wanted).sized({}).u32(0);  // no data from outside, no PCRs
    const auto answer = ask({.code = kCreatePrimary,
                             .handles = {kEndorsement},
                             .authorisations = {kEmptyPassword},
                             .parameters = parameters.bytes(),
                             .answers_with_handle = true});
    if (!answer) return std::nullopt;
    loaded_.push_back(answer->handle);
    TpmFields in(answer->parameters);
    Key key{answer->handle, sized(in.sized())};
    (void)in.sized();                // how it was made,
    (void)in.sized();                // the digest of that,
    (void)in.u16(), (void)in.u32();  // a ticket
    (void)in.sized();
    (void)in.sized();  // and its name
    if (!in.finished()) return unreadable();
    return key;
}

std::optional<TpmTalk::Saved> TpmTalk::save(const Key& key) {
    auto answer = ask({.code = kContextSave, .handles = {key.handle}});
    if (!answer) return std::nullopt;
    return std::move(answer->parameters);
}

std::optional<std::uint32_t> TpmTalk::load(const Saved& saved) {
    const auto answer =
        ask({.code = kContextLoad, .parameters = saved, .answers_with_handle = true});
    if (!answer) return std::nullopt;
    loaded_.push_back(answer->handle);
    return answer->handle;
}

/// The endorsement key may be used by whoever knows the hierarchy's authorisation: an empty one.
std::optional<std::uint32_t> TpmTalk::endorsement_session() {
    std::array<std::uint8_t, 16> nonce{};
    fill_random(nonce);
    TpmWriter parameters;
    parameters.sized(nonce).sized({}).u8(kPolicySession).u16(kNull).u16(kSha256);
    const auto session = ask({.code = kStartAuthSession,
                              .handles = {kNoHandle, kNoHandle},
                              .parameters = parameters.bytes(),
                              .answers_with_handle = true});
    if (!session) return std::nullopt;
    loaded_.push_back(session->handle);
    const auto opened =
        ask({.code = kPolicySecret,
             .handles = {kEndorsement, session->handle},
             .authorisations = {kEmptyPassword},
             .parameters = TpmWriter().sized({}).sized({}).sized({}).u32(0).bytes()});
    return opened ? std::optional(session->handle) : std::nullopt;
}

std::optional<Bytes> TpmTalk::activate(std::uint32_t attestation, std::uint32_t endorsement,
                                       std::span<const std::uint8_t> blob,
                                       std::span<const std::uint8_t> encrypted_secret) {
    if (blob.size() > kMostFieldBytes || encrypted_secret.size() > kMostFieldBytes) {
        trouble_ = TpmTrouble{TpmFailure::refused, "the credential is too long for a TPM"};
        return std::nullopt;
    }
    const auto session = endorsement_session();
    if (!session) return std::nullopt;
    const auto answer =
        ask({.code = kActivateCredential,
             .handles = {attestation, endorsement},
             .authorisations = {kEmptyPassword, {*session}},
             .parameters = TpmWriter().sized(blob).sized(encrypted_secret).bytes()});
    if (!answer) return std::nullopt;
    TpmFields in(answer->parameters);
    const auto held = in.sized();
    if (!in.finished()) return unreadable();
    return Bytes(held.begin(), held.end());
}

std::optional<TpmTalk::Quoted> TpmTalk::quote(std::uint32_t attestation,
                                              std::span<const std::uint8_t> qualifying) {
    if (qualifying.size() > kMostFieldBytes) {
        trouble_ = TpmTrouble{TpmFailure::refused, "what is to be quoted is too long for a TPM"};
        return std::nullopt;
    }
    // The key's own scheme, and no PCRs.
    const auto answer =
        ask({.code = kQuote,
             .handles = {attestation},
             .authorisations = {kEmptyPassword},
             .parameters = TpmWriter().sized(qualifying).u16(kNull).u32(0).bytes()});
    if (!answer) return std::nullopt;
    TpmFields in(answer->parameters);
    const auto statement = in.sized();
    const auto scheme = in.u16();
    const auto hash = in.u16();
    const auto r = in.sized();
    const auto s = in.sized();
    Quoted out{Bytes(statement.begin(), statement.end()), {}};
    if (!in.finished() || scheme != kEcdsa || hash != kSha256 || !append_padded(out.signature, r) ||
        !append_padded(out.signature, s))
        return unreadable();
    return out;
}

}  // namespace latchkey::platform
