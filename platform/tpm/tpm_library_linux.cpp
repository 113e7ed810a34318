#include "platform/tpm/tpm_library_linux.h"

#include <dlfcn.h>

#include <type_traits>

namespace latchkey::platform {

const TpmLibrary* TpmLibrary::get() {
    static const TpmLibrary library;
    return library.marshal ? &library : nullptr;
}

TpmLibrary::TpmLibrary() {
    void* const esys = ::dlopen("libtss2-esys.so.0", RTLD_NOW | RTLD_LOCAL);
    void* const mu = ::dlopen("libtss2-mu.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!esys || !mu) return;
    bool whole = true;
    const auto load = [&](void* from, const char* name, auto& into) {
        into = reinterpret_cast<std::remove_reference_t<decltype(into)>>(::dlsym(from, name));
        whole = whole && into != nullptr;
    };
    load(esys, "Esys_Initialize", initialize);
    load(esys, "Esys_Finalize", finalize);
    load(esys, "Esys_GetCapability", get_capability);
    load(esys, "Esys_TR_FromTPMPublic", from_tpm_public);
    load(esys, "Esys_ReadPublic", read_public);
    load(esys, "Esys_CreatePrimary", create_primary);
    load(esys, "Esys_ContextSave", context_save);
    load(esys, "Esys_ContextLoad", context_load);
    load(esys, "Esys_StartAuthSession", start_auth_session);
    load(esys, "Esys_PolicySecret", policy_secret);
    load(esys, "Esys_ActivateCredential", activate_credential);
    load(esys, "Esys_Quote", quote);
    load(esys, "Esys_TR_SetAuth", set_authorisation);
    load(esys, "Esys_NV_ReadPublic", nv_read_public);
    load(esys, "Esys_NV_DefineSpace", nv_define_space);
    load(esys, "Esys_NV_Increment", nv_increment);
    load(esys, "Esys_NV_Write", nv_write);
    load(esys, "Esys_NV_WriteLock", nv_write_lock);
    load(esys, "Esys_NV_Read", nv_read);
    load(esys, "Esys_FlushContext", flush_context);
    load(esys, "Esys_Free", free);
    if (whole) load(mu, "Tss2_MU_TPM2B_PUBLIC_Marshal", marshal);
}

}  // namespace latchkey::platform
