#pragma once

namespace latchkey::service_install {

/// "latchkey-service 0.1.0", what --version prints. From a file of its own, so that the text stands
/// whole in the program: who checks a package finds it there.
const char* version_text();

}  // namespace latchkey::service_install
