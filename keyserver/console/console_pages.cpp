// What the console shows: one transaction a page, gathered where the store may be used.

#include <spdlog/spdlog.h>

#include "keyserver/console/addresses.h"
#include "keyserver/console/answers.h"
#include "keyserver/console/console.h"
#include "keyserver/console/policy.h"
#include "keyserver/decisions/attempts.h"

namespace latchkey::keyserver::console {
namespace {

Page page_of(const Target& target) { return {kRows, field(target.query, "after")}; }

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

template <class View, class Render>
HttpResponse page_or_problem(const Visitor& visitor, const Result<View>& view, Render render) {
    if (view) return page_response(render(*view));
    if (info(view.error().code).http_status >= 500)
        spdlog::error("console: {}", view.error().detail);
    return problem_response(visitor, view.error());
}

}  // namespace

template <class View>
Result<View> Console::gathered(const std::function<Result<View>(const Sources&)>& gather) {
    Result<View> view = fail(Code::internal, "it was not tried");
    at_the_store_([&] {
        view = repeated([&]() -> Result<View> {
            auto transaction = store_.begin(Store::Access::read);
            if (!transaction) return fail(std::move(transaction.error()));
            const auto room = keys_.room();
            return gather({(*transaction)->stores(), *room, as_server(clock_.now().wall)});
        });
    });
    return view;
}

/// Kept for a while: it is the one question whose cost grows with how much was activated lately.
Result<Trend> Console::trend(const Sources& from) {
    const std::lock_guard lock(trend_mutex_);
    const SinceBoot now = clock_.now().since_boot;
    if (trend_ && now < trend_at_ + kTrendKept) return *trend_;
    auto trend = gather_trend(from);
    if (!trend) return trend;
    trend_ = *trend;
    trend_at_ = now;
    return trend;
}

Result<bool> Console::disputed(const std::string& machine) {
    const auto view = gathered<MachineView>([&](const Sources& from) {
        return gather_machine(from, machine, {1, {}});
    });
    if (!view) return fail(view.error());
    return view->row.suspected_clone;
}

HttpResponse Console::shown(const Asked& asked) {
    if (const auto odd = odd_field(asked.target)) return no_such_field(asked.visitor, *odd);
    switch (asked.target.path.size()) {
        case 0:
            return overview(asked);
        case 1:
            return list_page(asked);
        case 2:
            return detail_page(asked);
        case 3:
            return confirmation(asked);
    }
    return no_such_page(asked.visitor);
}

HttpResponse Console::overview(const Asked& asked) {
    const auto view = gathered<OverviewView>([&](const Sources& from) -> Result<OverviewView> {
        auto overview = gather_overview(from, page_of(asked.target));
        if (!overview) return overview;
        auto counted = trend(from);
        if (!counted) return fail(std::move(counted.error()));
        overview->trend = std::move(*counted);
        return overview;
    });
    return page_or_problem(asked.visitor, view, [&](const OverviewView& it) {
        return overview_page(asked.visitor, it, asked.target.query);
    });
}

HttpResponse Console::list_page(const Asked& asked) {
    const auto& what = asked.target.path[0];
    const auto& query = asked.target.query;
    const Page page = page_of(asked.target);
    if (what == "machines") {
        if (const auto id = field(query, "id"); !id.empty()) return go_to(machine_path(id));
        const auto view = gathered<MachineListView>(
            [&](const Sources& from) { return gather_machines(from, field(query, "key"), page); });
        return page_or_problem(asked.visitor, view, [&](const MachineListView& it) {
            return machines_page(asked.visitor, it, query);
        });
    }
    if (what == "receipts") {
        const ReceiptFilter filter{field(query, "machine"), field(query, "key"),
                                   field(query, "kind")};
        const auto view = gathered<ReceiptListView>(
            [&](const Sources& from) { return gather_receipts(from, filter, page); });
        return page_or_problem(asked.visitor, view, [&](const ReceiptListView& it) {
            return receipts_page(asked.visitor, it, query);
        });
    }
    if (what == "clones") {
        const auto view = gathered<CloneList>(
            [&](const Sources& from) { return gather_clones(from, field(query, "after")); });
        return page_or_problem(asked.visitor, view, [&](const CloneList& it) {
            return clones_page(asked.visitor, it, query);
        });
    }
    return no_such_page(asked.visitor);
}

HttpResponse Console::detail_page(const Asked& asked) {
    const auto& what = asked.target.path[0];
    const auto& id = asked.target.path[1];
    const auto& query = asked.target.query;
    const Page page = page_of(asked.target);
    if (what == "entitlements") {
        const auto view = gathered<EntitlementView>(
            [&](const Sources& from) { return gather_entitlement(from, id, page); });
        return page_or_problem(asked.visitor, view, [&](const EntitlementView& it) {
            return entitlement_page(asked.visitor, it, query);
        });
    }
    if (what == "machines") {
        const auto view = gathered<MachineView>(
            [&](const Sources& from) { return gather_machine(from, id, page); });
        return page_or_problem(asked.visitor, view, [&](const MachineView& it) {
            return machine_page(asked.visitor, it, query);
        });
    }
    if (what == "receipts") {
        const auto view =
            gathered<ReceiptRow>([&](const Sources& from) { return gather_receipt(from, id); });
        return page_or_problem(asked.visitor, view, [&](const ReceiptRow& it) {
            return receipt_page(asked.visitor, it);
        });
    }
    return no_such_page(asked.visitor);
}

HttpResponse Console::confirmation(const Asked& asked) {
    const auto& path = asked.target.path;
    if (path[0] != "machines" || !is_one_of(path[2], {"release", "resolve"}))
        return no_such_page(asked.visitor);
    const auto view = gathered<MachineView>([&](const Sources& from) {
        return gather_machine(from, path[1], {kShortList, {}});
    });
    return page_or_problem(asked.visitor, view, [&](const MachineView& it) {
        return path[2] == "release" ? release_page(asked.visitor, it)
                                    : resolve_page(asked.visitor, it);
    });
}

}  // namespace latchkey::keyserver::console
