#pragma once

// The addresses of the console's pages: what each may be asked with, and how metrics call it. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "keyserver/console/form.h"

namespace latchkey::keyserver::console {

/// What is asked and says nothing there, or a place to go on after that no page of ours names;
/// nullopt: all of it is known, or there is no such page.
std::optional<std::string> odd_field(const Target& target);

/// "console:/machines/{id}": without ids, so that there are few; `path` is without a query.
std::string route_name(std::string_view path);

}  // namespace latchkey::keyserver::console
