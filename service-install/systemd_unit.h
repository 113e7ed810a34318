#pragma once

#include <string>

namespace latchkey::service_install {

/// The text of latchkeyd.service for programs in `bindir`.
std::string systemd_unit(const std::string& bindir);

}  // namespace latchkey::service_install
