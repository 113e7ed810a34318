#include "agent/daemon/log.h"

#include <gmock/gmock.h>

#include <string>

namespace latchkey::daemon {
namespace {

std::vector<std::string> fields() {
    std::vector<std::string> shown;
    for (const auto& field : LogFields::of_this_thread())
        shown.push_back(field.name + "=" + field.value);
    return shown;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LogFields, the_innermost_counts_and_the_outer_one_again_afterwards) {
    EXPECT_THAT(fields(), IsEmpty());
    {
        const LogFields outer({.product = "editor", .publisher = "contoso"});
        {
            const LogFields inner({.product = "designer", .code = "key_blocked"});
            EXPECT_THAT(fields(),
                        ElementsAre("LATCHKEY_PRODUCT=designer", "LATCHKEY_CODE=key_blocked"));
        }
        EXPECT_THAT(fields(), ElementsAre("LATCHKEY_PRODUCT=editor", "LATCHKEY_PUBLISHER=contoso"));
    }
    EXPECT_THAT(fields(), IsEmpty());
}

TEST(LogFields, keep_what_would_break_a_line_out_of_it) {
    const LogFields odd({.product = "one\ntwo"});
    EXPECT_THAT(fields(), ElementsAre("LATCHKEY_PRODUCT=one?two"));
}

}  // namespace
}  // namespace latchkey::daemon
