// latchkey generalize: a golden image of this machine. The agent does it, for it owns the state.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/generalize_text.h"
#include "agent/cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::string_view kAbout =
    "Prepare a golden image: remove machine identity, device keys, licenses, product keys, graces, "
    "rearms and the journal from this machine; configuration and manifests stay.";
constexpr int kNotClean = static_cast<int>(ExitCode::refused_by_policy);

}  // namespace

Result<int> cmd_generalize(Call& call) {
    bool dry_run = false;
    bool verify = false;
    bool force = false;
    Options options("generalize", kAbout);
    options.flag("--dry-run", dry_run, "show what it would do, and change nothing");
    options.flag("--verify", verify, "prove that the image is clean; exits 11 where it is not");
    options.flag("--force", force, "also while a request may have counted and has no answer yet");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    if (verify && (dry_run || force))
        return fail(Code::usage, "--verify goes with neither --dry-run nor --force");
    bj::object body;
    if (dry_run) body["dry_run"] = true;
    if (verify) body["verify"] = true;
    if (force) body["force"] = true;
    const bj::value wish(std::move(body));
    const auto answer = ask(call.common, "POST", "/v1/generalize", &wish);
    if (!answer) return fail(answer.error());
    const bool color = call.console.is_terminal(Stream::out) && environment_allows_color();
    if (call.common.json)
        print_document(call.console, *answer);
    else
        show(call.console,
             verify ? image_proof_text(*answer, color) : generalize_text(*answer, color));
    if (!verify) return kDone;
    return View(*answer)["clean"].truth() ? kDone : kNotClean;
}

}  // namespace latchkey::cli
