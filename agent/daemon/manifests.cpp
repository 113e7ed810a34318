#include "agent/daemon/manifests.h"

#include <algorithm>

#include "base/path_text.h"
#include "platform/secure_file.h"

namespace latchkey::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxManifests = 1000;

localapi::HealthItem trouble(const fs::path& file, const Problem& problem) {
    return {std::string(info(Code::manifest_invalid).name), localapi::Severity::warning,
            utf8_text(file) + ": " + problem.detail, std::string(problem.remedy_text())};
}

std::string without_line_ends(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

/// A manifest signed by an earlier root stays good after the publisher moved to a newer one.
Result<void> check_root(const licensing::Manifest& manifest, const RootLookup& pinned) {
    const auto root = pinned(manifest.publisher);
    if (!root || manifest.root_version < root->version) return {};
    if (manifest.root_version > root->version) {
        const auto led_to = licensing::follow_chain(manifest.root_chain, *root);
        if (led_to && led_to->version == manifest.root_version && led_to->root == manifest.root)
            return {};
        return fail(Code::manifest_invalid,
                    "it is signed by a root this machine has not heard of yet, and nothing in it "
                    "leads there from the one that is pinned; the key server has to introduce it "
                    "first");
    }
    if (manifest.root != root->root)
        return fail(Code::manifest_invalid,
                    "its root is not the one pinned for publisher " + manifest.publisher);
    return {};
}

Result<licensing::Manifest> read_manifest(const fs::path& file, const RootLookup& pinned) {
    auto text =
        platform::read_private_file(file, licensing::kMaxJwsBytes, platform::Privacy::trusted);
    if (!text) return fail(std::move(text.error()));
    auto verified = licensing::verify_manifest(without_line_ends(std::move(*text)), nullptr);
    if (!verified) return fail(std::move(verified.error()));
    if (auto good = check_root(**verified, pinned); !good) return fail(std::move(good.error()));
    return **verified;
}

Result<void> keep(Manifests& products, licensing::Manifest manifest) {
    const auto [known, added] = products.try_emplace(manifest.product, manifest);
    if (added) return {};
    if (known->second.publisher != manifest.publisher)
        return fail(Code::manifest_invalid, "product " + manifest.product +
                                                " belongs to publisher " + known->second.publisher +
                                                " already");
    if (manifest.version > known->second.version) known->second = std::move(manifest);
    return {};
}

/// A directory that was never there holds nothing; one that is gone is trouble.
Result<std::vector<fs::path>> files_of(const fs::path& directory, bool was_there) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
        if (it->path().extension() == ".jws" && files.size() < kMaxManifests)
            files.push_back(it->path());
    if (error && (was_there || error != std::errc::no_such_file_or_directory))
        return fail(Code::manifest_invalid, error.message());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

LoadedManifests load_manifests(const fs::path& directory, const RootLookup& pinned,
                               const Manifests& before) {
    LoadedManifests loaded;
    const auto files = files_of(directory, !before.empty());
    if (!files) {
        loaded.troubles.push_back(trouble(directory, files.error()));
        loaded.products = before;
        return loaded;
    }
    for (const auto& file : *files) {
        auto manifest = read_manifest(file, pinned);
        const auto kept = manifest ? keep(loaded.products, std::move(*manifest))
                                   : Result<void>(fail(manifest.error()));
        if (!kept) loaded.troubles.push_back(trouble(file, kept.error()));
    }
    if (!loaded.troubles.empty()) loaded.products.insert(before.begin(), before.end());
    for (auto& [product, manifest] : loaded.products) {
        const auto earlier = before.find(product);
        if (earlier != before.end() && earlier->second.publisher == manifest.publisher &&
            earlier->second.version > manifest.version)
            manifest = earlier->second;
    }
    return loaded;
}

}  // namespace latchkey::daemon
