// Precompiled once for every library and program: what nearly every source includes anyway. System
// and library headers only, so that a change of ours never rebuilds the world. No source may rely
// on it: tests/arch reads the real includes.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>
