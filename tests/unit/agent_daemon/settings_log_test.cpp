#include "agent/daemon/settings_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Setting kDefault{"agent.tpm", "evidence", "default", SetBy::initial};
const Setting kFile{"agent.role", "lab", "agent.toml:3", SetBy::file};
const Setting kPolicy{"agent.role", "lab", "policy HKLM\\P\\agent : role", SetBy::policy};

TEST(SettingsLog, says_at_the_start_what_is_no_default_and_who_set_it) {
    EXPECT_THAT(changed_settings({kPolicy, kDefault}, {}),
                ElementsAre("setting agent.role = \"lab\" from policy HKLM\\P\\agent : role"));
}

TEST(SettingsLog, says_after_a_reload_what_is_not_as_it_was) {
    const std::vector<Setting> before{kFile, kDefault};
    EXPECT_THAT(changed_settings(before, before), IsEmpty());
    EXPECT_THAT(changed_settings({kPolicy, kDefault}, before),
                ElementsAre("setting agent.role = \"lab\" from policy HKLM\\P\\agent : role"))
        << "the same value, but whoever changes the file now changes nothing";
    const Setting back{"agent.role", "workstation", "default", SetBy::initial};
    EXPECT_THAT(changed_settings({back, kDefault}, before),
                ElementsAre("setting agent.role = \"workstation\" from default"));
    EXPECT_THAT(changed_settings({kDefault}, before),
                ElementsAre("setting agent.role is set no more"));
}

}  // namespace
}  // namespace latchkey::daemon
