#include "tests/simulator/story.h"

#include <array>
#include <cctype>
#include <string_view>

#include "tests/simulator/dice.h"

namespace latchkey::simulator {
namespace {

constexpr std::size_t kLastLines = 60;

bool is_id_symbol(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// Ids that are random by design, each told by what it names.
void hide_ids(std::string& text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kPrefixes{
        {{"mch_", "(record)"},
         {"lic_", "(license)"},
         {"rcp_", "(receipt)"},
         {"idk_", "(request)"},
         {"mid_", "(installation)"},
         {"key_", "(key)"},
         {"ent_", "(entitlement)"}}};
    for (const auto& [prefix, stands_for] : kPrefixes) {
        for (auto at = text.find(prefix); at != std::string::npos;
             at = text.find(prefix, at + stands_for.size())) {
            auto end = at + prefix.size();
            while (end < text.size() && is_id_symbol(text[end])) ++end;
            if (end - at < prefix.size() + 16) continue;
            text.replace(at, end - at, stands_for);
        }
    }
}

}  // namespace

std::string date_of(Duration since_start) {
    std::string text = format_rfc3339(kFirstDay + since_start).substr(0, 16);
    text[10] = ' ';
    return text;
}

std::string words_for(Duration duration) {
    const auto total = std::chrono::duration_cast<minutes>(duration).count();
    const auto d = total / (24 * 60);
    const auto h = total / 60 % 24;
    if (d != 0) return std::to_string(d) + " d" + (h != 0 ? " " + std::to_string(h) + " h" : "");
    if (h != 0) return std::to_string(h) + " h";
    return std::to_string(total) + " min";
}

std::string Names::scrub(std::string text) const {
    for (const auto& [random, stable] : known_)
        for (auto at = text.find(random); at != std::string::npos;
             at = text.find(random, at + stable.size()))
            text.replace(at, random.size(), stable);
    hide_ids(text);
    return text;
}

void Story::tell(Duration at, const char* who, const std::string& text) {
    std::string line = date_of(at) + "  ";
    line += who;
    line.resize(std::max<std::size_t>(line.size() + 1, 27), ' ');
    line += names_.scrub(text);
    digest_ = fingerprint_of(line, digest_);
    ++count_;
    lines_.push_back(std::move(line));
    if (!whole_ && lines_.size() > kLastLines) lines_.pop_front();
}

}  // namespace latchkey::simulator
