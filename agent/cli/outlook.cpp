#include "agent/cli/outlook.h"

#include <algorithm>
#include <array>

#include "agent/cli/words.h"
#include "base/printable.h"
#include "base/problem.h"

namespace latchkey::cli {
namespace {

constexpr double kSecondsADay = 86400;
constexpr Duration kLeaseWarning = Days{20};
constexpr std::array kHolds{Code::would_count, Code::evidence_insufficient,
                            Code::ephemeral_machine};
constexpr Duration kLabComfort = Days{7};

std::optional<Duration> seconds_of(View number) {
    const auto value = number.number();
    return value ? std::optional<Duration>(seconds{*value}) : std::nullopt;
}

double in_days(Duration duration) {
    return std::chrono::duration<double>(duration).count() / kSecondsADay;
}

bool runs(View grace) { return grace["remaining_s"].number().value_or(0) > 0; }

/// As the agent judges for "overall" (agent/localapi/contract.cpp), for agents that do not say.
Level own_judgement(View status, View product, WallTime now) {
    const auto state = product["state"].text();
    if (state == "not_required") return Level::ok;
    if (state == "licensed") {
        const auto days = lease_days(product, now);
        return days && *days <= in_days(kLeaseWarning) ? Level::warning : Level::ok;
    }
    const View grace = product["grace"];
    if (state == "initial_grace" || state == "extended_grace") {
        // A lab machine lives in its grace; only its last days without a rearm are worth a warning.
        const bool lab = status["agent"]["role"].text() == "lab";
        const bool rearms = grace["rearms_left"].number().value_or(0) > 0;
        const bool roomy = seconds_of(grace["remaining_s"]).value_or(Duration{0}) > kLabComfort;
        return lab && (rearms || roomy) ? Level::ok : Level::warning;
    }
    if (state == "unlicensed" || is_grace(state)) return Level::warning;
    return Level::critical;
}

std::optional<TimeLeft> grace_left(View grace) {
    const auto left = seconds_of(grace["remaining_s"]);
    if (!left) return std::nullopt;
    return TimeLeft{std::max(*left, Duration{0}), seconds_of(grace["length_s"]),
                    grace["waits_for_first_use"].truth()};
}

std::optional<TimeLeft> lease_left(View license, WallTime now) {
    const auto expires = time_of(license["expires_at"]);
    if (!expires) return std::nullopt;
    TimeLeft time{std::max<Duration>(*expires - now, Duration{0}), std::nullopt, false};
    if (const auto issued = time_of(license["issued_at"]); issued && *issued < *expires)
        time.whole = *expires - *issued;
    return time;
}

void add(std::vector<Upcoming>& events, std::optional<WallTime> at, std::string brief,
         std::string words) {
    events.push_back({at, std::move(brief), std::move(words)});
}

void add_request(std::vector<Upcoming>& events, View product) {
    const View pending = product["pending_request"];
    const auto at = time_of(product["next_attempt_at"]);
    const auto kind = pending["kind"].text();
    if (!at) return;
    if (kind == "activate")
        add(events, at, "retries", "the agent asks the key server for the activation again");
    else if (kind == "release")
        add(events, at, "gives up", "the agent gives the license up at the key server");
    else if (kind == "renew")
        add(events, at, "renews", "the agent asks for the renewal again");
}

void add_renewal(std::vector<Upcoming>& events, View product) {
    const auto at = time_of(product["license"]["renew_at"]);
    const auto pending = product["pending_request"]["kind"].text();
    if (!at || pending == "renew" || pending == "release") return;
    if (product["license"]["kind"].text() == "perpetual")
        add(events, at, "checks", "the agent checks the license with the key server by itself");
    else
        add(events, at, "renews", "the lease renews by itself");
}

void add_retry(std::vector<Upcoming>& events, View product) {
    const auto at = time_of(product["next_attempt_at"]);
    if (!at || !product["pending_request"].is_null()) return;
    if (product["license"].is_null())
        add(events, at, "retries", "the agent tries to activate again by itself");
    else
        add(events, at, "retries", "the agent asks the key server again by itself");
}

void add_grace(std::vector<Upcoming>& events, View status, View product) {
    const View grace = product["grace"];
    if (!runs(grace)) return;
    if (grace["waits_for_first_use"].truth())
        return add(events, std::nullopt, "at first use",
                   "the grace starts when the product is first used");
    const auto ends = time_of(grace["ends_at"]);
    if (!ends) return;
    const bool notice = product["state"].text() == "non_genuine_grace";
    const bool lab = status["agent"]["role"].text() == "lab";
    add(events, ends, "ends",
        std::string(notice ? "the notice period ends" : "the grace ends") +
            (lab ? "" : "; then the product reminds, nothing is blocked"));
}

std::string without_point(std::string_view sentence) {
    if (sentence.ends_with('.')) sentence.remove_suffix(1);
    return std::string(sentence);
}

std::string refused_words(View attempt, WallTime now) {
    const auto code = code_from_name(attempt["code"].text());
    std::string words = code ? without_point(info(*code).title) : printable(attempt["code"].text());
    if (const auto detail = attempt["detail"].text(); !detail.empty())
        words += " (" + printable(detail) + ")";
    const auto at = time_of(attempt["at"]);
    return at ? words + "; tried " + when_words(*at, now) + "." : words + ".";
}

/// How a grace came about that no condition explains.
std::string grace_origin(View product, WallTime now) {
    const View grace = product["grace"];
    const auto kind = grace["kind"].text();
    const auto started = time_of(grace["started_at"]);
    const std::string since = started ? " " + when_words(*started, now) : "";
    const auto last5 = product["key_last5"].text();
    const bool on_record = !product["grace_ledger"]["first_grace_at"].text().empty();
    if (kind == "initial")
        return (on_record ? "The grace of this hardware began" : "Installed") + since +
               (last5.empty()
                    ? ", not activated."
                    : "; the key that ends in " + printable(last5) + " is not activated yet.");
    if (kind == "extended")
        return grace["waits_for_first_use"].truth() ? "A rearm made the grace whole again."
                                                    : "A rearm restarted the grace" + since + ".";
    return {};
}

/// "draw: text" of a health item without the product it stands under.
std::string own_text(View item, View product) {
    std::string_view text = item["text"].text();
    const std::string prefix = std::string(product["id"].text()) + ": ";
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    const auto code = code_from_name(item["id"].text());
    if (!code || text.find(info(*code).title) != std::string_view::npos) return printable(text);
    return without_point(info(*code).title) + " (" + printable(text) + ").";
}

template <class Function>
void for_each_health(View status, View product, Function&& function) {
    for (const auto& entry : status["agent"]["health"].items()) {
        const View item(entry);
        if (!item["product"].text().empty() && item["product"].text() == product["id"].text())
            function(item);
    }
}

}  // namespace

std::string_view name(Level level) {
    switch (level) {
        case Level::ok:
            return "OK";
        case Level::warning:
            return "WARNING";
        case Level::critical:
            return "CRITICAL";
        case Level::unknown:
            return "UNKNOWN";
    }
    return "UNKNOWN";
}

Level level_of(std::string_view severity) {
    if (severity == "ok" || severity == "info") return Level::ok;
    if (severity == "warning") return Level::warning;
    return severity == "critical" ? Level::critical : Level::unknown;
}

Tone level_tone(Level level) {
    switch (level) {
        case Level::ok:
            return Tone::good;
        case Level::warning:
            return Tone::warning;
        case Level::critical:
            return Tone::bad;
        case Level::unknown:
            return Tone::plain;
    }
    return Tone::plain;
}

Level level_of_product(View status, View product, WallTime now) {
    Level worst = level_of(product["severity"].text());
    if (worst == Level::unknown) worst = own_judgement(status, product, now);
    for_each_health(status, product, [&](View item) {
        const Level level = level_of(item["severity"].text());
        if (level != Level::unknown) worst = std::max(worst, level);
    });
    return worst;
}

std::optional<TimeLeft> time_left(View product, WallTime now) {
    if (const auto grace = grace_left(product["grace"])) return grace;
    return product["state"].text() == "licensed" ? lease_left(product["license"], now)
                                                 : std::nullopt;
}

std::string time_left_words(const TimeLeft& time, bool of_whole) {
    if (time.left <= Duration{0}) return "ended";
    const auto left = std::chrono::duration_cast<seconds>(time.left).count();
    const std::string words = duration_words(left);
    if (!of_whole || !time.whole || !words.ends_with(" days")) return words;
    const auto whole = duration_words(std::chrono::duration_cast<seconds>(*time.whole).count());
    return words.substr(0, words.find(' ')) + " of " + whole;
}

std::optional<double> lease_days(View product, WallTime now) {
    const auto at = time_of(product["license"]["expires_at"]);
    return at ? std::optional(in_days(*at - now)) : std::nullopt;
}

std::vector<std::string> trouble_codes(View status, View product) {
    std::vector<std::string> codes;
    const auto add_code = [&](View code) {
        std::string text = printable(code.text());
        if (!text.empty() && std::find(codes.begin(), codes.end(), text) == codes.end())
            codes.push_back(std::move(text));
    };
    for (const auto& item : product["conditions"].items()) add_code(View(item)["code"]);
    for_each_health(status, product, [&](View item) {
        if (level_of(item["severity"].text()) != Level::ok) add_code(item["id"]);
    });
    return codes;
}

std::vector<Line> reasons(View status, View product, WallTime now) {
    std::vector<Line> lines;
    std::vector<std::string> told;
    const auto say = [&](std::string text) {
        if (!text.empty()) lines.push_back({{std::move(text)}});
    };
    for (const auto& entry : product["conditions"].items()) {
        const View item(entry);
        std::string text = printable(item["text"].text());
        if (const auto since = time_of(item["since"]))
            text = without_point(text) + "; since " + when_words(*since, now) + ".";
        say(std::move(text));
        for (const auto& detail : item["details"].items()) say(printable(View(detail).text()));
        told.emplace_back(item["code"].text());
    }
    if (told.empty()) say(grace_origin(product, now));
    // What a hold is for stands in its details.
    if (std::find(told.begin(), told.end(), info(Code::confirmation_required).name) != told.end())
        for (const Code code : kHolds) told.emplace_back(info(code).name);
    const auto is_told = [&](std::string_view code) {
        return std::find(told.begin(), told.end(), code) != told.end();
    };
    const View attempt = product["last_attempt"];
    const auto code = attempt["code"].text();
    if (!attempt["outcome"].text().empty() && attempt["outcome"].text() != "ok") {
        if (is_told(code))
            say(printable(attempt["detail"].text()));
        else
            say(refused_words(attempt, now));
        told.emplace_back(code);
    }
    const View pending = product["pending_request"];
    const auto asked = time_of(pending["since"]);
    if (pending["kind"].text() != "renew" && asked)
        say("The " + std::string(pending["kind"].text() == "release" ? "release" : "activation") +
            " was asked for " + when_words(*asked, now) + " and has no answer yet.");
    if (pending["queued"].text() == "release") say("After it the license is given up.");
    if (pending["queued"].text() == "activate") say("After it another key is activated.");
    for_each_health(status, product, [&](View item) {
        if (!is_told(item["id"].text())) say(own_text(item, product));
    });
    return lines;
}

std::vector<Upcoming> upcoming(View status, View product, WallTime now) {
    std::vector<Upcoming> events;
    const auto state = product["state"].text();
    if (state == "not_required") return events;
    add_request(events, product);
    if (state == "licensed") {
        add_renewal(events, product);
        const auto expires = time_of(product["license"]["expires_at"]);
        if (expires && *expires - now <= kLeaseWarning)
            add(events, expires, "ends", "the lease ends and a grace begins");
    } else {
        add_retry(events, product);
        add_grace(events, status, product);
    }
    if (state == "notification")
        add(events, time_of(product["reminder_due_at"]), "reminds", "the product reminds");
    if (state == "notification" && !events.back().at) events.pop_back();
    // What nobody can foretell stands last.
    std::stable_sort(events.begin(), events.end(), [](const Upcoming& a, const Upcoming& b) {
        return a.at.value_or(WallTime::max()) < b.at.value_or(WallTime::max());
    });
    return events;
}

}  // namespace latchkey::cli
