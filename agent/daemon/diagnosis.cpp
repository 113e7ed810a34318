#include "agent/daemon/diagnosis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "agent/daemon/toml_document.h"

namespace latchkey::daemon {
namespace {

namespace bj = json::bj;
using net::Reached;

constexpr std::string_view kNoProduct = "no product is configured here";
constexpr std::uintmax_t kScarceBytes = 16 * 1024 * 1024;
/// As far as a calendar may be off before somebody should look at it.
constexpr Duration kClockDifference = minutes{5};

Item failed(std::string id, const Problem& problem) {
    std::string text(problem.title());
    if (!problem.detail.empty()) text += " (" + problem.detail + ")";
    return {std::move(id), Finding::failed, std::move(text), std::string(problem.remedy_text())};
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string server_text(const Contact& contact) {
    std::string text = contact.whose + ": " + contact.way.server.text();
    if (contact.way.proxy) text += " through the proxy " + contact.way.proxy->text();
    return text;
}

std::string name_text(const net::Way& way) {
    const net::HostPort& first = way.proxy ? *way.proxy : way.server;
    return first.host + " is " + joined(way.addresses);
}

std::string route_text(const net::Way& way) {
    if (way.proxy) return "the proxy at " + way.peer + " opens the way to " + way.server.text();
    return "connected to " + way.peer + " port " + way.server.port;
}

/// In the unit in which it can be grasped.
std::string difference_words(std::int64_t seconds) {
    constexpr std::int64_t kHour = 3600;
    constexpr std::int64_t kDay = 24 * kHour;
    if (seconds >= 2 * kDay) return std::to_string(seconds / kDay) + " days";
    if (seconds >= 2 * kHour) return std::to_string(seconds / kHour) + " h";
    return std::to_string(seconds) + " s";
}

std::string clock_words(Duration ahead) {
    const auto seconds = std::abs(ahead.count()) / 1000;
    if (seconds == 0) return "the clock here agrees with the key server's signed time";
    return "the clock here is " + difference_words(seconds) + " " +
           (ahead.count() > 0 ? "ahead of" : "behind") + " the key server's signed time";
}

Item clock_item(Duration ahead) {
    const bool far = std::abs(ahead.count()) > kClockDifference.count();
    return {"clock_difference", far ? Finding::warning : Finding::ok, clock_words(ahead),
            far ? std::string(info(Code::clock_behind).remedy) : ""};
}

Finding of(localapi::Severity severity) {
    switch (severity) {
        case localapi::Severity::info:
            return Finding::note;
        case localapi::Severity::warning:
            return Finding::warning;
        case localapi::Severity::critical:
            return Finding::failed;
    }
    return Finding::failed;
}

/// Health's entries that belong under one heading.
struct Heading {
    std::string_view id;
    std::vector<Code> codes;
    std::string all_is_well;
};

std::vector<Item> under(const Heading& heading, const std::vector<localapi::HealthItem>& health) {
    std::vector<Item> items;
    for (const auto& entry : health) {
        const auto code = code_from_name(entry.id);
        if (!code ||
            std::find(heading.codes.begin(), heading.codes.end(), *code) == heading.codes.end())
            continue;
        items.push_back({std::string(heading.id), of(entry.severity), entry.text, entry.remedy});
    }
    if (items.empty()) items.push_back({std::string(heading.id), Finding::ok, heading.all_is_well});
    return items;
}

std::string products_text(const localapi::StatusView& view) {
    if (view.products.empty()) return std::string(kNoProduct);
    std::vector<std::string> names;
    for (const auto& product : view.products) names.push_back(product.state.product);
    return std::to_string(names.size()) + (names.size() == 1 ? " product: " : " products: ") +
           joined(names);
}

std::string configuration_text(const localapi::StatusView& view, const std::string& config_file) {
    const auto managed =
        std::count_if(view.settings.begin(), view.settings.end(),
                      [](const auto& setting) { return setting.from == "policy"; });
    if (managed == 0) return config_file + " is in force";
    return config_file + " is in force, and above it " + std::to_string(managed) +
           (managed == 1 ? " setting by policy" : " settings by policy");
}

std::vector<Heading> headings(const localapi::StatusView& view, const std::string& config_file) {
    return {
        {"configuration", {Code::config_invalid}, configuration_text(view, config_file)},
        {"products", {Code::manifest_invalid}, products_text(view)},
        {"state",
         {Code::state_corrupt, Code::state_newer, Code::state_locked, Code::state_foreign,
          Code::storage_failed, Code::generalized},
         "the state and its second copy are sound"},
        {"clock",
         {Code::clock_behind, Code::clock_ahead},
         view.clock == core::ClockHealth::unproven
             ? "no key server has signed a time since this machine was started; the calendar is "
               "believed until then"
             : "agrees with the time that was proven"},
        {"hardware",
         {Code::evidence_insufficient, Code::hardware_unreadable, Code::ephemeral_machine},
         "the evidence of this machine is " + view.evidence},
    };
}

/// Takes the remedy of the health's entry, which it stands for.
Item tpm_item(const localapi::StatusView& view, std::vector<localapi::HealthItem>& rest) {
    if (!view.tpm_reason.empty()) {
        Item item{"tpm", Finding::note, "there is one, and it cannot be read: " + view.tpm_reason};
        std::erase_if(rest, [&](const auto& entry) {
            const bool same = entry.text.ends_with(view.tpm_reason);
            if (same) item.remedy = entry.remedy;
            return same;
        });
        return item;
    }
    if (view.anchor == "tpm2") return {"tpm", Finding::ok, "a TPM 2.0 is part of the evidence"};
    if (view.tpm_evidence == "off")
        return {"tpm", Finding::note, "not used: the configuration says tpm = \"off\""};
    return {"tpm", Finding::note, "this machine shows no TPM 2.0; none is needed"};
}

/// Only where one is wanted.
std::optional<Item> tpm_counter_item(const localapi::StatusView& view) {
    if (!view.tpm_counter) return std::nullopt;
    if (view.tpm_counter->outcome == "kept")
        return Item{"tpm_counter", Finding::ok, "the TPM counts this machine's graces"};
    return Item{"tpm_counter", Finding::warning, "unavailable: " + view.tpm_counter->text,
                "Mend the TPM, or take tpm_counter out of the configuration; nothing else is "
                "different without it."};
}

}  // namespace

std::string_view name(Finding finding) {
    switch (finding) {
        case Finding::ok:
            return "ok";
        case Finding::note:
            return "note";
        case Finding::warning:
            return "warning";
        case Finding::failed:
            return "failed";
        case Finding::skipped:
            return "skipped";
    }
    return "";
}

std::vector<Item> judge(const Contact& contact) {
    const net::Way& way = contact.way;
    struct Step {
        std::string_view id;
        Reached needs;  ///< it is well once this is reached
        std::string text;
    };
    const std::array steps{
        Step{"key_server", Reached::address, server_text(contact)},
        Step{"dns", Reached::name, name_text(way)},
        Step{"route", Reached::host, route_text(way)},
        Step{"tls", Reached::secured, way.tls + ", certificate issued by " + way.issuer},
    };
    std::vector<Item> items;
    bool broken = false;
    for (const auto& step : steps) {
        const std::string id(step.id);
        if (way.reached >= step.needs)
            items.push_back({id, Finding::ok, step.text});
        else if (!broken && contact.problem)
            items.push_back(failed(id, *contact.problem));
        else
            items.push_back({id, Finding::skipped, "not tried"});
        broken = way.reached < step.needs;
    }
    if (broken)
        items.push_back({"answer", Finding::skipped, "not tried"});
    else if (contact.problem)
        items.push_back(failed("answer", *contact.problem));
    else
        items.push_back({"answer", Finding::ok, "signed by the keys of " + contact.whose});
    if (contact.clock_ahead) items.push_back(clock_item(*contact.clock_ahead));
    return items;
}

std::vector<Item> judge(const std::vector<Place>& places) {
    std::vector<Item> items;
    std::vector<std::string> sound;
    std::optional<std::uintmax_t> least;
    for (const auto& place : places) {
        if (place.problem)
            items.push_back({"permissions", Finding::failed,
                             place.what + ": " + place.problem->detail,
                             std::string(place.problem->remedy_text())});
        else
            sound.push_back(place.what);
        if (place.free_bytes)
            least = std::min(least.value_or(*place.free_bytes), *place.free_bytes);
    }
    if (items.empty())
        items.push_back(
            {"permissions", Finding::ok, joined(sound) + ": in place, and nobody else may write"});
    if (least) {
        const bool scarce = *least < kScarceBytes;
        items.push_back({"disk_space", scarce ? Finding::warning : Finding::ok,
                         std::to_string(*least / (1024 * 1024)) + " MiB are free for the state",
                         scarce ? "Make room: nothing can be activated on a full disk." : ""});
    }
    return items;
}

std::vector<Item> judge_system(const std::vector<std::string>& missing) {
    if (missing.empty()) return {};
    return {{"system", Finding::failed, "this system has not got " + joined(missing),
             "The agent was made for another release of the system: install one that is made for "
             "this release, or the system's updates."}};
}

std::vector<Item> judge(const localapi::StatusView& view, const std::string& config_file) {
    std::vector<Item> items;
    std::vector<localapi::HealthItem> rest = view.health;
    const auto tpm = tpm_item(view, rest);
    const auto health = rest;
    for (const auto& heading : headings(view, config_file)) {
        const auto found = under(heading, health);
        items.insert(items.end(), found.begin(), found.end());
        std::erase_if(rest, [&](const auto& entry) {
            const auto code = code_from_name(entry.id);
            return code && std::find(heading.codes.begin(), heading.codes.end(), *code) !=
                               heading.codes.end();
        });
    }
    // Nothing is wrong, and there is nothing to activate either.
    for (auto& item : items)
        if (item.id == "products" && item.finding == Finding::ok && view.products.empty()) {
            item.finding = Finding::note;
            item.remedy = "A product comes with its manifest, a file in products.d.";
        }
    items.push_back(tpm);
    if (const auto counter = tpm_counter_item(view)) items.push_back(*counter);
    for (const auto& entry : rest)
        items.push_back({entry.id, of(entry.severity), entry.text, entry.remedy});
    return items;
}

std::vector<Item> judge_publishers(const Config& config, const std::set<std::string>& installed) {
    const std::string known =
        installed.empty()
            ? "no manifest is installed"
            : "no manifest of that publisher is installed, only of " +
                  joined(std::vector<std::string>(installed.begin(), installed.end()));
    std::vector<Item> items;
    for (const auto& [publisher, server] : config.publishers) {
        if (installed.contains(publisher)) continue;
        const std::string section = dotted({"publisher", publisher});
        const auto first = std::find_if(
            config.settings.begin(), config.settings.end(),
            [&](const Setting& setting) { return setting.name.starts_with(section + "."); });
        const std::string where = first == config.settings.end() ? "" : " (" + first->source + ")";
        items.push_back({"configuration", Finding::note,
                         "[" + section + "]" + where + " has no effect: " + known,
                         "Correct the publisher's name there; where its product is still to come, "
                         "there is nothing to do."});
    }
    return items;
}

Finding overall(const std::vector<Item>& items) {
    Finding worst = Finding::ok;
    for (const auto& item : items) {
        if (item.finding == Finding::failed) return Finding::failed;
        if (item.finding == Finding::warning) worst = Finding::warning;
    }
    return worst;
}

bj::value to_json(const std::vector<Item>& items) {
    bj::array list;
    for (const auto& item : items)
        list.push_back(bj::object(
            {{"id", item.id},
             {"finding", name(item.finding)},
             {"text", item.text},
             {"remedy", item.remedy.empty() ? bj::value(nullptr) : bj::value(item.remedy)}}));
    return bj::object({{"schema_version", localapi::kSchemaVersion},
                       {"overall", name(overall(items))},
                       {"items", std::move(list)}});
}

}  // namespace latchkey::daemon
