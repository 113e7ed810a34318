#pragma once

// Recorded machines and labelled pairs of them, as JSON lines: the input of the two verbs that
// measure the same-machine decision. Nothing of it is kept in the repository.

#include <array>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "hwid/fingerprint.h"

namespace latchkey::identity {

struct Machine {
    std::string id;
    std::string source;  ///< the collection the record comes from
    std::string unit;    ///< records of one unit under several ids have one `unit`
    std::vector<hwid::Fingerprint> states;  ///< oldest first
};

/// What a pair is in truth, and what is expected of the judgement.
struct Pair {
    std::string set;              ///< "adjacent", "life", "same_fleet", or a scenario's name
    std::optional<bool> same;     ///< in truth; nullopt where it depends on the policy
    std::optional<int> expected;  ///< what an activation should count under `significant-change`
    const hwid::Fingerprint* before = nullptr;
    const hwid::Fingerprint* after = nullptr;
};

/// Real machines and pairs, and scripted scenarios beside them.
struct Dataset {
    std::deque<Machine> machines;  ///< in the file's order
    std::vector<Pair> real;        ///< views into `machines`
    std::vector<Pair> scenarios;   ///< views into `scripted`
    std::deque<hwid::Fingerprint> scripted;
    std::size_t left_out = 0;  ///< pairs whose label is an artefact, flipped or ambiguous
};

/// Reads machines.jsonl and pairs.jsonl of the folder, and scenarios.jsonl where it is there.
/// `progress` is told what is being read. A line that cannot be read fails with
/// Code::input_unreadable, file and line named: a measurement on part of the data is none.
Result<Dataset> read_dataset(const std::filesystem::path& folder,
                             const std::function<void(std::string_view)>& progress);

}  // namespace latchkey::identity
