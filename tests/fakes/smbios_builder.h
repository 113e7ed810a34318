#pragma once

// Builds raw SMBIOS tables for tests, structure by structure, the way firmware lays them out:
//
//     const auto table = SmbiosBuilder()
//                            .system("Dell Inc.", "OptiPlex 7090", "9BK5V33", uuid)
//                            .memory(8192, "2AA3F87D", "HMA81GS6", "DIMM A")
//                            .build();

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::fakes {

class SmbiosBuilder {
public:
    using Uuid = std::array<std::uint8_t, 16>;

    /// Any structure: `body` is the formatted part behind the header, string numbers included.
    SmbiosBuilder& structure(std::uint8_t type, const std::vector<std::uint8_t>& body,
                             const std::vector<std::string>& strings) {
        table_.push_back(type);
        table_.push_back(static_cast<std::uint8_t>(body.size() + 4));
        table_.push_back(next_handle_++);
        table_.push_back(0);
        table_.insert(table_.end(), body.begin(), body.end());
        for (std::string text : strings) {
            if (text.empty()) text = " ";  // an empty string would end the set
            table_.insert(table_.end(), text.begin(), text.end());
            table_.push_back(0);
        }
        if (strings.empty()) table_.push_back(0);
        table_.push_back(0);
        return *this;
    }

    SmbiosBuilder& bios(const std::string& vendor, const std::string& version,
                        const std::string& date) {
        return structure(0, {1, 2, 0, 0xF0, 3, 0xFF}, {vendor, version, date});
    }

    SmbiosBuilder& system(const std::string& vendor, const std::string& product,
                          const std::string& serial, const Uuid& uuid,
                          const std::string& sku = "SKU-A1", const std::string& family = "Family",
                          const std::string& version = "") {
        const std::uint8_t version_number = version.empty() ? 0 : 6;
        std::vector<std::uint8_t> body{1, 2, version_number, 3};
        body.insert(body.end(), uuid.begin(), uuid.end());
        body.insert(body.end(), {6, 4, 5});
        std::vector<std::string> strings{vendor, product, serial, sku, family};
        if (version_number) strings.push_back(version);
        return structure(1, body, strings);
    }

    SmbiosBuilder& board(const std::string& vendor, const std::string& product,
                         const std::string& serial, std::uint8_t features = 9,
                         const std::string& asset_tag = "asset") {
        return structure(2, {1, 2, 0, 3, 4, features, 0, 0, 0, 10, 0},
                         {vendor, product, serial, asset_tag});
    }

    SmbiosBuilder& chassis(const std::string& vendor, std::uint8_t type, const std::string& serial,
                           const std::string& asset_tag = "") {
        const std::uint8_t asset_number = asset_tag.empty() ? 0 : 3;
        std::vector<std::string> strings{vendor, serial};
        if (asset_number) strings.push_back(asset_tag);
        return structure(3, {1, type, 0, 2, asset_number, 3, 3, 3, 2}, strings);
    }

    /// A mezzanine or riser: listed like a board, hosting nothing.
    SmbiosBuilder& riser(const std::string& vendor, const std::string& product,
                         const std::string& serial) {
        constexpr std::uint8_t kReplaceable = 8;
        constexpr std::uint8_t kInterconnect = 11;
        return structure(2, {1, 2, 0, 3, 0, kReplaceable, 0, 0, 0, kInterconnect, 0},
                         {vendor, product, serial});
    }

    SmbiosBuilder& processor(const std::string& model, std::uint32_t signature) {
        std::vector<std::uint8_t> body{0, 3, 0xC6, 1};
        for (int shift = 0; shift < 32; shift += 8) {
            body.push_back(static_cast<std::uint8_t>(signature >> shift));
        }
        body.insert(body.end(), {0xFF, 0xFB, 0xEB, 0xBF, 2, 0, 0, 0, 0, 0, 0, 0, 0x41});
        return structure(4, body, {"Intel", model});
    }

    /// A size above 32,767 MB goes into the extended field, as the specification asks.
    SmbiosBuilder& memory(std::uint32_t size_mb, const std::string& serial, const std::string& part,
                          const std::string& slot) {
        const std::uint32_t plain = size_mb >= 0x7FFF ? 0x7FFF : size_mb;
        std::vector<std::uint8_t> body(0x22 - 4, 0);
        body[0x0C - 4] = static_cast<std::uint8_t>(plain);
        body[0x0D - 4] = static_cast<std::uint8_t>(plain >> 8);
        body[0x10 - 4] = 1;
        body[0x18 - 4] = 2;
        body[0x1A - 4] = 3;
        for (int i = 0; i < 4; ++i) {
            body[static_cast<std::size_t>(0x1C - 4 + i)] =
                static_cast<std::uint8_t>(plain == 0x7FFF ? size_mb >> (8 * i) : 0);
        }
        return structure(17, body, {slot, serial, part});
    }

    std::vector<std::uint8_t> build() const {
        auto out = table_;
        out.insert(out.end(), {127, 4, 0xFE, 0xFF, 0, 0});
        return out;
    }

    /// Without the end marker, as a truncated dump shows it.
    const std::vector<std::uint8_t>& bytes() const { return table_; }

    static std::vector<std::uint8_t> entry_point_32(std::uint8_t major, std::uint8_t minor) {
        std::vector<std::uint8_t> out(31, 0);
        const std::string_view anchor = "_SM_";
        for (std::size_t i = 0; i < anchor.size(); ++i)
            out[i] = static_cast<std::uint8_t>(anchor[i]);
        out[5] = 31;
        out[6] = major;
        out[7] = minor;
        return with_checksum(out, 4);
    }

    static std::vector<std::uint8_t> entry_point_64(std::uint8_t major, std::uint8_t minor,
                                                    std::uint8_t revision) {
        std::vector<std::uint8_t> out(24, 0);
        const std::string_view anchor = "_SM3_";
        for (std::size_t i = 0; i < anchor.size(); ++i)
            out[i] = static_cast<std::uint8_t>(anchor[i]);
        out[6] = 24;
        out[7] = major;
        out[8] = minor;
        out[9] = revision;
        return with_checksum(out, 5);
    }

private:
    static std::vector<std::uint8_t> with_checksum(std::vector<std::uint8_t> bytes,
                                                   std::size_t at) {
        std::uint8_t sum = 0;
        for (const auto byte : bytes) sum = static_cast<std::uint8_t>(sum + byte);
        bytes[at] = static_cast<std::uint8_t>(0x100 - sum);
        return bytes;
    }

    std::vector<std::uint8_t> table_;
    std::uint8_t next_handle_ = 1;
};

}  // namespace latchkey::fakes
