#pragma once

// Decisions in words.

#include <string>

#include "keyserver/console/views.h"

namespace latchkey::keyserver::console {

/// "Activated: counted 1", "Activated again: not counted", "Given back by its machine".
std::string what_happened(const ReceiptRecord& receipt);
/// "the same machine", …; what the matcher said.
std::string verdict_words(std::string_view verdict);
/// The same of a receipt: "not looked at", where an administrator decided or a token was redeemed.
std::string judged_words(const ReceiptRecord& receipt);
/// "A machine that was not known under this key.", or what it was recognised by.
std::string recognition_words(const ReceiptRecord& receipt);
/// "3 used before, 4 after, of 10"; empty where a receipt is about no activations.
std::string use_words(const licensing::Receipt& receipt);
/// What tells entitlements of one product apart: "DE, training", "FR, toolkit of lyon".
std::string entitled_words(const Entitlement& entitlement);
std::string rule_words(licensing::CountingRule rule);
std::string platform_words(std::string_view platform);
/// Which of two goes on, and which is refused.
std::string fork_words(const Fork& fork);
/// "•••••-ABCDE": all of a key that is ever shown.
std::string key_words(std::string_view last5);

}  // namespace latchkey::keyserver::console
