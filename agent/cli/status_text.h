#pragma once

// The document of GET /v1/status as a person reads it.

#include <string>

#include "agent/cli/document.h"

namespace latchkey::cli {

/// Every product a line, health with its remedies, and what to do next.
std::string status_table(View status, bool color);

/// All that is known of one product; `product` is an element of status["products"].
std::string product_details(View status, View product, bool color);

/// The product by its id; a null view where the agent knows none.
View find_product(View status, std::string_view id);

/// What an admin should do about this product now, often a command to type.
std::string next_step(View status, View product);

}  // namespace latchkey::cli
