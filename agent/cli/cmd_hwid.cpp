// latchkey hwid: what this machine is made of, and whether two captures are one machine. Needs no
// agent, but for `report`.

#include <array>

#include "agent/cli/cmd.h"

namespace latchkey::cli {
namespace {

constexpr std::array kVerbs{
    Verb{"capture", "a raw snapshot of this machine as JSON (sensitive)", cmd_hwid_capture},
    Verb{"show", "the components and what they are worth as evidence", cmd_hwid_show},
    Verb{"report", "the exact bytes about the hardware that would leave it", cmd_hwid_report},
    Verb{"compare", "are two snapshots one machine, and does it count?", cmd_hwid_compare},
};

}  // namespace

Result<int> cmd_hwid(Call& call) { return dispatch(kVerbs, "latchkey hwid", call); }

}  // namespace latchkey::cli
