#include <fcntl.h>
#include <linux/hdreg.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/hardware/hardware_linux.h"
#include "platform/hardware/sysfs_linux.h"

namespace latchkey::platform {
namespace {

constexpr std::size_t kAtaIdentityBytes = 512;
constexpr std::size_t kAtaSerialAt = 20;
constexpr std::size_t kAtaSerialBytes = 20;

bool is_block_device(int fd) {
    struct stat status {};
    return ::fstat(fd, &status) == 0 && S_ISBLK(status.st_mode);
}

std::string ata_serial(int fd) {
    std::array<char, kAtaIdentityBytes> identity{};
    if (::ioctl(fd, HDIO_GET_IDENTITY, identity.data()) != 0) return {};
    return serial_of_ata_identity({identity.data(), identity.size()});
}

/// INQUIRY for page 0x80 ("unit serial number").
std::string scsi_serial(int fd) {
    constexpr unsigned kTimeoutMilliseconds = 2000;
    constexpr unsigned char kInquiry = 0x12;
    constexpr unsigned char kVitalProductData = 1;
    constexpr unsigned char kUnitSerialPage = 0x80;
    std::array<unsigned char, 252> page{};
    std::array<unsigned char, 32> sense{};
    std::array<unsigned char, 6> command{
        kInquiry, kVitalProductData, kUnitSerialPage, 0, static_cast<unsigned char>(page.size()),
        0};
    sg_io_hdr_t call{};
    call.interface_id = 'S';
    call.dxfer_direction = SG_DXFER_FROM_DEV;
    call.cmdp = command.data();
    call.cmd_len = command.size();
    call.dxferp = page.data();
    call.dxfer_len = page.size();
    call.sbp = sense.data();
    call.mx_sb_len = sense.size();
    call.timeout = kTimeoutMilliseconds;
    if (::ioctl(fd, SG_IO, &call) != 0 || (call.info & SG_INFO_OK_MASK) != SG_INFO_OK) return {};
    const auto missing = static_cast<std::size_t>(std::max(call.resid, 0));
    return serial_of_vpd_page(
        {reinterpret_cast<const char*>(page.data()), page.size() - std::min(missing, page.size())});
}

}  // namespace

std::string serial_of_ata_identity(std::string_view identity) {
    if (identity.size() < kAtaSerialAt + kAtaSerialBytes) return {};
    return std::string(identity.substr(kAtaSerialAt, kAtaSerialBytes));
}

hwid::RawText ask_disk_for_serial(const std::string& device) {
    hwid::RawText text;
    text.origin = device;
    // O_NONBLOCK: a drive is not to load a medium or wait for one.
    const UniqueFd fd(::open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    if (!fd || !is_block_device(fd.get())) {
        text.access = access_of_errno(fd ? ENODEV : errno);
        return text;
    }
    text.value = ata_serial(fd.get());
    if (text.value.empty()) text.value = scsi_serial(fd.get());
    if (!text.value.empty()) text.access = hwid::Access::read;
    return text;
}

}  // namespace latchkey::platform
