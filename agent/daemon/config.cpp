#include "agent/daemon/config.h"

#include <algorithm>
#include <array>

#include "agent/daemon/managed.h"
#include "agent/daemon/settings.h"
#include "agent/daemon/toml_document.h"
#include "base/path_text.h"
#include "base/setting_text.h"
#include "platform/secure_file.h"

namespace latchkey::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 256 * 1024;
constexpr std::size_t kMaxFiles = 64;

/// The entry being read, and where refusals say it is.
struct Reading {
    const TomlEntry& entry;
    const std::string& origin;

    std::string source() const { return origin + ":" + std::to_string(entry.line); }
    Failure refuse(const std::string& why) const {
        return fail(Code::config_invalid, source() + ": " + entry.dotted() + ": " + why);
    }
};

/// An [[activate]] while its keys arrive one by one.
struct Draft {
    UnattendedActivation activation;
    std::size_t line = 0;  ///< the first of it
};

std::string spelling(const SettingValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    return {};
}

/// {"activate", PRODUCT, "consume"}, as it is shown.
std::string activation_setting(const std::string& product, std::string_view key) {
    return "activate.\"" + product + "\"." + std::string(key);
}

std::string shown_name(const std::vector<std::string>& path) {
    return path.front() == "activate" ? activation_setting(path[1], path[2]) : dotted(path);
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

    /// After every file: each value by itself replaces what a file says, an [[activate]]'s too.
    Result<void> policy(const std::vector<platform::PolicyValue>& values) {
        auto managed = managed_settings(values);
        if (!managed) return fail(std::move(managed.error()));
        config_.unknown_policy = std::move(managed->unknown);
        for (const auto& setting : managed->settings) {
            store(*setting.rule, setting.value, target_of(setting.path));
            found_[shown_name(setting.path)] = {spelling(setting.value), setting.source,
                                                SetBy::policy};
        }
        for (const auto& setting : managed->settings)
            if (auto whole = check_activation(setting); !whole) return whole;
        return {};
    }

    Config finish() {
        if (!found_.contains("paths.inbox") && found_.contains("paths.state"))
            config_.paths.inbox_dir = config_.paths.state_dir / "inbox";
        for (auto& wanted : config_.activations) {
            wanted.key_file = (config_.paths.inbox_dir / wanted.key_file).lexically_normal();
            found_[activation_setting(wanted.product, "key_file")].value =
                utf8_text(wanted.key_file);
        }
        defaults();
        for (const auto& [setting, found] : found_)
            config_.settings.push_back({setting, found.value, found.source, found.by});
        return std::move(config_);
    }

private:
    struct Found {
        std::string value;
        std::string source;
        SetBy by;
    };

    Result<void> one(const Reading& in, std::map<std::size_t, Draft>& drafts) {
        const auto& path = in.entry.path;
        if (in.entry.element > 0 && path.size() == 2 && path[0] == "activate") {
            auto& draft = drafts[in.entry.element];
            draft.line = draft.line == 0 ? in.entry.line : std::min(draft.line, in.entry.line);
            return activation(draft, path[1], in);
        }
        // Only an [[activate]] is one of many by its place, and only there.
        if (in.entry.element > 0 || path[0] == "activate") return in.refuse("unknown key");
        if (path.size() == 1 && is_section(path[0]) &&
            std::holds_alternative<OtherKind>(in.entry.value))
            return {};  // an empty section
        const auto* rule = rule_of(path);
        if (!rule) return in.refuse("unknown key");
        if (const auto why = wrong_with(*rule, in.entry.value); !why.empty()) return in.refuse(why);
        store(*rule, in.entry.value, target_of(path));
        found_[in.entry.dotted()] = {spelling(in.entry.value), in.source(), SetBy::file};
        return {};
    }

    Result<void> activation(Draft& draft, const std::string& key, const Reading& in) {
        if (key == "product") {
            const auto* product = std::get_if<std::string>(&in.entry.value);
            if (!product) return in.refuse("must be a text in quotation marks");
            if (const auto why = setting_text::wrong_with(*product); !why.empty())
                return in.refuse(why);
            draft.activation.product = *product;
            return {};
        }
        const auto* rule = rule_of({"activate", "", key});
        if (!rule) return in.refuse("unknown key");
        if (const auto why = wrong_with(*rule, in.entry.value); !why.empty()) return in.refuse(why);
        store(*rule, in.entry.value, {config_, nullptr, &draft.activation});
        return {};
    }

    static bool is_section(const std::string& name) {
        constexpr std::array<std::string_view, 4> kSections{"agent", "keyserver", "organization",
                                                            "paths"};
        return std::find(kSections.begin(), kSections.end(), name) != kSections.end();
    }

    /// Makes the publisher or activation that is not there yet.
    Target target_of(const std::vector<std::string>& path) {
        if (path[0] == "keyserver") return {config_, &config_.keyserver, nullptr};
        if (path[0] == "publisher") return {config_, &config_.publishers[path[1]], nullptr};
        if (path[0] != "activate") return {config_, nullptr, nullptr};
        auto* known = activation_of(path[1]);
        if (known == nullptr) {
            UnattendedActivation fresh;
            fresh.product = path[1];
            known = &config_.activations.emplace_back(std::move(fresh));
            note(*known, "default", SetBy::initial);
        }
        return {config_, nullptr, known};
    }

    UnattendedActivation* activation_of(const std::string& product) {
        auto& all = config_.activations;
        const auto same = std::find_if(all.begin(), all.end(),
                                       [&](const auto& other) { return other.product == product; });
        return same == all.end() ? nullptr : &*same;
    }

    /// A later [[activate]] of the same product replaces the earlier one.
    Result<void> keep(const std::map<std::size_t, Draft>& drafts, const std::string& origin) {
        for (const auto& [number, draft] : drafts) {
            const std::string source = origin + ":" + std::to_string(draft.line);
            const auto& wanted = draft.activation;
            if (wanted.product.empty() || wanted.key_file.empty())
                return fail(Code::config_invalid,
                            source + ": activate: product and key_file are both needed");
            if (auto* same = activation_of(wanted.product))
                *same = wanted;
            else
                config_.activations.push_back(wanted);
            if (config_.activations.size() > kMaxActivations)
                return fail(Code::config_invalid, source + ": activate: too many of them");
            note(wanted, source, SetBy::file);
        }
        return {};
    }

    Result<void> check_activation(const ManagedSetting& setting) {
        if (setting.path[0] != "activate") return {};
        const auto* wanted = activation_of(setting.path[1]);
        if (wanted == nullptr || wanted->key_file.empty())
            return refuse_policy(setting.source,
                                 "neither the policy nor a file names this product's key_file");
        if (config_.activations.size() > kMaxActivations)
            return refuse_policy(setting.source, "there are more than " +
                                                     std::to_string(kMaxActivations) + " of them");
        return {};
    }

    void note(const UnattendedActivation& wanted, const std::string& source, SetBy by) {
        const auto set = [&](std::string_view key, std::string value) {
            found_[activation_setting(wanted.product, key)] = {std::move(value), source, by};
        };
        set("key_file", utf8_text(wanted.key_file));
        set("consume", wanted.consume ? "true" : "false");
        set("when_counted", wanted.hold ? "hold" : "proceed");
    }

    void defaults() {
        for (const auto& rule : setting_rules()) {
            if (rule.of_many()) continue;
            const std::string value = rule.place == nullptr ? std::string(rule.initial)
                                                            : utf8_text(config_.paths.*rule.place);
            found_.try_emplace(std::string(rule.name), Found{value, "default", SetBy::initial});
        }
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

std::string_view name(SetBy by) {
    switch (by) {
        case SetBy::initial:
            return "default";
        case SetBy::file:
            return "file";
        case SetBy::policy:
            return "policy";
    }
    return "default";
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

Result<Config> parse_config(const std::vector<std::pair<std::string, std::string>>& files,
                            const std::vector<platform::PolicyValue>& policy) {
    Reader reader;
    for (const auto& [origin, content] : files)
        if (auto read = reader.file(origin, content); !read) return fail(std::move(read.error()));
    if (auto read = reader.policy(policy); !read) return fail(std::move(read.error()));
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
    auto policy = platform::read_policy();
    if (!policy) return fail(std::move(policy.error()));
    return parse_config(files, *policy);
}

}  // namespace latchkey::daemon
