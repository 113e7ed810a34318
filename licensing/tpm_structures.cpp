#include "licensing/tpm_structures.h"

#include <algorithm>
#include <string>

namespace latchkey::licensing {
namespace {

// TPM 2.0 Library, part 2: TPM_ALG_ID, TPM_ECC_CURVE, TPMA_OBJECT, TPM_ST.
constexpr std::uint16_t kRsa = 0x0001;
constexpr std::uint16_t kAes = 0x0006;
constexpr std::uint16_t kSha256 = 0x000b;
constexpr std::uint16_t kNull = 0x0010;
constexpr std::uint16_t kEcdsa = 0x0018;
constexpr std::uint16_t kEcc = 0x0023;
constexpr std::uint16_t kCfb = 0x0043;
constexpr std::uint16_t kP256 = 0x0003;
constexpr std::uint32_t kFixedTpm = 1U << 1;
constexpr std::uint32_t kFixedParent = 1U << 4;
constexpr std::uint32_t kSensitiveDataOrigin = 1U << 5;
constexpr std::uint32_t kUserWithAuth = 1U << 6;
constexpr std::uint32_t kAdminWithPolicy = 1U << 7;
constexpr std::uint32_t kNoDa = 1U << 10;
constexpr std::uint32_t kRestricted = 1U << 16;
constexpr std::uint32_t kDecrypt = 1U << 17;
constexpr std::uint32_t kSign = 1U << 18;
constexpr std::uint32_t kGenerated = 0xff544347;  // only a TPM writes this in front of a signature
constexpr std::uint16_t kAttestQuote = 0x8018;

/// TCG EK Credential Profile, "PolicyA": the endorsement hierarchy's authorisation.
constexpr std::array<std::uint8_t, 32> kPolicyA = {
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
    0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};

/// Big-endian bytes from front to end; the first that is not as expected is remembered.
class Reader {
public:
    Reader(std::span<const std::uint8_t> bytes, std::string where)
        : rest_(bytes), where_(std::move(where)) {}

    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (const auto byte : take(size, "is cut short")) value = value << 8 | byte;
        return value;
    }
    void expect(std::size_t size, std::uint64_t wanted, const char* what) {
        if (number(size) != wanted) refuse(what);
    }
    /// A TPM2B of at most `most` bytes.
    std::span<const std::uint8_t> sized(std::size_t most, const char* what) {
        const auto size = static_cast<std::size_t>(number(2));
        if (size > most) refuse(what);
        return take(size, what);
    }
    void skip(std::size_t size) { (void)take(size, "is cut short"); }
    /// The two bytes of length in front of everything that follows.
    void whole_size() {
        if (number(2) != rest_.size()) refuse("has another size than it says");
    }
    void finish() {
        if (!rest_.empty()) refuse("goes on after its end");
    }
    void refuse(const char* why) {
        if (!bad_) bad_ = Problem{Code::request_invalid, where_ + " " + why, {}};
        rest_ = {};
    }
    const std::optional<Problem>& bad() const { return bad_; }

private:
    std::span<const std::uint8_t> take(std::size_t size, const char* why) {
        if (rest_.size() < size) {
            refuse(why);
            return {};
        }
        const auto taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

    std::span<const std::uint8_t> rest_;
    std::string where_;
    std::optional<Problem> bad_;
};

/// A TPM may leave out leading zeros.
void read_coordinate(Reader& in, std::array<std::uint8_t, 32>& out) {
    const auto bytes = in.sized(out.size(), "has a coordinate that is too long");
    if (bytes.empty()) in.refuse("has no coordinate");
    std::copy_backward(bytes.begin(), bytes.end(), out.end());
}

}  // namespace

Result<TpmEndorsementKey> parse_endorsement_key(std::span<const std::uint8_t> bytes) {
    constexpr std::uint32_t kAttributes =
        kFixedTpm | kFixedParent | kSensitiveDataOrigin | kAdminWithPolicy | kRestricted | kDecrypt;
    Reader in(bytes, "the endorsement key");
    TpmEndorsementKey key;
    in.whole_size();
    in.expect(2, kRsa, "is no RSA key");
    in.expect(2, kSha256, "is not named by SHA-256");
    in.expect(4, kAttributes, "has other attributes than the profile's");
    const auto policy = in.sized(kPolicyA.size(), "has another policy than the profile's");
    if (!std::equal(policy.begin(), policy.end(), kPolicyA.begin(), kPolicyA.end()))
        in.refuse("has another policy than the profile's");
    in.expect(2, kAes, "protects by another cipher than the profile's");
    in.expect(2, 128, "protects by another cipher than the profile's");
    in.expect(2, kCfb, "protects by another cipher than the profile's");
    in.expect(2, kNull, "has a scheme");
    in.expect(2, 2048, "has not 2048 bits");
    in.expect(4, 0, "has another exponent than 65537");
    const auto modulus = in.sized(key.modulus.size(), "has not 2048 bits");
    in.finish();
    const bool usable = modulus.size() == key.modulus.size() && (modulus.front() & 0x80U) != 0 &&
                        (modulus.back() & 1U) != 0;
    if (!usable) in.refuse("has not 2048 bits");
    if (in.bad()) return fail(*in.bad());
    std::copy(modulus.begin(), modulus.end(), key.modulus.begin());
    return key;
}

Result<TpmAttestationKey> parse_attestation_key(std::span<const std::uint8_t> bytes) {
    constexpr std::uint32_t kAttributes = kFixedTpm | kFixedParent | kSensitiveDataOrigin |
                                          kUserWithAuth | kNoDa | kRestricted | kSign;
    Reader in(bytes, "the attestation key");
    TpmAttestationKey key;
    in.whole_size();
    in.expect(2, kEcc, "is no elliptic curve key");
    in.expect(2, kSha256, "is not named by SHA-256");
    in.expect(4, kAttributes, "is not restricted to signing what its TPM says");
    in.expect(2, 0, "has a policy");
    in.expect(2, kNull, "has a cipher");
    in.expect(2, kEcdsa, "does not sign by ECDSA");
    in.expect(2, kSha256, "does not sign by SHA-256");
    in.expect(2, kP256, "is not on P-256");
    in.expect(2, kNull, "has a key derivation");
    read_coordinate(in, key.x);
    read_coordinate(in, key.y);
    in.finish();
    if (in.bad()) return fail(*in.bad());
    return key;
}

Result<TpmQuote> parse_tpm_quote(std::span<const std::uint8_t> bytes) {
    constexpr std::size_t kNameBytes = 2 + 32;
    constexpr std::size_t kMaxExtraBytes = 64;
    constexpr std::size_t kClockAndFirmware = 8 + 4 + 4 + 1 + 8;
    Reader in(bytes, "the quote");
    TpmQuote quote;
    in.expect(4, kGenerated, "is no statement of a TPM");
    in.expect(2, kAttestQuote, "is another statement than a quote");
    const auto signer = in.sized(kNameBytes, "names its key otherwise than by SHA-256");
    const auto extra = in.sized(kMaxExtraBytes, "answers too long a question");
    in.skip(kClockAndFirmware);
    in.expect(4, 0, "names PCRs");
    (void)in.sized(32, "has another digest than SHA-256");
    in.finish();
    if (in.bad()) return fail(*in.bad());
    quote.signer.assign(signer.begin(), signer.end());
    quote.extra.assign(extra.begin(), extra.end());
    return quote;
}

}  // namespace latchkey::licensing
