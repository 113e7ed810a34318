#include "agent/store/belongings.h"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

#include "agent/store/former.h"
#include "agent/store/sqlite_store.h"
#include "base/path_text.h"

namespace latchkey::store {
namespace {

namespace fs = std::filesystem;

struct FileKind {
    std::string_view what;
    std::string_view prefix;
};

/// By the file's name, first one that fits. The names are also those of unfinished writes.
constexpr std::array kFileKinds{
    FileKind{"quarantined_state", "state.corrupt-"},
    FileKind{"state_key", "state.key"},
    FileKind{"state_files", "state.db"},
    FileKind{"second_copy", "anchor."},
    FileKind{"unfinished_files", ".state."},
    FileKind{"unfinished_files", ".anchor."},
    FileKind{"unfinished_files", ".generalized."},
};

std::string_view kind_of(const std::string& file) {
    for (const auto& kind : kFileKinds)
        if (file.starts_with(kind.prefix)) return kind.what;
    return "unknown_files";
}

bool remains_by_right(const fs::path& file, const StorePaths& paths) {
    const auto name = utf8_text(file.filename());
    if (file == paths.inbox_dir || file == paths.anchor_dir) return true;
    if (file.parent_path() != paths.state_dir) return false;
    return name == "lock" || name == kImageReportName;
}

struct Found {
    std::string_view what;
    fs::path path;
};

Result<std::vector<Found>> look_into(const fs::path& directory, const StorePaths& paths) {
    std::vector<Found> found;
    std::error_code error;
    for (fs::directory_iterator file(directory, error), end; !error && file != end;
         file.increment(error)) {
        const bool is_file = file->is_regular_file() && !file->is_symlink();
        // A socket is nobody's memory.
        if (file->is_socket() || remains_by_right(file->path(), paths)) continue;
        found.push_back({is_file ? kind_of(utf8_text(file->path().filename())) : "unknown_files",
                         file->path()});
    }
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(Code::storage_failed, utf8_text(directory) + ": " + error.message());
    std::sort(found.begin(), found.end(),
              [](const Found& a, const Found& b) { return a.path < b.path; });
    return found;
}

Result<std::vector<Found>> files_of(const StorePaths& paths) {
    auto files = look_into(paths.state_dir, paths);
    if (!files || paths.anchor_dir == paths.state_dir) return files;
    auto more = look_into(paths.anchor_dir, paths);
    if (!more) return more;
    files->insert(files->end(), more->begin(), more->end());
    return files;
}

std::string joined(const std::set<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// One kind, collected name by name.
class Tally {
public:
    explicit Tally(std::string_view what) : what_(what) {}
    void add(bool holds, const std::string& name) {
        if (!holds) return;
        ++count_;
        names_.insert(name);
    }
    void into(std::vector<Belonging>& list) const {
        if (count_ > 0) list.push_back({std::string(what_), count_, joined(names_)});
    }

private:
    std::string_view what_;
    std::int64_t count_ = 0;
    std::set<std::string> names_;
};

void list_products(const Contents& contents, std::vector<Belonging>& list) {
    Tally licenses("licenses");
    Tally pending("pending_requests");
    Tally keys("product_keys");
    Tally graces("grace_and_rearms");
    for (const auto& [id, state] : contents.products) {
        licenses.add(state.license.has_value(), id.second);
        pending.add(state.intent.has_value(), id.second);
        pending.add(state.queued.has_value(), id.second);
        keys.add(!state.product_key.empty(), id.second);
        keys.add(!state.held_key.empty(), id.second);
        graces.add(true, id.second);
    }
    for (const auto* tally : {&licenses, &pending, &keys, &graces}) tally->into(list);
}

}  // namespace

std::vector<Belonging> belongings_in(const Contents& contents) {
    std::vector<Belonging> list;
    if (!contents.machine_id.empty()) list.push_back({"machine_identity", 1, "machine id"});
    Tally hardware("hardware_record");
    hardware.add(contents.hardware.has_value(), "this machine");
    hardware.add(!contents.former.empty(), "the machine before it");
    hardware.into(list);
    Tally devices("device_keys");
    Tally roots("publisher_records");
    for (const auto& [id, publisher] : contents.publishers) {
        devices.add(!publisher.device_seed.empty(), id);
        roots.add(true, id);
    }
    const auto former = former_from_row(contents.former);
    if (former)
        for (const auto& [id, seed] : former->seeds) devices.add(true, id);
    devices.into(list);
    roots.into(list);
    list_products(contents, list);
    Tally cloud("cloud_entitlements");
    Tally redeeming("pending_redemptions");
    for (const auto& [id, row] : contents.cloud) {
        cloud.add(row.entitlement.has_value(), row.entitlement ? row.entitlement->service : "");
        redeeming.add(row.pending.has_value(), row.pending ? row.pending->product : "");
    }
    cloud.into(list);
    redeeming.into(list);
    if (contents.journal.number > 0) list.push_back({"journal", contents.journal.number, "lines"});
    return list;
}

Result<std::vector<Belonging>> belongings_on_disk(const StorePaths& paths) {
    const auto files = files_of(paths);
    if (!files) return fail(files.error());
    std::vector<Belonging> list;
    std::set<std::string_view> done;
    for (const auto& file : *files) {
        if (!done.insert(file.what).second) continue;
        Tally tally(file.what);
        for (const auto& other : *files)
            tally.add(other.what == file.what, utf8_text(other.path.filename()));
        tally.into(list);
    }
    return list;
}

Result<void> remove_belongings(const StorePaths& paths) {
    const auto files = files_of(paths);
    if (!files) return fail(files.error());
    for (const auto& file : *files) {
        if (file.what == "unknown_files") continue;
        if (auto removed = platform::scrub_file(file.path); !removed) return removed;
    }
    return {};
}

Result<std::vector<Belonging>> SqliteStore::belongings() {
    auto list = belongings_in(parts_.contents);
    const auto files = belongings_on_disk(parts_.paths);
    if (!files) return fail(files.error());
    list.insert(list.end(), files->begin(), files->end());
    return list;
}

Result<void> SqliteStore::generalize(ImageReport report) {
    report.done = false;
    const auto& directory = parts_.paths.state_dir;
    if (auto written = write_image_report(directory, report); !written) return written;
    parts_.report = report;
    parts_.database.reset();
    parts_.key.reset();
    parts_.anchor.reset();
    parts_.waiting.reset();
    parts_.contents = {};
    anchored_ = {};
    if (auto removed = remove_belongings(parts_.paths); !removed) return removed;
    report.done = true;
    if (auto written = write_image_report(directory, report); !written) return written;
    parts_.report = std::move(report);
    return {};
}

}  // namespace latchkey::store
