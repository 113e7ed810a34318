#pragma once

// A value that is replaced as a whole while others read it. What a reader holds stays as it was for
// as long as this lives, so it may be read on any thread; put() is called on one thread at a time.
// For what is replaced a few times a year: nothing is given back before the end.

#include <atomic>
#include <memory>
#include <vector>

namespace latchkey::keyserver {

template <class T>
class Latest {
public:
    explicit Latest(T first) { put(std::move(first)); }

    const T& get() const { return *now_.load(std::memory_order_acquire); }
    void put(T next) {
        all_.push_back(std::make_unique<const T>(std::move(next)));
        now_.store(all_.back().get(), std::memory_order_release);
    }

private:
    std::vector<std::unique_ptr<const T>> all_;
    std::atomic<const T*> now_{nullptr};
};

}  // namespace latchkey::keyserver
