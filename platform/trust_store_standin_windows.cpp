#include "platform/trust_store.h"

namespace latchkey::platform {

/// Until the system's verifier is asked: nobody is trusted but whom [keyserver] ca_file names.
Result<void> trust_system_roots(ssl_ctx_st*) {
    return fail(Problem{Code::tls_untrusted,
                        "this build does not read the system's certificate authorities",
                        "Set [keyserver] ca_file."});
}

}  // namespace latchkey::platform
