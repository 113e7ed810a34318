#pragma once

// What needs the publisher's root is done where the command is given: the key server prepares what
// is to be signed and puts in force what was signed, and never sees the root's private key, which
// may lie on a medium that is plugged in for it.

#include <filesystem>
#include <functional>
#include <string_view>

#include "keyserver/admin/office.h"
#include "licensing/crypto.h"
#include "licensing/manifest.h"

namespace latchkey::keyserver::admin {

namespace ceremony {
// Options of `signing-key rotate`.
inline constexpr std::string_view kRootKey = "root-key";
inline constexpr std::string_view kRoot = "root";
inline constexpr std::string_view kNewRootKey = "new-root-key";
inline constexpr std::string_view kDryRun = "dry-run";
// What its client asks the key server with.
inline constexpr std::string_view kLook = "look";
inline constexpr std::string_view kPrepare = "prepare";
inline constexpr std::string_view kKeySet = "key-set";
inline constexpr std::string_view kLink = "link";
inline constexpr std::string_view kWeights = "weights";
// `weights install`.
inline constexpr std::string_view kTable = "table";
// `product export`: hand the manifest out to be signed.
inline constexpr std::string_view kUnsigned = "unsigned";
}  // namespace ceremony

/// Through the running server, or, where there is none, beside its store.
using Ask = std::function<Result<bj::object>(const Command&)>;

/// Does this command need the root here? `product export` does where it names one: root.key in the
/// data directory is as near to the key server.
bool needs_root(const Command& command);

/// Was it only a step of one, which looks or prepares? Then the log tells of it if it failed.
bool is_step(const Command& command);

/// Signed, and held against what agents will hold it against. Fails with Code::usage.
Result<std::string> sound_manifest(const licensing::SigningKey& root,
                                   const licensing::Manifest& manifest);

/// `signing-key rotate`, `weights install` or `product export` as it was given: asks, signs, and
/// hands back. `data` is --data. Blocking. Fails with Code::config_invalid where the root is not at
/// hand or is another one.
Result<bj::object> hold_ceremony(const Command& command, const std::filesystem::path& data,
                                 const Ask& ask);

}  // namespace latchkey::keyserver::admin
