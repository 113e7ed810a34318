#include "licensing/weights.h"

#include <algorithm>

#include "licensing/fields.h"

namespace latchkey::licensing {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxRows = 128;
constexpr std::size_t kMaxProvenanceBytes = 1024;
constexpr std::int64_t kMaxTenths =
    1000;  // wider than what is sound: that check has the better words
constexpr std::int64_t kMaxTableVersion = 1'000'000'000;

struct Row {
    std::string kind;
    hwid::Weight weight;
};

std::int16_t tenths(ObjectReader& in, std::string_view name) {
    return static_cast<std::int16_t>(in.integer(name, -kMaxTenths, kMaxTenths));
}

Result<Row> read_row(const json::bj::value& value) {
    ObjectReader in(value, "weight");
    Row row{in.string("kind", fields::kMaxIdBytes), {}};
    row.weight = {tenths(in, "agree"), tenths(in, "partly"), tenths(in, "disagree")};
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return row;
}

hwid::AnchorSet read_anchors(ObjectReader& in, std::string_view name) {
    hwid::AnchorSet set;
    for (const auto& text : fields::texts(in, name, hwid::kAnchorCount, fields::kMaxIdBytes)) {
        const auto anchor = hwid::anchor_from_name(text);
        if (!anchor) {
            in.refuse(name, "names an anchor this version does not know");
        } else if (set.contains(*anchor)) {
            in.refuse(name, "names an anchor twice");
        } else {
            set.insert(*anchor);
        }
    }
    return set;
}

Result<hwid::SignificantLoss> read_loss(const json::bj::value& value) {
    ObjectReader in(value, "significant loss");
    hwid::SignificantLoss loss;
    loss.lost = read_anchors(in, "lost");
    loss.unless = read_anchors(in, "unless");
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return loss;
}

void read_kinds(ObjectReader& in, hwid::Weights& weights) {
    std::vector<std::string> seen;
    for (auto& row : fields::list(in, "weights", kMaxRows, read_row)) {
        if (std::find(seen.begin(), seen.end(), row.kind) != seen.end())
            in.refuse("weights", "names a kind twice");
        if (const auto kind = hwid::kind_from_name(row.kind)) weights[*kind] = row.weight;
        seen.push_back(std::move(row.kind));
    }
}

/// What a value loses by one more machine than the list goes on to stays as at its end.
void read_sharing(ObjectReader& in, hwid::Weights& weights) {
    weights.worthless_multiplicity = static_cast<std::uint32_t>(
        in.integer("worthless_multiplicity", 1, hwid::Weights::kMaxMultiplicity));
    const auto* const list = in.array("loss_when_shared", hwid::Weights::kMaxMultiplicity);
    if (list == nullptr) return;
    if (list->empty()) return in.refuse("loss_when_shared", "is empty");
    std::int16_t last = 0;
    for (std::size_t i = 0; i < weights.loss_when_shared.size(); ++i) {
        if (i < list->size()) {
            const auto* const number = (*list)[i].if_int64();
            if (number == nullptr || *number < 0 || *number > kMaxTenths)
                return in.refuse("loss_when_shared", "must hold numbers from 0 to 1000");
            last = static_cast<std::int16_t>(*number);
        }
        weights.loss_when_shared[i] = last;
    }
}

void read_losses(ObjectReader& in, hwid::Weights& weights) {
    const auto losses = fields::list(in, "significant", hwid::Weights::kMaxLosses, read_loss);
    std::copy(losses.begin(), losses.end(), weights.losses.begin());
    weights.loss_count = losses.size();
}

json::bj::array anchors_json(hwid::AnchorSet set) {
    json::bj::array out;
    for (std::size_t i = 0; i < hwid::kAnchorCount; ++i) {
        const auto anchor = static_cast<hwid::Anchor>(i);
        if (set.contains(anchor)) out.emplace_back(hwid::name(anchor));
    }
    return out;
}

}  // namespace

json::bj::value to_json(const WeightsTable& table) {
    const auto& w = table.weights;
    json::bj::array rows;
    for (std::size_t i = 0; i < hwid::kKindCount; ++i) {
        const auto& weight = w.of[i];
        if (weight == hwid::Weight{}) continue;
        rows.push_back(json::bj::object{{"kind", hwid::name(static_cast<hwid::Kind>(i))},
                                        {"agree", weight.agree},
                                        {"partly", weight.partly},
                                        {"disagree", weight.disagree}});
    }
    json::bj::array losses;
    for (const auto& loss : w.significant())
        losses.push_back(json::bj::object{{"lost", anchors_json(loss.lost)},
                                          {"unless", anchors_json(loss.unless)}});
    json::bj::array shared(w.loss_when_shared.begin(), w.loss_when_shared.end());
    return json::bj::object{{"publisher", table.publisher},
                            {"version", w.version},
                            {"issued_at", fields::json_time(table.issued_at)},
                            {"provenance", w.provenance},
                            {"same_threshold", w.same_threshold},
                            {"worthless_multiplicity", std::int64_t{w.worthless_multiplicity}},
                            {"loss_when_shared", std::move(shared)},
                            {"weights", std::move(rows)},
                            {"significant", std::move(losses)}};
}

Result<WeightsTable> weights_table_from_json(const json::bj::value& value) {
    ObjectReader in(value, "weights table");
    WeightsTable table;
    hwid::Weights& w = table.weights;
    table.publisher = fields::text(in, "publisher", fields::kMaxIdBytes, fields::is_publisher_id);
    w.version = static_cast<int>(in.integer("version", 1, kMaxTableVersion));
    table.issued_at = fields::time(in, "issued_at");
    w.provenance = in.string("provenance", kMaxProvenanceBytes);
    w.same_threshold =
        static_cast<std::int32_t>(in.integer("same_threshold", -kMaxTenths, kMaxTenths));
    read_sharing(in, w);
    read_kinds(in, w);
    read_losses(in, w);
    if (in.ok()) {
        if (const auto why = hwid::unsound(w); !why.empty())
            in.refuse("weights", "are unsound: " + why);
    }
    if (auto bad = in.finish(ObjectReader::Unknown::ignored)) return fail(*bad);
    return table;
}

}  // namespace latchkey::licensing
