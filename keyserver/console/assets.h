#pragma once

// The files a page refers to, embedded from assets/ by CMake.

#include <string_view>

namespace latchkey::keyserver::console {

std::string_view style_sheet();
std::string_view icon();

}  // namespace latchkey::keyserver::console
