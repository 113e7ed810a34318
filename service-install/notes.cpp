#include "service-install/notes.h"

#include <algorithm>

#include "base/encoding.h"

namespace latchkey::service_install {
namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

std::string name_of_content(const Copy& copy) { return "content_" + std::string(copy.property); }

}  // namespace

std::string text_of(const Notes& notes) {
    std::string text;
    for (const auto& [name, value] : notes) text += name + "=" + hex(as_bytes(value)) + ";";
    return text;
}

std::optional<Notes> notes_of(std::string_view text) {
    Notes notes;
    while (!text.empty()) {
        const auto end = text.find(';');
        const auto middle = text.find('=');
        if (end == std::string_view::npos || middle >= end) return std::nullopt;
        const auto name = text.substr(0, middle);
        const auto value = from_hex(text.substr(middle + 1, end - middle - 1));
        if (!is_name(name) || !value) return std::nullopt;
        const bool first = notes.emplace(name, std::string(value->begin(), value->end())).second;
        if (!first) return std::nullopt;
        text.remove_prefix(end + 1);
    }
    return notes;
}

void note(Notes& notes, const Told& told) {
    for (const auto& property : told_properties())
        if (!(told.*property.value).empty()) notes.emplace(property.name, told.*property.value);
}

Told told_in(const Notes& notes) {
    Told told;
    for (const auto& property : told_properties())
        if (const auto found = notes.find(std::string(property.name)); found != notes.end())
            told.*property.value = found->second;
    return told;
}

void note_contents(Notes& notes, const ToldFiles& files) {
    for (const auto& copy : files.copies) notes[name_of_content(copy)] = copy.content;
}

bool take_contents(const Notes& notes, ToldFiles& files) {
    for (auto& copy : files.copies) {
        const auto found = notes.find(name_of_content(copy));
        if (found == notes.end()) return false;
        copy.content = found->second;
    }
    return true;
}

}  // namespace latchkey::service_install
