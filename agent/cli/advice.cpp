// What there is to do about a product: the other half of outlook.h.

#include <algorithm>

#include "agent/cli/outlook.h"
#include "agent/cli/words.h"
#include "base/printable.h"
#include "base/problem.h"

namespace latchkey::cli {
namespace {

constexpr std::int64_t kLabComfort = 7 * 86400;

/// Collects lines, each once.
class Advice {
public:
    explicit Advice(View product)
        : option_(" --product " + printable(product["id"].text())),
          has_key_(!product["key_last5"].text().empty()) {}
    Span command(std::string_view verb, std::string_view more = {}) const {
        return {"latchkey " + std::string(verb) + option_ + std::string(more), Tone::heading, true};
    }
    /// With the installed key, or with one from a file: a script has no terminal to be asked on.
    Span activate() const { return command("activate", has_key_ ? "" : " --key-file FILE"); }
    void say(Line line) { lines_.push_back(std::move(line)); }
    void remedy(std::string_view text) {
        std::string clean = printable(text);
        if (clean.empty() || clean == "Nothing to do.") return;
        const bool known = std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
            return line.size() == 1 && line[0].text == clean;
        });
        if (!known) lines_.push_back({{std::move(clean)}});
    }
    void remedy(Code code) { remedy(info(code).remedy); }
    bool empty() const { return lines_.empty(); }
    std::vector<Line> take() { return std::move(lines_); }

private:
    std::string option_;
    bool has_key_;
    std::vector<Line> lines_;
};

bool has(View product, std::string_view code) {
    const auto& items = product["conditions"].items();
    return std::any_of(items.begin(), items.end(),
                       [&](const bj::value& item) { return View(item)["code"].text() == code; });
}

bool waits_for_consent(View product) {
    if (has(product, info(Code::confirmation_required).name)) return true;
    const auto code = product["last_attempt"]["code"].text();
    for (const Code known : {Code::would_count, Code::confirmation_required,
                             Code::evidence_insufficient, Code::ephemeral_machine})
        if (code == info(known).name) return true;
    return false;
}

void ask_first(Advice& advice) {
    advice.say({{"see what it would use: "}, advice.command("explain")});
    advice.say({{"then go on: "}, advice.command("activate", " --accept-count")});
}

/// A lab machine spends nothing: grace, rearm, reimage.
void advise_lab(Advice& advice, View product) {
    const View grace = product["grace"];
    if (grace["waits_for_first_use"].truth()) return;
    if (grace["remaining_s"].number().value_or(0) > kLabComfort) return;
    if (grace["rearms_left"].number().value_or(0) > 0)
        return advice.say({{"restart the grace: "}, advice.command("rearm")});
    advice.say(
        {{"reimage this lab machine, or let it activate: role = \"workstation\" in "
          "agent.toml"}});
}

void advise_on_conditions(Advice& advice, View product) {
    if (has(product, "license_revoked")) advice.remedy(Code::license_revoked);
    if (has(product, "suspected_clone")) {
        advice.say({{"give this machine a license of its own, which counts: "},
                    advice.command("activate", " --accept-count")});
        advice.say({{"or ask the key server's administrator to resolve it"}});
    }
    if (has(product, "hardware_changed")) {
        advice.say({{"see what it would use: "}, advice.command("explain")});
        advice.say({{"activate it again: "}, advice.command("activate")});
        advice.say({{"or put the old hardware back"}});
    }
    if (has(product, "license_expired") && advice.empty()) advice.remedy(Code::license_expired);
}

/// After a final word nothing is asked again by itself.
void advise_on_attempt(Advice& advice, View product, bool tries) {
    const View attempt = product["last_attempt"];
    const auto code = code_from_name(attempt["code"].text());
    if (!code || attempt["outcome"].text() == "ok") return;
    advice.remedy(*code);
    if (attempt["outcome"].text() == "refused" && !tries && product["license"].is_null())
        advice.say({{"then activate it, nothing does so by itself: "}, advice.activate()});
}

/// Time can be won where a grace is about to end or has ended, and the product was never licensed.
void advise_rearm(Advice& advice, View product) {
    const View grace = product["grace"];
    const auto rearms = grace["rearms_left"].number().value_or(0);
    const auto left = grace["remaining_s"].number();
    if (rearms <= 0 || !left || *left > kLabComfort || has(product, "license_revoked")) return;
    advice.say({{"or win time with a rearm (" + std::to_string(rearms) + " left): "},
                advice.command("rearm")});
}

}  // namespace

std::vector<Line> advice(View status, View product, WallTime now) {
    Advice advice(product);
    const auto state = product["state"].text();
    if (state == "not_required") return {};
    const auto pending = product["pending_request"]["kind"].text();
    const bool lab = status["agent"]["role"].text() == "lab";
    if (pending == "release") {
        if (product["pending_request"]["may_have_left"].truth())
            advice.say(
                {{"it cannot be taken back any more; afterwards this may use an activation: "},
                 advice.command("activate")});
        else
            advice.say({{"to keep the license: "}, advice.command("activate")});
    } else if (lab &&
               (state == "initial_grace" || state == "extended_grace" || state == "unlicensed" ||
                (state == "notification" && product["license"].is_null()))) {
        advise_lab(advice, product);
    } else if (waits_for_consent(product)) {
        ask_first(advice);
        if (has(product, "hardware_changed")) advice.say({{"or put the old hardware back"}});
    } else if (state != "licensed") {
        const bool tries = !pending.empty() || time_of(product["next_attempt_at"]).has_value();
        advise_on_conditions(advice, product);
        advise_on_attempt(advice, product, tries);
        if (advice.empty() && !(tries && state != "notification")) advice.say({advice.activate()});
        advise_rearm(advice, product);
    } else if (level_of_product(status, product, now) != Level::ok) {
        advise_on_attempt(advice, product, true);
    }
    for (const auto& entry : status["agent"]["health"].items()) {
        const View item(entry);
        const auto id = item["id"].text();
        const bool own =
            !item["product"].text().empty() && item["product"].text() == product["id"].text();
        if (own && !has(product, id) && !waits_for_consent(product))
            advice.remedy(item["remedy"].text());
    }
    return advice.take();
}

}  // namespace latchkey::cli
