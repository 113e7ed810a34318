#include "agent/store/former.h"

#include "agent/store/rows.h"

namespace latchkey::store {
namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxPublishers = 4096;

}  // namespace

std::string to_row(const Former& former) {
    bj::array keys;
    for (const auto& [publisher, seed] : former.seeds)
        keys.push_back(bj::object{{"publisher", publisher}, {"seed", hex(seed)}});
    return json::to_text(
        bj::object{{"machine", to_text(former.machine)}, {"device_keys", std::move(keys)}});
}

Result<Former> former_from_row(std::string_view text) {
    const auto value = json::parse_strict(text, {.max_bytes = kMaxRowBytes});
    if (!value) return fail(value.error());
    json::ObjectReader in(*value, "former");
    Former former;
    auto machine = anchor_from_text(in.string("machine", kMaxRowBytes));
    if (!machine) return fail(machine.error());
    former.machine = std::move(*machine);
    if (const auto* keys = in.array("device_keys", kMaxPublishers)) {
        for (const auto& element : *keys) {
            json::ObjectReader key(element, "device key");
            const auto publisher = key.string("publisher", kMaxName);
            const auto seed = from_hex(key.string("seed", kMaxName));
            if (!seed) key.refuse("seed", "is not one");
            if (auto bad = finish(key)) return fail(*bad);
            former.seeds[publisher] = *seed;
        }
    }
    if (auto bad = finish(in)) return fail(*bad);
    return former;
}

}  // namespace latchkey::store
