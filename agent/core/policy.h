#pragma once

// Every number of the lifecycle, once. Defaults and their precedents: docs/lifecycle.md. A manifest
// may set some within bounds, local configuration may only tighten them; the bounded value is
// passed into the pure functions of this folder.

#include <array>
#include <cstdint>

#include "base/time.h"

namespace latchkey::core {

enum class Role : std::uint8_t { workstation, lab };

struct Policy {
    Role role = Role::workstation;
    bool allow_ephemeral = false;

    Duration initial_grace = Days{30};
    Duration out_of_tolerance_grace = Days{30};
    Duration non_genuine_notice = Days{7};
    int rearms = 3;
    bool rearm_ledger = true;  ///< the key server keeps a ledger of graces by hardware

    Duration renewal_interval = Days{7};
    Duration perpetual_recheck = Days{30};
    Duration warn_ahead = Days{20};     ///< before a lease or a cloud service ends
    Duration ended_warning = Days{30};  ///< a cloud service that ended is warned about so long

    Duration backward_tolerance = hours{24};  ///< of the wall clock, without remark
    Duration forward_firm = Days{45};         ///< a larger forward jump is provisional

    Duration retry_after_min = seconds{30};
    Duration retry_after_max = Days{7};
    Duration network_change_delay = minutes{15};
    int jitter_percent = 20;
    Duration ledger_spread = minutes{15};  ///< a new grace is told within it, drawn
    Duration ledger_noise = minutes{5};    ///< clocks of two sides never agree to the second
    Duration ledger_interval = Days{7};    ///< a grace on record is told again so often
    Duration lab_window = Days{90};        ///< in which so many counted reimages ...
    int lab_reimages = 3;                  ///< ... make a workstation look like a lab machine
    Duration answer_wait = minutes{5};     ///< a sent request without an answer is sent again then
    Duration tpm_patience = minutes{1};    ///< for each of the two steps of a TPM's proof
    Duration tpm_preview_patience = seconds{10};  ///< the same, while somebody waits for an answer
    Duration drift_recheck = Days{1};  ///< hardware that waits for an admin's word is looked at

    Duration reminder_daily = hours{24};
    Duration reminder_last_three_days = hours{4};
    Duration reminder_last_day = hours{1};
};

/// A wall clock before this was never set: an empty battery, a first boot before NTP.
inline constexpr ServerTime kEarliestPlausible{seconds{1'767'225'600}};  // 2026-01-01T00:00:00Z

/// A signed time corrects the clock downwards only where the answer came this quickly.
inline constexpr Duration kFreshAnswer = seconds{60};

/// Waits after the first, second, ... failed attempt; afterwards every kRetryForever.
inline constexpr std::array<Duration, 18> kRetryLadder{
    minutes{15}, minutes{15}, minutes{30}, hours{1}, hours{2}, hours{4},
    hours{8},    hours{8},    Days{1},     Days{1},  Days{2},  Days{2},
    Days{3},     Days{3},     Days{4},     Days{4},  Days{5},  Days{5}};
inline constexpr Duration kRetryForever = Days{7};

}  // namespace latchkey::core
