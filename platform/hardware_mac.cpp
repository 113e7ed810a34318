#include "platform/hardware.h"

namespace latchkey::platform {
namespace {

/// Every source keeps what it begins with: nothing was read.
class UnreadHardware final : public Hardware {
public:
    explicit UnreadHardware(TpmReader tpm) : tpm_(std::move(tpm)) {}
    hwid::RawHardware read(Duration) const override {
        hwid::RawHardware hardware;
        if (tpm_) hardware.tpm = tpm_();
        return hardware;
    }
    void abandon() override {}

private:
    TpmReader tpm_;
};

}  // namespace

std::unique_ptr<Hardware> system_hardware(TpmReader tpm) {
    return std::make_unique<UnreadHardware>(std::move(tpm));
}

std::string missing_rights_hint() { return {}; }

}  // namespace latchkey::platform
