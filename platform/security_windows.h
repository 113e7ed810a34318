#pragma once

// Users, owners and access lists. Internal to the Windows files of platform/, service-install/ and
// the installer.
//
// "Trusted" here is who may do everything anyway, and who asks: the system, the administrators, the
// system's installer, and this process's own user.

#include <windows.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::platform {

/// A security identifier of its own, compared by value.
class Sid {
public:
    Sid() = default;
    explicit Sid(PSID other);
    static Sid of_text(const wchar_t* text);  ///< "S-1-5-18"
    PSID get() const { return const_cast<std::uint8_t*>(bytes_.data()); }
    explicit operator bool() const { return !bytes_.empty(); }
    std::string text() const;
    friend bool operator==(const Sid&, const Sid&) = default;

private:
    std::vector<std::uint8_t> bytes_;
};

/// The one that this process runs as.
const Sid& own_user();
/// NT SERVICE\Latchkey, the virtual account of the service; the same on every machine.
const Sid& agent_service();
/// A local group or user by its name; none where there is no such.
std::optional<Sid> sid_of_account(const std::string& name);

bool is_trusted(PSID sid);
/// As above without this process's own user.
bool is_administration(PSID sid);

/// A security descriptor made from SDDL, in which "{me}" stands for this process's user. Aborts on
/// SDDL that is wrong: it is always ours.
class Descriptor {
public:
    explicit Descriptor(std::string_view sddl);
    SECURITY_ATTRIBUTES* attributes() { return &attributes_; }
    PSECURITY_DESCRIPTOR get() const { return descriptor_.get(); }

private:
    struct Free {
        void operator()(void* memory) const { ::LocalFree(memory); }
    };
    std::unique_ptr<void, Free> descriptor_;
    SECURITY_ATTRIBUTES attributes_{};
};

/// So that a list that was inherited is still told as such by whatever it is set on: the system
/// drops that mark (SE_DACL_AUTO_INHERITED) where SE_DACL_AUTO_INHERIT_REQ does not ask for it.
void keep_inherited(PSECURITY_DESCRIPTOR descriptor);

/// What an open file, directory or pipe says of who may do what.
struct Rights {
    bool known = false;  ///< false: it could not be read
    std::uint32_t error = 0;
    Sid owner;
    std::string shown;  ///< the SDDL of owner and access list
    bool others_may_read = false;
    bool others_may_change = false;
};
/// `besides`: somebody else who counts as trusted; may be null.
Rights rights_of_handle(HANDLE object, const Sid* besides = nullptr);

}  // namespace latchkey::platform
