#include "service-install/version.h"

namespace latchkey::service_install {

const char* version_text() { return "latchkey-service " LATCHKEY_VERSION; }

}  // namespace latchkey::service_install
