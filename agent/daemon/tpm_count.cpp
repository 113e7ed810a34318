#include "agent/daemon/tpm_count.h"

#include <algorithm>
#include <functional>

#include "agent/daemon/log.h"
#include "agent/daemon/spawn.h"
#include "licensing/crypto.h"
#include "licensing/tpm_messages.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;
using platform::TpmCounter;
using platform::TpmResult;

licensing::Sha256 derived(std::string_view what, const RowKey& row) {
    std::string text(what);
    text += '\0' + row.publisher + '\0' + row.product;
    return licensing::sha256(text);
}

}  // namespace

platform::TpmCounterPlace counter_place(const std::string& publisher, const std::string& product) {
    const RowKey row{publisher, product};
    const auto slot = derived("latchkey tpm counter", row);
    return {(std::uint32_t{slot[0]} << 16 | std::uint32_t{slot[1]} << 8 | slot[2]) %
                platform::kTpmCounterSlots,
            derived("latchkey tpm counter's authorisation", row)};
}

void TpmCounts::look() {
    if (!desk_.config.counts_in_tpm()) return;
    for (const auto& [product, manifest] : desk_.manifests)
        if (manifest.needs_activation) spawn(desk_.executor, ask({manifest.publisher, product}, 0));
}

void TpmCounts::raise(const RowKey& row, int target) {
    if (desk_.config.counts_in_tpm()) spawn(desk_.executor, ask(row, target));
}

asio::awaitable<void> TpmCounts::ask(RowKey row, int target) {
    const auto manifest = desk_.manifest(row.product);
    if (!manifest || manifest->publisher != row.publisher) co_return;
    const auto place = counter_place(row.publisher, row.product);
    const auto wanted = static_cast<std::uint32_t>(std::max(target, 0));
    const std::function<TpmResult<std::uint32_t>(TpmCounter&)> question =
        [place, wanted](TpmCounter& counter) {
            return wanted > 0 ? counter.raise(place, wanted) : counter.read(place);
        };
    const Duration patience = desk_.policy(*manifest).tpm_patience;
    const auto value = co_await worker_.ask<std::uint32_t>(patience, question);
    const auto now = desk_.runner.moment().now;
    if (!value) {
        std::string text = licensing::tpm_failure_text(name(value.error().failure));
        if (!value.error().detail.empty()) text += " (" + value.error().detail + ")";
        spdlog::warn("{}: the TPM keeps no counter: {}", printable(row.product), printable(text));
        last_ = {std::string(name(value.error().failure)), std::move(text), now};
        co_return;
    }
    last_ = {"kept", {}, now};
    if (desk_.row(*manifest) == nullptr) co_return;
    const core::event::CounterRead read{static_cast<int>(*value), wanted > 0};
    if (const auto kept = desk_.apply(*manifest, read); !kept)
        spdlog::error("{}: what the TPM counts was not stored: {}", printable(row.product),
                      printable(kept.error().detail));
}

}  // namespace latchkey::daemon
