#pragma once

// What others do to a TPM that is also ours: an owner who keeps keys in it, sets passwords, clears
// it.

#include <gtest/gtest.h>
#include <tss2/tss2_esys.h>

#include <array>

#include "platform/tpm/tpm_linux.h"
#include "platform/tpm/tpm_session_linux.h"
#include "tests/fakes/tpm_simulator.h"

namespace latchkey::platform {

class TpmOwner {
public:
    explicit TpmOwner(int fd) : tcti_(fd, fakes::kAmplePatience) {
        EXPECT_EQ(Esys_Initialize(&context_, tcti_.context(), nullptr), TSS2_RC_SUCCESS);
    }
    ~TpmOwner() { Esys_Finalize(&context_); }

    /// What Windows and some installers do: the endorsement key, or another key, gets a fixed
    /// place.
    void keep(const TPM2B_PUBLIC& wanted, ESYS_TR hierarchy) {
        const TPM2B_SENSITIVE_CREATE no_secret{};
        const TPM2B_DATA no_data{};
        const TPML_PCR_SELECTION no_pcrs{};
        ESYS_TR key = ESYS_TR_NONE, kept = ESYS_TR_NONE;
        ASSERT_EQ(Esys_CreatePrimary(context_, hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                     ESYS_TR_NONE, &no_secret, &wanted, &no_data, &no_pcrs, &key,
                                     nullptr, nullptr, nullptr, nullptr),
                  TSS2_RC_SUCCESS);
        ASSERT_EQ(Esys_EvictControl(context_, ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                    ESYS_TR_NONE, 0x81010001, &kept),
                  TSS2_RC_SUCCESS);
        EXPECT_EQ(Esys_FlushContext(context_, key), TSS2_RC_SUCCESS);
    }

    std::size_t keys_in_use() { return handles(TPM2_TRANSIENT_FIRST); }
    std::size_t sessions_in_use() { return handles(TPM2_LOADED_SESSION_FIRST); }
    std::size_t nv_indexes() { return handles(TPM2_NV_INDEX_FIRST); }
    std::size_t keys_kept() { return handles(TPM2_PERSISTENT_FIRST); }

    void set_password(ESYS_TR hierarchy) {
        TPM2B_AUTH password{4, {'p', 'a', 's', 's'}};
        ASSERT_EQ(Esys_HierarchyChangeAuth(context_, hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                           ESYS_TR_NONE, &password),
                  TSS2_RC_SUCCESS);
    }
    void set_endorsement_password() { set_password(ESYS_TR_RH_ENDORSEMENT); }

    /// What a firmware's "clear the TPM" does.
    void clear() {
        ASSERT_EQ(
            Esys_Clear(context_, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE),
            TSS2_RC_SUCCESS);
    }
    /// Another life: what a firmware does that makes a new endorsement seed.
    void change_endorsement_seed() {
        ASSERT_EQ(Esys_ChangeEPS(context_, ESYS_TR_RH_PLATFORM, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                 ESYS_TR_NONE),
                  TSS2_RC_SUCCESS);
    }

    void take_away(TPM2_HANDLE index) {
        ESYS_TR handle = ESYS_TR_NONE;
        ASSERT_EQ(Esys_TR_FromTPMPublic(context_, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                        &handle),
                  TSS2_RC_SUCCESS);
        ASSERT_EQ(Esys_NV_UndefineSpace(context_, ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD,
                                        ESYS_TR_NONE, ESYS_TR_NONE),
                  TSS2_RC_SUCCESS);
    }
    /// A place of the owner's own.
    void define(TPM2_HANDLE index) {
        const TPM2B_AUTH none{};
        TPM2B_NV_PUBLIC place{};
        place.nvPublic = {index,
                          TPM2_ALG_SHA256,
                          TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD | TPMA_NV_AUTHREAD,
                          {},
                          16};
        ESYS_TR handle = ESYS_TR_NONE;
        ASSERT_EQ(Esys_NV_DefineSpace(context_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                      ESYS_TR_NONE, &none, &place, &handle),
                  TSS2_RC_SUCCESS);
    }
    bool write(TPM2_HANDLE index, const std::array<std::uint8_t, 32>& authorisation) {
        ESYS_TR handle = ESYS_TR_NONE;
        EXPECT_EQ(Esys_TR_FromTPMPublic(context_, index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                        &handle),
                  TSS2_RC_SUCCESS);
        TPM2B_AUTH known{32, {}};
        std::copy(authorisation.begin(), authorisation.end(), known.buffer);
        EXPECT_EQ(Esys_TR_SetAuth(context_, handle, &known), TSS2_RC_SUCCESS);
        const TPM2B_MAX_NV_BUFFER zero{8, {}};
        return Esys_NV_Write(context_, handle, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                             &zero, 0) == TSS2_RC_SUCCESS;
    }

    /// One wrong password to a key that counts them, where one is already too many.
    void lock_out() {
        ASSERT_EQ(Esys_DictionaryAttackParameters(context_, ESYS_TR_RH_LOCKOUT, ESYS_TR_PASSWORD,
                                                  ESYS_TR_NONE, ESYS_TR_NONE, 1, 1000, 1000),
                  TSS2_RC_SUCCESS);
        auto wanted = attestation_template(std::array<std::uint8_t, 32>{});
        wanted.publicArea.objectAttributes &= ~static_cast<TPMA_OBJECT>(TPMA_OBJECT_NODA);
        TPM2B_SENSITIVE_CREATE secret{};
        secret.sensitive.userAuth = {4, {'p', 'a', 's', 's'}};
        const TPM2B_DATA no_data{};
        const TPML_PCR_SELECTION no_pcrs{};
        ESYS_TR key = ESYS_TR_NONE;
        ASSERT_EQ(Esys_CreatePrimary(context_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                     ESYS_TR_NONE, &secret, &wanted, &no_data, &no_pcrs, &key,
                                     nullptr, nullptr, nullptr, nullptr),
                  TSS2_RC_SUCCESS);
        const TPM2B_AUTH wrong{5, {'w', 'r', 'o', 'n', 'g'}};
        ASSERT_EQ(Esys_TR_SetAuth(context_, key, &wrong), TSS2_RC_SUCCESS);
        const TPMT_SIG_SCHEME own{TPM2_ALG_NULL, {}};
        const TPM2B_DATA nothing{};
        TPM2B_ATTEST* quoted = nullptr;
        TPMT_SIGNATURE* signature = nullptr;
        for (int attempt = 0; attempt < 3; ++attempt)
            last_ = Esys_Quote(context_, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                               &nothing, &own, &no_pcrs, &quoted, &signature);
        EXPECT_EQ(last_, static_cast<TSS2_RC>(TPM2_RC_LOCKOUT));
        EXPECT_EQ(Esys_FlushContext(context_, key), TSS2_RC_SUCCESS);
    }

private:
    std::size_t handles(TPM2_HANDLE from) {
        TPMI_YES_NO more = 0;
        TPMS_CAPABILITY_DATA* found = nullptr;
        EXPECT_EQ(Esys_GetCapability(context_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                     TPM2_CAP_HANDLES, from, 16, &more, &found),
                  TSS2_RC_SUCCESS);
        const std::size_t count = found->data.handles.count;
        Esys_Free(found);
        return count;
    }

    FileTcti tcti_;
    ESYS_CONTEXT* context_ = nullptr;
    TSS2_RC last_ = TSS2_RC_SUCCESS;
};

}  // namespace latchkey::platform
