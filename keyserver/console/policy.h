#pragma once

// Every number the console limits with, once.

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace latchkey::keyserver::console {

/// A session ends when nothing was asked for so long, and after so long whatever was asked.
inline constexpr Duration kIdleEnd = minutes{30};
inline constexpr Duration kAbsoluteEnd = hours{8};
inline constexpr std::size_t kMaxSessions = 32;
/// Of session and form tokens: 256 random bits.
inline constexpr std::size_t kTokenBytes = 32;

/// Attempts to sign in: a burst, refilled steadily; of one address, and of all together.
inline constexpr int kSignInBurst = 5;
inline constexpr double kSignInsPerSecond = 1.0 / 60;
inline constexpr int kSignInBurstOfAll = 20;
inline constexpr double kSignInsPerSecondOfAll = 1.0 / 5;
inline constexpr std::size_t kMaxSignInBuckets = 4096;

/// What a digest costs (scrypt, OWASP's 32 MiB setting): about a quarter of a second.
inline constexpr std::uint64_t kDigestN = 1 << 15;
inline constexpr std::uint32_t kDigestR = 8;
inline constexpr std::uint32_t kDigestP = 3;
/// More than this a file may not ask for.
inline constexpr std::uint64_t kMaxDigestN = 1 << 20;
inline constexpr std::uint32_t kMaxDigestR = 16;
inline constexpr std::uint32_t kMaxDigestP = 16;
inline constexpr std::uint64_t kMaxDigestMemory = 1024ULL * 1024 * 1024;
inline constexpr std::size_t kSaltBytes = 16;
inline constexpr std::size_t kDigestBytes = 32;
inline constexpr std::size_t kMinPasswordBytes = 12;
inline constexpr std::size_t kMaxPasswordBytes = 256;
/// Symbols of a password that is made here, 5 bits each.
inline constexpr std::size_t kMadePasswordSymbols = 25;

inline constexpr std::size_t kMaxFields = 16;

/// Rows of a page; short lists inside another page.
inline constexpr std::int64_t kRows = 25;
inline constexpr std::int64_t kShortList = 8;
/// Licenses of one machine, the newest, that are looked at for forks.
inline constexpr std::size_t kLicensesLooked = 100;
/// Licenses whose leases went astray that one page looks at.
inline constexpr std::int64_t kAstrayLooked = 100;

/// The trend of counted activations.
inline constexpr int kTrendWeeks = 12;
/// It is asked for at most so often.
inline constexpr Duration kTrendKept = minutes{1};

/// An activate-by date or the end of a signing key is worth a word from so long before.
inline constexpr Days kSoon{30};

}  // namespace latchkey::keyserver::console
