#pragma once

// The vocabulary the three plans are written in.

#include <string>
#include <utility>
#include <vector>

#include "service-install/plan.h"

namespace latchkey::service_install {

inline Action file_action(Kind kind, std::string summary, std::string target,
                          std::string content = {}) {
    Action action;
    action.kind = kind;
    action.summary = std::move(summary);
    action.target = std::move(target);
    action.content = std::move(content);
    return action;
}

/// Something another program does. `target` names what it makes or removes.
inline Action tool_action(Kind kind, std::string summary, std::string target,
                          std::vector<std::string> command) {
    Action action = file_action(kind, std::move(summary), std::move(target));
    action.command = std::move(command);
    return action;
}

inline Action run(std::string summary, std::vector<std::string> command) {
    return tool_action(Kind::run, std::move(summary), {}, std::move(command));
}

inline Action make_directory(const std::string& path) {
    return file_action(Kind::make_directory, "make the directory " + path, path);
}

/// `who`: "changed by administrators alone"; `sddl` says the same.
inline Action guard_directory(const std::string& path, const std::string& who, std::string sddl) {
    return file_action(Kind::guard_directory, "make the directory " + path + ", " + who, path,
                       std::move(sddl));
}

inline Action remove_directory(const std::string& path) {
    return file_action(Kind::remove_directory, "remove " + path + " and all in it", path);
}

inline Action write_file(const std::string& path, std::string content) {
    return file_action(Kind::write_file, "write " + path, path, std::move(content));
}

/// A file that becomes the administrator's once it is there.
inline Action write_first_file(const std::string& path, std::string content) {
    Action action = file_action(Kind::write_file, "write " + path + ", unless there is one", path,
                                std::move(content));
    action.keep_existing = true;
    return action;
}

inline Action remove_file(const std::string& path) {
    return file_action(Kind::remove_file, "remove " + path, path);
}

/// `separator` is the system's: "/" or "\\".
inline Step copy_program(const std::string& program, const std::string& from,
                         const std::string& bindir, const std::string& separator) {
    const std::string path = bindir + separator + program;
    return {file_action(Kind::copy_file, "copy " + program + " to " + bindir, path,
                        from + separator + program),
            {remove_file(path)}};
}

}  // namespace latchkey::service_install
