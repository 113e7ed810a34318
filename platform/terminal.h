#pragma once

// Is anybody watching?

namespace latchkey::platform {

/// Is standard error a terminal, where progress is worth showing?
bool errors_are_watched();

}  // namespace latchkey::platform
