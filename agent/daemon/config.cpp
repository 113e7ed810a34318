#include "agent/daemon/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "agent/daemon/toml_document.h"
#include "base/path_text.h"
#include "platform/secure_file.h"

namespace latchkey::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 256 * 1024;
constexpr std::size_t kMaxFiles = 64;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxActivations = 64;

/// The entry being read, and where refusals say it is.
struct Reading {
    const TomlEntry& entry;
    const std::string& origin;

    std::string source() const { return origin + ":" + std::to_string(entry.line); }
    Failure refuse(const std::string& why) const {
        return fail(Code::config_invalid, source() + ": " + entry.dotted() + ": " + why);
    }
};

Result<std::string> text_of(const Reading& in) {
    const auto* text = std::get_if<std::string>(&in.entry.value);
    if (!text) return in.refuse("must be a text in quotation marks");
    if (text->empty() || text->size() > kMaxText)
        return in.refuse("must have between 1 and " + std::to_string(kMaxText) + " characters");
    for (const char c : *text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return in.refuse("holds a control character");
    return *text;
}

template <class T>
using Choice = std::pair<std::string_view, T>;

template <class T, std::size_t N>
Result<T> choice_of(const Reading& in, const std::array<Choice<T>, N>& choices) {
    auto text = text_of(in);
    if (!text) return fail(std::move(text.error()));
    std::string all;
    for (const auto& [spelling, value] : choices) {
        if (*text == spelling) return value;
        all += (all.empty() ? "\"" : ", \"") + std::string(spelling) + "\"";
    }
    return in.refuse("must be one of " + all);
}

Result<bool> flag_of(const Reading& in) {
    const auto* flag = std::get_if<bool>(&in.entry.value);
    if (!flag) return in.refuse("must be true or false");
    return *flag;
}

Result<std::string> place_of(const Reading& in) {
    auto text = text_of(in);
    if (text && !platform::is_absolute_place(utf8_path(*text)))
        return in.refuse("must be an absolute path");
    return text;
}

Result<fs::path> path_of(const Reading& in) { return place_of(in).map(utf8_path); }

/// True without a port, too.
bool has_good_port(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
        return true;
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    return error == std::errc{} && stop == end && port != 0;
}

bool is_host_and_port(std::string_view text) {
    if (!has_good_port(text)) return false;
    if (text.empty() || text.starts_with(':')) return false;
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
    };
    return std::all_of(text.begin(), text.end(), good);
}

/// scheme://host[:port], nothing after it: no path, no user, no query.
bool is_origin(std::string_view text, std::string_view scheme) {
    if (!text.starts_with(scheme)) return false;
    text.remove_prefix(scheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    return is_host_and_port(text);
}

Result<std::string> url_of(const Reading& in) {
    auto text = text_of(in);
    if (text && !is_origin(*text, "https://"))
        return in.refuse("must be https://HOST or https://HOST:PORT");
    return text;
}

Result<std::string> proxy_of(const Reading& in) {
    auto text = text_of(in);
    if (text && *text != "system" && *text != "none" && !is_origin(*text, "http://"))
        return in.refuse("must be \"system\", \"none\" or http://HOST:PORT");
    return text;
}

Result<std::string> country_of(const Reading& in) {
    auto text = text_of(in);
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (text && (text->size() != 2 || !std::all_of(text->begin(), text->end(), upper)))
        return in.refuse("must be two capital letters, as in \"DE\"");
    return text;
}

/// Puts what was read where it belongs.
template <class T, class U>
Result<void> put(Result<T> value, U& into) {
    if (!value) return fail(std::move(value.error()));
    into = U(std::move(*value));
    return {};
}

using Place = std::function<Result<void>(Config&, const Reading&)>;

Result<void> read_key_server(KeyServerConfig& into, const std::string& key, const Reading& in) {
    if (key == "url") return put(url_of(in), into.url);
    if (key == "ca_file") return put(place_of(in), into.ca_file);
    if (key == "proxy") return put(proxy_of(in), into.proxy);
    return in.refuse("unknown key");
}

const std::map<std::string, Place>& places() {
    static const std::map<std::string, Place> all{
        {"agent.role",
         [](Config& config, const Reading& in) {
             return put(choice_of(in,
                                  std::array<Choice<core::Role>, 2>{
                                      {{"workstation", core::Role::workstation},
                                       {"lab", core::Role::lab}}}),
                        config.role);
         }},
        {"agent.ephemeral",
         [](Config& config, const Reading& in) {
             return put(
                 choice_of(in, std::array<Choice<bool>, 2>{{{"ask", false}, {"allow", true}}}),
                 config.allow_ephemeral);
         }},
        {"agent.log_level",
         [](Config& config, const Reading& in) {
             return put(
                 choice_of(in, std::array<Choice<LogLevel>, 5>{{{"error", LogLevel::error},
                                                                {"warn", LogLevel::warn},
                                                                {"info", LogLevel::info},
                                                                {"debug", LogLevel::debug},
                                                                {"trace", LogLevel::trace}}}),
                 config.log_level);
         }},
        {"agent.tpm",
         [](Config& config, const Reading& in) {
             return put(
                 choice_of(
                     in, std::array<Choice<TpmUse>, 3>{{{name(TpmUse::off), TpmUse::off},
                                                        {name(TpmUse::evidence), TpmUse::evidence},
                                                        {name(TpmUse::proof), TpmUse::proof}}}),
                 config.tpm);
         }},
        {"agent.tpm_counter",
         [](Config& config, const Reading& in) { return put(flag_of(in), config.tpm_counter); }},
        {"organization.id",
         [](Config& config, const Reading& in) {
             return put(text_of(in), config.organization.id);
         }},
        {"organization.location",
         [](Config& config, const Reading& in) {
             return put(text_of(in), config.organization.location);
         }},
        {"organization.country",
         [](Config& config, const Reading& in) {
             return put(country_of(in), config.organization.country);
         }},
        {"paths.state", [](Config& config,
                           const Reading& in) { return put(path_of(in), config.paths.state_dir); }},
        {"paths.anchor",
         [](Config& config, const Reading& in) {
             return put(path_of(in), config.paths.anchor_dir);
         }},
        {"paths.socket",
         [](Config& config, const Reading& in) { return put(path_of(in), config.paths.endpoint); }},
        {"paths.products",
         [](Config& config, const Reading& in) {
             return put(path_of(in), config.paths.products_dir);
         }},
        {"paths.inbox", [](Config& config,
                           const Reading& in) { return put(path_of(in), config.paths.inbox_dir); }},
    };
    return all;
}

/// An [[activate]] while its keys arrive one by one.
struct Draft {
    UnattendedActivation activation;
    std::size_t line = 0;  ///< the first of it
};

Result<void> read_activation(Draft& draft, const std::string& key, const Reading& in) {
    auto& into = draft.activation;
    if (key == "product") return put(text_of(in), into.product);
    if (key == "key_file") return put(text_of(in).map(utf8_path), into.key_file);
    if (key == "when_counted")
        return put(choice_of(in, std::array<Choice<bool>, 2>{{{"proceed", false}, {"hold", true}}}),
                   into.hold);
    if (key == "consume") return put(flag_of(in), into.consume);
    return in.refuse("unknown key");
}

std::string spelling(const TomlEntry& entry) {
    if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
    if (const auto* flag = std::get_if<bool>(&entry.value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<std::int64_t>(&entry.value))
        return std::to_string(*number);
    return {};
}

class Reader {
public:
    Reader() { config_.paths = platform::default_paths(); }

    Result<void> file(const std::string& origin, const std::string& content) {
        auto entries = parse_toml(content, origin);
        if (!entries) return fail(std::move(entries.error()));
        std::map<std::size_t, Draft> drafts;
        for (const auto& entry : *entries)
            if (auto read = one({entry, origin}, drafts); !read) return read;
        return keep(drafts, origin);
    }

    Config finish() {
        if (!found_.contains("paths.inbox") && found_.contains("paths.state"))
            config_.paths.inbox_dir = config_.paths.state_dir / "inbox";
        for (auto& wanted : config_.activations) {
            wanted.key_file = (config_.paths.inbox_dir / wanted.key_file).lexically_normal();
            found_[key_file_setting(wanted)].value = utf8_text(wanted.key_file);
        }
        defaults();
        for (const auto& [setting, found] : found_)
            config_.settings.push_back({setting, found.value, found.source});
        return std::move(config_);
    }

private:
    struct Found {
        std::string value;
        std::string source;
    };

    Result<void> one(const Reading& in, std::map<std::size_t, Draft>& drafts) {
        const auto& path = in.entry.path;
        if (in.entry.element > 0 && path.size() == 2 && path[0] == "activate") {
            auto& draft = drafts[in.entry.element];
            draft.line = draft.line == 0 ? in.entry.line : std::min(draft.line, in.entry.line);
            return read_activation(draft, path[1], in);
        }
        if (in.entry.element > 0) return in.refuse("unknown key");
        if (path.size() == 1 && is_section(path[0]) &&
            std::holds_alternative<OtherKind>(in.entry.value))
            return {};  // an empty section
        Result<void> read;
        if (path.size() == 2 && path[0] == "keyserver")
            read = read_key_server(config_.keyserver, path[1], in);
        else if (path.size() == 3 && path[0] == "publisher")
            read = read_key_server(config_.publishers[path[1]], path[2], in);
        else if (const auto place = places().find(in.entry.dotted()); place != places().end())
            read = place->second(config_, in);
        else
            return in.refuse("unknown key");
        if (read) found_[in.entry.dotted()] = {spelling(in.entry), in.source()};
        return read;
    }

    static bool is_section(const std::string& name) {
        constexpr std::array<std::string_view, 4> kSections{"agent", "keyserver", "organization",
                                                            "paths"};
        return std::find(kSections.begin(), kSections.end(), name) != kSections.end();
    }

    /// A later [[activate]] of the same product replaces the earlier one.
    Result<void> keep(const std::map<std::size_t, Draft>& drafts, const std::string& origin) {
        for (const auto& [number, draft] : drafts) {
            const std::string source = origin + ":" + std::to_string(draft.line);
            const auto& wanted = draft.activation;
            if (wanted.product.empty() || wanted.key_file.empty())
                return fail(Code::config_invalid,
                            source + ": activate: product and key_file are both needed");
            auto& all = config_.activations;
            const auto same = std::find_if(all.begin(), all.end(), [&](const auto& other) {
                return other.product == wanted.product;
            });
            if (same != all.end())
                *same = wanted;
            else
                all.push_back(wanted);
            if (all.size() > kMaxActivations)
                return fail(Code::config_invalid, source + ": activate: too many of them");
            note(wanted, source);
        }
        return {};
    }

    static std::string key_file_setting(const UnattendedActivation& wanted) {
        return "activate.\"" + wanted.product + "\".key_file";
    }

    void note(const UnattendedActivation& wanted, const std::string& source) {
        const std::string prefix = "activate.\"" + wanted.product + "\".";
        found_[key_file_setting(wanted)] = {utf8_text(wanted.key_file), source};
        found_[prefix + "consume"] = {wanted.consume ? "true" : "false", source};
        found_[prefix + "when_counted"] = {wanted.hold ? "hold" : "proceed", source};
    }

    void defaults() {
        const auto unless_found = [&](const std::string& setting, const std::string& value) {
            found_.try_emplace(setting, Found{value, "default"});
        };
        unless_found("agent.role", "workstation");
        unless_found("agent.ephemeral", "ask");
        unless_found("agent.log_level", "info");
        unless_found("agent.tpm", std::string(name(TpmUse::evidence)));
        unless_found("agent.tpm_counter", "false");
        unless_found("keyserver.url", "");
        unless_found("keyserver.ca_file", "");
        unless_found("keyserver.proxy", "system");
        unless_found("organization.id", "");
        unless_found("organization.location", "");
        unless_found("organization.country", "");
        unless_found("paths.state", utf8_text(config_.paths.state_dir));
        unless_found("paths.anchor", utf8_text(config_.paths.anchor_dir));
        unless_found("paths.socket", utf8_text(config_.paths.endpoint));
        unless_found("paths.products", utf8_text(config_.paths.products_dir));
        unless_found("paths.inbox", utf8_text(config_.paths.inbox_dir));
    }

    Config config_;
    std::map<std::string, Found> found_;
};

Result<std::vector<fs::path>> drop_ins(const fs::path& file) {
    const fs::path directory = file.parent_path() / utf8_path(utf8_text(file.stem()) + ".d");
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
        if (it->path().extension() == ".toml") found.push_back(it->path());
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(Code::config_invalid, utf8_text(directory) + ": " + error.message());
    if (found.size() > kMaxFiles)
        return fail(Code::config_invalid, utf8_text(directory) + ": too many files");
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

std::string_view name(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return "error";
        case LogLevel::warn:
            return "warn";
        case LogLevel::info:
            return "info";
        case LogLevel::debug:
            return "debug";
        case LogLevel::trace:
            return "trace";
    }
    return "info";
}

std::string_view name(TpmUse use) {
    switch (use) {
        case TpmUse::off:
            return "off";
        case TpmUse::evidence:
            return "evidence";
        case TpmUse::proof:
            return "proof";
    }
    return "evidence";
}

KeyServerConfig Config::key_server_of(const std::string& publisher,
                                      const std::string& manifest_url) const {
    KeyServerConfig server = keyserver;
    if (const auto own = publishers.find(publisher); own != publishers.end()) {
        if (!own->second.url.empty()) server.url = own->second.url;
        if (!own->second.ca_file.empty()) server.ca_file = own->second.ca_file;
        if (!own->second.proxy.empty()) server.proxy = own->second.proxy;
    }
    if (server.url.empty()) server.url = manifest_url;
    if (server.proxy.empty()) server.proxy = "system";
    return server;
}

Result<Config> parse_config(const std::vector<std::pair<std::string, std::string>>& files) {
    Reader reader;
    for (const auto& [origin, content] : files)
        if (auto read = reader.file(origin, content); !read) return fail(std::move(read.error()));
    return reader.finish();
}

Result<Config> load_config(const std::filesystem::path& file) {
    auto paths = drop_ins(file);
    if (!paths) return fail(std::move(paths.error()));
    paths->insert(paths->begin(), file);
    // The default file may be missing; one that somebody named may not.
    const auto is_named = [&](const fs::path& path) {
        return path == file && path != platform::default_paths().config_file;
    };
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& path : *paths) {
        auto content = platform::read_private_file(path, kMaxFileBytes, platform::Privacy::trusted);
        if (content)
            files.emplace_back(utf8_text(path), std::move(*content));
        else if (content.error().code != Code::record_unknown || is_named(path))
            return fail(Code::config_invalid, content.error().detail);
    }
    return parse_config(files);
}

}  // namespace latchkey::daemon
