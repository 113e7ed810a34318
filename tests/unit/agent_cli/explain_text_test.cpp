#include "agent/cli/explain_text.h"

#include <gtest/gtest.h>

#include "hwid/match.h"
#include "tests/unit/agent_cli/documents.h"

namespace latchkey::cli {
namespace {

bj::value parsed(const std::string& text) {
    auto value = json::parse_strict(text, {.max_bytes = text.size(), .allow_doubles = true});
    EXPECT_TRUE(value) << value.error().detail;
    return value.value_or(nullptr);
}

TEST(ExplainText, says_the_price_first_and_then_why) {
    EXPECT_EQ(explain_text(parsed(kPreview), false),
              "Activating now would use 0 of 10 activations (7 left).\n"
              "Judged as the same machine, changed but not significantly.\n"
              "  - Same machine, no significant hardware change: not counted.\n"
              "Program ai-cloud, counting rule significant-change, license quantity 5, activate by "
              "2027-06-30.\n"
              "\n"
              "  COMPONENT                RESULT   BITS   WHY\n"
              "  Mainboard serial number  match    +13.2  agrees\n"
              "  Network card             changed  -1.2   Network card replaced: not significant\n"
              "  BIOS version             ignored\n");
}

TEST(ExplainText, has_words_for_every_reason_the_key_server_names) {
    for (int i = 0; i <= static_cast<int>(hwid::Why::not_compared); ++i) {
        const auto name = hwid::name(static_cast<hwid::Why>(i));
        const bj::array components{
            bj::object{{"kind", "nic"}, {"result", "ignored"}, {"why", name}}};
        ASSERT_EQ(components.size(), 1u);
        const bj::value value(components);
        EXPECT_EQ(component_table(value, false).find('_'), std::string::npos) << name;
    }
}

TEST(ExplainText, C7_a_refusal_to_come_is_shown_before_anything_is_spent) {
    auto preview = parsed(kPreview);
    preview.as_object()["refusal"] = {{"code", "activation_limit_reached"},
                                      {"title",
                                       "You have reached the maximum number of "
                                       "activations for this product key."},
                                      {"detail", "10 of 10 used"},
                                      {"remedy", "Use another product key."}};
    const auto text = explain_text(preview, false);
    EXPECT_NE(text.find("It would be refused: You have reached the maximum number of activations "
                        "for this product key.\n  10 of 10 used\n  remedy: Use another product "
                        "key.\n"),
              std::string::npos)
        << text;
}

TEST(ExplainText, C9_recommends_what_spends_less_than_activating) {
    auto preview = parsed(kPreview);
    EXPECT_EQ(explain_text(preview, false).find("Recommended"), std::string::npos);
    preview.as_object()["recommendation"] = {{"code", "lab_recommended"},
                                             {"title", "It is reimaged often."},
                                             {"remedy", "Set role = \"lab\"."}};
    const auto text = explain_text(preview, false);
    EXPECT_NE(text.find("Recommended: It is reimaged often.\n  remedy: Set role = \"lab\".\n"),
              std::string::npos)
        << text;
}

TEST(ExplainText, says_that_a_tpms_proof_is_missing_that_was_wanted) {
    auto preview = parsed(kPreview);
    preview.as_object()["tpm_proof"] = {{"outcome", "made"}, {"text", nullptr}};
    EXPECT_EQ(explain_text(preview, false).find("TPM"), std::string::npos);
    preview.as_object()["tpm_proof"] = {{"outcome", "timed_out"},
                                        {"text", "the TPM took too long to answer"}};
    const auto text = explain_text(preview, false);
    EXPECT_NE(text.find("This answer was made without the TPM's proof: the TPM took too long to "
                        "answer.\nThe activation asks the TPM again.\n"),
              std::string::npos)
        << text;
}

TEST(ExplainText, tells_when_the_key_server_was_not_asked) {
    auto preview = parsed(kPreview);
    preview.as_object()["source"] = "agent";
    preview.as_object()["new_machine"] = true;
    preview.as_object()["activations"] = nullptr;
    preview.as_object()["would_use"] = 1;
    const auto text = explain_text(preview, false);
    EXPECT_TRUE(
        text.starts_with("Activating now would use 1 activation.\n"
                         "This key has not seen this machine before.\n"))
        << text;
    EXPECT_NE(text.find("\nThis is the agent's own judgement.\n"), std::string::npos) << text;
    preview.as_object()["verdict"] = "insufficient";
    EXPECT_NE(explain_text(preview, false)
                  .find("\nToo little evidence to tell whether this key has seen this machine "
                        "before.\n"),
              std::string::npos);
}

TEST(ExplainText, says_why_the_key_server_could_not_be_asked_and_what_to_do) {
    auto preview = parsed(kPreview);
    preview.as_object()["source"] = "agent";
    preview.as_object()["key_server_problem"] = {
        {"code", "tls_untrusted"},
        {"title", "The key server's certificate is not trusted."},
        {"detail", "keys.example.org:443: expired"},
        {"remedy", "Check this machine's clock."}};
    const auto text = explain_text(preview, false);
    EXPECT_NE(text.find("The key server could not be asked: The key server's certificate is not "
                        "trusted. (keys.example.org:443: expired) [tls_untrusted]\n"
                        "  remedy: Check this machine's clock.\n"
                        "This is the agent's own judgement instead.\n"),
              std::string::npos)
        << text;
}

TEST(ActivationText, says_what_was_spent_and_what_is_left) {
    EXPECT_EQ(activation_text(parsed(kOutcome), false),
              "draw: licensed\n"
              "This activation used 1 activation; 4 of 10 used, 6 left.\n"
              "because\n"
              "  - New machine: counted.\n"
              "The license runs until 2027-05-21 and renews by itself.\n"
              "receipt rcp_1\n");
}

}  // namespace
}  // namespace latchkey::cli
