#include "keyserver/keys/key_keeper.h"

#include <spdlog/spdlog.h>

#include <system_error>

#include "keyserver/keys/key_names.h"
#include "keyserver/policy.h"

namespace latchkey::keyserver {

namespace fs = std::filesystem;

KeyKeeper::Marks KeyKeeper::marks_in(const fs::path& directory) {
    const auto mark = [](const fs::path& file) {
        std::error_code absent;
        Marks::Mark mark{fs::last_write_time(file, absent), fs::file_size(file, absent)};
        return absent ? Marks::Mark{} : mark;
    };
    const KeyNames names = names_in(directory);
    return {mark(names.key_set), mark(names.weights)};
}

KeyKeeper::KeyKeeper(KeyRoom first)
    : seen_(marks_in(first.directory())),
      room_(std::make_shared<const KeyRoom>(std::move(first))) {}

std::shared_ptr<const KeyRoom> KeyKeeper::room() const {
    const std::scoped_lock lock(handing_out_);
    return room_;
}

/// What was in force is given up outside the lock: private keys are wiped with the last request
/// that holds them.
Result<void> KeyKeeper::replace(Result<KeyRoom> next) {
    if (!next) return fail(std::move(next.error()));
    auto room = std::make_shared<const KeyRoom>(std::move(*next));
    const std::scoped_lock lock(handing_out_);
    room_.swap(room);
    return {};
}

Result<licensing::KeySet> KeyKeeper::prepare_rotation(ServerTime now) {
    const std::scoped_lock lock(changing_);
    return room()->prepare_rotation(now);
}

Result<void> KeyKeeper::rotate(std::string key_set_jws, const std::string& link,
                               const std::string& weights) {
    const std::scoped_lock lock(changing_);
    return replace(room()->rotated(std::move(key_set_jws), link, weights));
}

Result<void> KeyKeeper::install_weights(const std::string& jws) {
    const std::scoped_lock lock(changing_);
    return replace(room()->with_weights(jws));
}

Result<bool> KeyKeeper::take_up_newer(ServerTime now) {
    const auto before = room();
    const Marks marks = marks_in(before->directory());
    auto newer = before->newer_on_disk(now);
    if (!newer) return fail(std::move(newer.error()));
    seen_ = marks;
    told_.clear();
    if (!*newer) return false;
    if (auto replaced = replace(std::move(**newer)); !replaced)
        return fail(std::move(replaced.error()));
    const auto after = room();
    spdlog::info("newer keys were put into the directory: key set {}, root {}, evidence table {}",
                 after->key_set().version, after->root().version, after->weights().table.version);
    return true;
}

Result<bool> KeyKeeper::refresh(ServerTime now) {
    const std::scoped_lock lock(changing_);
    return take_up_newer(now);
}

void KeyKeeper::look(ServerTime now, SinceBoot at) {
    const std::unique_lock lock(changing_, std::try_to_lock);
    if (!lock || at < next_look_) return;
    next_look_ = at + kKeyWatchInterval;
    if (marks_in(room()->directory()) == seen_) return;
    const auto taken = take_up_newer(now);
    if (taken || taken.error().detail == told_) return;
    told_ = taken.error().detail;
    spdlog::warn("the key files have changed and are not taken up: {}", told_);
}

}  // namespace latchkey::keyserver
