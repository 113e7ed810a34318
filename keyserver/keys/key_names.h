#pragma once

// The key files of a data directory (docs/keyserver.md, Files). Private to the key room.

#include <filesystem>

namespace latchkey::keyserver {

struct KeyNames {
    std::filesystem::path root, signing, seal, pepper, key_set, publisher;
    // Of rotations: made beforehand, and what comes after.
    std::filesystem::path next_root, next_signing, next_seal, previous_seal, roots;
    std::filesystem::path weights;
};

inline KeyNames names_in(const std::filesystem::path& directory) {
    return {.root = directory / "root.key",
            .signing = directory / "signing.key",
            .seal = directory / "seal.key",
            .pepper = directory / "pepper.key",
            .key_set = directory / "keyset.jws",
            .publisher = directory / "publisher.json",
            .next_root = directory / "root.next.key",
            .next_signing = directory / "signing.next.key",
            .next_seal = directory / "seal.next.key",
            .previous_seal = directory / "seal.previous.key",
            .roots = directory / "roots.json",
            .weights = directory / "weights.jws"};
}

}  // namespace latchkey::keyserver
