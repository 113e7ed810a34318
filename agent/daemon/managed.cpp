#include "agent/daemon/managed.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/printable.h"
#include "base/setting_text.h"

namespace latchkey::daemon {
namespace {

using platform::PolicyData;
using platform::PolicyValue;

/// Longer texts, and those that may hold a secret, are described.
constexpr std::size_t kMaxShown = 64;
constexpr std::size_t kMostPlaces = 4;

constexpr std::string_view kMustBeText = "must be a text (REG_SZ, <string>)";
constexpr std::string_view kMustBeFlag =
    "must be 1 or 0 (REG_DWORD), <true/> or <false/>, or the text \"true\" or \"false\" (REG_SZ, "
    "<string>)";

/// Names are those of agent.toml, in any case: the registry makes no difference either.
std::string folded(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

/// As in agent.toml, where the id comes before the key.
std::vector<std::string> settings_path(std::vector<std::string> path) {
    if (path.size() == 2) return {folded(path[0]), folded(path[1])};
    if (path.size() == 3) return {folded(path[0]), std::move(path[2]), folded(path[1])};
    return {};
}

std::string text_words(const std::string& text) {
    if (text.empty()) return "an empty text";
    // user:password@ of a proxy, and keys.
    if (text.size() > kMaxShown || setting_text::looks_like_a_key(text) ||
        text.find('@') != std::string::npos)
        return "a text of " + std::to_string(text.size()) + " bytes";
    return "\"" + printable(text) + "\"";
}

std::string found_words(const PolicyData& data) {
    if (const auto* text = std::get_if<std::string>(&data)) return text_words(*text);
    if (const auto* number = std::get_if<std::uint32_t>(&data))
        return "the number " + std::to_string(*number) + " (REG_DWORD, <integer>)";
    if (const auto* list = std::get_if<std::vector<std::string>>(&data))
        return "a list of " + std::to_string(list->size()) + " (REG_MULTI_SZ, <array>)";
    return std::get<platform::OtherData>(data).what;
}

std::optional<bool> flag_of(const PolicyData& data) {
    if (data == PolicyData(std::uint32_t{1}) || data == PolicyData(std::string("true")))
        return true;
    if (data == PolicyData(std::uint32_t{0}) || data == PolicyData(std::string("false")))
        return false;
    return std::nullopt;
}

/// The value, or why it cannot be one.
tl::expected<SettingValue, std::string> typed(const SettingRule& rule, const PolicyData& data) {
    if (rule.shape == Shape::flag) {
        const auto flag = flag_of(data);
        if (!flag) return tl::unexpected(std::string(kMustBeFlag));
        return SettingValue(*flag);
    }
    const auto* text = std::get_if<std::string>(&data);
    if (!text) return tl::unexpected(std::string(kMustBeText));
    SettingValue value(*text);
    if (auto why = wrong_with(rule, value); !why.empty()) return tl::unexpected(std::move(why));
    return value;
}

bool holds_a_key(const PolicyData& data) {
    if (const auto* text = std::get_if<std::string>(&data))
        return setting_text::looks_like_a_key(*text);
    const auto* list = std::get_if<std::vector<std::string>>(&data);
    return list && std::any_of(list->begin(), list->end(), [](const auto& text) {
               return setting_text::looks_like_a_key(text);
           });
}

bool names_a_key(const std::string& step) {
    constexpr std::array<std::string_view, 5> kNames{"key", "product_key", "productkey",
                                                     "license_key", "licensekey"};
    return setting_text::looks_like_a_key(step) ||
           std::find(kNames.begin(), kNames.end(), folded(step)) != kNames.end();
}

/// `activate\suite : key_file`, as one would write it who has not read the page.
bool is_turned_round(const std::vector<std::string>& path) {
    return path.size() == 3 && rule_of({folded(path[0]), path[1], folded(path[2])}) != nullptr;
}

/// Where it stands; a key that somebody made a name of is shown nowhere.
std::string place_of(const PolicyValue& value) {
    std::string place = value.origin;
    for (const auto& step : value.path)
        if (const auto at = place.find(step);
            setting_text::looks_like_a_key(step) && at != std::string::npos)
            place.replace(at, step.size(), "(a product key)");
    return place;
}

Failure refuse_key(const std::string& source) {
    auto refused = refuse_policy(source, "a product key is no policy");
    refused.value().remedy =
        "Remove the value: everybody on this machine can read it. Put the key into a file that "
        "only administrators can read, and name the file in activate\\key_file.";
    return refused;
}

/// The place, and for a mistake that can be told from a newer version's name how it is written.
std::string unknown_at(const PolicyValue& value) {
    std::string place = place_of(value);
    if (is_turned_round(value.path))
        place += " (it is " + value.path[0] + "\\" + value.path[2] + " : " + value.path[1] + ")";
    return place;
}

Result<ManagedSetting> setting_of(const SettingRule& rule, std::vector<std::string> path,
                                  const PolicyValue& value) {
    std::string source = "policy " + place_of(value);
    if (rule.of_many())
        if (const auto why = setting_text::wrong_with(path[1]); !why.empty())
            return refuse_policy(source, "the name " + why);
    auto good = typed(rule, value.data);
    if (!good) return refuse_policy(source, good.error() + "; found " + found_words(value.data));
    return ManagedSetting{&rule, std::move(path), std::move(*good), std::move(source)};
}

}  // namespace

Failure refuse_policy(const std::string& source, const std::string& why) {
    return fail(Problem{Code::config_invalid, printable(source + ": " + why),
                        "Correct the value where the policy is managed, and let it be applied. "
                        "Then start the agent again or, where it runs, 'latchkey reload'."});
}

Result<Managed> managed_settings(const std::vector<PolicyValue>& values) {
    Managed managed;
    for (const auto& value : values) {
        auto path = settings_path(value.path);
        if (const auto* rule = rule_of(path)) {
            auto setting = setting_of(*rule, std::move(path), value);
            if (!setting) return fail(std::move(setting.error()));
            managed.settings.push_back(std::move(*setting));
            continue;
        }
        if (holds_a_key(value.data) ||
            std::any_of(value.path.begin(), value.path.end(), names_a_key))
            return refuse_key("policy " + place_of(value));
        managed.unknown.push_back(unknown_at(value));
    }
    return managed;
}

std::string words_of_unknown(const std::vector<std::string>& places) {
    std::string words = "This version does not know what the policy sets at ";
    for (std::size_t i = 0; i < places.size() && i < kMostPlaces; ++i)
        words += (i == 0 ? "" : "; ") + printable(places[i]);
    if (places.size() > kMostPlaces)
        words += "; and at " + std::to_string(places.size() - kMostPlaces) + " more";
    return words + ": it is passed over.";
}

}  // namespace latchkey::daemon
