#include "agent/store/hardware.h"

#include "agent/store/rows.h"
#include "hwid/weights.h"
#include "licensing/crypto.h"
#include "licensing/messages.h"

namespace latchkey::store {
namespace {

constexpr std::size_t kSaltBytes = 32;

}  // namespace

Hardware record_of(const Look& look) {
    Bytes salt = licensing::random_bytes(kSaltBytes);
    auto fingerprint = look(salt);
    return {std::move(salt), std::move(fingerprint)};
}

hwid::Verdict compare(const Hardware& recorded, const Look& look) {
    return hwid::match(recorded.fingerprint, look(recorded.salt), hwid::default_weights()).verdict;
}

Hardware rolled_forward(const Hardware& recorded, const Look& look) {
    Hardware present{recorded.salt, look(recorded.salt)};
    // Strong comes first: a record that tells the machine less well is no progress.
    const bool weaker = hwid::strength(present.fingerprint) > hwid::strength(recorded.fingerprint);
    return weaker ? recorded : present;
}

bool same_line(const Hardware& a, const Hardware& b) { return a.salt == b.salt; }

bj::value to_json(const Hardware& hardware) {
    return bj::object{{"salt", hex(hardware.salt)},
                      {"fingerprint", licensing::to_json(hardware.fingerprint)}};
}

Result<Hardware> hardware_from_json(const bj::value& value) {
    json::ObjectReader in(value, "hardware");
    Hardware hardware;
    const auto salt = from_hex(in.string("salt", 2 * kSaltBytes));
    if (!salt || salt->size() != kSaltBytes) in.refuse("salt", "is not one");
    if (salt) hardware.salt = *salt;
    if (const auto* inner = in.object("fingerprint")) {
        auto fingerprint = licensing::fingerprint_from_json(*inner);
        if (!fingerprint) return fail(Code::state_corrupt, fingerprint.error().detail);
        hardware.fingerprint = std::move(*fingerprint);
    }
    if (auto bad = finish(in)) return fail(*bad);
    return hardware;
}

std::string to_row(const Hardware& hardware) { return json::to_text(to_json(hardware)); }

Result<Hardware> hardware_from_row(std::string_view text) {
    const auto value = json::parse_strict(text, {.max_bytes = kMaxRowBytes});
    if (!value) return fail(Code::state_corrupt, value.error().detail);
    return hardware_from_json(*value);
}

}  // namespace latchkey::store
