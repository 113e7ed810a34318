#pragma once

// What an unattended installation was told (the properties of the Windows installer), as the files
// that say so to the agent. Pure: text in, text and copies out. Nothing told is trusted: what would
// break a file, or could not be what it is called, is refused by the property's name.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace latchkey::service_install {

/// Each as it came, UTF-8; empty: not told.
struct Told {
    std::string keyserver_url;
    std::string ca_file;        ///< path; is copied
    std::string manifest_file;  ///< path; is copied
    std::string product;
    std::string key_file;  ///< path; is copied where only the agent reads it, and taken once
    std::string when_counted;
    std::string role;
    std::string proxy;
    std::string organization;
    std::string location;
    std::string country;
};

/// A property of the installer: its name, where its value goes, and how many bytes that may have.
struct ToldProperty {
    std::string_view name;
    std::string Told::*value;
    std::size_t most;
};
std::span<const ToldProperty> told_properties();

/// Is it a product key, or so like one that it must not be shown? Five groups of five, however they
/// are parted: more than the agent takes for one.
bool looks_like_a_key(std::string_view value);

/// Where the agent looks.
struct Places {
    std::string configuration;  ///< of agent.toml: C:\ProgramData\Latchkey
    std::string inbox;
    char separator = '\\';
};

/// What a file that was told holds. It is read and judged once (told_contents.h) and travels from
/// there on, so that nobody changes it, or what its path leads to, on the way.
struct Copy {
    std::string_view property;  ///< of told_properties(): "CA_FILE"
    std::string from;
    std::string to;
    bool secret = false;    ///< for the agent and administrators alone
    std::string content{};  ///< what files_of leaves to be filled in
};

struct ToldFiles {
    std::string path;  ///< agent.d\50-installer.toml
    std::string text;  ///< empty: nothing was told, and the file is not written
    std::vector<Copy> copies;
};

/// The first line of the file: one that lost it was taken over by an administrator.
std::string_view told_heading();

/// Fails with Code::config_invalid; the detail names the property. What it lets through the agent
/// takes (base/setting_text.h): it never ends with exit code 78 for it.
Result<ToldFiles> files_of(const Told& told, const Places& places);

}  // namespace latchkey::service_install
