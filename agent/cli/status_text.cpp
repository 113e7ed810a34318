#include "agent/cli/status_text.h"

#include "agent/cli/table.h"
#include "agent/cli/words.h"
#include "base/printable.h"
#include "base/problem.h"

namespace latchkey::cli {
namespace {

constexpr std::string_view kNothingToDo = "nothing to do";

std::string or_dash(std::string_view text) { return text.empty() ? "-" : printable(text); }

Tone severity_tone(std::string_view severity) {
    if (severity == "critical") return Tone::bad;
    return severity == "warning" ? Tone::warning : Tone::good;
}

std::string time_left(View product) {
    if (const auto left = product["grace"]["remaining_s"].number())
        return *left > 0 ? duration_words(*left) : "ended";
    const auto expires = product["license"]["expires_at"].text();
    if (!expires.empty()) return "until " + date_of(expires);
    return product["license"]["kind"].text() == "perpetual" ? "for good" : "-";
}

std::string headline(View status, bool color) {
    const View agent = status["agent"];
    const auto overall = status["overall"].text();
    std::string line = "Latchkey " + printable(agent["version"].text()) + ", " +
                       printable(agent["role"].text()) + ": " +
                       toned(printable(overall), severity_tone(overall), color) + "\n";
    const View machine = status["machine"];
    line += "machine " + or_dash(machine["support_code"].text());
    if (machine["virtual"].truth()) line += ", virtual";
    if (machine["ephemeral"].truth()) line += ", ephemeral";
    line += ", hardware evidence " + or_dash(machine["evidence"].text());
    const auto anchor = machine["anchor"].text();
    line += anchor == "tpm2" ? ", TPM 2.0" : ", no TPM";
    const auto clock = agent["clock"].text();
    if (!clock.empty() && clock != "ok") line += ", clock " + printable(clock);
    return line + "\n";
}

std::string products_table(View status, bool color) {
    Table table;
    table.heading({"PRODUCT", "NAME", "STATE", "LEFT", "ACTIVATIONS", "NEXT STEP"});
    for (const auto& item : status["products"].items()) {
        const View product(item);
        const auto state = product["state"].text();
        table.row({{std::string(product["id"].text())},
                   {std::string(product["name"].text())},
                   {state_words(state), state_tone(state)},
                   {time_left(product)},
                   {activations_words(product["activations"])},
                   {next_step(status, product)}});
    }
    return table.text(color);
}

/// Other machines may have used some since: the numbers are those of each license's last answer.
std::string age_of_numbers(View status) {
    std::string_view oldest;
    for (const auto& item : status["products"].items()) {
        const auto as_of = View(item)["activations"]["as_of"].text();
        if (!as_of.empty() && (oldest.empty() || as_of < oldest)) oldest = as_of;
    }
    return oldest.empty()
               ? std::string()
               : "Activations as the key server last told, the oldest " + minute_of(oldest) + ".\n";
}

std::string health_lines(View status, bool color) {
    std::string text;
    for (const auto& entry : status["agent"]["health"].items()) {
        const View item(entry);
        const auto severity = item["severity"].text();
        text += toned(printable(severity), severity_tone(severity), color) + ": " +
                printable(item["text"].text()) + " [" + printable(item["id"].text()) + "]\n";
        if (!item["remedy"].text().empty())
            text += "  remedy: " + printable(item["remedy"].text()) + "\n";
    }
    return text;
}

std::string cloud_lines(View status) {
    std::string text;
    for (const auto& entry : status["cloud_entitlements"].items()) {
        const View item(entry);
        text += "cloud service " + printable(item["service"].text()) + " (" +
                printable(item["program"].text()) + ") until " + date_of(item["ends_at"].text()) +
                "\n";
    }
    return text;
}

bool waits_for_consent(std::string_view code) {
    return code == info(Code::would_count).name || code == info(Code::confirmation_required).name ||
           code == info(Code::evidence_insufficient).name ||
           code == info(Code::ephemeral_machine).name;
}

std::string license_words(View license) {
    if (license.is_null()) return "none";
    std::string words = printable(license["kind"].text());
    words += ", issued " + date_of(license["issued_at"].text());
    if (!license["expires_at"].text().empty())
        words += ", until " + date_of(license["expires_at"].text());
    if (!license["renew_at"].text().empty())
        words += ", renewal due " + date_of(license["renew_at"].text());
    return words;
}

std::string grace_words(View grace) {
    if (grace.is_null()) return "none running";
    std::string words = printable(grace["kind"].text());
    const auto left = grace["remaining_s"].number();
    const bool ended = left && *left <= 0;
    if (left && !ended) words += ", " + duration_words(*left) + " left";
    if (!grace["ends_at"].text().empty())
        words += (ended ? ", ended " : ", ends ") + minute_of(grace["ends_at"].text());
    if (const auto rearms = grace["rearms_left"].number())
        words += ", " + counted(*rearms, "rearm") + " left";
    return words;
}

std::string attempt_words(View attempt) {
    if (attempt.is_null()) return "-";
    std::string words =
        minute_of(attempt["at"].text()) + " " + printable(attempt["outcome"].text());
    const auto code = code_from_name(attempt["code"].text());
    if (code) words += ": " + std::string(info(*code).title);
    if (!attempt["detail"].text().empty())
        words += " (" + printable(attempt["detail"].text()) + ")";
    return words;
}

std::string decision_words(View decision) {
    if (decision.is_null()) return "-";
    return minute_of(decision["at"].text()) + ", " +
           verdict_words(decision["verdict"].text(), decision["significant"].truth(),
                         std::nullopt) +
           ", counted " + std::to_string(decision["counted"].number().value_or(0)) + " under " +
           printable(decision["rule"].text());
}

std::string request_words(View pending) {
    std::string words =
        printable(pending["kind"].text()) + " since " + minute_of(pending["since"].text());
    if (!pending["queued"].text().empty()) words += ", then " + printable(pending["queued"].text());
    return words;
}

std::string quantity_words(View product) {
    const auto quantity = product["license_quantity"].number();
    return quantity ? std::to_string(*quantity) : "-";
}

/// A request that has no answer yet, and is not the everyday renewal.
std::string pending_words(View product, const std::string& option) {
    const auto kind = product["pending_request"]["kind"].text();
    const auto next = product["next_attempt_at"].text();
    const std::string again = next.empty() ? "" : ", next attempt " + minute_of(next);
    if (kind == "release")
        return "gives the license up" + again + "; keep it: latchkey activate" + option;
    if (kind == "activate" && !product["license"].is_null()) return "activation under way" + again;
    return {};
}

}  // namespace

View find_product(View status, std::string_view id) {
    for (const auto& item : status["products"].items())
        if (View(item)["id"].text() == id) return View(item);
    return {};
}

std::string next_step(View status, View product) {
    const auto state = product["state"].text();
    const std::string option = " --product " + printable(product["id"].text());
    if (state == "not_required") return std::string(kNothingToDo);
    const std::string pending = pending_words(product, option);
    if (!pending.empty()) return pending;
    if (state == "licensed") {
        const auto renewal = product["license"]["renew_at"].text();
        return renewal.empty() ? std::string(kNothingToDo)
                               : "renews by itself from " + date_of(renewal);
    }
    if (status["agent"]["role"].text() == "lab") {
        const auto rearms = product["grace"]["rearms_left"].number();
        return rearms.value_or(0) > 0 ? "latchkey rearm" + option + " before the grace ends"
                                      : "reimage this lab machine";
    }
    const View attempt = product["last_attempt"];
    if (waits_for_consent(attempt["code"].text()))
        return "latchkey explain" + option + ", then activate --accept-count";
    const auto refused = code_from_name(attempt["code"].text());
    if (attempt["outcome"].text() == "refused" && refused && !info(*refused).remedy.empty())
        return std::string(info(*refused).remedy);
    if (product["key_last5"].is_null()) return "latchkey activate" + option;
    const auto next = product["next_attempt_at"].text();
    if (!next.empty()) return "tries again by itself at " + minute_of(next);
    return "latchkey activate" + option;
}

std::string status_table(View status, bool color) {
    std::string text = headline(status, color) + "\n";
    if (status["products"].items().empty())
        text +=
            "No product is installed: put its manifest into products.d and run 'latchkey "
            "reload'.\n";
    else
        text += products_table(status, color) + age_of_numbers(status);
    const std::string cloud = cloud_lines(status);
    if (!cloud.empty()) text += "\n" + cloud;
    const std::string health = health_lines(status, color);
    if (!health.empty()) text += "\n" + health;
    return text;
}

std::string product_details(View status, View product, bool color) {
    const auto state = product["state"].text();
    std::string text = printable(product["name"].text()) + " (" + printable(product["id"].text()) +
                       "): " + toned(state_words(state), state_tone(state), color) + "\n";
    const auto last5 = product["key_last5"].text();
    const View activations = product["activations"];
    std::string used = activations_words(activations);
    if (!activations["as_of"].text().empty())
        used += " (as of " + minute_of(activations["as_of"].text()) + ")";
    Table table(2);
    table.row({{"program"}, {or_dash(product["program"].text())}});
    table.row({{"counting rule"}, {or_dash(product["counting_rule"].text())}});
    table.row({{"product key"}, {last5.empty() ? "none installed" : "…" + printable(last5)}});
    table.row({{"license"}, {license_words(product["license"])}});
    table.row({{"grace"}, {grace_words(product["grace"])}});
    table.row({{"activations"}, {used}});
    table.row({{"license quantity"}, {quantity_words(product)}});
    table.row({{"activate by"}, {or_dash(date_of(product["activate_by"].text()))}});
    table.row({{"last decision"}, {decision_words(product["last_decision"])}});
    table.row({{"last attempt"}, {attempt_words(product["last_attempt"])}});
    if (const View pending = product["pending_request"]; !pending.is_null())
        table.row({{"unanswered"}, {request_words(pending)}});
    table.row({{"next step"}, {next_step(status, product)}});
    text += table.text(color);
    const std::string because = because_lines(product["last_decision"]["reasons"]);
    return because.empty() ? text : text + "because\n" + because;
}

}  // namespace latchkey::cli
