#pragma once

// The schema's migrations in order, embedded from migrations/*.sql by CMake. Number N (from 1)
// brings the schema to version N. Frozen once released: a change is a new file.

#include <span>
#include <string_view>

namespace latchkey::keyserver {

std::span<const std::string_view> migrations();

}  // namespace latchkey::keyserver
