#pragma once

// What OpenSSL uses of macOS' CommonCrypto, which the compiler's macOS headers leave out.

#include <stdint.h>

typedef int32_t CCCryptorStatus;
typedef CCCryptorStatus CCRNGStatus;
enum { kCCSuccess = 0 };
