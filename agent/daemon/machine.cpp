#include "agent/daemon/machine.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>

#include "hwid/assemble.h"
#include "hwid/unread.h"
#include "licensing/tpm_credential.h"
#include "platform/paths.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

constexpr Duration kPerSource = seconds{10};

/// A reader that somebody may switch off.
struct Switch {
    platform::TpmReader reader;
    std::atomic<bool> on = true;

    hwid::RawTpm read() const {
        if (on) return reader();
        return {{hwid::Access::failed, {}, "tpm = \"off\" in the configuration"}};
    }
};

TpmSight sight_of(const hwid::RawTpm& tpm, bool in_use) {
    if (!in_use) return {"off", {}, {}};
    switch (tpm.ek_public.access) {
        case hwid::Access::read:
            return {"read", {}, {}};
        case hwid::Access::absent:
            return {"absent", {}, {}};
        case hwid::Access::denied:
        case hwid::Access::failed:
        case hwid::Access::timed_out:
            break;
    }
    return {"unreadable",
            tpm.ek_public.origin.empty() ? "it could not be read" : tpm.ek_public.origin,
            tpm.remedy};
}

class HardwareCaptures final : public CaptureSource {
public:
    explicit HardwareCaptures(platform::TpmReader tpm)
        : tpm_(std::make_shared<Switch>(std::move(tpm))),
          hardware_(platform::system_hardware([tpm = tpm_] { return tpm->read(); })) {}

    Capture take(WallTime now) override {
        auto raw = hardware_->read(kPerSource);
        auto snapshot = hwid::assemble(raw, now, licensing::endorsement_key_digest());
        auto tpm = sight_of(raw.tpm, tpm_->on);
        raw.tpm.ek_public.access = hwid::Access::absent;  // told for itself
        return {std::move(snapshot), raw.container.readable() && !raw.container.value.empty(),
                hwid::unread_sources(raw, hwid::Reader::agent), std::move(tpm)};
    }

    void use_tpm(bool use) override { tpm_->on = use; }
    void abandon() override { hardware_->abandon(); }

private:
    std::shared_ptr<Switch> tpm_;
    std::unique_ptr<platform::Hardware> hardware_;
};

const hwid::Component* find(const hwid::Snapshot& snapshot, hwid::Kind kind) {
    const auto found = std::find_if(
        snapshot.components.begin(), snapshot.components.end(), [kind](const auto& component) {
            return component.kind == kind && component.state == hwid::State::present;
        });
    return found == snapshot.components.end() ? nullptr : &*found;
}

}  // namespace

std::unique_ptr<CaptureSource> hardware_captures(platform::TpmReader tpm) {
    return std::make_unique<HardwareCaptures>(std::move(tpm));
}

Machine::Machine(asio::any_io_executor executor, CaptureSource& source)
    : executor_(std::move(executor)), source_(source), worker_(1) {
    facts_.platform = platform::os_name();
}

Machine::~Machine() {
    source_.abandon();  // whoever stops does not wait for a device that hangs
    worker_.join();
}

asio::awaitable<void> Machine::look(WallTime now) {
    // Bound, because the coroutine would otherwise be handed on to its own executor at once.
    co_await asio::post(asio::bind_executor(worker_.get_executor(), asio::use_awaitable));
    Capture taken = source_.take(now);
    co_await asio::post(executor_, asio::use_awaitable);
    seen_ = std::move(taken);
    understand();
    if (looked) looked();
}

hwid::Fingerprint Machine::fingerprint(const licensing::Manifest& manifest) const {
    if (!seen_) return {manifest.salt_id, {}};
    return hwid::fingerprint(seen_->snapshot, licensing::keyed_digest(manifest.salt),
                             manifest.salt_id);
}

hwid::Fingerprint Machine::digests(const Bytes& salt) const {
    return hwid::fingerprint(seen_->snapshot, licensing::keyed_digest(salt), "local");
}

/// Once a look, because status asks for it each time.
void Machine::understand() {
    const auto evidence = hwid::fingerprint(seen_->snapshot, hwid::plain_digest, "");
    facts_.strength = hwid::strength(evidence);
    virtual_ = hwid::is_virtual_machine(evidence);
    facts_.ephemeral = seen_->ephemeral;
    const auto* os = find(seen_->snapshot, hwid::Kind::os_edition);
    facts_.os_edition = os ? os->value : std::string();
}

std::string_view Machine::anchor() const {
    return seen_ && find(seen_->snapshot, hwid::Kind::tpm_ek) ? "tpm2" : "none";
}

}  // namespace latchkey::daemon
