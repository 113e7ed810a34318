// The overview, an entitlement, suspected clones.

#include <algorithm>
#include <functional>

#include "keyserver/console/gather.h"
#include "keyserver/console/policy.h"
#include "keyserver/decisions/case_file.h"
#include "keyserver/decisions/documents.h"

namespace latchkey::keyserver::console {
namespace {

constexpr Days kWeek{7};

Result<EntitlementRow> entitlement_row(const Sources& from, Entitlement entitlement) {
    EntitlementRow row;
    const auto product = from.stores.products.find(entitlement.product);
    if (!product) return fail(product.error());
    const auto organization = from.stores.organizations.find(entitlement.organization);
    if (!organization) return fail(organization.error());
    const auto use = from.stores.entitlements.use_of(entitlement.id);
    if (!use) return fail(use.error());
    row.product_name = *product ? (*product)->name : entitlement.product;
    const bool named = *organization && !(*organization)->name.empty();
    row.organization_name = named ? (*organization)->name : entitlement.organization;
    row.use = *use;
    row.entitlement = std::move(entitlement);
    return row;
}

/// What an administrator should do before it is too late.
Result<std::vector<Problem>> warnings(const Sources& from) {
    std::vector<Problem> out;
    const auto& set = from.room.key_set();
    const auto* signing = set.find(licensing::key_id(from.room.signing_key().public_key()));
    const ServerTime end = signing ? std::min(signing->not_after, set.expires_at) : set.expires_at;
    if (from.now + kSoon > end)
        out.push_back({Code::clock_ahead,
                       "The signing key or the key set ends on " +
                           format_rfc3339(end).substr(0, 10) +
                           ": agents will refuse whatever is signed after that.",
                       "Replace them: 'latchkey-keyserver admin signing-key rotate'."});
    if (signing && from.now < signing->not_before)
        out.push_back({Code::clock_behind,
                       "This server's clock is behind its signing key: agents will refuse what is "
                       "signed now.",
                       "Set the clock."});
    const auto root = from.room.load_root();
    if (root && *root)
        out.push_back({Code::not_permitted,
                       "The publisher's root key (root.key) lies in the data directory.",
                       "Once manifests are exported, move it to a safe place offline."});
    return out;
}

Result<std::optional<CloneRow>> clone_row(const Sources& from, const Astray& astray) {
    // One lease that went another way is a restored backup; taking turns needs two at least.
    if (astray.leases < 2) return std::nullopt;
    auto license = from.stores.licenses.find(astray.license);
    if (!license) return fail(std::move(license.error()));
    if (!*license || (*license)->ended) return std::nullopt;
    auto row = license_row(from, **license);
    if (!row) return fail(std::move(row.error()));
    if (row->forks.empty()) return std::nullopt;
    auto machine = from.stores.machines.find((*license)->machine);
    if (!machine) return fail(std::move(machine.error()));
    const auto key = required_key(from, (*license)->key);
    if (!key) return fail(key.error());
    if (!*machine) return std::nullopt;
    return CloneRow{std::move(**machine), key->last5, astray.license, row->forks.front(),
                    (*license)->adopt_next};
}

/// Newest first, as long as `each` says to go on.
Result<void> walk_receipts(const Sources& from, const ReceiptFilter& filter,
                           const std::function<Result<bool>(const ReceiptRecord&)>& each) {
    Page page{kMaxPage, {}};
    for (;;) {
        const auto piece = from.stores.survey.receipts(filter, page);
        if (!piece) return fail(piece.error());
        for (const auto& receipt : piece->items) {
            const auto goes_on = each(receipt);
            if (!goes_on) return fail(goes_on.error());
            if (!*goes_on) return {};
        }
        if (piece->next.empty()) return {};
        page.after = piece->next;
    }
}

/// An activation that an administrator gave back was counted in error: it is taken out of the week
/// that it was given in.
Result<void> take_out_returned(const Sources& from, Trend& trend) {
    return walk_receipts(from, {{}, {}, "returned"}, [&](const ReceiptRecord& returned) {
        if (returned.at < trend.since) return Result<bool>(false);
        const auto found = walk_receipts(
            from, {returned.machine, {}, {}}, [&](const ReceiptRecord& receipt) -> Result<bool> {
                if (receipt.at < trend.since) return false;
                if (return_receipt_id(receipt.id) != returned.id) return true;
                const auto week = static_cast<std::size_t>((receipt.at - trend.since) / kWeek);
                if (week < trend.weeks.size()) trend.weeks[week] -= receipt.counted;
                return false;
            });
        return found ? Result<bool>(true) : Result<bool>(fail(found.error()));
    });
}

/// The newest of the keys, `limit` in all.
template <class Row, class List>
Result<std::vector<Row>> newest_of(const std::vector<KeyRecord>& keys, List list) {
    std::vector<Row> rows;
    for (const auto& key : keys) {
        auto piece = list(key);
        if (!piece) return fail(std::move(piece.error()));
        std::move(piece->items.begin(), piece->items.end(), std::back_inserter(rows));
    }
    return rows;
}

template <class Row, class When>
void keep_newest(std::vector<Row>& rows, When when) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const Row& a, const Row& b) { return when(a) > when(b); });
    if (rows.size() > static_cast<std::size_t>(kShortList)) rows.resize(kShortList);
}

}  // namespace

Result<OverviewView> gather_overview(const Sources& from, const Page& page) {
    OverviewView view;
    view.now = from.now;
    auto piece = from.stores.entitlements.list(page);
    if (!piece) return fail(std::move(piece.error()));
    for (auto& entitlement : piece->items) {
        auto row = entitlement_row(from, std::move(entitlement));
        if (!row) return fail(std::move(row.error()));
        view.entitlements.push_back(std::move(*row));
    }
    view.next = piece->next;
    auto clones = gather_clones(from, {});
    if (!clones) return fail(std::move(clones.error()));
    view.clones = std::move(*clones);
    auto warned = warnings(from);
    if (!warned) return fail(std::move(warned.error()));
    view.warnings = std::move(*warned);
    return view;
}

Result<Trend> gather_trend(const Sources& from) {
    const auto today = std::chrono::floor<Days>(from.now.time_since_epoch());
    const ServerTime since{today + Days{1} - kWeek * kTrendWeeks};
    auto weeks = from.stores.survey.counted(since, kWeek, kTrendWeeks);
    if (!weeks) return fail(std::move(weeks.error()));
    Trend trend{since, std::move(*weeks)};
    if (auto taken = take_out_returned(from, trend); !taken) return fail(std::move(taken.error()));
    return trend;
}

Result<EntitlementView> gather_entitlement(const Sources& from, const std::string& id,
                                           const Page& keys) {
    auto entitlement = from.stores.entitlements.find(id);
    if (!entitlement) return fail(std::move(entitlement.error()));
    if (!*entitlement) return fail(Code::record_unknown, "entitlement \"" + id + "\"");
    auto row = entitlement_row(from, std::move(**entitlement));
    if (!row) return fail(std::move(row.error()));
    auto program = find_program(from.stores, row->entitlement.program);
    if (!program) return fail(std::move(program.error()));
    auto caps = from.stores.entitlements.caps(row->entitlement.product, row->entitlement.program);
    if (!caps) return fail(std::move(caps.error()));
    auto listed = from.stores.keys.list(id, keys);
    if (!listed) return fail(std::move(listed.error()));
    auto machines = newest_of<MachineRow>(listed->items, [&](const KeyRecord& key) {
        auto list = gather_machines(from, key.id, {kShortList, {}});
        return list ? Result<Listed<MachineRow>>(std::move(list->machines))
                    : Result<Listed<MachineRow>>(fail(std::move(list.error())));
    });
    if (!machines) return fail(std::move(machines.error()));
    keep_newest(*machines, [](const MachineRow& each) { return each.machine.last_seen_at; });
    auto receipts = newest_of<ReceiptRow>(listed->items, [&](const KeyRecord& key) {
        return receipt_rows(from, {{}, key.id, {}}, {kShortList, {}});
    });
    if (!receipts) return fail(std::move(receipts.error()));
    keep_newest(*receipts, [](const ReceiptRow& each) { return each.record.at; });
    return EntitlementView{
        std::move(*row),      std::move(*program),  std::move(*caps), std::move(*listed),
        std::move(*machines), std::move(*receipts), from.now};
}

Result<CloneList> gather_clones(const Sources& from, const std::string& after) {
    auto astray = from.stores.survey.astray({kAstrayLooked, after});
    if (!astray) return fail(std::move(astray.error()));
    CloneList list{{}, astray->next};
    for (const auto& each : astray->items) {
        auto row = clone_row(from, each);
        if (!row) return fail(std::move(row.error()));
        if (*row) list.rows.push_back(std::move(**row));
    }
    return list;
}

}  // namespace latchkey::keyserver::console
