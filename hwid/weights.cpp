#include "hwid/weights.h"

namespace latchkey::hwid {
namespace {

constexpr Weights make() {
    Weights w;
    w.version = 1;
    w.provenance =
        "log2(m/u) in tenths of a bit; m and u by expectation over records of real machines "
        "(linuxhw, Grid'5000, Chameleon): chassis_serial, nic, bmc_mac, disk, system_product, "
        "cpu_model, memory_total_mb, bios_version, gpu, nic_device. Serial numbers and the UUID: "
        "u bounded by (equal pairs + 1) / (pairs + 1) among distinct machines. tpm_ek and "
        "cloud_instance_id: set by hand to the weight of a full set of network addresses; a TPM in "
        "firmware changes with the processor, so its disagreement says little.";
    const auto set = [&w](Kind kind, std::int16_t agree, std::int16_t partly,
                          std::int16_t disagree) {
        w.of[static_cast<std::size_t>(kind)] = {agree, partly, disagree};
    };
    set(Kind::system_uuid, 130, 130, -45);
    set(Kind::system_serial, 116, 116, -45);
    set(Kind::board_serial, 96, 96, -45);
    set(Kind::chassis_serial, 69, 69, -45);
    set(Kind::tpm_ek, 166, 166, -20);
    set(Kind::nic, 166, 84, -71);
    set(Kind::bmc_mac, 85, 32, -52);
    set(Kind::infiniband_guid, 80, 32, -20);
    set(Kind::disk, 114, 97, -65);
    set(Kind::system_product, 9, 9, -28);
    set(Kind::cpu_model, 10, 10, -40);
    set(Kind::memory_total_mb, 6, 6, -5);
    set(Kind::bios_version, 5, 5, -3);
    set(Kind::gpu, 11, 5, -12);
    set(Kind::nic_device, 6, 3, -9);
    set(Kind::cloud_instance_id, 166, 166, -166);
    // The anchor rule decides; the score refuses only where the evidence speaks clearly against. A
    // board that keeps its UUID and serial numbers outweighs new cards, disks and TPM (-26).
    w.same_threshold = -40;
    w.worthless_multiplicity = 3;
    return w;
}

constexpr Weights kWeights = make();

}  // namespace

const Weights& default_weights() { return kWeights; }

}  // namespace latchkey::hwid
