// What the installer does beyond copying files. The service, its directories and who may enter them
// are made by the plan of `latchkey-service install`, carried out here: there is one truth about
// how the agent is installed, and `latchkey-service install --dry-run` shows it. Tables of the
// package that could say the same (ServiceInstall, MsiLockPermissionsEx) would be a second one.
// What only Windows Installer can do well stays its own: files, PATH, and stopping and starting the
// service (ServiceControl), by which it knows that no restart is needed.
//
//   LatchkeyCheck        before anything is changed: judges what was told, writes the others' notes
//   LatchkeyWait         once the service has stopped: until its program is no longer in use
//   LatchkeyApply        the plan, then what was told; undone by LatchkeyUndoApply when it fails
//   LatchkeyKeep         when all went well: forgets what was there before
//   LatchkeyRemove       the plan's undoing; undone by LatchkeyUndoRemove
//   LatchkeyErase        REMOVE_STATE=1: licenses, state and settings, too

#include <array>
#include <exception>
#include <filesystem>

#include "base/path_text.h"
#include "installers/windows/msi/session.h"
#include "platform/handle_windows.h"
#include "platform/paths.h"
#include "platform/secure_file.h"
#include "platform/security_windows.h"
#include "platform/trust/certificates_windows.h"
#include "service-install/apply.h"
#include "service-install/folders_windows.h"
#include "service-install/notes.h"
#include "service-install/plan.h"
#include "service-install/service_manners_windows.h"
#include "service-install/told_contents.h"
#include "service-install/told_files.h"

namespace latchkey::msi {
namespace {

namespace fs = std::filesystem;
using namespace service_install;

/// Names under which somebody may pass a key itself. All are hidden from logs by the package.
constexpr std::array kNotTaken = {"PRODUCT_KEY", "PRODUCTKEY", "KEY", "PIDKEY"};
constexpr std::array kNoted = {"LatchkeyWait",   "LatchkeyUndoApply",  "LatchkeyKeep",
                               "LatchkeyRemove", "LatchkeyUndoRemove", "LatchkeyErase"};

const fs::path& data_directory() {
    static const fs::path path = platform::default_paths().config_file.parent_path();
    return path;
}

Result<ToldFiles> files_told(const Notes& notes) {
    return files_of(told_in(notes), {utf8_text(data_directory()),
                                     utf8_text(platform::default_paths().inbox_dir), '\\'});
}

Options options_of(const Notes& notes) {
    Options options;
    if (const auto found = notes.find("bindir"); found != notes.end())
        options.bindir = found->second;
    options.start = false;  // the package's ServiceControl does
    options.copy_programs = false;
    return options;
}

bool is_noted(const Notes& notes, const std::string& name) { return notes.contains(name); }

/// The folders that the plan makes, from the outermost on.
std::vector<std::string> folders_of_plan(const Notes& notes) {
    std::vector<std::string> folders;
    for (const auto& step : plan_install(options_of(notes), current_facts("")))
        if (step.act.kind == Kind::guard_directory) folders.push_back(step.act.target);
    return folders;
}
std::string name_of_folder(std::size_t number) { return "folder_" + std::to_string(number); }

/// A file beside the package may be named without its folder.
std::string whole_path(const Session& session, const std::string& value) {
    const bool is_whole = value.find(':') != std::string::npos || value.starts_with("\\\\");
    if (value.empty() || is_whole || looks_like_a_key(value)) return value;
    const std::string package = session.property("OriginalDatabase");
    const auto end = package.find_last_of('\\');
    return end == std::string::npos ? value : package.substr(0, end + 1) + value;
}

/// A key that was passed is forgotten before anybody shows all properties there are. (Hiding them
/// is asked for by the package, and not everybody's Windows Installer does.)
void forget_keys(const Session& session) {
    for (const char* name : kNotTaken)
        if (!session.property(name).empty()) session.set_property(name, "");
    for (const auto& property : told_properties()) {
        const std::string name(property.name);
        if (looks_like_a_key(session.property(name))) session.set_property(name, "");
    }
}

Told told_by(const Session& session) {
    Told told;
    for (const auto& property : told_properties()) {
        auto value = session.property(std::string(property.name));
        if (property.name.ends_with("_FILE")) value = whole_path(session, value);
        told.*property.value = std::move(value);
    }
    return told;
}

/// What the files hold is noted apart: LatchkeyApply alone is told of it.
Result<void> check_told(const Session& session, Notes& notes, Notes& contents) {
    for (const char* name : kNotTaken)
        if (!session.property(name).empty())
            return fail(Problem{Code::config_invalid,
                                std::string(name) + " is not taken: a product key would end up in "
                                                    "logs and process lists",
                                "Put the key into a file and pass that file's path as KEY_FILE."});
    const Told told = told_by(session);
    note(notes, told);
    auto files = files_told(notes);
    if (!files) return fail(std::move(files.error()));
    auto read = read_copies(*files, told.product, platform::wrong_with_certificates);
    if (read) note_contents(contents, *files);
    return read;
}

/// What a rollback leaves alone, because it was not made by this installation.
void note_what_is_there(Notes& notes) {
    std::error_code error;
    if (fs::exists(data_directory(), error) || error) notes["data_was_there"] = "";
    if (fs::exists(platform::default_paths().config_file, error)) notes["config_was_there"] = "";
    const auto folders = folders_of_plan(notes);
    for (std::size_t i = 0; i < folders.size(); ++i)
        if (fs::exists(utf8_path(folders[i]), error))
            notes[name_of_folder(i)] = folder_rights(utf8_path(folders[i]));
    if (read_status("").installed) notes["service_was_there"] = "";
    if (platform::sid_of_account("latchkey-admin")) notes["group_was_there"] = "";
}

Result<void> check(const Session& session) {
    Notes notes;
    Notes contents;
    std::string bindir = session.property("InstallFolder");
    while (bindir.ends_with('\\')) bindir.pop_back();
    if (!is_plain_path(Manager::windows, bindir))
        return fail(Code::internal, "the programs' folder is odd: " + bindir);
    notes["bindir"] = bindir;
    const std::string remove_state = session.property("REMOVE_STATE");
    if (!remove_state.empty() && remove_state != "0" && remove_state != "1")
        return fail(Problem{Code::config_invalid, "REMOVE_STATE is neither 0 nor 1",
                            "Pass REMOVE_STATE=1 to remove licenses, state and settings."});
    // Whoever may use this machine may ask for a repair, and what it does has the system's rights.
    if (!session.property("Installed").empty() && session.property("REMOVE") != "ALL")
        for (const auto& property : told_properties())
            if (const std::string name(property.name); !session.property(name).empty())
                return fail(Problem{Code::config_invalid,
                                    name + " is not taken when the package is installed already",
                                    "Change agent.d or the policy, or pass it with an upgrade."});
    if (session.property("REMOVE") != "ALL") {
        const auto fine = check_told(session, notes, contents);
        if (!fine) forget_keys(session);
        if (!fine) return fine;
    }
    // Everybody may make folders in ProgramData. One that waits there for us is not ours, and is
    // not ours to remove.
    if (session.property("REMOVE") != "ALL" || remove_state == "1")
        if (const auto ours = check_folder(data_directory()); !ours) return fail(ours.error());
    note_what_is_there(notes);
    // The package then does not start it: that would fail, and the installation with it.
    if (is_disabled(service_definition(this_manager())))
        session.set_property("LatchkeyDisabled", "1");
    // Then nobody calls LatchkeyKeep or LatchkeyUndoApply.
    if (!session.property("RollbackDisabled").empty() ||
        !session.property("DISABLEROLLBACK").empty())
        notes["no_rollback"] = "";
    for (const char* action : kNoted) session.set_property(action, text_of(notes));
    contents.merge(notes);
    session.set_property("LatchkeyApply", text_of(contents));
    return {};
}

Result<void> apply_all(const std::vector<Step>& steps) {
    auto records = apply_steps(steps, "");
    if (!records) return fail(std::move(records.error()));
    return {};
}

/// One failure does not spare the others; the first is what is said.
Result<void> try_all(const std::vector<Step>& steps) {
    Result<void> first;
    for (const auto& step : steps)
        if (auto done = apply_steps({step}, ""); !done && first) first = fail(done.error());
    return first;
}

/// Service and group of the plan; folders are put_back_folders()'s.
Result<void> undo_service(const Notes& notes) {
    Options options = options_of(notes);
    options.remove_state = true;
    auto steps = plan_uninstall(options, current_facts(""));
    std::erase_if(steps, [&](const Step& step) {
        return step.act.kind == Kind::remove_directory ||
               (step.act.kind == Kind::remove_group && is_noted(notes, "group_was_there"));
    });
    return try_all(steps);
}

/// The folder stays, with what was in it before and as it was.
Result<void> put_back_folders(const Notes& notes) {
    Result<void> undone;
    const auto folders = folders_of_plan(notes);
    for (std::size_t i = folders.size(); i-- > 0;) {
        const auto before = notes.find(name_of_folder(i));
        const fs::path folder = utf8_path(folders[i]);
        Result<void> done;
        if (before == notes.end()) {
            if (auto removed = remove_tree(folder); !removed) done = fail(removed.error());
        } else if (!before->second.empty()) {
            done = put_back_rights(folder, before->second);
        }
        if (!done && undone) undone = done;
    }
    std::error_code error;
    if (!is_noted(notes, "config_was_there"))
        fs::remove(platform::default_paths().config_file, error);
    return undone;
}

bool is_in_use(const fs::path& program) {
    const platform::UniqueHandle file(::CreateFileW(
        program.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
    return !file && ::GetLastError() == ERROR_SHARING_VIOLATION;
}

/// A service says that it has stopped before its process is gone, and a program that is replaced
/// while it runs makes Windows Installer ask for a restart of the machine.
Result<void> wait(const Session& session, const Notes& notes) {
    constexpr int kRounds = 100;
    constexpr DWORD kRoundMilliseconds = 100;
    const fs::path program = utf8_path(notes.at("bindir")) / "latchkeyd.exe";
    for (int round = 0; round < kRounds; ++round) {
        if (!is_in_use(program)) return {};
        ::Sleep(kRoundMilliseconds);
    }
    session.note(utf8_text(program) + " is still in use: a restart will complete the installation");
    return {};
}

Result<void> apply(const Session&, const Notes& notes) {
    if (auto done = apply_all(plan_install(options_of(notes), current_facts(""))); !done)
        return done;
    auto files = files_told(notes);
    if (!files) return fail(std::move(files.error()));
    if (!take_contents(notes, *files)) return fail(Code::internal, "the contents did not arrive");
    if (auto secrets = read_secrets(*files); !secrets) return secrets;
    auto laid = lay_files(*files);
    if (laid && is_noted(notes, "no_rollback")) keep_files(*files);
    return laid;
}

/// In a folder that turned out to be somebody else's nothing was done, and nothing is undone.
Result<void> undo_folders(const Notes& notes) {
    if (const auto ours = check_folder(data_directory()); !ours) return fail(ours.error());
    if (const auto files = files_told(notes)) take_back_files(*files);
    if (is_noted(notes, "data_was_there")) return put_back_folders(notes);
    const auto removed = remove_tree(data_directory());
    return removed ? Result<void>() : Result<void>(fail(removed.error()));
}

Result<void> undo_apply(const Session& session, const Notes& notes) {
    if (!is_noted(notes, "service_was_there"))
        if (const auto undone = undo_service(notes); !undone) session.note(undone.error().detail);
    if (const auto undone = undo_folders(notes); !undone) session.note(undone.error().detail);
    return {};
}

Result<void> keep(const Session&, const Notes& notes) {
    if (const auto files = files_told(notes)) keep_files(*files);
    return {};
}

Result<void> remove(const Session&, const Notes& notes) {
    return apply_all(plan_uninstall(options_of(notes), current_facts("")));
}

Result<void> undo_remove(const Session&, const Notes& notes) {
    if (!is_noted(notes, "service_was_there")) return {};
    return apply_all(plan_install(options_of(notes), current_facts("")));
}

Result<void> erase(const Session&, const Notes& notes) {
    // What is below a link is somebody else's.
    if (const auto ours = check_folder(data_directory()); !ours) return fail(ours.error());
    Options options = options_of(notes);
    options.remove_state = true;
    auto undone = try_all(plan_uninstall(options, current_facts("")));
    if (const auto removed = remove_tree(data_directory()); !removed)
        return fail(Problem{removed.error().code, removed.error().detail,
                            "Close what uses it, or remove it by hand, and uninstall again."});
    return undone;
}

/// Nothing thrown may leave: the caller is Windows Installer.
template <class Act>
UINT guarded(MSIHANDLE handle, const char* name, Act act) noexcept {
    try {
        const Session session(handle);
        const Result<void> done = act(session);
        if (done) return ERROR_SUCCESS;
        session.error(name, done.error());
    } catch (const std::exception& thrown) {
        Session(handle).error(name, {Code::internal, thrown.what(), {}});
    }
    return ERROR_INSTALL_FAILURE;
}

UINT noted(MSIHANDLE handle, const char* name,
           Result<void> (*act)(const Session&, const Notes&)) noexcept {
    return guarded(handle, name, [act](const Session& session) -> Result<void> {
        const auto notes = notes_of(session.property("CustomActionData"));
        if (!notes || notes->empty()) return fail(Code::internal, "the notes did not arrive");
        return act(session, *notes);
    });
}

}  // namespace
}  // namespace latchkey::msi

extern "C" {
UINT WINAPI LatchkeyCheck(MSIHANDLE handle) {
    return latchkey::msi::guarded(handle, "LatchkeyCheck", latchkey::msi::check);
}
UINT WINAPI LatchkeyWait(MSIHANDLE handle) {
    return latchkey::msi::noted(handle, "LatchkeyWait", latchkey::msi::wait);
}
UINT WINAPI LatchkeyApply(MSIHANDLE handle) {
    return latchkey::msi::noted(handle, "LatchkeyApply", latchkey::msi::apply);
}
UINT WINAPI LatchkeyUndoApply(MSIHANDLE handle) {
    return latchkey::msi::noted(handle, "LatchkeyUndoApply", latchkey::msi::undo_apply);
}
UINT WINAPI LatchkeyKeep(MSIHANDLE handle) {
    return latchkey::msi::noted(handle, "LatchkeyKeep", latchkey::msi::keep);
}
UINT WINAPI LatchkeyRemove(MSIHANDLE handle) {
    return latchkey::msi::noted(handle, "LatchkeyRemove", latchkey::msi::remove);
}
UINT WINAPI LatchkeyUndoRemove(MSIHANDLE handle) {
    return latchkey::msi::noted(handle, "LatchkeyUndoRemove", latchkey::msi::undo_remove);
}
UINT WINAPI LatchkeyErase(MSIHANDLE handle) {
    return latchkey::msi::noted(handle, "LatchkeyErase", latchkey::msi::erase);
}
}
