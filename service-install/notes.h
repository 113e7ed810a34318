#pragma once

// What one of an installer's actions hands to a later one: names with values. The text is made of
// letters, digits, '_', '=' and ';' alone, so that nothing on its way (Windows Installer expands
// brackets and ends at semicolons) takes a value for anything else. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "service-install/told_settings.h"

namespace latchkey::service_install {

/// A name is made of letters, digits and '_'; a value is any bytes.
using Notes = std::map<std::string, std::string>;

std::string text_of(const Notes& notes);
/// std::nullopt: nothing that text_of makes.
std::optional<Notes> notes_of(std::string_view text);

/// The properties' names are the notes'; what was not told has none.
void note(Notes& notes, const Told& told);
Told told_in(const Notes& notes);

/// What read_copies() read, by the properties' names. False in `take_contents` where one is
/// missing.
void note_contents(Notes& notes, const ToldFiles& files);
bool take_contents(const Notes& notes, ToldFiles& files);

}  // namespace latchkey::service_install
