#include "platform/hardware.h"

// Until Windows' own files are here: every source is unreadable, none is claimed to be absent.

namespace latchkey::platform {
namespace {

class UnreadHardware final : public Hardware {
public:
    explicit UnreadHardware(TpmReader tpm) : tpm_(std::move(tpm)) {}

    hwid::RawHardware read(Duration) const override {
        hwid::RawHardware raw;
        raw.os = "windows";
        raw.smbios_table.access = hwid::Access::failed;
        raw.disks_access = hwid::Access::failed;
        raw.nics_access = hwid::Access::failed;
        raw.displays_access = hwid::Access::failed;
        raw.cpu.cpuinfo.access = hwid::Access::failed;
        raw.meminfo.access = hwid::Access::failed;
        if (tpm_)
            raw.tpm = tpm_();
        else
            raw.tpm.ek_public.access = hwid::Access::failed;
        return raw;
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
