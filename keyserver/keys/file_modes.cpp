#include "keyserver/keys/file_modes.h"

#include <array>

namespace latchkey::keyserver {
namespace {

namespace fs = std::filesystem;
using platform::FileRights;

constexpr std::array kKept{
    KeptFile{"root.key", FileKind::secret},
    KeptFile{"root.next.key", FileKind::secret},
    KeptFile{"signing.key", FileKind::secret},
    KeptFile{"signing.next.key", FileKind::secret},
    KeptFile{"seal.key", FileKind::secret},
    KeptFile{"seal.next.key", FileKind::secret},
    KeptFile{"seal.previous.key", FileKind::secret},
    KeptFile{"pepper.key", FileKind::secret},
    KeptFile{"publisher.json", FileKind::secret},
    KeptFile{"console.json", FileKind::secret},
    KeptFile{"ca.key", FileKind::secret},
    KeptFile{"server.key", FileKind::secret},
    KeptFile{"latchkey.db", FileKind::secret},
    KeptFile{"latchkey.db-wal", FileKind::secret},
    KeptFile{"latchkey.db-shm", FileKind::secret},
    KeptFile{"keyset.jws", FileKind::document},
    KeptFile{"roots.json", FileKind::document},
    KeptFile{"weights.jws", FileKind::document},
    KeptFile{"ca.pem", FileKind::document},
    KeptFile{"server.pem", FileKind::document},
    KeptFile{"url", FileKind::document},
};

std::string_view right_mode(FileKind kind) {
    switch (kind) {
        case FileKind::secret:
            return "600";
        case FileKind::document:
            return "644";
        case FileKind::directory:
            return "700";
    }
    return "";
}

std::string what_others_may(FileKind kind, const FileRights& rights) {
    const bool directory = kind == FileKind::directory;
    if (!rights.others_may_change) return directory ? "look into it" : "read it";
    const std::string change = directory ? "put files into it" : "change it";
    return rights.others_may_read && kind == FileKind::secret ? "read and " + change : change;
}

std::string said(const fs::path& path, FileKind kind, const FileRights& rights) {
    return path.string() + " has mode " + rights.shown + ": other users may " +
           what_others_may(kind, rights);
}

std::string chmod(const fs::path& path, FileKind kind) {
    return "run 'chmod " + std::string(right_mode(kind)) + " " + path.string() + "'";
}

}  // namespace

std::span<const KeptFile> kept_files() { return kKept; }

ModeVerdict judge_mode(const fs::path& path, FileKind kind, const FileRights& rights) {
    if (rights.belongs_to_another)
        return {Problem{Code::config_invalid, path.string() + " belongs to another user",
                        "Run the key server as that user, or give the file to the right one with "
                        "chown."},
                {}};
    if (rights.others_may_change)
        return {Problem{Code::config_invalid, said(path, kind, rights),
                        "See that it still holds what it should, then " + chmod(path, kind) + "."},
                {}};
    if (!rights.others_may_read || kind == FileKind::document) return {};
    if (kind == FileKind::directory)
        return {{}, said(path, kind, rights) + "; " + chmod(path, kind)};
    return {Problem{Code::config_invalid, said(path, kind, rights),
                    "Take it from them: " + chmod(path, kind) +
                        ". Who has read a key may go on using it: replace it then "
                        "(docs/keyserver.md)."},
            {}};
}

Result<std::vector<std::string>> check_file_modes(const fs::path& directory) {
    std::vector<std::string> warnings;
    const auto check = [&](const fs::path& path, FileKind kind) -> Result<void> {
        const auto rights = platform::rights_of(path);
        if (!rights) return fail(rights.error());
        if (!*rights) return {};
        auto verdict = judge_mode(path, kind, **rights);
        if (verdict.refusal) return fail(std::move(*verdict.refusal));
        if (verdict.warning) warnings.push_back(std::move(*verdict.warning));
        return {};
    };
    if (auto checked = check(directory, FileKind::directory); !checked)
        return fail(std::move(checked.error()));
    for (const auto& file : kKept)
        if (auto checked = check(directory / file.name, file.kind); !checked)
            return fail(std::move(checked.error()));
    return warnings;
}

}  // namespace latchkey::keyserver
