#pragma once

// From counted agreements to the evidence table, and the table as C++ source. The same data give
// the same bytes, everywhere and every day.

#include <string>
#include <vector>

#include "hwid/weights.h"
#include "tests/identity/learn.h"

namespace latchkey::identity {

/// What the data cannot teach, in one place; the provenance of the table repeats it.
struct Assumption {
    std::string_view about;
    std::string_view value;
    std::string_view reason;
};
std::span<const Assumption> assumptions();

/// How one kind's weight came about.
struct Row {
    hwid::Kind kind;
    std::string_view origin;  ///< "learned", or what is assumed
};

struct Derivation {
    hwid::Weights weights;
    Learned learned;
    std::map<std::uint32_t, Sharing> sharing;
    std::vector<Row> rows;
    std::vector<std::string> sources;  ///< "g5k: 1166 machines"
    std::int32_t lowest_same = 0;      ///< score of a machine that the anchor rule knows again
    std::int32_t lone_board = 0;       ///< score of a board that stayed while all else was replaced
    std::int64_t known_again = 0;      ///< pairs of one machine that the anchor rule accepts
    std::int64_t mistaken = 0;         ///< pairs of two machines that the anchor rule accepts
};

/// Fails with Code::input_unreadable where the data are too few or speak against an assumption.
Result<Derivation> derive(const Dataset& data, std::int64_t strangers = kStrangerPairs);

/// The text of hwid/weights_table.cpp.
std::string as_source(const Derivation& derivation);

}  // namespace latchkey::identity
