#pragma once

// The document of GET /v1/status as a person reads it: the verdict first, then a table where it
// fits and a card a product where it does not, and a card in any case for what needs somebody. No
// line is longer than the look's width.

#include <string>

#include "agent/cli/document.h"
#include "agent/cli/look.h"
#include "base/time.h"

namespace latchkey::cli {

/// The whole machine. `now` is the reader's clock, for agents that do not say theirs.
std::string status_picture(View status, WallTime now, const Look& look);

/// All that is known of one product; `product` is an element of status["products"].
std::string product_details(View status, View product, WallTime now, const Look& look);

/// The product by its id; a null view where the agent knows none.
View find_product(View status, std::string_view id);

}  // namespace latchkey::cli
