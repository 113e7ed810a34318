#include "keyserver/readiness.h"

#include <spdlog/spdlog.h>

#include "keyserver/policy.h"

namespace latchkey::keyserver {
namespace {

Result<void> read_something(Store& store) {
    auto transaction = store.begin(Store::Access::read);
    if (!transaction) return fail(std::move(transaction.error()));
    const auto asked = (*transaction)->stores().products.find({});
    if (!asked) return fail(asked.error());
    return (*transaction)->let_go();
}

Result<void> write_something(Store& store, ServerTime now) {
    auto transaction = store.begin(Store::Access::write);
    if (!transaction) return fail(std::move(transaction.error()));
    if (auto written = (*transaction)->stores().probe.write(now); !written) return written;
    return (*transaction)->commit();
}

void tell_change(const Result<void>& before, const Result<void>& after) {
    if (before && !after) spdlog::error("not ready: {}", after.error().detail);
    if (!before && after) spdlog::info("ready again");
}

}  // namespace

Result<void> Readiness::ask(Store& store, const platform::ClockReading& now) {
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(asking_, true)) return last_;
    }
    auto found = find_out(store, now);
    const std::scoped_lock lock(mutex_);
    tell_change(last_, found);
    last_ = found;
    asking_ = false;
    return found;
}

Result<void> Readiness::find_out(Store& store, const platform::ClockReading& now) {
    if (!written_at_ || now.since_boot - *written_at_ >= kReadyInterval) {
        written_at_ = now.since_boot;
        return write_something(store, as_server(now.wall));
    }
    return last_ ? read_something(store) : last_;
}

}  // namespace latchkey::keyserver
