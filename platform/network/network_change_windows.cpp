#include <winsock2.h>
#include <ws2ipdef.h>

#include <iphlpapi.h>
#include <windows.h>

#include <array>
#include <utility>

#include "platform/network/network_change.h"
#include "platform/network/settling.h"

namespace latchkey::platform {
namespace {

constexpr std::chrono::seconds kQuiet{1};

void heard(void* settling) { static_cast<Settling*>(settling)->heard(); }

void WINAPI interface_changed(PVOID context, PMIB_IPINTERFACE_ROW, MIB_NOTIFICATION_TYPE) {
    heard(context);
}
void WINAPI address_changed(PVOID context, PMIB_UNICASTIPADDRESS_ROW, MIB_NOTIFICATION_TYPE) {
    heard(context);
}
void WINAPI route_changed(PVOID context, PMIB_IPFORWARD_ROW2, MIB_NOTIFICATION_TYPE) {
    heard(context);
}

class SystemWatch final : public NetworkWatch {
public:
    SystemWatch(boost::asio::any_io_executor executor, std::function<void()> changed)
        : settling_(std::make_shared<Settling>(std::move(executor), kQuiet, std::move(changed))) {
        void* const context = settling_.get();
        refused_ =
            ::NotifyIpInterfaceChange(AF_UNSPEC, interface_changed, context, FALSE, &handles_[0]) |
            ::NotifyUnicastIpAddressChange(AF_UNSPEC, address_changed, context, FALSE,
                                           &handles_[1]) |
            ::NotifyRouteChange2(AF_UNSPEC, route_changed, context, FALSE, &handles_[2]);
    }
    SystemWatch(const SystemWatch&) = delete;
    SystemWatch& operator=(const SystemWatch&) = delete;
    /// Cancelling waits for a call under way, which waits for nobody; so `settling_` outlives it.
    ~SystemWatch() override {
        for (const HANDLE handle : handles_)
            if (handle != nullptr) ::CancelMibChangeNotify2(handle);
        settling_->stop();
    }

    bool hears() const { return refused_ == NO_ERROR; }

private:
    std::shared_ptr<Settling> settling_;
    std::array<HANDLE, 3> handles_{};
    ULONG refused_ = NO_ERROR;
};

}  // namespace

std::unique_ptr<NetworkWatch> watch_network(boost::asio::any_io_executor executor,
                                            std::function<void()> changed) {
    auto watch = std::make_unique<SystemWatch>(std::move(executor), std::move(changed));
    if (!watch->hears()) return nullptr;
    return watch;
}

}  // namespace latchkey::platform
