#include "agent/daemon/settings.h"

#include <algorithm>
#include <charconv>

#include "base/path_text.h"

namespace latchkey::daemon {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

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
        return is_alphanumeric(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
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

bool is_proxy(std::string_view text) {
    return text == "system" || text == "none" || is_origin(text, "http://");
}

bool is_country(std::string_view text) {
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() == 2 && std::all_of(text.begin(), text.end(), upper);
}

std::string must_be_one_of(const std::vector<std::string_view>& choices) {
    std::string all;
    for (const auto choice : choices)
        all += (all.empty() ? "\"" : ", \"") + std::string(choice) + "\"";
    return "must be one of " + all;
}

std::string wrong_with_text_of(const SettingRule& rule, const std::string& text) {
    const auto unless = [](bool good, std::string_view why) {
        return good ? std::string() : std::string(why);
    };
    switch (rule.shape) {
        case Shape::choice:
            return std::find(rule.choices.begin(), rule.choices.end(), text) == rule.choices.end()
                       ? must_be_one_of(rule.choices)
                       : std::string();
        case Shape::flag:
            return "must be true or false";
        case Shape::text:
            return {};
        case Shape::place:
            return unless(platform::is_absolute_place(utf8_path(text)), "must be an absolute path");
        case Shape::url:
            return unless(is_origin(text, "https://"), "must be https://HOST or https://HOST:PORT");
        case Shape::proxy:
            return unless(is_proxy(text), "must be \"system\", \"none\" or http://HOST:PORT");
        case Shape::country:
            return unless(is_country(text), "must be two capital letters, as in \"DE\"");
    }
    return {};
}

/// The enumerator of that name.
template <class T>
T named(std::string_view text, std::initializer_list<T> all) {
    for (const T one : all)
        if (name(one) == text) return one;
    return *all.begin();
}

void store_log_level(const Target& to, const GoodValue& value) {
    to.config.log_level = named(value.text, {LogLevel::error, LogLevel::warn, LogLevel::info,
                                             LogLevel::debug, LogLevel::trace});
}

void store_tpm(const Target& to, const GoodValue& value) {
    to.config.tpm = named(value.text, {TpmUse::off, TpmUse::evidence, TpmUse::proof});
}

template <std::string KeyServerConfig::*member>
void store_server(const Target& to, const GoodValue& value) {
    to.server->*member = value.text;
}

template <std::string Organization::*member>
void store_organization(const Target& to, const GoodValue& value) {
    to.config.organization.*member = value.text;
}

template <std::filesystem::path platform::Paths::*member>
SettingRule place_rule(std::string_view name) {
    return {name, Shape::place, {}, {}, member, [](const Target& to, const GoodValue& value) {
                to.config.paths.*member = utf8_path(value.text);
            }};
}

std::vector<SettingRule> rules() {
    using Server = KeyServerConfig;
    return {
        {"agent.role",
         Shape::choice,
         {"workstation", "lab"},
         "workstation",
         nullptr,
         [](const Target& to, const GoodValue& value) {
             to.config.role = value.text == "lab" ? core::Role::lab : core::Role::workstation;
         }},
        {"agent.ephemeral",
         Shape::choice,
         {"ask", "allow"},
         "ask",
         nullptr,
         [](const Target& to, const GoodValue& value) {
             to.config.allow_ephemeral = value.text == "allow";
         }},
        {"agent.log_level",
         Shape::choice,
         {name(LogLevel::error), name(LogLevel::warn), name(LogLevel::info), name(LogLevel::debug),
          name(LogLevel::trace)},
         name(LogLevel::info),
         nullptr,
         store_log_level},
        {"agent.tpm",
         Shape::choice,
         {name(TpmUse::off), name(TpmUse::evidence), name(TpmUse::proof)},
         name(TpmUse::evidence),
         nullptr,
         store_tpm},
        {"agent.tpm_counter",
         Shape::flag,
         {},
         "false",
         nullptr,
         [](const Target& to, const GoodValue& value) { to.config.tpm_counter = value.flag; }},
        {"keyserver.url", Shape::url, {}, "", nullptr, store_server<&Server::url>},
        {"keyserver.ca_file", Shape::place, {}, "", nullptr, store_server<&Server::ca_file>},
        {"keyserver.proxy", Shape::proxy, {}, "system", nullptr, store_server<&Server::proxy>},
        {"publisher.*.url", Shape::url, {}, "", nullptr, store_server<&Server::url>},
        {"publisher.*.ca_file", Shape::place, {}, "", nullptr, store_server<&Server::ca_file>},
        {"publisher.*.proxy", Shape::proxy, {}, "", nullptr, store_server<&Server::proxy>},
        {"organization.id", Shape::text, {}, "", nullptr, store_organization<&Organization::id>},
        {"organization.location",
         Shape::text,
         {},
         "",
         nullptr,
         store_organization<&Organization::location>},
        {"organization.country",
         Shape::country,
         {},
         "",
         nullptr,
         store_organization<&Organization::country>},
        {"activate.*.key_file",
         Shape::text,
         {},
         "",
         nullptr,
         [](const Target& to, const GoodValue& value) {
             to.activation->key_file = utf8_path(value.text);
         }},
        {"activate.*.consume",
         Shape::flag,
         {},
         "false",
         nullptr,
         [](const Target& to, const GoodValue& value) { to.activation->consume = value.flag; }},
        {"activate.*.when_counted",
         Shape::choice,
         {"proceed", "hold"},
         "hold",
         nullptr,
         [](const Target& to, const GoodValue& value) {
             to.activation->hold = value.text == "hold";
         }},
        place_rule<&platform::Paths::state_dir>("paths.state"),
        place_rule<&platform::Paths::anchor_dir>("paths.anchor"),
        place_rule<&platform::Paths::endpoint>("paths.socket"),
        place_rule<&platform::Paths::products_dir>("paths.products"),
        place_rule<&platform::Paths::inbox_dir>("paths.inbox"),
    };
}

}  // namespace

const std::vector<SettingRule>& setting_rules() {
    static const std::vector<SettingRule> all = rules();
    return all;
}

const SettingRule* rule_of(const std::vector<std::string>& path) {
    std::string name;
    if (path.size() == 2) name = path[0] + "." + path[1];
    if (path.size() == 3) name = path[0] + ".*." + path[2];
    for (const auto& rule : setting_rules())
        if (rule.name == name && rule.of_many() == (path.size() == 3)) return &rule;
    return nullptr;
}

std::string wrong_with_text(std::string_view text) {
    if (text.empty() || text.size() > kMaxText)
        return "must have between 1 and " + std::to_string(kMaxText) + " characters";
    if (std::any_of(text.begin(), text.end(), is_control)) return "holds a control character";
    if (looks_like_a_key(text))
        return "holds a product key, which everybody on this machine could read here; "
               "put the key into a file, and the file's name into key_file";
    return {};
}

bool looks_like_a_key(std::string_view text) {
    constexpr std::size_t kGroup = 5;
    constexpr std::size_t kLength = 5 * kGroup + 4;
    if (text.size() != kLength) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between = i % (kGroup + 1) == kGroup;
        if (between ? text[i] != '-' && text[i] != ' ' : !is_alphanumeric(text[i])) return false;
    }
    return true;
}

std::string wrong_with(const SettingRule& rule, const SettingValue& value) {
    if (rule.shape == Shape::flag)
        return std::holds_alternative<bool>(value) ? std::string() : "must be true or false";
    const auto* text = std::get_if<std::string>(&value);
    if (!text) return "must be a text in quotation marks";
    auto why = wrong_with_text(*text);
    return why.empty() ? wrong_with_text_of(rule, *text) : why;
}

void store(const SettingRule& rule, const SettingValue& value, const Target& target) {
    GoodValue good;
    if (const auto* text = std::get_if<std::string>(&value)) good.text = *text;
    if (const auto* flag = std::get_if<bool>(&value)) good.flag = *flag;
    rule.store(target, good);
}

}  // namespace latchkey::daemon
