#include "agent/cli/status_text.h"

#include <algorithm>
#include <array>

#include "agent/cli/cloud_text.h"
#include "agent/cli/outlook.h"
#include "agent/cli/product_card.h"
#include "agent/cli/table.h"
#include "agent/cli/words.h"
#include "base/printable.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kLabelWidth = 6;  // of "notice", the longest
constexpr std::size_t kTableBar = 10;
constexpr std::size_t kNamedProducts = 3;
constexpr std::size_t kMostCards = 8;
constexpr Duration kLeaseWarning = Days{20};

/// A product, and what the picture asks of it more than once.
struct Shown {
    View product;
    Level level;
    std::vector<Upcoming> next;
    bool speaks;  ///< worth a card of its own, whatever the table says
};

struct Picture {
    View status;
    WallTime now;
    const Look& look;
    std::vector<Shown> products;

    bool lab() const { return status["agent"]["role"].text() == "lab"; }
};

Picture look_at(View status, WallTime clock, const Look& look) {
    Picture picture{status, now_of(status, clock), look, {}};
    for (const auto& item : status["products"].items()) {
        const View product(item);
        const Level level = level_of_product(status, product, picture.now);
        const auto pending = product["pending_request"]["kind"].text();
        const bool speaks = level != Level::ok || pending == "activate" || pending == "release" ||
                            !advice(status, product, picture.now).empty();
        picture.products.push_back(
            {product, level, upcoming(status, product, picture.now), speaks});
    }
    return picture;
}

std::string title_of(View product) {
    const auto name = product["name"].text();
    return printable(name.empty() ? product["id"].text() : name);
}

/// "2 licensed, 1 in grace, 1 needs no activation"
std::string tally(const Picture& picture) {
    std::int64_t licensed = 0;
    std::int64_t in_grace = 0;
    std::int64_t not_required = 0;
    for (const Shown& shown : picture.products) {
        const auto state = shown.product["state"].text();
        if (state == "licensed") ++licensed;
        if (is_grace(state)) ++in_grace;
        if (state == "not_required") ++not_required;
    }
    std::string text;
    const auto add = [&](std::int64_t count, std::string_view words) {
        if (count == 0) return;
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " ";
        text += words;
    };
    add(licensed, "licensed");
    add(in_grace, "in grace");
    add(not_required, not_required == 1 ? "needs no activation" : "need no activation");
    return text;
}

struct Matter {
    std::string_view code;
    std::string_view words;
};
constexpr std::array kMatters{
    Matter{"license_revoked", "its license was revoked"},
    Matter{"hardware_changed", "the hardware changed significantly"},
    Matter{"suspected_clone", "this machine looks like a clone"},
    Matter{"license_expired", "its lease ran out"},
    Matter{"deactivated", "its license was ended by hand"},
    Matter{"confirmation_required", "an activation waits for your word"},
};

/// What is the matter with it, in a few words.
std::string matter(const Shown& shown, WallTime now) {
    const auto state = shown.product["state"].text();
    const auto time = time_left(shown.product, now);
    const bool runs = time && time->left > Duration{0};
    const std::string left = runs ? time_left_words(*time, false) + " left" : "";
    std::string words;
    for (const auto& item : shown.product["conditions"].items())
        for (const Matter& row : kMatters)
            if (words.empty() && View(item)["code"].text() == row.code) words = row.words;
    if (state == "licensed" && words.empty())
        return runs && time->left <= kLeaseWarning ? "its lease has " + left : "see below";
    if (state == "notification" && !words.empty()) return words + ", and its grace has ended";
    if (words.empty()) words = state_words(state);
    return left.empty() || state == "licensed" ? words : words + ", " + left;
}

std::string trouble_sentence(const Picture& picture) {
    std::vector<const Shown*> troubled;
    for (const Shown& shown : picture.products)
        if (shown.level != Level::ok) troubled.push_back(&shown);
    std::stable_sort(troubled.begin(), troubled.end(),
                     [](const Shown* a, const Shown* b) { return a->level > b->level; });
    for (const auto& entry : picture.status["cloud_entitlements"].items())
        if (auto words = cloud_warning(entry, picture.now); troubled.empty() && !words.empty())
            return "Cloud service " + words;
    if (troubled.empty())
        return "This machine needs you" + (picture.products.empty()
                                               ? "; no product is installed"
                                               : "; else all is well: " + tally(picture));
    if (troubled.size() == 1)
        return title_of(troubled[0]->product) + " needs you: " + matter(*troubled[0], picture.now);
    std::string text = std::to_string(troubled.size()) + " of " +
                       std::to_string(picture.products.size()) + " products need you: ";
    for (std::size_t i = 0; i < troubled.size() && i < kNamedProducts; ++i)
        text += (i == 0 ? "" : ", ") + title_of(troubled[i]->product);
    if (troubled.size() > kNamedProducts)
        text += " and " + std::to_string(troubled.size() - kNamedProducts) + " more";
    return text;
}

std::string verdict(const Picture& picture, Level level, std::string_view overall) {
    switch (level) {
        case Level::ok:
            return picture.products.empty() ? "No product is installed"
                                            : "All is well: " + tally(picture);
        case Level::warning:
        case Level::critical:
            return trouble_sentence(picture);
        case Level::unknown:
            break;
    }
    return overall.empty() ? "The agent does not say how it is" : printable(overall);
}

std::string headline(const Picture& picture) {
    const auto overall = picture.status["overall"].text();
    const Level level = level_of(overall);
    return paragraph({}, 2, {mark(level), {" "}, {verdict(picture, level, overall), Tone::heading}},
                     picture.look);
}

/// Is there one, and where it is wanted to: does it answer for the machine?
std::string tpm_fact(View machine) {
    const View tpm = machine["tpm"];
    const auto evidence = tpm["evidence"].text();
    if (evidence == "unreadable") return "TPM unreadable";
    if (evidence == "off") return "TPM not used";
    if (machine["anchor"].text() != "tpm2") return "no TPM";
    const auto last = tpm["last_proof"]["outcome"].text();
    if (tpm["use"].text() != "proof" || last.empty()) return "TPM 2.0";
    return last == "made" ? "TPM 2.0 (proven)" : "TPM 2.0 (no proof)";
}

std::string machine_line(const Picture& picture) {
    const View agent = picture.status["agent"];
    const View machine = picture.status["machine"];
    std::vector<std::string> facts;
    const auto add = [&](std::string_view before, View value) {
        if (!value.text().empty()) facts.push_back(std::string(before) + printable(value.text()));
    };
    add("machine ", machine["support_code"]);
    if (picture.lab())
        facts.emplace_back("lab machine");
    else
        add("", agent["role"]);
    if (machine["virtual"].truth()) facts.emplace_back("virtual");
    if (machine["ephemeral"].truth()) facts.emplace_back("ephemeral");
    add("hardware evidence ", machine["evidence"]);
    if (!machine["anchor"].text().empty()) facts.emplace_back(tpm_fact(machine));
    if (agent["clock"].text() != "ok") add("clock ", agent["clock"]);
    add("agent ", agent["version"]);
    if (const auto count = agent["configuration"]["by_policy"].number(); count && *count > 0)
        facts.push_back(counted(*count, "setting") + " by policy");
    std::string text;
    for (const auto& fact : facts) text += (text.empty() ? "" : ", ") + fact;
    return paragraph("  ", 2, {{text, Tone::dim}}, picture.look);
}

/// What a table says of each product; the first that fits is taken.
struct Columns {
    bool names;
    bool long_words;
    bool dates;   ///< beside the distance
    bool wholes;  ///< "18 of 30 days" instead of "18 days"
};
constexpr std::array kColumns{
    Columns{true, true, true, true},    Columns{true, true, false, true},
    Columns{true, false, false, true},  Columns{true, false, false, false},
    Columns{false, false, false, true}, Columns{false, false, false, false}};

Cell cell_of(Line line) {
    if (line.empty()) return {"-"};
    Cell cell{std::move(line.front().text), line.front().tone};
    cell.more.assign(line.begin() + 1, line.end());
    return cell;
}

std::string next_words(const Shown& shown, const Picture& picture, const Columns& columns) {
    if (shown.next.empty()) return "-";
    const Upcoming& event = shown.next.front();
    if (!event.at) return event.brief;
    if (*event.at <= picture.now) return event.brief + " now";
    if (columns.dates)
        return event.brief + " " + date_of(format_rfc3339(*event.at)) + " (" +
               distance_words(*event.at, picture.now) + ")";
    return event.brief + " " + distance_words(*event.at, picture.now);
}

std::string uses_words(View activations, const Columns& columns) {
    const auto left = activations["left"].number();
    const auto limit = activations["limit"].number();
    if (columns.long_words || !left || !limit) return activations_words(activations);
    return std::to_string(*left) + " of " + std::to_string(*limit) + " left";
}

Table table_of(const Picture& picture, const Columns& columns) {
    Table table;
    std::vector<std::string> titles{"  PRODUCT"};
    if (columns.names) titles.emplace_back("NAME");
    titles.insert(titles.end(), {"STATE", "TIME LEFT", "ACTIVATIONS", "NEXT"});
    table.heading(titles);
    for (const Shown& shown : picture.products) {
        const View product = shown.product;
        const auto state = product["state"].text();
        const Tone tone = state == "licensed" ? state_tone(state) : level_tone(shown.level);
        const Span glyph = mark(shown.level, state != "not_required");
        std::vector<Cell> cells{
            {glyph.text, glyph.tone, {{" " + std::string(product["id"].text())}}}};
        if (columns.names) cells.push_back({std::string(product["name"].text())});
        cells.push_back({columns.long_words ? state_words(state) : short_state_words(state), tone});
        cells.push_back(
            cell_of(time_left_line(product, picture.now, shown.level, kTableBar, columns.wholes)));
        cells.push_back({uses_words(product["activations"], columns)});
        cells.push_back({next_words(shown, picture, columns)});
        table.row(std::move(cells));
    }
    return table;
}

/// Other machines may have used some since: the numbers are those of each license's last answer.
std::string age_of_numbers(const Picture& picture) {
    std::optional<WallTime> oldest;
    for (const Shown& shown : picture.products) {
        const auto as_of = time_of(shown.product["activations"]["as_of"]);
        if (as_of && (!oldest || *as_of < *oldest)) oldest = as_of;
    }
    if (!oldest) return {};
    return paragraph("  ", 2,
                     {{"Activations as the key server last said, the oldest " +
                           when_words(*oldest, picture.now) + ".",
                       Tone::dim}},
                     picture.look);
}

std::string card_of(const Picture& picture, const Shown& shown, bool brief) {
    Card card(picture.look, kLabelWidth);
    fill(card, picture.status, shown.product, picture.now, picture.look, brief);
    return card.take();
}

std::string all_cards(const Picture& picture) {
    std::string text;
    for (const Shown& shown : picture.products)
        text += "\n" + card_of(picture, shown, !shown.speaks);
    return text;
}

/// Of the products that have something to say: the worst, where they are many.
std::string speaking_cards(const Picture& picture) {
    std::vector<const Shown*> speaking;
    for (const Shown& shown : picture.products)
        if (shown.speaks) speaking.push_back(&shown);
    std::stable_sort(speaking.begin(), speaking.end(),
                     [](const Shown* a, const Shown* b) { return a->level > b->level; });
    std::string text;
    const std::size_t drawn = std::min(speaking.size(), kMostCards);
    for (std::size_t i = 0; i < drawn; ++i) text += "\n" + card_of(picture, *speaking[i], false);
    if (drawn < speaking.size())
        text += "\n" +
                paragraph(
                    "  ", 2,
                    {{"and " + std::to_string(speaking.size() - drawn) + " more; each by itself: "},
                     {"latchkey status --product ID", Tone::heading, true}},
                    picture.look);
    return text;
}

std::string products_text(const Picture& picture) {
    if (picture.products.size() == 1) return all_cards(picture);
    for (const Columns& columns : kColumns) {
        const Table table = table_of(picture, columns);
        if (table.width(picture.look) > picture.look.width) continue;
        return "\n" + table.text(picture.look) + age_of_numbers(picture) + speaking_cards(picture);
    }
    return all_cards(picture);
}

/// Health that is the machine's, or a product's that is not installed.
std::vector<View> machine_health(View status) {
    std::vector<View> items;
    for (const auto& entry : status["agent"]["health"].items()) {
        const View item(entry);
        const auto owner = item["product"].text();
        if (owner.empty() || find_product(status, owner).is_null()) items.push_back(item);
    }
    return items;
}

std::string health_text(const Picture& picture) {
    std::string text;
    for (const View item : machine_health(picture.status)) {
        Card card(picture.look, kLabelWidth);
        const Level level = level_of(item["severity"].text());
        card.title({mark(level == Level::ok ? Level::unknown : level),
                    {" "},
                    {printable(item["text"].text())},
                    {" [" + printable(item["id"].text()) + "]", Tone::dim}});
        if (!item["remedy"].text().empty())
            card.line("to do", {{printable(item["remedy"].text())}});
        text += "\n" + card.take();
    }
    return text;
}

std::string cloud_text(const Picture& picture) {
    std::string text;
    for (const auto& entry : picture.status["cloud_entitlements"].items()) {
        const bool warns = View(entry)["severity"].text() == "warning";
        text += paragraph("  ", 2,
                          {{"cloud service "},
                           {cloud_words(entry, picture.now), warns ? Tone::warning : Tone::plain}},
                          picture.look);
    }
    return text.empty() ? text : "\n" + text;
}

bool is_image(View status) {
    for (const auto& item : status["agent"]["health"].items())
        if (View(item)["id"].text() == "generalized") return true;
    return false;
}

}  // namespace

View find_product(View status, std::string_view id) {
    for (const auto& item : status["products"].items())
        if (View(item)["id"].text() == id) return View(item);
    return {};
}

std::string status_picture(View status, WallTime now, const Look& look) {
    const Picture picture = look_at(status, now, look);
    std::string text = headline(picture) + machine_line(picture);
    if (picture.products.empty() && is_image(status))
        text += "\n" + paragraph("  ", 2,
                                 {{"A golden image: its products begin with the first start of a "
                                   "machine that is made from it."}},
                                 look);
    else if (picture.products.empty())
        text += "\n" + paragraph("  ", 2,
                                 {{"Put a product's manifest into products.d, then run"},
                                  {" "},
                                  {"latchkey reload", Tone::heading, true}},
                                 look);
    else
        text += products_text(picture);
    return text + cloud_text(picture) + health_text(picture);
}

}  // namespace latchkey::cli
