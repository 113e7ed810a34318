#include "agent/daemon/settings.h"

#include <algorithm>

#include "base/path_text.h"
#include "base/setting_text.h"

namespace latchkey::daemon {
namespace {

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
            return unless(setting_text::is_key_server(text), setting_text::kKeyServerForm);
        case Shape::proxy:
            return unless(setting_text::is_proxy(text), setting_text::kProxyForm);
        case Shape::country:
            return unless(setting_text::is_country(text), setting_text::kCountryForm);
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

std::string wrong_with(const SettingRule& rule, const SettingValue& value) {
    if (rule.shape == Shape::flag)
        return std::holds_alternative<bool>(value) ? std::string() : "must be true or false";
    const auto* text = std::get_if<std::string>(&value);
    if (!text) return "must be a text in quotation marks";
    auto why = setting_text::wrong_with(*text);
    return why.empty() ? wrong_with_text_of(rule, *text) : why;
}

void store(const SettingRule& rule, const SettingValue& value, const Target& target) {
    GoodValue good;
    if (const auto* text = std::get_if<std::string>(&value)) good.text = *text;
    if (const auto* flag = std::get_if<bool>(&value)) good.flag = *flag;
    rule.store(target, good);
}

}  // namespace latchkey::daemon
