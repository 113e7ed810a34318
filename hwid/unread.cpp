#include "hwid/unread.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

constexpr std::size_t kMostNamed = 12;
/// A run asks nothing more after so many sources that gave no answer (platform/guarded_worker.h).
constexpr std::size_t kMostStuck = 3;

struct Remedies {
    std::string who_may_read;
    std::string where_to_look;
};

Remedies remedies_on(std::string_view os, Reader reader) {
    const bool windows = os == "windows";
    const char* const where = windows       ? "Windows' System event log"
                              : os == "mac" ? "the kernel's log (log show --predicate 'process == "
                                              "\"kernel\"')"
                                            : "the kernel's log (dmesg)";
    std::string who = windows ? "run this as administrator to include it"
                              : "run this as root (sudo) to include it";
    if (reader == Reader::agent) who = "the installed service has them";
    return {std::move(who), where};
}

/// What was kept hidden, by reason.
class Findings {
public:
    void add(Access access, std::string what) {
        switch (access) {
            case Access::read:
            case Access::absent:
                return;
            case Access::denied:
                return denied_.push_back(std::move(what));
            case Access::failed:
                return failed_.push_back(std::move(what));
            case Access::timed_out:
                return timed_out_.push_back(std::move(what));
        }
    }

    std::vector<std::string> sentences(const Remedies& remedies) const {
        std::vector<std::string> out;
        if (!denied_.empty())
            out.push_back("not readable without more rights: " + listed(denied_) + "; " +
                          remedies.who_may_read);
        if (!timed_out_.empty())
            out.push_back((timed_out_.size() <= kMostStuck
                               ? "no answer in time from "
                               : "no answer in time, or not asked after three gave none: ") +
                          listed(timed_out_) + "; counted as unreadable, not as changed. See " +
                          remedies.where_to_look);
        if (!failed_.empty())
            out.push_back("reading failed for " + listed(failed_) +
                          "; counted as unreadable, not as changed. See " + remedies.where_to_look);
        return out;
    }

private:
    static std::string listed(const std::vector<std::string>& names) {
        std::string out;
        for (std::size_t i = 0; i < names.size() && i < kMostNamed; ++i)
            out += (i ? ", " : "") + names[i];
        if (names.size() > kMostNamed)
            out += " and " + std::to_string(names.size() - kMostNamed) + " more";
        return out;
    }

    std::vector<std::string> denied_;
    std::vector<std::string> failed_;
    std::vector<std::string> timed_out_;
};

bool is_unread(Access access) { return access != Access::read && access != Access::absent; }

/// The reason why none of `texts` names the device; `read` where one does or none is there.
Access reason(std::initializer_list<const RawText*> texts) {
    Access why = Access::read;
    for (const auto* text : texts) {
        if (text->readable() && !trim(text->value).empty()) return Access::read;
        if (is_unread(text->access)) why = text->access;
    }
    return why;
}

void add_firmware(const RawHardware& raw, Findings& out) {
    for (const auto& [name, what] : {std::pair("product_uuid", "the platform's UUID"),
                                     std::pair("product_serial", "its serial number")}) {
        const auto field = raw.platform_fields.find(name);
        if (field != raw.platform_fields.end()) out.add(field->second.access, what);
    }
    if (!is_unread(raw.smbios_table.access)) return;
    for (const char* name : {"product_uuid", "product_serial", "board_serial", "chassis_serial"}) {
        const auto field = raw.dmi_fields.find(name);
        if (field != raw.dmi_fields.end() && field->second.readable()) return;
    }
    out.add(raw.smbios_table.access,
            "the serial numbers of system, board, chassis and memory modules (SMBIOS)");
}

void add_devices(const RawHardware& raw, Findings& out) {
    out.add(raw.disks_access, "the list of disks");
    for (const auto& disk : raw.disks) {
        if (!disk.is_virtual)
            out.add(reason({&disk.serial, &disk.wwn, &disk.eui}), "disk " + clean_text(disk.name));
    }
    out.add(raw.nics_access, "the list of network cards");
    for (const auto& nic : raw.nics) {
        if (!nic.is_virtual)
            out.add(reason({&nic.permanent_address, &nic.address}),
                    "network card " + clean_text(nic.name));
    }
    out.add(raw.displays_access, "the list of display adapters");
}

}  // namespace

std::vector<std::string> unread_sources(const RawHardware& raw, Reader reader) {
    Findings found;
    add_firmware(raw, found);
    add_devices(raw, found);
    found.add(raw.cpu.cpuinfo.access, "the processor");
    found.add(raw.cpu.name.access, "the processor");
    found.add(raw.meminfo.access, "the memory's size");
    found.add(raw.memory_bytes.access, "the memory's size");
    found.add(raw.vm_generation_id.access, "the virtual machine's generation id");
    found.add(raw.cloud_instance_id.access, "the cloud's instance id");
    found.add(raw.os_machine_id.access, "the machine id");
    auto sentences = found.sentences(remedies_on(raw.os, reader));
    // Its reasons are its own: more rights alone seldom help.
    if (is_unread(raw.tpm.ek_public.access))
        sentences.push_back("the TPM's key is missing here: " +
                            (raw.tpm.ek_public.origin.empty()
                                 ? std::string("it could not be read")
                                 : clean_text(raw.tpm.ek_public.origin)));
    return sentences;
}

}  // namespace latchkey::hwid
