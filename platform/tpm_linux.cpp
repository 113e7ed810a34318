#include "platform/tpm_linux.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <mutex>

#include "platform/sysfs_linux.h"
#include "platform/tpm.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::platform {
namespace {

using hwid::Access;
using hwid::RawTpm;

constexpr const char* kDevice = "/dev/tpmrm0";  // the kernel's resource manager: others may use it
constexpr Duration kPatience = minutes(2);      // a slow TPM looks long for two primes
constexpr TPM2_HANDLE kKeptKey = 0x81010001;    // TCG's place for the RSA endorsement key

RawTpm failed(std::string why) { return {{Access::failed, {}, std::move(why)}}; }

/// tpm2-tss, where it is installed. Never unloaded.
struct Library {
    decltype(&Esys_Initialize) initialize = nullptr;
    decltype(&Esys_Finalize) finalize = nullptr;
    decltype(&Esys_GetCapability) get_capability = nullptr;
    decltype(&Esys_TR_FromTPMPublic) from_tpm_public = nullptr;
    decltype(&Esys_ReadPublic) read_public = nullptr;
    decltype(&Esys_CreatePrimary) create_primary = nullptr;
    decltype(&Esys_FlushContext) flush_context = nullptr;
    decltype(&Esys_Free) free = nullptr;
    decltype(&Tss2_MU_TPM2B_PUBLIC_Marshal) marshal = nullptr;

    static const Library* get() {
        static const Library library;
        return library.marshal ? &library : nullptr;
    }

private:
    Library() {
        void* const esys = ::dlopen("libtss2-esys.so.0", RTLD_NOW | RTLD_LOCAL);
        void* const mu = ::dlopen("libtss2-mu.so.0", RTLD_NOW | RTLD_LOCAL);
        if (!esys || !mu) return;
        const auto load = [](void* from, const char* name, auto& into) {
            into = reinterpret_cast<std::remove_reference_t<decltype(into)>>(::dlsym(from, name));
            return into != nullptr;
        };
        const bool whole =
            load(esys, "Esys_Initialize", initialize) && load(esys, "Esys_Finalize", finalize) &&
            load(esys, "Esys_GetCapability", get_capability) &&
            load(esys, "Esys_TR_FromTPMPublic", from_tpm_public) &&
            load(esys, "Esys_ReadPublic", read_public) &&
            load(esys, "Esys_CreatePrimary", create_primary) &&
            load(esys, "Esys_FlushContext", flush_context) && load(esys, "Esys_Free", free);
        if (whole) load(mu, "Tss2_MU_TPM2B_PUBLIC_Marshal", marshal);
    }
};

/// TCG EK Credential Profile for TPM 2.0, template L-1.
TPM2B_PUBLIC endorsement_template() {
    // PolicySecret with the endorsement hierarchy's authorisation ("PolicyA").
    constexpr std::array<std::uint8_t, 32> kPolicy = {
        0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
        0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
        0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};
    TPM2B_PUBLIC out{};
    auto& area = out.publicArea;
    area.type = TPM2_ALG_RSA;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
                            TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
    area.authPolicy.size = kPolicy.size();
    std::copy(kPolicy.begin(), kPolicy.end(), area.authPolicy.buffer);
    auto& rsa = area.parameters.rsaDetail;
    rsa.symmetric.algorithm = TPM2_ALG_AES;
    rsa.symmetric.keyBits.aes = 128;
    rsa.symmetric.mode.aes = TPM2_ALG_CFB;
    rsa.scheme.scheme = TPM2_ALG_NULL;
    rsa.keyBits = 2048;
    area.unique.rsa.size = 256;
    return out;
}

class Session {
public:
    Session(const Library& tss, TSS2_TCTI_CONTEXT* tpm) : tss_(tss) {
        code_ = tss_.initialize(&context_, tpm, nullptr);
    }
    ~Session() {
        if (context_) tss_.finalize(&context_);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    RawTpm read() {
        if (code_ == TSS2_RC_SUCCESS && is_kept()) {
            auto kept = read_kept();
            if (!kept.empty()) return {{Access::read, std::move(kept), kDevice}};
        }
        if (code_ == TSS2_RC_SUCCESS) {
            auto made = make();
            if (!made.empty()) return {{Access::read, std::move(made), kDevice}};
        }
        std::array<char, 64> why{};
        std::snprintf(why.data(), why.size(), "the TPM refused (code 0x%08x)", code_);
        return failed(why.data());
    }

private:
    template <class T>
    auto owned(T* pointer) const {
        return std::unique_ptr<T, decltype(tss_.free)>(pointer, tss_.free);
    }

    /// Asked first, because the library complains in the log of a key that is not there.
    bool is_kept() {
        TPMI_YES_NO more = 0;
        TPMS_CAPABILITY_DATA* found = nullptr;
        code_ = tss_.get_capability(context_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                    TPM2_CAP_HANDLES, kKeptKey, 1, &more, &found);
        const auto list = owned(found);
        return code_ == TSS2_RC_SUCCESS && list && list->data.handles.count > 0 &&
               list->data.handles.handle[0] == kKeptKey;
    }

    /// Empty where something else is kept there.
    hwid::RawBytes read_kept() {
        ESYS_TR key = ESYS_TR_NONE;
        code_ = tss_.from_tpm_public(context_, kKeptKey, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                     &key);
        if (code_ != TSS2_RC_SUCCESS) return {};
        TPM2B_PUBLIC* found = nullptr;
        code_ = tss_.read_public(context_, key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &found,
                                 nullptr, nullptr);
        const auto key_public = owned(found);
        if (code_ != TSS2_RC_SUCCESS || !key_public) return {};
        auto blank = *key_public;
        blank.publicArea.unique = endorsement_template().publicArea.unique;
        return bytes_of(blank) == bytes_of(endorsement_template()) ? bytes_of(*key_public)
                                                                   : hwid::RawBytes();
    }

    hwid::RawBytes make() {
        const auto wanted = endorsement_template();
        const TPM2B_SENSITIVE_CREATE no_secret{};
        const TPM2B_DATA no_data{};
        const TPML_PCR_SELECTION no_pcrs{};
        ESYS_TR key = ESYS_TR_NONE;
        TPM2B_PUBLIC* made = nullptr;
        code_ = tss_.create_primary(context_, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD,
                                    ESYS_TR_NONE, ESYS_TR_NONE, &no_secret, &wanted, &no_data,
                                    &no_pcrs, &key, &made, nullptr, nullptr, nullptr);
        const auto key_public = owned(made);
        if (code_ != TSS2_RC_SUCCESS || !key_public) return {};
        tss_.flush_context(context_, key);
        return bytes_of(*key_public);
    }

    hwid::RawBytes bytes_of(const TPM2B_PUBLIC& key) const {
        hwid::RawBytes bytes(sizeof key);
        std::size_t used = 0;
        if (tss_.marshal(&key, bytes.data(), bytes.size(), &used) != TSS2_RC_SUCCESS) return {};
        bytes.resize(used);
        return bytes;
    }

    const Library& tss_;
    ESYS_CONTEXT* context_ = nullptr;
    TSS2_RC code_ = TSS2_RC_SUCCESS;
};

RawTpm read_system_tpm() {
    const SysDirectory tpm("/sys/class/tpm/tpm0");
    if (tpm.access() != Access::read) return {{tpm.access(), {}, tpm.path()}};
    if (tpm.word("tpm_version_major") == "1") return {{Access::absent, {}, tpm.path()}};
    const UniqueFd device(::open(kDevice, O_RDWR | O_CLOEXEC));
    if (!device) {
        // The kernel has a TPM; that its device is missing does not take it away.
        const auto access = access_of_errno(errno);
        return {{access == Access::absent ? Access::failed : access,
                 {},
                 errno_text("cannot open", kDevice, errno)}};
    }
    FileTcti tcti(device.get(), kPatience);
    return read_endorsement_key(tcti.context());
}

}  // namespace

RawTpm read_endorsement_key(TSS2_TCTI_CONTEXT* tpm) {
    const Library* tss = Library::get();
    if (!tss) return failed("libtss2-esys.so.0 is not installed");
    return Session(*tss, tpm).read();
}

TpmReader tpm_reader() {
    struct Memory {
        std::mutex mutex;
        RawTpm known;
    };
    return [memory = std::make_shared<Memory>()] {
        const std::lock_guard lock(memory->mutex);
        if (!memory->known.ek_public.readable()) memory->known = read_system_tpm();
        return memory->known;
    };
}

}  // namespace latchkey::platform
