// What the agent could not read of the hardware is told, and costs nothing.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

std::string health_text(Stage& stage, std::string_view id) {
    const auto status = stage.get("/v1/status");
    for (const auto& item : status.at("agent").at("health").as_array())
        if (item.at("id").as_string() == id) return std::string(item.at("text").as_string());
    return {};
}

TEST(HiddenHardware, is_said_by_name_with_its_reason_and_warns_nobody) {
    Stage stage;
    EXPECT_EQ(health_text(stage, "hardware_unreadable"), "");
    stage.hide({"the TPM's key is missing here: cannot open /dev/tpmrm0: Permission denied",
                "disk sda: it gave no answer in time"});
    stage.restart();
    const auto text = health_text(stage, "hardware_unreadable");
    EXPECT_NE(text.find("cannot open /dev/tpmrm0: Permission denied"), std::string::npos) << text;
    EXPECT_NE(text.find("; disk sda: it gave no answer"), std::string::npos) << text;
    EXPECT_EQ(stage.get("/v1/status").at("overall").as_string(), "ok");
}

}  // namespace
}  // namespace latchkey::scenario
