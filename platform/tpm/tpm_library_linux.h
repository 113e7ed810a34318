#pragma once

// tpm2-tss, where it is installed: loaded by name, never unloaded. Internal to the Linux files of
// platform/.

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

namespace latchkey::platform {

struct TpmLibrary {
    decltype(&Esys_Initialize) initialize = nullptr;
    decltype(&Esys_Finalize) finalize = nullptr;
    decltype(&Esys_GetCapability) get_capability = nullptr;
    decltype(&Esys_TR_FromTPMPublic) from_tpm_public = nullptr;
    decltype(&Esys_ReadPublic) read_public = nullptr;
    decltype(&Esys_CreatePrimary) create_primary = nullptr;
    decltype(&Esys_ContextSave) context_save = nullptr;
    decltype(&Esys_ContextLoad) context_load = nullptr;
    decltype(&Esys_StartAuthSession) start_auth_session = nullptr;
    decltype(&Esys_PolicySecret) policy_secret = nullptr;
    decltype(&Esys_ActivateCredential) activate_credential = nullptr;
    decltype(&Esys_Quote) quote = nullptr;
    decltype(&Esys_TR_SetAuth) set_authorisation = nullptr;
    decltype(&Esys_NV_ReadPublic) nv_read_public = nullptr;
    decltype(&Esys_NV_DefineSpace) nv_define_space = nullptr;
    decltype(&Esys_NV_Increment) nv_increment = nullptr;
    decltype(&Esys_NV_Write) nv_write = nullptr;
    decltype(&Esys_NV_WriteLock) nv_write_lock = nullptr;
    decltype(&Esys_NV_Read) nv_read = nullptr;
    decltype(&Esys_FlushContext) flush_context = nullptr;
    decltype(&Esys_Free) free = nullptr;
    decltype(&Tss2_MU_TPM2B_PUBLIC_Marshal) marshal = nullptr;

    /// nullptr where it is not installed, or is not whole.
    static const TpmLibrary* get();

private:
    TpmLibrary();
};

}  // namespace latchkey::platform
