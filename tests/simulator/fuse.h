#pragma once

// When a machine dies: at its n-th operation that the outside can see (a commit, a request), right
// before or right after it. From then on nothing it does has any effect; the agent is dropped once
// it has come to rest, which is what a power cut looks like from outside.

#include <cstdint>

namespace latchkey::simulator {

class Fuse {
public:
    enum class Spark : std::uint8_t { none, before, after };

    /// Blows at operation number `operation` (0 for the next one).
    void light(int operation, Spark where) {
        left_ = operation;
        where_ = where;
    }
    void mend() {
        left_ = -1;
        where_ = Spark::none;
        blown_ = false;
    }
    bool blown() const { return blown_; }
    bool lit() const { return left_ >= 0; }

    /// An operation is about to happen. `before`: it does not happen any more. `after`: it happens,
    /// and nothing is heard of it; call blow() then.
    Spark burn() {
        if (left_ < 0) return Spark::none;
        if (left_-- > 0) return Spark::none;
        if (where_ == Spark::before) blown_ = true;
        return where_;
    }
    void blow() { blown_ = true; }

private:
    int left_ = -1;
    Spark where_ = Spark::none;
    bool blown_ = false;
};

}  // namespace latchkey::simulator
