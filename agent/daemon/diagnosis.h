#pragma once

// What `latchkey doctor` says, from what was found: pure. An item names one thing that has to be
// right, whether it is, and what to do where it is not.

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/daemon/config.h"
#include "agent/localapi/contract.h"
#include "agent/net/way.h"
#include "base/problem.h"
#include "base/strict_json.h"
#include "base/time.h"

namespace latchkey::daemon {

enum class Finding : std::uint8_t {
    ok,
    note,     ///< worth knowing, nothing to do
    warning,  ///< works still, and needs somebody
    failed,
    skipped,  ///< could not be looked at, because something before it failed
};
std::string_view name(Finding finding);

struct Item {
    std::string id;  ///< "dns"; several items may have one id
    Finding finding = Finding::ok;
    std::string text;
    std::string remedy{};
};

/// One attempt to reach a key server.
struct Contact {
    std::string whose;  ///< the publisher
    net::Way way;
    std::optional<Problem> problem;       ///< none: it answered, and the answer is signed
    std::optional<Duration> clock_ahead;  ///< of the calendar here before the signed time
};

/// Items "key_server", "dns", "route", "tls", "answer", "clock_difference", in this order: up to
/// the first that failed; what comes after it is skipped.
std::vector<Item> judge(const Contact& contact);

/// A directory that the agent needs, and what is wrong with it.
struct Place {
    std::string what;  ///< "state", "second copy"
    std::filesystem::path path;
    std::optional<Problem> problem;
    std::optional<std::uintmax_t> free_bytes;
};
/// Items "permissions" and "disk_space".
std::vector<Item> judge(const std::vector<Place>& places);

/// Item "system", where the system has not got what it should (platform/system_parts.h).
std::vector<Item> judge_system(const std::vector<std::string>& missing);

/// Configuration, products, state, clock, hardware, TPM and whatever else health knows: an item for
/// each of its entries, and one for each of these where there is nothing to tell.
std::vector<Item> judge(const localapi::StatusView& view, const std::string& config_file);

/// Items "configuration": a note for each publisher whom the configuration names and of whom no
/// manifest is installed. Such a section may wait for its product; a misspelt one waits for ever.
std::vector<Item> judge_publishers(const Config& config, const std::set<std::string>& installed);

/// The worst of them; notes and skipped ones count as ok.
Finding overall(const std::vector<Item>& items);

/// {"schema_version", "overall", "items": [{"id", "finding", "text", "remedy"}]}
json::bj::value to_json(const std::vector<Item>& items);

}  // namespace latchkey::daemon
