#include "service-install/told_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace latchkey::service_install {
namespace {

constexpr std::size_t kMaxText = 1024;  // as the agent bounds the texts of its configuration
constexpr std::size_t kMaxPath = 1024;
constexpr std::size_t kMaxId = 64;

struct Property {
    std::string_view name;
    std::string Told::*value;
    std::size_t most;
};

constexpr std::array kProperties = {
    Property{"KEYSERVER_URL", &Told::keyserver_url, kMaxPath},
    Property{"CA_FILE", &Told::ca_file, kMaxPath},
    Property{"MANIFEST_FILE", &Told::manifest_file, kMaxPath},
    Property{"PRODUCT", &Told::product, kMaxId},
    Property{"KEY_FILE", &Told::key_file, kMaxPath},
    Property{"WHEN_COUNTED", &Told::when_counted, kMaxId},
    Property{"ROLE", &Told::role, kMaxId},
    Property{"PROXY", &Told::proxy, kMaxPath},
    Property{"ORGANIZATION", &Told::organization, kMaxText},
    Property{"LOCATION", &Told::location, kMaxText},
    Property{"COUNTRY", &Told::country, kMaxId},
};

Failure wrong(std::string_view property, const std::string& what, std::string remedy) {
    return Failure{
        Problem{Code::config_invalid, std::string(property) + " " + what, std::move(remedy)}};
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<void> check_text(const Property& property, const std::string& value) {
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

Result<void> check(const Told& told) {
    for (const auto& property : kProperties)
        if (auto fine = check_text(property, told.*property.value); !fine) return fine;
    if (auto fine = check_choice("ROLE", told.role, {"workstation", "lab"}); !fine) return fine;
    if (auto fine = check_choice("WHEN_COUNTED", told.when_counted, {"hold", "proceed"}); !fine)
        return fine;
    if (!told.keyserver_url.empty() && !told.keyserver_url.starts_with("https://"))
        return wrong("KEYSERVER_URL", "does not begin with https://",
                     "Pass https://HOST or https://HOST:PORT.");
    if (!told.product.empty() && !is_product_id(told.product))
        return wrong("PRODUCT", "is no product id: small letters, digits, '-', '.', '_'",
                     "Pass the id that the product's manifest names.");
    if (told.product.empty() && (!told.key_file.empty() || !told.manifest_file.empty()))
        return wrong("PRODUCT", "is missing: a KEY_FILE or MANIFEST_FILE belongs to a product",
                     "Pass PRODUCT as well.");
    const bool two_capitals =
        told.country.size() == 2 && std::all_of(told.country.begin(), told.country.end(),
                                                [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!told.country.empty() && !two_capitals)
        return wrong("COUNTRY", "is no country code of two capital letters", "Pass DE, CH, US, …");
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

Result<ToldFiles> files_of(const Told& told, const Places& places) {
    if (auto fine = check(told); !fine) return tl::unexpected(fine.error());
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
        files.copies.push_back({told.ca_file, own, false});
        server.set("ca_file", own);
    }
    server.set("proxy", told.proxy);
    Table organization("[organization]");
    organization.set("id", told.organization);
    organization.set("location", told.location);
    organization.set("country", told.country);
    if (!told.manifest_file.empty())
        files.copies.push_back(
            {told.manifest_file, below + "products.d" + separator + told.product + ".jws", false});
    Table activate("[[activate]]");
    if (!told.key_file.empty()) {
        const std::string name = told.product + ".key";
        files.copies.push_back({told.key_file, places.inbox + separator + name, true});
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
