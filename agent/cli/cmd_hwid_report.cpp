// latchkey hwid report: the exact bytes about the hardware that would leave this machine. The
// publisher's salt is the agent's, so the agent is asked.

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/hwid_files.h"
#include "base/printable.h"
#include "hwid/snapshot.h"

namespace latchkey::cli {

Result<int> cmd_hwid_report(Call& call) {
    std::string product;
    std::string file;
    Options options("hwid report",
                    "The exact bytes that would leave this machine for the product's publisher.");
    options.text("--product", product, "which product", true);
    options.operand("snapshot", file, "as if this snapshot file were the machine");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;

    bj::object body;
    if (!file.empty()) {
        const auto snapshot = load_snapshot(file, call.console);
        if (!snapshot) return fail(snapshot.error());
        body["snapshot"] = hwid::to_json(*snapshot);
    }
    const bj::value request(std::move(body));
    const auto report = ask(call.common, "POST", product_path(product, "fingerprint"), &request);
    if (!report) return fail(report.error());
    // An agent that knows nothing of snapshots answers about its own machine; that would be a lie.
    if (!file.empty() && View(*report)["source"].text() != "snapshot")
        return fail(Code::request_invalid, "this agent reports on its own machine only");
    if (call.common.json) {
        print_document(call.console, *report);
        return kDone;
    }
    if (View(*report)["tpm_proof"].truth())
        err(call.console,
            "An activation also carries the TPM's proof: its endorsement key and an answer to the "
            "key server's challenge.\n");
    const auto bytes = View(*report)["body"].text();
    if (call.console.is_terminal(Stream::out))
        out(call.console, printable_lines(bytes) + "\n");
    else
        out(call.console, bytes);
    return kDone;
}

}  // namespace latchkey::cli
