#pragma once

#include <CommonCrypto/CommonCryptoError.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C"
#endif
    CCRNGStatus
    CCRandomGenerateBytes(void* bytes, size_t count);
