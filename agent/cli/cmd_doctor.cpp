// latchkey doctor: everything an activation needs, looked at by the agent, for only it has its
// rights and its way to the key server.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/doctor_text.h"
#include "agent/cli/document.h"
#include "agent/cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::string_view kAbout =
    "Look at everything an activation needs: configuration, permissions, clock, hardware evidence, "
    "TPM, and each key server by name, route, TLS and signed answer. Spends nothing. Exits 1 where "
    "something failed.";
constexpr int kSomethingFailed = static_cast<int>(ExitCode::unexpected);

}  // namespace

Result<int> cmd_doctor(Call& call) {
    Options options("doctor", kAbout);
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    const bj::value nothing(bj::object{});
    const auto answer = ask(call.common, "POST", "/v1/doctor", &nothing);
    if (!answer) return fail(answer.error());
    if (call.common.json)
        print_document(call.console, *answer);
    else
        out(call.console, doctor_text(*answer, look_of(call.console)));
    return View(*answer)["overall"].text() == "failed" ? kSomethingFailed : kDone;
}

}  // namespace latchkey::cli
