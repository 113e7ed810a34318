#pragma once

// What installing the agent as a service means on each system, as data. Pure: options and facts in,
// steps out; apply_* carries them out, --dry-run prints them, and undoing them is uninstalling.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"

namespace latchkey::service_install {

enum class Manager : std::uint8_t { systemd, windows, launchd };

enum class Kind : std::uint8_t {
    make_group,
    make_user,
    join_group,  ///< where there is such a group
    make_directory,
    guard_directory,  ///< make it or take it over, so that those alone may enter whom it says;
                      ///< on POSIX systems this process's user, root
    write_file,
    copy_file,
    make_link,
    register_service,
    tune_service,  ///< what its manager shall know of it besides
    run,
    see_stopped,  ///< fails where the service still runs
    see_guarded,  ///< fails where others than root may change the directory or one above it
    remove_file,
    remove_link,       ///< where it still leads to its target; another's of that name stays
    remove_directory,  ///< with all in it
    remove_user,
    remove_group,
    remove_service,
};

/// The stable spelling in --json: "write_file".
std::string_view kind_name(Kind kind);

/// One thing to do. Doing it twice is the same as doing it once.
struct Action {
    Kind kind = Kind::run;
    std::string summary;  ///< "write /etc/systemd/system/latchkeyd.service"
    std::string target;   ///< the path or name it makes or removes
    std::string content;  ///< a file's text, a copy's source, a link's target, who joins a group,
                          ///< a service's manners, a guarded directory's SDDL
    std::vector<std::string> command;  ///< what does it, where another program does
    bool keep_existing = false;        ///< a file or link that is there is the administrator's
    bool only_if_changed = false;      ///< needless where no earlier step changed anything
    std::string needs;                 ///< needless where this path does not exist
};

struct Step {
    Action act;
    std::vector<Action> undo;  ///< what uninstalling does about it, in this order
};

struct Options {
    std::string bindir;         ///< where the programs belong; empty: the system's default
    bool start = true;          ///< start it now, not only at the next boot
    bool remove_state = false;  ///< uninstalling removes state, second copy, user and group too
    bool copy_programs = true;  ///< false: Windows' installer has brought them and takes them away
};

/// What the plan must know of the machine.
struct Facts {
    Manager manager = Manager::systemd;
    bool manager_running = true;  ///< false in a container or an image: nothing can be started
    std::string own_directory;    ///< where latchkey-service and the other programs lie now
    std::string package_unit{};   ///< the unit or property list that a package brought; empty: none
    bool own_unit = false;        ///< service_definition() is there
    std::string data_directory{};    ///< Windows: of agent.toml; empty: C:\ProgramData\Latchkey
    bool domain_controller = false;  ///< Windows: its groups are the whole domain's
};

/// Why neither install nor uninstall may touch this machine's service, where that is so: a package
/// owns it, and what it installed is the package manager's to remove.
std::optional<Problem> refusal(const Facts& facts);

std::vector<Step> plan_install(const Options& options, const Facts& facts);

/// The undoing of plan_install, last step first.
std::vector<Step> plan_uninstall(const Options& options, const Facts& facts);

/// Paths end up in unit files and commands: nothing with a meaning of its own there is accepted,
/// and nothing that depends on where somebody stands.
bool is_plain_path(Manager manager, const std::string& path);
/// "/" or "\\".
std::string path_separator(Manager manager);
/// May another system lie below a directory of this one? Windows' own tools know this one alone.
bool has_other_roots(Manager manager);
/// Where the programs belong by default, for the help text.
std::string bindir_hint(Manager manager);
/// What to do where the rights are missing.
std::string administrators_remedy(Manager manager);

/// The file whose presence says that the service is installed; on Windows the service's name.
std::string service_definition(Manager manager);

std::vector<Step> plan_systemd(const Options& options, const Facts& facts);
std::vector<Step> plan_windows(const Options& options, const Facts& facts);
std::vector<Step> plan_launchd(const Options& options, const Facts& facts);

/// agent.toml as a first installation leaves it in `directory`: every line a comment.
std::string first_configuration(const std::string& directory, char separator = '/');

}  // namespace latchkey::service_install
