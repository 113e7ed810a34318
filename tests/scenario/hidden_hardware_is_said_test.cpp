// What the agent could not read of the hardware is told, and costs nothing.

#include "tests/scenario/stage.h"

namespace latchkey::scenario {
namespace {

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
