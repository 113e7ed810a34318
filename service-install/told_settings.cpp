#include "service-install/told_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/setting_text.h"

namespace latchkey::service_install {
namespace {

constexpr std::size_t kMaxText = setting_text::kMaxBytes;
constexpr std::size_t kMaxPath = setting_text::kMaxBytes;
constexpr std::size_t kMaxId = 64;

constexpr std::array kProperties = {
    ToldProperty{"KEYSERVER_URL", &Told::keyserver_url, kMaxPath},
    ToldProperty{"CA_FILE", &Told::ca_file, kMaxPath},
    ToldProperty{"MANIFEST_FILE", &Told::manifest_file, kMaxPath},
    ToldProperty{"PRODUCT", &Told::product, kMaxId},
    ToldProperty{"KEY_FILE", &Told::key_file, kMaxPath},
    ToldProperty{"WHEN_COUNTED", &Told::when_counted, kMaxId},
    ToldProperty{"ROLE", &Told::role, kMaxId},
    ToldProperty{"PROXY", &Told::proxy, kMaxPath},
    ToldProperty{"ORGANIZATION", &Told::organization, kMaxText},
    ToldProperty{"LOCATION", &Told::location, kMaxText},
    ToldProperty{"COUNTRY", &Told::country, kMaxId},
};

Failure wrong(std::string_view property, const std::string& what, std::string remedy) {
    return Failure{
        Problem{Code::config_invalid, std::string(property) + " " + what, std::move(remedy)}};
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<void> check_text(const ToldProperty& property, const std::string& value) {
    if (value.size() > property.most)
        return wrong(property.name,
                     "has " + std::to_string(value.size()) + " bytes; at most " +
                         std::to_string(property.most) + " are taken",
                     "Pass a shorter value.");
    if (std::any_of(value.begin(), value.end(), is_control))
        return wrong(property.name, "holds a line break or another control character",
                     "Pass the value on one line.");
    return {};
}

Result<void> check_choice(std::string_view name, const std::string& value,
                          std::initializer_list<std::string_view> choices) {
    if (value.empty() || std::find(choices.begin(), choices.end(), value) != choices.end())
        return {};
    std::string all;
    for (const auto choice : choices) all += (all.empty() ? "" : ", ") + std::string(choice);
    return wrong(name, "is none of " + all, "Pass one of them, in small letters.");
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// As manifests spell them: [a-z0-9][a-z0-9._-]*.
bool is_product_id(const std::string& value) {
    return !value.empty() && is_letter_or_digit(value.front()) &&
           std::all_of(value.begin(), value.end(), [](char c) {
               return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
           });
}

/// The value itself is not shown: it may hold a password.
Result<void> check_forms(const Told& told) {
    if (!told.keyserver_url.empty() && !setting_text::is_key_server(told.keyserver_url))
        return wrong("KEYSERVER_URL", std::string(setting_text::kKeyServerForm),
                     "Pass it without path, query and user, and with https.");
    if (!told.proxy.empty() && !setting_text::is_proxy(told.proxy))
        return wrong("PROXY", std::string(setting_text::kProxyForm),
                     "Pass one of them, without path and user.");
    if (!told.product.empty() && !is_product_id(told.product))
        return wrong("PRODUCT", "is no product id: small letters, digits, '-', '.', '_'",
                     "Pass the id that the product's manifest names.");
    if (!told.country.empty() && !setting_text::is_country(told.country))
        return wrong("COUNTRY", std::string(setting_text::kCountryForm), "Pass DE, CH, US, …");
    return {};
}

/// What means nothing without another one was meant otherwise.
Result<void> check_company(const Told& told) {
    const bool file = !told.key_file.empty() || !told.manifest_file.empty();
    if (told.product.empty() && file)
        return wrong("PRODUCT", "is missing: a KEY_FILE or MANIFEST_FILE belongs to a product",
                     "Pass PRODUCT as well.");
    if (!told.product.empty() && !file)
        return wrong("PRODUCT", "says nothing without a KEY_FILE or MANIFEST_FILE",
                     "Pass one of them as well, or leave PRODUCT out.");
    if (!told.when_counted.empty() && told.key_file.empty())
        return wrong("WHEN_COUNTED", "says nothing without a KEY_FILE: no activation is asked for",
                     "Pass KEY_FILE as well, or leave WHEN_COUNTED out.");
    return {};
}

Result<void> check(const Told& told) {
    for (const auto& property : kProperties) {
        const auto& value = told.*property.value;
        // Five words of five letters are a place, too; of ten thousand keys one has no digit.
        const bool is_text =
            property.value == &Told::organization || property.value == &Told::location;
        const bool words = is_text && value.find_first_of("0123456789") == std::string::npos;
        if ((looks_like_a_key(value) && !words) || setting_text::looks_like_a_key(value))
            return wrong(property.name, "holds a product key, which would end up in logs",
                         "Put the key into a file and pass that file's path as KEY_FILE.");
        if (auto fine = check_text(property, value); !fine) return fine;
    }
    if (auto fine = check_choice("ROLE", told.role, {"workstation", "lab"}); !fine) return fine;
    if (auto fine = check_choice("WHEN_COUNTED", told.when_counted, {"hold", "proceed"}); !fine)
        return fine;
    if (auto fine = check_forms(told); !fine) return fine;
    return check_company(told);
}

/// Nobody knows where an installer stands.
bool is_full_path(std::string_view value, char separator) {
    if (separator == '/') return value.starts_with('/');
    const bool drive = value.size() > 3 && value[1] == ':' && (value[2] == '\\' || value[2] == '/');
    return drive || value.starts_with("\\\\");
}

Result<void> check_paths(const Told& told, char separator) {
    for (const auto& property : kProperties) {
        const auto& value = told.*property.value;
        if (!property.name.ends_with("_FILE") || value.empty()) continue;
        if (!is_full_path(value, separator))
            return wrong(property.name, "is no full path", "Pass it from the drive on.");
    }
    return {};
}

std::string quoted(std::string_view value) {
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

/// Lines of one table, its heading before the first.
class Table {
public:
    explicit Table(std::string_view heading) : heading_(heading) {}
    void set(std::string_view key, std::string_view value) {
        if (!value.empty()) lines_ += std::string(key) + " = " + quoted(value) + "\n";
    }
    void set_true(std::string_view key) { lines_ += std::string(key) + " = true\n"; }
    std::string text() const {
        return lines_.empty() ? std::string{} : "\n" + std::string(heading_) + "\n" + lines_;
    }

private:
    std::string_view heading_;
    std::string lines_;
};

}  // namespace

std::string_view told_heading() {
    return "# Written by the installer. Settings of your own belong in another file here.";
}

std::span<const ToldProperty> told_properties() { return kProperties; }

bool looks_like_a_key(std::string_view value) {
    constexpr std::size_t kSymbols = 25;
    constexpr std::size_t kGroup = 5;
    std::string symbols;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const bool parts = c == '-' || c == ' ';
        if (parts && (symbols.empty() || symbols.size() % kGroup != 0)) return false;
        if (!parts) symbols += c;
    }
    return symbols.size() == kSymbols && std::all_of(symbols.begin(), symbols.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

Result<ToldFiles> files_of(const Told& told, const Places& places) {
    if (auto fine = check(told); !fine) return tl::unexpected(fine.error());
    if (auto fine = check_paths(told, places.separator); !fine) return tl::unexpected(fine.error());
    const std::string below = places.configuration + places.separator;
    const std::string separator(1, places.separator);
    ToldFiles files;
    files.path = below + "agent.d" + separator + "50-installer.toml";

    Table agent("[agent]");
    agent.set("role", told.role);
    Table server("[keyserver]");
    server.set("url", told.keyserver_url);
    if (!told.ca_file.empty()) {
        const std::string own = below + "keyserver-ca.pem";
        files.copies.push_back({"CA_FILE", told.ca_file, own});
        server.set("ca_file", own);
    }
    server.set("proxy", told.proxy);
    Table organization("[organization]");
    organization.set("id", told.organization);
    organization.set("location", told.location);
    organization.set("country", told.country);
    if (!told.manifest_file.empty())
        files.copies.push_back({"MANIFEST_FILE", told.manifest_file,
                                below + "products.d" + separator + told.product + ".jws"});
    Table activate("[[activate]]");
    if (!told.key_file.empty()) {
        const std::string name = told.product + ".key";
        files.copies.push_back({"KEY_FILE", told.key_file, places.inbox + separator + name, true});
        activate.set("product", told.product);
        activate.set("key_file", name);
        activate.set_true("consume");
        activate.set("when_counted", told.when_counted);
    }
    const std::string text = agent.text() + server.text() + organization.text() + activate.text();
    if (!text.empty()) files.text = std::string(told_heading()) + "\n" + text;
    return files;
}

}  // namespace latchkey::service_install
