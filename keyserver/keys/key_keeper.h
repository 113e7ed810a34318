#pragma once

// The keys in force, while requests are answered on several threads and a rotation replaces them:
// who asks gets all of them as they are at that moment (a KeyRoom), and keeps that to its end.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "keyserver/keys/key_room.h"

namespace latchkey::keyserver {

/// On any thread. Changes come one after the other.
class KeyKeeper {
public:
    explicit KeyKeeper(KeyRoom first);

    /// In force now. A request takes one and uses it whole.
    std::shared_ptr<const KeyRoom> room() const;

    // KeyRoom's changes, in force for whoever asks afterwards.
    Result<licensing::KeySet> prepare_rotation(ServerTime now);
    Result<void> rotate(std::string key_set_jws, const std::string& link,
                        const std::string& weights = {});
    Result<void> install_weights(const std::string& jws);

    /// Takes up what was put into the directory from elsewhere: true, where it was newer. A
    /// failure (a copy that is not whole yet, an older key set) changes nothing.
    Result<bool> refresh(ServerTime now);

    /// As refresh(), where a file looks changed, every kKeyWatchInterval at most: cheap enough for
    /// each challenge. Tells the log. Waits for nobody: during a change it does nothing.
    void look(ServerTime now, SinceBoot at);

private:
    /// Of the files that say that there is something new.
    struct Marks {
        struct Mark {
            std::filesystem::file_time_type written{};
            std::uintmax_t size = 0;
            bool operator==(const Mark&) const = default;
        };
        Mark key_set, weights;
        bool operator==(const Marks&) const = default;
    };
    static Marks marks_in(const std::filesystem::path& directory);

    Result<void> replace(Result<KeyRoom> next);
    Result<bool> take_up_newer(ServerTime now);

    std::mutex changing_;  ///< held through a change, files included
    Marks seen_;
    SinceBoot next_look_;
    std::string told_;  ///< the last failure that was logged

    mutable std::mutex handing_out_;  ///< of room_ alone
    std::shared_ptr<const KeyRoom> room_;
};

}  // namespace latchkey::keyserver
