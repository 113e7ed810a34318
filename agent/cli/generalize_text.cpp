#include "agent/cli/generalize_text.h"

#include <algorithm>
#include <array>

#include "agent/cli/table.h"
#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

struct Words {
    std::string_view what;
    std::string_view words;
};

constexpr std::array kWords{
    Words{"machine_identity", "machine identity"},
    Words{"hardware_record", "hardware record"},
    Words{"device_keys", "device keys"},
    Words{"publisher_records", "publishers' roots and key sets"},
    Words{"licenses", "licenses and leases"},
    Words{"pending_requests", "pending requests"},
    Words{"product_keys", "product keys"},
    Words{"cloud_entitlements", "cloud services"},
    Words{"pending_redemptions", "tokens without an answer"},
    Words{"grace_and_rearms", "graces and rearms"},
    Words{"journal", "journal"},
    Words{"state_files", "state database"},
    Words{"state_key", "key of the state"},
    Words{"quarantined_state", "damaged state set aside"},
    Words{"second_copy", "second copy and its key"},
    Words{"unfinished_files", "unfinished writes"},
    Words{"configuration", "configuration"},
    Words{"manifests", "product manifests"},
    Words{"key_files", "key files the configuration names"},
    Words{"unnamed_key_files", "key files nothing names"},
    Words{"unknown_files", "files that are not the agent's"},
    Words{"report", "report"},
};

/// A kind of a newer agent is shown by its own name.
std::string words_of(std::string_view what) {
    const auto* found = std::find_if(kWords.begin(), kWords.end(),
                                     [what](const Words& row) { return row.what == what; });
    return std::string(found == kWords.end() ? what : found->words);
}

std::string list_text(std::string_view title, View list, bool color) {
    if (list.items().empty()) return {};
    Table table;
    table.heading({std::string(title), "COUNT", "WHICH"});
    for (const auto& element : list.items()) {
        const View item(element);
        table.row({{words_of(item["what"].text())},
                   {std::to_string(item["count"].number().value_or(0))},
                   {std::string(item["detail"].text())}});
    }
    return table.text(color) + "\n";
}

std::string warnings_text(View answer, bool color) {
    std::string text;
    for (const auto& element : answer["warnings"].items())
        text +=
            toned("warning:", Tone::warning, color) + " " + printable(View(element).text()) + "\n";
    return text;
}

std::string refusal_text(View refusal) {
    if (refusal.is_null()) return {};
    return "It would be refused: " + printable(refusal["title"].text()) + " (" +
           printable(refusal["detail"].text()) +
           ")\n  remedy: " + printable(refusal["remedy"].text()) + "\n";
}

}  // namespace

std::string generalize_text(View answer, bool color) {
    const bool dry = answer["dry_run"].truth();
    std::string text = list_text(dry ? "WOULD REMOVE" : "REMOVED", answer["removed"], color);
    text += list_text("STAYS", answer["kept"], color);
    text += warnings_text(answer, color);
    text += refusal_text(answer["refusal"]);
    if (dry) return text + "Nothing was changed.\n";
    return text + "This machine is generalized; the report is " +
           printable(answer["report"].text()) +
           ".\nShut it down and capture the image. The agent starts nothing here before the next "
           "boot.\n";
}

std::string image_proof_text(View proof, bool color) {
    std::string text = list_text("REMAINS", proof["remains"], color);
    text += list_text("STAYS", proof["kept"], color);
    if (proof["clean"].truth())
        return text + toned("Clean:", Tone::good, color) +
               " nothing of this machine remains (generalized " + minute_of(proof["at"].text()) +
               ").\n";
    text += toned("Not clean", Tone::bad, color);
    return text + (proof["generalized"].truth()
                       ? ": run 'latchkey generalize' again, and remove what is not the agent's.\n"
                       : ": this machine is in use; 'latchkey generalize' prepares it.\n");
}

}  // namespace latchkey::cli
