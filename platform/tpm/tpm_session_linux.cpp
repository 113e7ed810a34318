#include "platform/tpm/tpm_session_linux.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace latchkey::platform {
namespace {

constexpr TPM2_HANDLE kKeptKey = 0x81010001;  // TCG's place for the RSA endorsement key

/// A TPM's own code without what it names: which handle, session or parameter was wrong.
constexpr TSS2_RC kFormatOne = 0x080;
constexpr TSS2_RC kFormatOneBits = 0x0bf;
constexpr TSS2_RC kLayers = 0x00ff0000;

bool is_wrong_password(TSS2_RC code) {
    if ((code & kLayers) != 0 || (code & kFormatOne) == 0) return false;
    const TSS2_RC plain = code & kFormatOneBits;
    return plain == TPM2_RC_BAD_AUTH || plain == TPM2_RC_AUTH_FAIL;
}

/// False where it does not fit.
template <class Sized>
bool fill(Sized& into, std::uint8_t* buffer, std::size_t room,
          std::span<const std::uint8_t> bytes) {
    if (bytes.size() > room) return false;
    into.size = static_cast<UINT16>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), buffer);
    return true;
}

/// A TPM may leave out leading zeros.
void append_padded(Bytes& to, const TPM2B_ECC_PARAMETER& number) {
    constexpr std::size_t kSize = 32;
    const std::size_t size = std::min<std::size_t>(number.size, kSize);
    to.insert(to.end(), kSize - size, 0);
    to.insert(to.end(), number.buffer, number.buffer + size);
}

}  // namespace

/// TCG EK Credential Profile for TPM 2.0, template L-1.
TPM2B_PUBLIC endorsement_template() {
    // PolicySecret with the endorsement hierarchy's authorisation ("PolicyA").
    constexpr std::array<std::uint8_t, 32> kPolicy = {
        0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
        0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
        0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};
    TPM2B_PUBLIC out{};
    auto& area = out.publicArea;
    area.type = TPM2_ALG_RSA;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
                            TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
    area.authPolicy.size = kPolicy.size();
    std::copy(kPolicy.begin(), kPolicy.end(), area.authPolicy.buffer);
    auto& rsa = area.parameters.rsaDetail;
    rsa.symmetric.algorithm = TPM2_ALG_AES;
    rsa.symmetric.keyBits.aes = 128;
    rsa.symmetric.mode.aes = TPM2_ALG_CFB;
    rsa.scheme.scheme = TPM2_ALG_NULL;
    rsa.keyBits = 2048;
    area.unique.rsa.size = 256;
    return out;
}

TPM2B_PUBLIC attestation_template(std::span<const std::uint8_t, 32> unique) {
    TPM2B_PUBLIC out{};
    auto& area = out.publicArea;
    area.type = TPM2_ALG_ECC;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                            TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT;
    auto& ecc = area.parameters.eccDetail;
    ecc.symmetric.algorithm = TPM2_ALG_NULL;
    ecc.scheme.scheme = TPM2_ALG_ECDSA;
    ecc.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    ecc.curveID = TPM2_ECC_NIST_P256;
    ecc.kdf.scheme = TPM2_ALG_NULL;
    auto& point = area.unique.ecc;
    point.x.size = static_cast<UINT16>(unique.size());
    std::copy(unique.begin(), unique.end(), point.x.buffer);
    point.y.size = static_cast<UINT16>(unique.size());
    return out;
}

TpmSession::TpmSession(const TpmLibrary& tss, TSS2_TCTI_CONTEXT* tpm) : tss_(tss) {
    code_ = tss_.initialize(&context_, tpm, nullptr);
}

TpmSession::~TpmSession() {
    for (const auto handle : loaded_) tss_.flush_context(context_, handle);
    if (context_) tss_.finalize(&context_);
}

bool TpmSession::worked(TSS2_RC code) {
    code_ = code;
    return code == TSS2_RC_SUCCESS;
}

bool TpmSession::has_handle(TPM2_HANDLE handle) {
    if (!context_) return false;
    TPMI_YES_NO more = 0;
    TPMS_CAPABILITY_DATA* found = nullptr;
    const bool told = worked(tss_.get_capability(context_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                                 TPM2_CAP_HANDLES, handle, 1, &more, &found));
    const auto list = owned(found);
    return told && list && list->data.handles.count > 0 && list->data.handles.handle[0] == handle;
}

std::optional<TpmSession::Key> TpmSession::kept_endorsement_key() {
    if (!has_handle(kKeptKey)) return std::nullopt;
    Key key;
    if (!worked(tss_.from_tpm_public(context_, kKeptKey, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                     &key.handle)))
        return std::nullopt;
    TPM2B_PUBLIC* found = nullptr;
    const bool told = worked(tss_.read_public(context_, key.handle, ESYS_TR_NONE, ESYS_TR_NONE,
                                              ESYS_TR_NONE, &found, nullptr, nullptr));
    const auto area = owned(found);
    if (!told || !area) return std::nullopt;
    auto blank = *area;
    blank.publicArea.unique = endorsement_template().publicArea.unique;
    if (bytes_of(blank) != bytes_of(endorsement_template())) return std::nullopt;
    key.public_bytes = bytes_of(*area);
    return key;
}

std::optional<TpmSession::Key> TpmSession::create_primary(const TPM2B_PUBLIC& wanted) {
    if (!context_) return std::nullopt;
    const TPM2B_SENSITIVE_CREATE no_secret{};
    const TPM2B_DATA no_data{};
    const TPML_PCR_SELECTION no_pcrs{};
    Key key;
    TPM2B_PUBLIC* made = nullptr;
    const bool done = worked(tss_.create_primary(
        context_, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &no_secret,
        &wanted, &no_data, &no_pcrs, &key.handle, &made, nullptr, nullptr, nullptr));
    const auto area = owned(made);
    if (!done || !area) return std::nullopt;
    loaded_.push_back(key.handle);
    key.public_bytes = bytes_of(*area);
    return key;
}

std::optional<TPMS_CONTEXT> TpmSession::save(const Key& key) {
    TPMS_CONTEXT* made = nullptr;
    const bool done = worked(tss_.context_save(context_, key.handle, &made));
    const auto saved = owned(made);
    return done && saved ? std::optional(*saved) : std::nullopt;
}

std::optional<ESYS_TR> TpmSession::load(const TPMS_CONTEXT& saved) {
    if (!context_) return std::nullopt;
    ESYS_TR handle = ESYS_TR_NONE;
    if (!worked(tss_.context_load(context_, &saved, &handle))) return std::nullopt;
    loaded_.push_back(handle);
    return handle;
}

/// The endorsement key may be used by whoever knows the hierarchy's authorisation: an empty one.
std::optional<ESYS_TR> TpmSession::endorsement_session() {
    const TPMT_SYM_DEF no_cipher{TPM2_ALG_NULL, {}, {}};
    ESYS_TR session = ESYS_TR_NONE;
    if (!worked(tss_.start_auth_session(context_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                        ESYS_TR_NONE, ESYS_TR_NONE, nullptr, TPM2_SE_POLICY,
                                        &no_cipher, TPM2_ALG_SHA256, &session)))
        return std::nullopt;
    if (worked(tss_.policy_secret(context_, ESYS_TR_RH_ENDORSEMENT, session, ESYS_TR_PASSWORD,
                                  ESYS_TR_NONE, ESYS_TR_NONE, nullptr, nullptr, nullptr, 0, nullptr,
                                  nullptr)))
        return session;
    const auto why = code_;
    tss_.flush_context(context_, session);
    code_ = why;
    return std::nullopt;
}

std::optional<Bytes> TpmSession::activate(ESYS_TR attestation, ESYS_TR endorsement,
                                          std::span<const std::uint8_t> blob,
                                          std::span<const std::uint8_t> encrypted_secret) {
    TPM2B_ID_OBJECT id{};
    TPM2B_ENCRYPTED_SECRET secret{};
    if (!fill(id, id.credential, sizeof id.credential, blob) ||
        !fill(secret, secret.secret, sizeof secret.secret, encrypted_secret)) {
        code_ = TSS2_BASE_RC_BAD_SIZE;
        return std::nullopt;
    }
    const auto session = endorsement_session();
    if (!session) return std::nullopt;
    TPM2B_DIGEST* opened = nullptr;
    const auto code = tss_.activate_credential(context_, attestation, endorsement, ESYS_TR_PASSWORD,
                                               *session, ESYS_TR_NONE, &id, &secret, &opened);
    tss_.flush_context(context_, *session);
    const bool done = worked(code);
    const auto held = owned(opened);
    if (!done || !held) return std::nullopt;
    return Bytes(held->buffer, held->buffer + held->size);
}

std::optional<TpmSession::Quoted> TpmSession::quote(ESYS_TR attestation,
                                                    std::span<const std::uint8_t> qualifying) {
    TPM2B_DATA data{};
    if (!fill(data, data.buffer, sizeof data.buffer, qualifying)) {
        code_ = TSS2_BASE_RC_BAD_SIZE;
        return std::nullopt;
    }
    const TPMT_SIG_SCHEME the_keys_own{TPM2_ALG_NULL, {}};
    const TPML_PCR_SELECTION no_pcrs{};
    TPM2B_ATTEST* quoted = nullptr;
    TPMT_SIGNATURE* signature = nullptr;
    const bool done =
        worked(tss_.quote(context_, attestation, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                          &data, &the_keys_own, &no_pcrs, &quoted, &signature));
    const auto statement = owned(quoted);
    const auto by = owned(signature);
    if (!done || !statement || !by || by->sigAlg != TPM2_ALG_ECDSA) return std::nullopt;
    Quoted out;
    out.statement.assign(statement->attestationData, statement->attestationData + statement->size);
    append_padded(out.signature, by->signature.ecdsa.signatureR);
    append_padded(out.signature, by->signature.ecdsa.signatureS);
    return out;
}

Bytes TpmSession::bytes_of(const TPM2B_PUBLIC& key) const {
    Bytes bytes(sizeof key);
    std::size_t used = 0;
    if (tss_.marshal(&key, bytes.data(), bytes.size(), &used) != TSS2_RC_SUCCESS) return {};
    bytes.resize(used);
    return bytes;
}

TpmTrouble trouble_of(TSS2_RC code, bool ran_out_of_patience) {
    if (ran_out_of_patience) return {TpmFailure::timed_out, "the TPM did not answer in time"};
    if (!is_tpms_own(code)) return trouble_of_layer(code);
    std::array<char, 64> detail{};
    std::snprintf(detail.data(), detail.size(), "the TPM refused (code 0x%08x)", code);
    if (is_wrong_password(code)) return {TpmFailure::hierarchy_locked, detail.data()};
    if (code == TPM2_RC_LOCKOUT) return {TpmFailure::locked_out, detail.data()};
    return {TpmFailure::refused, detail.data()};
}

}  // namespace latchkey::platform
