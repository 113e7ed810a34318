#pragma once

// Two snapshots, their comparison, and what is said of it.

#include <string>
#include <vector>

#include "hwid/explain.h"
#include "tests/fakes/machines.h"

namespace latchkey::hwid {

struct Story {
    Snapshot before;
    Snapshot after;
    Fingerprint before_fp = fingerprint(before, plain_digest, "");
    Fingerprint after_fp = fingerprint(after, plain_digest, "");
    MatchResult result = match(before_fp, after_fp, default_weights());

    std::vector<std::string> sentences(Reveal reveal = Reveal::redacted,
                                       bool with_before = true) const {
        std::vector<std::string> out;
        for (const auto& component : result.components) {
            out.push_back(explain(component, result, before_fp, after_fp,
                                  with_before ? &before : nullptr, &after, reveal));
        }
        return out;
    }
};

inline Story story(const std::string& before, const std::string& after) {
    return {fakes::machine(before), fakes::machine(after)};
}

}  // namespace latchkey::hwid
