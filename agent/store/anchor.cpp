#include "agent/store/anchor.h"

#include <algorithm>
#include <limits>

#include "agent/store/rows.h"
#include "platform/secure_file.h"

namespace latchkey::store {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxProducts = 4096;
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
const std::string kSchema = "latchkey.anchor/1";

bj::value product_json(const ProductId& id, const AnchorProduct& product) {
    bj::object out{{"publisher", id.first},
                   {"product", id.second},
                   {"grace_granted", product.grace_granted},
                   {"deactivated", product.deactivated},
                   {"rearms_used", product.rearms_used},
                   {"lease_sequence", product.lease_sequence},
                   {"first_grace_at", instant_json(product.first_grace_at)},
                   {"stopped_at", instant_json(product.stopped_at)},
                   {"grace", product.grace ? to_json(*product.grace) : bj::value(nullptr)}};
    if (product.tpm) out["tpm"] = tpm_ledger_to_json(*product.tpm);
    return out;
}

Result<std::pair<ProductId, AnchorProduct>> read_product(const bj::value& value) {
    ObjectReader in(value, "product");
    ProductId id;
    AnchorProduct product;
    id.first = in.string("publisher", kMaxName);
    id.second = in.string("product", kMaxName);
    product.grace_granted = in.boolean("grace_granted");
    product.deactivated = in.boolean("deactivated");
    product.rearms_used = static_cast<int>(in.integer("rearms_used", 0, 1'000'000));
    product.lease_sequence = in.integer("lease_sequence", 0, kAny);
    product.first_grace_at = read_optional_instant(in, "first_grace_at");
    product.stopped_at = read_optional_instant(in, "stopped_at");
    if (const auto* grace = in.optional_object("grace")) {
        auto read = grace_from_json(*grace);
        if (!read) return fail(read.error());
        product.grace = std::move(*read);
    }
    if (const auto* tpm = in.optional_object("tpm")) {
        const auto read = tpm_ledger_from_json(*tpm);
        if (!read) return fail(read.error());
        product.tpm = *read;
    }
    if (auto bad = finish(in)) return fail(*bad);
    return std::pair(std::move(id), std::move(product));
}

}  // namespace

std::string to_text(const Anchor& anchor) {
    bj::array products;
    for (const auto& [id, product] : anchor.products) products.push_back(product_json(id, product));
    bj::object text{{"schema", kSchema},
                    {"revision", anchor.revision},
                    {"machine_id", anchor.machine_id},
                    {"time", to_json(anchor.time)},
                    {"products", std::move(products)}};
    if (anchor.hardware) text["hardware"] = to_json(*anchor.hardware);
    return json::to_text(text);
}

Result<Anchor> anchor_from_text(std::string_view text) {
    const auto value = json::parse_strict(text, {.max_bytes = kMaxRowBytes});
    if (!value) return fail(value.error());
    ObjectReader in(*value, "anchor");
    Anchor anchor;
    if (in.string("schema", kMaxName) != kSchema) in.refuse("schema", "is another");
    anchor.revision = in.integer("revision", 0, kAny);
    anchor.machine_id = in.string("machine_id", kMaxName);
    if (const auto* time = in.object("time")) {
        auto ledger = time_from_json(*time);
        if (!ledger) return fail(ledger.error());
        anchor.time = std::move(*ledger);
    }
    if (const auto* products = in.array("products", kMaxProducts)) {
        for (const auto& element : *products) {
            auto product = read_product(element);
            if (!product) return fail(product.error());
            anchor.products.insert(std::move(*product));
        }
    }
    if (const auto* hardware = in.optional_object("hardware")) {
        auto read = hardware_from_json(*hardware);
        if (!read) return fail(read.error());
        anchor.hardware = std::move(*read);
    }
    if (auto bad = finish(in)) return fail(*bad);
    return anchor;
}

namespace {

/// The file is {"mac": "<hex>", "body": "<JSON text>"}: the MAC covers the body's very bytes.
std::optional<Anchor> open_sealed(std::string_view text, const MacKey& key) {
    const auto value = json::parse_strict(text, {.max_bytes = 2 * kMaxRowBytes});
    if (!value) return std::nullopt;
    ObjectReader in(*value, "anchor");
    const auto mac = from_hex(in.string("mac", kMaxName));
    const auto body = in.string("body", kMaxRowBytes);
    if (in.finish(ObjectReader::Unknown::refused) || !mac) return std::nullopt;
    if (!equal(key.of({"anchor", body}), *mac)) return std::nullopt;
    auto anchor = anchor_from_text(body);
    if (!anchor) return std::nullopt;
    return std::move(*anchor);
}

bool is_granted_grace(const core::Grace& grace) {
    return grace.kind == core::ProductStatus::initial_grace ||
           grace.kind == core::ProductStatus::extended_grace;
}

bool same_record(const std::optional<Hardware>& a, const std::optional<Hardware>& b) {
    return a.has_value() == b.has_value() && (!a || to_row(*a) == to_row(*b));
}

/// Graces that a license ended stay remembered: they were used up to there, and no further.
void take_over(AnchorProduct& anchor, const core::ProductState& state, ServerTime proven) {
    anchor.grace_granted = anchor.grace_granted || state.grace_granted;
    anchor.deactivated = state.deactivated;
    // merge() gave the row the larger number; only the key server's refill makes it smaller.
    anchor.rearms_used = state.rearms_used;
    if (state.tpm) anchor.tpm = state.tpm;
    anchor.lease_sequence = std::max(anchor.lease_sequence, state.lease_sequence);
    // With a license that an administrator ended, the grace before it is over, too.
    if (state.deactivated && !state.grace) anchor.grace.reset();
    if (state.license && !state.grace && anchor.grace && !anchor.stopped_at)
        anchor.stopped_at = proven;
    if (!anchor.grace) anchor.stopped_at.reset();
    if (!state.grace || !is_granted_grace(*state.grace)) return;
    anchor.grace = state.grace;
    anchor.stopped_at.reset();
    if (!anchor.first_grace_at) anchor.first_grace_at = state.grace->started_at;
}

}  // namespace

Anchor updated(Anchor anchor, const Contents& contents) {
    anchor.revision = contents.revision;
    anchor.machine_id = contents.machine_id;
    anchor.hardware = contents.hardware;
    anchor.time = contents.time;
    for (const auto& [id, state] : contents.products)
        take_over(anchor.products[id], state, contents.time.proven);
    return anchor;
}

bool worth_writing(const Anchor& written, const Anchor& wanted) {
    const auto moved = wanted.time.proven - written.time.proven;
    return written.products != wanted.products || written.machine_id != wanted.machine_id ||
           !same_record(written.hardware, wanted.hardware) || moved > hours{1} ||
           moved < Duration{0};
}

Result<AnchorFile> AnchorFile::open(const std::filesystem::path& directory) {
    if (auto made = platform::ensure_private_directory(directory); !made) return fail(made.error());
    const auto key_path = directory / "anchor.key";
    auto key = MacKey::load(key_path);
    if (!key) return fail(key.error());
    const bool had_key = key->has_value();
    if (!had_key) {
        auto fresh = MacKey::make(key_path);
        if (!fresh) return fail(fresh.error());
        *key = std::move(*fresh);
    }
    AnchorFile file(directory / "anchor.json", std::move(**key));
    const auto text =
        platform::read_private_file(file.path_, 2 * kMaxRowBytes, platform::Privacy::secret);
    if (!text && text.error().code == Code::record_unknown) return file;
    if (!text) return fail(text.error());
    if (had_key) file.found_ = open_sealed(*text, file.key_);
    file.damaged_ = !file.found_;
    return file;
}

Result<void> AnchorFile::write(const Anchor& anchor) const {
    const auto body = to_text(anchor);
    const auto mac = hex(key_.of({"anchor", body}));
    return platform::write_private_file(path_,
                                        json::to_text(bj::object{{"mac", mac}, {"body", body}}));
}

}  // namespace latchkey::store
