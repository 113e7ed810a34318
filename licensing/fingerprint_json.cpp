#include <algorithm>
#include <tuple>

#include "licensing/fields.h"
#include "licensing/messages.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

constexpr std::size_t kShortDigest = 8;

/// Component indexes and multiplicities stay at home.
void put_in_order(std::vector<hwid::Evidence>& evidence) {
    std::sort(evidence.begin(), evidence.end(), [](const auto& a, const auto& b) {
        return std::tie(a.kind, a.digest, a.quality) < std::tie(b.kind, b.digest, b.quality);
    });
}

std::string digest_text(const hwid::Digest& digest) {
    const bool is_short = std::all_of(digest.begin() + kShortDigest, digest.end(),
                                      [](auto byte) { return byte == 0; });
    return hex({digest.data(), is_short ? kShortDigest : digest.size()});
}

/// Reads one piece of evidence; nullopt for a kind this version does not know.
std::optional<hwid::Evidence> read_evidence(const json::bj::value& value, ObjectReader& whole) {
    ObjectReader in(value, "evidence");
    const auto kind_name = fields::text(in, "kind", fields::kMaxIdBytes, fields::is_token);
    const auto quality = fields::choice(in, "quality", hwid::quality_from_name);
    const auto text = in.optional_string("digest", 2 * hwid::Digest{}.size());
    const auto kind = hwid::kind_from_name(kind_name);
    hwid::Evidence evidence{kind.value_or(hwid::Kind{}), {}, quality, 0, -1};
    if (in.ok() && evidence.has_digest() != text.has_value())
        in.refuse("digest", "must be there exactly where the quality has one");
    if (in.ok() && text) {
        const auto bytes = from_hex(*text);
        if (!bytes || (bytes->size() != kShortDigest && bytes->size() != evidence.digest.size()))
            in.refuse("digest", "must be 16 or 32 hexadecimal digits");
        else
            std::copy(bytes->begin(), bytes->end(), evidence.digest.begin());
    }
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) {
        whole.refuse("evidence", "is not valid: " + bad->detail);
        return std::nullopt;
    }
    if (!kind) return std::nullopt;
    return evidence;
}

}  // namespace

json::bj::value to_json(const hwid::Fingerprint& fingerprint) {
    auto evidence = fingerprint.evidence;
    put_in_order(evidence);
    json::bj::array list;
    list.reserve(evidence.size());
    for (const auto& item : evidence) {
        json::bj::object out{{"kind", fields::json_text(hwid::name(item.kind))},
                             {"quality", fields::json_text(hwid::name(item.quality))}};
        if (item.has_digest()) out.emplace("digest", digest_text(item.digest));
        list.push_back(std::move(out));
    }
    return json::bj::object{{"salt_id", fingerprint.salt_id}, {"evidence", std::move(list)}};
}

Result<hwid::Fingerprint> fingerprint_from_json(const json::bj::value& value) {
    ObjectReader in(value, "fingerprint");
    hwid::Fingerprint fingerprint;
    fingerprint.salt_id = fields::text(in, "salt_id", fields::kMaxIdBytes, fields::is_token);
    if (const auto* array = in.array("evidence", kMaxEvidence)) {
        for (const auto& element : *array) {
            if (const auto item = read_evidence(element, in)) fingerprint.evidence.push_back(*item);
            if (!in.ok()) break;
        }
    }
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    put_in_order(fingerprint.evidence);
    return fingerprint;
}

}  // namespace latchkey::licensing
