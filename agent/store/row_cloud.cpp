// A cloud service, or a request for one, as the JSON text of its row.

#include "agent/store/rows.h"
#include "licensing/jws.h"

namespace latchkey::store {
namespace {

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxBody = 64 * 1024;

bj::value pending_json(const PendingRedemption& pending) {
    return bj::object{{"product", text_json(pending.product)},
                      {"token", text_json(pending.token)},
                      {"body", text_json(pending.body)},
                      {"since", instant_json(pending.since)}};
}

Result<PendingRedemption> read_pending(const bj::value& value) {
    json::ObjectReader in(value, "pending redemption");
    PendingRedemption pending;
    pending.product = in.string("product", kMaxName);
    pending.token = in.string("token", kMaxName);
    pending.body = in.string("body", kMaxBody);
    pending.since = read_instant(in, "since");
    if (auto bad = finish(in)) return fail(*bad);
    return pending;
}

/// Exactly one of the two, and an entitlement is the row's own.
bool is_whole(const CloudRow& row) {
    if (row.pending) return !row.entitlement && row.document.empty();
    return row.entitlement && !row.document.empty() && row.entitlement->id == row.id &&
           row.entitlement->publisher == row.publisher;
}

}  // namespace

std::string to_row(const CloudRow& row) {
    return json::to_text(
        bj::object{{"publisher", text_json(row.publisher)},
                   {"id", text_json(row.id)},
                   {"pending", row.pending ? pending_json(*row.pending) : bj::value(nullptr)},
                   {"entitlement",
                    row.entitlement ? licensing::to_json(*row.entitlement) : bj::value(nullptr)},
                   {"document", text_json(row.document)}});
}

Result<CloudRow> cloud_from_row(std::string_view text) {
    const auto value = json::parse_strict(text, {.max_bytes = kMaxRowBytes});
    if (!value) return fail(Code::state_corrupt, value.error().detail);
    json::ObjectReader in(*value, "cloud row");
    CloudRow row;
    row.publisher = in.string("publisher", kMaxName);
    row.id = in.string("id", kMaxName);
    row.document = in.string("document", licensing::kMaxJwsBytes);
    const auto* pending = in.optional_object("pending");
    const auto* entitlement = in.optional_object("entitlement");
    if (auto bad = finish(in)) return fail(*bad);
    if (pending) {
        auto read = read_pending(*pending);
        if (!read) return fail(std::move(read.error()));
        row.pending = std::move(*read);
    }
    if (entitlement) {
        auto read = licensing::cloud_entitlement_from_json(*entitlement);
        if (!read) return fail(Code::state_corrupt, read.error().detail);
        row.entitlement = std::move(*read);
    }
    if (!is_whole(row)) return fail(Code::state_corrupt, "a cloud row says two things or none");
    return row;
}

}  // namespace latchkey::store
