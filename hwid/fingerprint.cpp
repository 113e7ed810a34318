#include "hwid/fingerprint.h"

#include <algorithm>
#include <tuple>

#include "hwid/normalize.h"

namespace latchkey::hwid {
namespace {

struct QualityName {
    Quality quality;
    std::string_view name;
};

constexpr std::array<QualityName, 7> kQualities{{
    {Quality::good, "good"},
    {Quality::placeholder, "placeholder"},
    {Quality::virtual_, "virtual"},
    {Quality::removable, "removable"},
    {Quality::local, "local"},
    {Quality::unreadable, "unreadable"},
    {Quality::absent, "absent"},
}};

constexpr std::size_t kModelDigestBytes = 8;

/// Hosts of Hyper-V and Xen see their own hypervisor; their product name tells them from guests.
bool is_hypervisor_host(std::string_view hypervisor, const Snapshot& snapshot) {
    if (hypervisor != "microsoft" && hypervisor != "xen") return false;
    return std::any_of(snapshot.components.begin(), snapshot.components.end(), [](const auto& c) {
        return c.kind == Kind::system_product && canonicalise(c).quality == Quality::good;
    });
}

Canonical judge(const Component& component, const Snapshot& snapshot) {
    Canonical out = canonicalise(component);
    if (component.kind == Kind::hypervisor && out.quality == Quality::good) {
        if (out.value == "none" || is_hypervisor_host(out.value, snapshot)) {
            return {{}, Quality::absent};
        }
        out.quality = Quality::virtual_;
    }
    return out;
}

bool holds(const Fingerprint& fingerprint, std::initializer_list<Kind> kinds, bool is_virtual) {
    return std::any_of(
        fingerprint.evidence.begin(), fingerprint.evidence.end(), [&](const Evidence& e) {
            const bool wanted = std::find(kinds.begin(), kinds.end(), e.kind) != kinds.end();
            return wanted &&
                   (e.quality == Quality::good || (is_virtual && e.quality == Quality::virtual_));
        });
}

}  // namespace

std::string_view name(Quality quality) {
    return kQualities[static_cast<std::size_t>(quality)].name;
}

std::optional<Quality> quality_from_name(std::string_view name) {
    for (const auto& row : kQualities) {
        if (row.name == name) return row.quality;
    }
    return std::nullopt;
}

Fingerprint fingerprint(const Snapshot& snapshot, const DigestFunction& digest,
                        std::string salt_id) {
    Fingerprint out{std::move(salt_id), {}};
    out.evidence.reserve(snapshot.components.size());
    for (std::size_t i = 0; i < snapshot.components.size(); ++i) {
        const Component& component = snapshot.components[i];
        const Canonical canonical = judge(component, snapshot);
        Evidence evidence{component.kind, {}, canonical.quality, 0, static_cast<std::int32_t>(i)};
        if (evidence.has_digest()) {
            evidence.digest = digest(name(component.kind), canonical.value);
            if (!is_unit_level(component.kind)) {
                std::fill(evidence.digest.begin() + kModelDigestBytes, evidence.digest.end(),
                          std::uint8_t{0});
            }
        }
        out.evidence.push_back(evidence);
    }
    const auto order = [](const Evidence& e) {
        return std::tie(e.kind, e.digest, e.quality, e.component);
    };
    std::sort(out.evidence.begin(), out.evidence.end(),
              [&](const Evidence& a, const Evidence& b) { return order(a) < order(b); });
    // One address on several interfaces (bonds, VLANs) is one piece of evidence.
    const auto end = std::unique(
        out.evidence.begin(), out.evidence.end(), [](const Evidence& a, const Evidence& b) {
            return a.kind == b.kind && is_unit_level(a.kind) && a.kind != Kind::memory_module &&
                   a.has_digest() && b.has_digest() && a.digest == b.digest;
        });
    out.evidence.erase(end, out.evidence.end());
    return out;
}

Digest plain_digest(std::string_view kind, std::string_view canonical_value) {
    // FNV-1a with the 128-bit prime 2^88 + 0x13b, on two halves.
    std::uint64_t high = 0x6c62272e07bb0142;
    std::uint64_t low = 0x62b821756295c58d;
    const auto eat = [&](char c) {
        low ^= static_cast<unsigned char>(c);
        constexpr std::uint64_t kPrime = 0x13b;
        const std::uint64_t upper_half = (low >> 32) * kPrime;
        const std::uint64_t lower_half = (low & 0xffffffff) * kPrime;
        const std::uint64_t carry = (upper_half + (lower_half >> 32)) >> 32;
        high = high * kPrime + carry + (low << 24);
        low *= kPrime;
    };
    for (const char c : kind) eat(c);
    eat('\0');
    for (const char c : canonical_value) eat(c);
    Digest out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
        out[i + 8] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
    }
    return out;
}

bool is_virtual_machine(const Fingerprint& fingerprint) {
    return std::any_of(
        fingerprint.evidence.begin(), fingerprint.evidence.end(), [](const Evidence& e) {
            const bool tells = e.kind == Kind::hypervisor || e.kind == Kind::system_product ||
                               e.kind == Kind::system_vendor;
            return tells && e.quality == Quality::virtual_;
        });
}

std::string_view name(EvidenceStrength strength) {
    switch (strength) {
        case EvidenceStrength::strong:
            return "strong";
        case EvidenceStrength::fair:
            return "fair";
        case EvidenceStrength::weak:
            return "weak";
    }
    return {};
}

EvidenceStrength strength(const Fingerprint& fingerprint) {
    const bool is_virtual = is_virtual_machine(fingerprint);
    const auto has = [&](std::initializer_list<Kind> kinds) {
        return holds(fingerprint, kinds, is_virtual) ? 1 : 0;
    };
    const int disks = is_virtual ? 0 : has({Kind::disk});
    const int anchors =
        has({Kind::system_uuid, Kind::system_serial, Kind::board_serial, Kind::chassis_serial}) +
        has({Kind::tpm_ek}) + has({Kind::nic}) + disks + has({Kind::cloud_instance_id});
    if (anchors >= 2) return EvidenceStrength::strong;
    return anchors == 1 ? EvidenceStrength::fair : EvidenceStrength::weak;
}

}  // namespace latchkey::hwid
