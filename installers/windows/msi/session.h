#pragma once

// A running installation, as Windows Installer shows it to a custom action: properties in UTF-8,
// whole and as they are, and messages that reach log and person. One thread.

#include <windows.h>

#include <msi.h>
#include <msiquery.h>

#include <string>

#include "base/problem.h"

namespace latchkey::msi {

class Session {
public:
    explicit Session(MSIHANDLE handle) : handle_(handle) {}

    /// "" where there is none.
    std::string property(const std::string& name) const;
    void set_property(const std::string& name, const std::string& value) const;

    /// What to do about it is told as well. `name` is the action's.
    void error(const std::string& name, const Problem& problem) const;
    void note(const std::string& text) const;

private:
    void say(INSTALLMESSAGE kind, const std::string& text) const;

    MSIHANDLE handle_;
};

}  // namespace latchkey::msi
