#pragma once

// A product in each of its states, and in some that are a state with more to it.

#include <functional>

#include "tests/unit/agent_core/jumpy_machine.h"

namespace latchkey::core {

struct Situation {
    const char* name;
    ProductStatus status;
    bool needs_server;  ///< cannot be reached before a key server was heard
    std::function<void(JumpyMachine&)> reach;
};

inline void license(JumpyMachine& m) {
    m.happen(event::ManifestSeen{});
    m.hear();
    auto license = lease(m.truth());
    license.expires_at = m.truth() + Days{30};  // so that larger jumps cross its end
    m.happen(activation());
    m.happen(answer(license));
}

inline std::vector<Situation> situations() {
    const auto after_license = [](const Event& event) {
        return [event](JumpyMachine& m) {
            license(m);
            m.happen(event);
        };
    };
    const auto in_turn = [](const std::vector<Event>& events) {
        return [events](JumpyMachine& m) {
            for (const auto& event : events) m.happen(event);
        };
    };
    using S = ProductStatus;
    const event::ManifestSeen installed;
    return {
        {"unlicensed", S::unlicensed, false, [](JumpyMachine& m) { m.look(); }},
        {"licensed", S::licensed, true, license},
        {"initial grace", S::initial_grace, false, in_turn({installed})},
        {"initial grace, a request waits", S::initial_grace, false,
         in_turn({installed, activation(), failed(Code::keyserver_unreachable),
                  failed(Code::keyserver_unreachable), failed(Code::keyserver_unreachable)})},
        {"out-of-tolerance grace", S::out_of_tolerance_grace, true,
         after_license(changed_hardware())},
        {"non-genuine grace", S::non_genuine_grace, true, after_license(event::Revoked{})},
        {"notification", S::notification, false,
         [](JumpyMachine& m) {
             m.happen(event::ManifestSeen{});
             m.sleep(Days{31});
         }},
        {"extended grace", S::extended_grace, false,
         in_turn({installed, event::Rearm{}, event::FirstUse{}})},
        {"extended grace, frozen", S::extended_grace, false, in_turn({installed, event::Rearm{}})},
        {"not required", S::not_required, false, in_turn({event::ManifestSeen{false}})},
    };
}

}  // namespace latchkey::core
