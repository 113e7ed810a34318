#pragma once

// Every verb's function; each has a cmd_NAME.cpp of its own.

#include "agent/cli/verb.h"

namespace latchkey::cli {

Result<int> cmd_activate(Call& call);
Result<int> cmd_check(Call& call);
Result<int> cmd_config(Call& call);
Result<int> cmd_deactivate(Call& call);
Result<int> cmd_doctor(Call& call);
Result<int> cmd_explain(Call& call);
Result<int> cmd_generalize(Call& call);
Result<int> cmd_history(Call& call);
Result<int> cmd_hwid(Call& call);
Result<int> cmd_rearm(Call& call);
Result<int> cmd_redeem(Call& call);
Result<int> cmd_reload(Call& call);
Result<int> cmd_status(Call& call);
Result<int> cmd_version(Call& call);

// latchkey hwid ...
Result<int> cmd_hwid_capture(Call& call);
Result<int> cmd_hwid_compare(Call& call);
Result<int> cmd_hwid_report(Call& call);
Result<int> cmd_hwid_show(Call& call);

}  // namespace latchkey::cli
