#include "hwid/known_bad.h"

#include <algorithm>
#include <initializer_list>

#include "hwid/text.h"

// Sources of the tables: GLPI's and FusionInventory's blacklists; the bad-value lists of hw-probe
// (linuxhw); values seen on two or more distinct machines in public hardware collections (linuxhw,
// Grid'5000, Chameleon, facterdb); the IEEE registry and the hypervisors' own documentation.

namespace latchkey::hwid {
namespace {

constexpr auto kPlaceholders = std::to_array<std::string_view>({
    "$(project_sku_name)",
    "(null string)",
    "(null)",
    "*",
    "-",
    "--",
    "0",
    "0123456789",
    "1",
    "1111111",
    "1111111111",
    "1234-5678",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "123456789000",
    "12345678901234567",
    "123456789012345678",
    "987654321",
    "9876543210",
    "<bad index>",
    "<out of spec>",
    "[empty]",
    "abcd",
    "all series",
    "asus-notebooksku",
    "base board product name",
    "base board serial number",
    "base board version",
    "baseboard s/n",
    "board manufacturer",
    "board s/n",
    "board vendor",
    "board version",
    "chassis manufacture",
    "chassis manufacturer",
    "chassis s/n",
    "chassis serial number",
    "chassis version",
    "default string",
    "default_string",
    "empty",
    "eval",
    "iatpass",
    "invalid",
    "invalid serial",
    "invalid serial number",
    "mainboard",
    "manufacturer0",
    "manufacturer00",
    "manufacturer01",
    "manufacturer1",
    "manufacturer2",
    "manufacturer3",
    "mb-1234567890",
    "modulepartnumber00",
    "modulepartnumber01",
    "moduleserialnumber00",
    "n/a",
    "na",
    "nil",
    "nnnnnnn",
    "no asset information",
    "no dimm",
    "no enclosure",
    "no serial",
    "no serial number",
    "node-was-not-available-to-retrieve-this-value",
    "none",
    "not applicable",
    "not available",
    "not defined",
    "not present",
    "not set",
    "not settable",
    "not specified",
    "null",
    "oem",
    "oem chassis manufacturer",
    "oem chassis version",
    "oem_serial",
    "ok",
    "partnum0",
    "partnum1",
    "partnum2",
    "partnum3",
    "portable pc",
    "product",
    "product name",
    "serial number xxxxxx",
    "sernum0",
    "sernum1",
    "sernum2",
    "sernum3",
    "sku",
    "sn-12345",
    "sn-1234567890",
    "sn-123456fvgv3i0b8o5n6n7k",
    "standard",
    "stem manufacturer",
    "sys-1234567890",
    "sys-9876543210",
    "system manufact",
    "system manufacter",
    "system manufacturer",
    "system name",
    "system product name",
    "system s/n",
    "system serial number",
    "system sku#",
    "system skunumber",
    "system version",
    "system_manufacturer",
    "system_product_name",
    "systemserialnumb",
    "tbd",
    "to be filled by o.e.m.",
    "tulip computers",
    "type1family",
    "type1productconfigid",
    "type1serialnumber",
    "type1sku0",
    "type2 - board serial number",
    "undefined",
    "unknow",
    "unknown",
    "unknown product",
    "x.x",
    "xxxxxxxxxxx",
    "{",
});
static_assert(std::is_sorted(kPlaceholders.begin(), kPlaceholders.end()));

constexpr auto kTemplateUuids = std::to_array<std::string_view>({
    "000102030405060708090a0b0c0d0e0f",
    "00020003000400050006000700080009",
    "00112233445566778899aabbccddeeff",
    "01010101010101010101010101010101",
    "0102030405060708090a0b0c0d0e0f10",
    "03000200040005000006000700080009",
    "03d40274043505dc8506010700080009",
    "11111111222233334444555555555555",
    "12345678123412341234123456789abc",
    "123456781234567890abcddeefaabbcc",
    "6ab5b300538d10149fb5b0684d007b53",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "fefefefefefefefefefefefefefefefe",
});

constexpr auto kBadMacs = std::to_array<std::uint64_t>({
    0x000102030405, 0x00093bf01a40, 0x000b0e0f00ed, 0x000bcafe0000, 0x000be0f000ed, 0x001122334455,
    0x001374000000, 0x001374005c38, 0x001e101f0000, 0x002007011606, 0x00a0c6000000, 0x00dd00000000,
    0x00e012345678, 0x00e04c534458, 0x020000000000, 0x02004e435049, 0x022c80139263, 0x028037ec0200,
    0x044b80808003, 0x044b80808004, 0x044b808080f0, 0x0a0027000000, 0x0c5b8f279a64, 0x204153594eff,
    0x24b620524153, 0x33506f453030, 0x505054503030, 0x582c80139263, 0x667744223310, 0x667744223311,
    0x888888888788, 0x88e220524153, 0xd20a2da004be, 0xd26b252f2ce7, 0xe2e616200a35, 0xed0b0000e000,
    0xfeffffffffff,
});
static_assert(std::is_sorted(kBadMacs.begin(), kBadMacs.end()));

struct Prefix {
    std::uint32_t bytes;  ///< the first three bytes of an address
    MacOrigin origin;
};

constexpr auto kPrefixes = std::to_array<Prefix>({
    {0x0003ff, MacOrigin::hypervisor},  // Virtual PC
    {0x000569, MacOrigin::hypervisor},  // VMware
    {0x000c29, MacOrigin::hypervisor},  // VMware
    {0x000d3a, MacOrigin::hypervisor},  // Azure
    {0x000ec6, MacOrigin::dock},        // ASIX
    {0x000f4b, MacOrigin::hypervisor},  // Virtual Iron
    {0x00133b, MacOrigin::dock},        // Speed Dragon
    {0x00155d, MacOrigin::hypervisor},  // Hyper-V
    {0x00163e, MacOrigin::hypervisor},  // Xen, OpenStack, LXC
    {0x001851, MacOrigin::hypervisor},  // Virtuozzo
    {0x001c14, MacOrigin::hypervisor},  // VMware
    {0x001c42, MacOrigin::hypervisor},  // Parallels
    {0x002248, MacOrigin::hypervisor},  // Azure
    {0x00249b, MacOrigin::dock},        // Action Star
    {0x005056, MacOrigin::hypervisor},  // VMware
    {0x0050b6, MacOrigin::dock},        // Good Way
    {0x00e04c, MacOrigin::dock},        // Realtek
    {0x080027, MacOrigin::hypervisor},  // VirtualBox
    {0x0a0027, MacOrigin::local},       // VirtualBox host-only network
    {0x3c18a0, MacOrigin::dock},        // Luxshare
    {0x482ae3, MacOrigin::dock},        // Wistron, Lenovo docks
    {0x525400, MacOrigin::hypervisor},  // QEMU, KVM
    {0x644bf0, MacOrigin::dock},        // CalDigit
    {0x8cae4c, MacOrigin::dock},        // Plugable
    {0x9cebe8, MacOrigin::dock},        // BizLink, Dell docks
    {0xa44cc8, MacOrigin::dock},        // Dell docks
    {0xbc2411, MacOrigin::hypervisor},  // Proxmox
    {0xf23c91, MacOrigin::hypervisor},  // Linode
    {0xf8e43b, MacOrigin::dock},        // ASIX
    {0xfa163e, MacOrigin::hypervisor},  // OpenStack
    {0xfe5400, MacOrigin::local},       // libvirt's tap devices
});
static_assert(std::is_sorted(kPrefixes.begin(), kPrefixes.end(),
                             [](const Prefix& a, const Prefix& b) { return a.bytes < b.bytes; }));

constexpr auto kBadDiskIds = std::to_array<std::string_view>({
    "0000000000000000",
    "00000000000000000001",
    "000000000208",
    "0025385a11b173ff",
    "0100000000000000",
    "20100201396000000",
    "5000000000000000",
    "502b2a201d1c1b1a",
    "eea1ee5b",
});
static_assert(std::is_sorted(kBadDiskIds.begin(), kBadDiskIds.end()));

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](auto part) { return contains(text, part); });
}

bool all_of(std::string_view text, char c) {
    return text.find_first_not_of(c) == std::string_view::npos;
}

/// "12345678", "00123456789…", "0123456789…": somebody ran a finger over the keyboard.
bool is_digit_ladder(std::string_view text) {
    if (text.starts_with("0123456789")) return true;
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
    if (text.starts_with('1')) text.remove_prefix(1);
    if (!text.starts_with("2345678")) return false;
    text.remove_prefix(7);
    return text.empty() || text.starts_with('9');
}

/// "bsn12345678901234567", "nb-1234567890": letters that say what would stand here, then a ladder.
bool is_ladder_behind_letters(std::string_view text) {
    constexpr std::size_t kMostLetters = 8;
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    std::size_t letters = 0;
    while (letters < text.size() && is_letter(text[letters])) ++letters;
    if (letters == 0 || letters > kMostLetters) return false;
    text.remove_prefix(letters);
    text.remove_prefix(std::min(text.find_first_not_of(" -_:.#"), text.size()));
    return is_digit_ladder(text);
}

/// "o.e.m." or "oem" as a word of its own.
bool holds_oem(std::string_view text) {
    for (std::size_t at = 0; (at = text.find('o', at)) != std::string_view::npos; ++at) {
        if (at > 0 && is_word(text[at - 1])) continue;
        std::size_t i = at + 1;
        const auto skip = [&](char c) { return i < text.size() && text[i] == c && (++i, true); };
        skip('.');
        if (!skip('e')) continue;
        skip('.');
        if (!skip('m')) continue;
        if (i == text.size() || !is_word(text[i])) return true;
    }
    return false;
}

/// One of `firsts`, white space, then one of `seconds`: "not specified", "system serial".
bool holds_pair(std::string_view text, std::initializer_list<std::string_view> firsts,
                std::initializer_list<std::string_view> seconds) {
    for (const auto first : firsts) {
        for (std::size_t at = 0; (at = text.find(first, at)) != std::string_view::npos; ++at) {
            auto rest = text.substr(at + first.size());
            rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
            if (std::any_of(seconds.begin(), seconds.end(),
                            [&](auto second) { return rest.starts_with(second); })) {
                return true;
            }
        }
    }
    return false;
}

/// "sn-xxxxx", "mb-0000", "0x00": a prefix and nothing behind it.
bool is_empty_behind_prefix(std::string_view text) {
    if (text.starts_with("0x") && all_of(text.substr(2), '0')) return true;
    for (const std::string_view prefix : {"bsn", "ssn", "csn", "sn", "mb", "sys", ""}) {
        if (!text.starts_with(prefix)) continue;
        auto rest = text.substr(prefix.size());
        if (rest.starts_with('-')) rest.remove_prefix(1);
        if (rest.empty()) continue;
        if (all_of(rest, '0') || (rest.size() >= 5 && all_of(rest, 'x'))) return true;
    }
    return false;
}

std::string hex_text(const std::array<std::uint8_t, 16>& uuid) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const auto byte : uuid) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

}  // namespace

bool is_placeholder_text(std::string_view text) {
    if (std::none_of(text.begin(), text.end(), is_word)) return true;
    if (text.size() > 1 && all_of(text, text.front())) return true;
    if (std::binary_search(kPlaceholders.begin(), kPlaceholders.end(), text)) return true;
    if (is_digit_ladder(text) || is_ladder_behind_letters(text)) return true;
    if (is_empty_behind_prefix(text) || holds_oem(text)) return true;
    if (contains_any(text, {"to be filled", "tobefilled", "default string", "defaultstring"})) {
        return true;
    }
    if (text == "serial" || text == "serial no" || text == "serial num" ||
        text == "serial number" || text == "serialnumber") {
        return true;
    }
    return holds_pair(text, {"not"},
                      {"specified", "available", "applicable", "present", "settable", "defined",
                       "provided"}) ||
           holds_pair(
               text, {"system", "chassis", "base board", "baseboard", "board", "module", "product"},
               {"serial", "version", "manufacture", "product", "sku"});
}

bool is_part_number(std::string_view text) {
    return text.size() == 10 && std::all_of(text.begin(), text.begin() + 6, is_digit) &&
           text[6] == '-' && !is_digit(text[7]) && is_digit(text[8]) && is_digit(text[9]);
}

bool is_template_uuid(const std::array<std::uint8_t, 16>& uuid) {
    auto swapped = uuid;
    std::reverse(swapped.begin(), swapped.begin() + 4);
    std::swap(swapped[4], swapped[5]);
    std::swap(swapped[6], swapped[7]);
    for (const auto& order : {uuid, swapped}) {
        const std::string text = hex_text(order);
        std::array<bool, 256> seen{};
        for (const char c : text) seen[static_cast<unsigned char>(c)] = true;
        if (std::count(seen.begin(), seen.end(), true) <= 2) return true;
        // AMI's template ends like this; what varies in it is copied from a network card.
        if (text.ends_with("0700080009")) return true;
        // Supermicro P8SCT: the node is the network card's address, the rest is the template's.
        if (text.starts_with("64837263846274931212")) return true;
        if (std::binary_search(kTemplateUuids.begin(), kTemplateUuids.end(), text)) return true;
    }
    return false;
}

MacOrigin mac_origin(std::uint64_t mac) {
    const auto first = static_cast<std::uint32_t>(mac >> 24);
    const auto last = static_cast<std::uint32_t>(mac & 0xFFFFFF);
    if (first == 0 || last == 0 || std::binary_search(kBadMacs.begin(), kBadMacs.end(), mac)) {
        return MacOrigin::bad;
    }
    const auto it =
        std::lower_bound(kPrefixes.begin(), kPrefixes.end(), first,
                         [](const Prefix& row, std::uint32_t bytes) { return row.bytes < bytes; });
    if (it != kPrefixes.end() && it->bytes == first) return it->origin;
    const std::uint32_t two = first >> 8;
    const std::uint32_t one = first >> 16;
    if (two == 0x0242 || two == 0x00ff) return MacOrigin::local;  // docker, TAP-Win32
    if (two == 0x4201) return MacOrigin::hypervisor;              // Google Compute Engine
    if (one & 0x01) return MacOrigin::bad;
    if (one == 0x06 || one == 0x0e) return MacOrigin::hypervisor;  // Amazon EC2
    if (one & 0x02) return MacOrigin::local;
    return MacOrigin::burned_in;
}

bool is_bad_disk_id(std::string_view id) {
    // "0000_0000_0000_0000.": an NVMe id that nobody set, as Linux and Windows spell it.
    if (id.find_first_not_of("0_.-: ") == std::string_view::npos) return true;
    return std::binary_search(kBadDiskIds.begin(), kBadDiskIds.end(), id) ||
           id.starts_with("aaaabbbbcccc");
}

bool is_virtual_disk_model(std::string_view model) {
    return contains_any(
        model, {"vbox", "qemu", "virtual", "vmware", "logical volume", "vmd raid", "perc ", "raid",
                "amazon elastic block store", "amazon ec2 nvme", "persistentdisk", "msft nvme"});
}

bool is_virtual_disk_serial(std::string_view serial) {
    const bool qemu = serial.starts_with("qm0") && serial.size() == 7;
    const bool virtualbox = serial.size() == 19 && serial.starts_with("vb") && serial[10] == '-';
    return qemu || virtualbox;
}

bool is_virtual_product(std::string_view text) {
    return text == "xen" || text == "kvm" ||
           contains_any(text, {"virtualbox", "vmware", "qemu", "bochs", "virtual machine",
                               "hvm domu", "standard pc (", "openstack", "bhyve", "parallels",
                               "innotek gmbh", "virtual platform", "amazon ec2",
                               "google compute engine", "alibaba cloud ecs", "digitalocean"});
}

}  // namespace latchkey::hwid
