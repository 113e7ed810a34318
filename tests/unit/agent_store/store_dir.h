#pragma once

// A state directory and its second copy in a temporary place.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "agent/store/store.h"
#include "tests/fakes/copy_folder.h"
#include "tests/fakes/system.h"
#include "tests/unit/agent_store/sample_state.h"

namespace latchkey::store {

namespace fs = std::filesystem;

class TempDir {
public:
    TempDir() {
        // In memory where there is such a place: these tests open thousands of databases.
        const fs::path base =
            fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
        path_ = fakes::make_private_directory(base);
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

inline std::string read_all(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_all(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// The two directories an agent keeps its state in.
struct StoreDirs {
    TempDir root;
    StorePaths paths{root.path() / "state", root.path() / "anchor"};

    fs::path database() const { return paths.state_dir / "state.db"; }
    fs::path key() const { return paths.state_dir / "state.key"; }
    fs::path anchor() const { return paths.anchor_dir / "anchor.json"; }
    fs::path anchor_key() const { return paths.anchor_dir / "anchor.key"; }

    Result<OpenedStore> open() const { return open_store(paths); }

    /// A copy of another pair, byte for byte.
    void become(const StoreDirs& other) const {
        fs::remove_all(paths.state_dir);
        fs::remove_all(paths.anchor_dir);
        fakes::copy_folder(other.paths.state_dir, paths.state_dir);
        fakes::copy_folder(other.paths.anchor_dir, paths.anchor_dir);
    }

    /// Somebody works on the database with SQL.
    void sql(const std::string& statement) const {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(database().string().c_str(), &handle), SQLITE_OK);
        char* error = nullptr;
        ASSERT_EQ(sqlite3_exec(handle, statement.c_str(), nullptr, nullptr, &error), SQLITE_OK)
            << error;
        sqlite3_close(handle);
    }

    int corrupt_files() const {
        int count = 0;
        for (const auto& file : fs::directory_iterator(paths.state_dir)) {
            const auto name = file.path().filename().string();
            count += name.rfind("state.corrupt-", 0) == 0 && name.find("-journal") == name.npos;
        }
        return count;
    }
};

}  // namespace latchkey::store
