#include "agent/cli/explain_text.h"

#include <array>
#include <cstdio>

#include "agent/cli/table.h"
#include "agent/cli/words.h"
#include "base/printable.h"
#include "hwid/component.h"
#include "hwid/match.h"

namespace latchkey::cli {
namespace {

std::string bits(View weight) {
    const auto value = weight.real();
    if (!value || (*value < 0.05 && *value > -0.05)) return "";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%+.1f", *value);
    return text.data();
}

Tone tone_of_result(std::string_view result) {
    if (result == "match") return Tone::good;
    if (result == "changed" || result == "added" || result == "removed") return Tone::warning;
    return Tone::plain;
}

std::string kind_words(std::string_view kind) {
    const auto known = hwid::kind_from_name(kind);
    return known ? std::string(hwid::title(*known)) : std::string(kind);
}

struct WhyWords {
    hwid::Why why;
    std::string_view words;
};

constexpr std::array kWhys{
    WhyWords{hwid::Why::agrees, "agrees"},
    WhyWords{hwid::Why::differs, "differs"},
    WhyWords{hwid::Why::replaced, "replaced by another"},
    WhyWords{hwid::Why::set_gained, "one more than before"},
    WhyWords{hwid::Why::set_lost, "one that was there is gone"},
    WhyWords{hwid::Why::became_readable, "could not be read before; filled in without cost"},
    WhyWords{hwid::Why::not_readable, "cannot be read now: neither for nor against"},
    WhyWords{hwid::Why::placeholder, "a placeholder, no identity"},
    WhyWords{hwid::Why::virtual_value, "virtual: it travels with the image"},
    WhyWords{hwid::Why::removable_device, "removable"},
    WhyWords{hwid::Why::local_address, "a locally administered address"},
    WhyWords{hwid::Why::shared_value, "other machines show the same value"},
    WhyWords{hwid::Why::never_identity, "belongs to the system, not to the machine"},
    WhyWords{hwid::Why::not_compared, "nothing to compare"},
};

/// The key server names the reason; words that are none of its names stay as they are.
std::string why_words(std::string_view why) {
    for (const WhyWords& row : kWhys)
        if (hwid::name(row.why) == why) return std::string(row.words);
    return std::string(why);
}

std::string cost_sentence(View preview) {
    const View activations = preview["activations"];
    const auto would_use = preview["would_use"].number().value_or(1);
    std::string text = "Activating now would use " + std::to_string(would_use);
    const auto limit = activations["limit"].number();
    if (!limit) return text + (would_use == 1 ? " activation." : " activations.");
    text += " of " + counted(*limit, "activation");
    if (const auto left = activations["left"].number())
        text += " (" + std::to_string(*left) + " left)";
    return text + ".";
}

std::string program_words(View preview) {
    std::string text;
    if (!preview["program"].text().empty())
        text += "Program " + printable(preview["program"].text());
    if (!preview["rule"].text().empty())
        text += (text.empty() ? "Counting rule " : ", counting rule ") +
                printable(preview["rule"].text());
    if (const auto quantity = preview["license_quantity"].number())
        text += ", license quantity " + std::to_string(*quantity);
    if (!preview["activate_by"].text().empty())
        text += ", activate by " + date_of(preview["activate_by"].text());
    return text.empty() ? text : text + ".\n";
}

std::string verdict_sentence(View preview) {
    const bool undecided = preview["verdict"].text() == "insufficient";
    if (preview["new_machine"].truth())
        return undecided
                   ? "Too little evidence to tell whether this key has seen this machine before."
                   : "This key has not seen this machine before.";
    return "Judged as " +
           verdict_words(preview["verdict"].text(), preview["significant"].truth(),
                         preview["changed_any"].truth()) +
           ".";
}

std::string refusal_words(View preview, bool color) {
    const View refusal = preview["refusal"];
    if (refusal.is_null()) return {};
    std::string text = toned("It would be refused: ", Tone::bad, color) +
                       printable(refusal["title"].text()) + "\n";
    if (!refusal["detail"].text().empty())
        text += "  " + printable(refusal["detail"].text()) + "\n";
    if (!refusal["remedy"].text().empty())
        text += "  remedy: " + printable(refusal["remedy"].text()) + "\n";
    return text;
}

/// Whose judgement it is, where it is not the key server's.
std::string source_words(View preview, bool color) {
    if (preview["source"].text() != "agent") return {};
    const View problem = preview["key_server_problem"];
    if (problem.is_null()) return "This is the agent's own judgement.\n";
    std::string text = toned("The key server could not be asked: ", Tone::warning, color) +
                       printable(problem["title"].text());
    if (!problem["detail"].text().empty()) text += " (" + printable(problem["detail"].text()) + ")";
    text += " [" + printable(problem["code"].text()) + "]\n";
    if (!problem["remedy"].text().empty())
        text += "  remedy: " + printable(problem["remedy"].text()) + "\n";
    return text + "This is the agent's own judgement instead.\n";
}

/// Of a proof that was wanted and is missing: it may be what the answer turns on.
std::string proof_words(View preview, bool color) {
    const View proof = preview["tpm_proof"];
    if (proof.is_null() || proof["outcome"].text() == "made") return {};
    return toned("This answer was made without the TPM's proof: ", Tone::warning, color) +
           printable(proof["text"].text()) + ".\nThe activation asks the TPM again.\n";
}

std::string recommendation_words(View preview, bool color) {
    const View recommended = preview["recommendation"];
    if (recommended.is_null()) return {};
    return toned("Recommended: ", Tone::warning, color) + printable(recommended["title"].text()) +
           "\n  remedy: " + printable(recommended["remedy"].text()) + "\n";
}

}  // namespace

std::string component_table(View components, bool color) {
    Table table(2);
    table.heading({"COMPONENT", "RESULT", "BITS", "WHY"});
    for (const auto& item : components.items()) {
        const View component(item);
        const auto result = component["result"].text();
        table.row({{kind_words(component["kind"].text())},
                   {std::string(result), tone_of_result(result)},
                   {bits(component["weight"])},
                   {why_words(component["why"].text())}});
    }
    return table.text(color);
}

std::string explain_text(View preview, bool color) {
    std::string text = cost_sentence(preview) + "\n";
    text += refusal_words(preview, color);
    text += verdict_sentence(preview) + "\n" + because_lines(preview["reasons"]);
    text += program_words(preview);
    text += source_words(preview, color);
    text += proof_words(preview, color);
    text += recommendation_words(preview, color);
    if (!preview["components"].items().empty())
        text += "\n" + component_table(preview["components"], color);
    return text;
}

std::string activation_text(View outcome, bool color) {
    const auto state = outcome["state"].text();
    const auto used = outcome["counted"].number().value_or(0);
    std::string text = printable(outcome["product"].text()) + ": " +
                       toned(state_words(state), state_tone(state), color) + "\n";
    if (const auto note = outcome["note"].text(); !note.empty())
        return text + printable(note) + "\n";
    text += "This activation used " + counted(used, "activation") + "; ";
    text += activations_words(outcome["activations"]) + ".\n";
    const std::string because = because_lines(outcome["decision"]["reasons"]);
    if (!because.empty()) text += "because\n" + because;
    const View license = outcome["license"];
    if (!license["expires_at"].text().empty())
        text += "The license runs until " + date_of(license["expires_at"].text()) +
                " and renews by itself.\n";
    if (!outcome["receipt_id"].text().empty())
        text += "receipt " + printable(outcome["receipt_id"].text()) + "\n";
    return text;
}

}  // namespace latchkey::cli
