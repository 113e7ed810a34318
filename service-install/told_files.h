#pragma once

// Puts what an installer was told in its place, so that it can be taken back while the installation
// may still fail: what was there before lies beside it (NAME.before, or an empty NAME.none) until
// one of the two ends. Doing any of them again is the same as doing it once.

#include "base/result.h"
#include "service-install/told_settings.h"

namespace latchkey::service_install {

/// The copies are made of their content; no path that was told is opened. A settings file that lost
/// its heading is the administrator's and stays as it is. Fails with Code::storage_failed; what was
/// done until then can be taken back.
Result<void> lay_files(const ToldFiles& files);

/// As it was before lay_files.
void take_back_files(const ToldFiles& files);

/// It stays; nothing is left of what was there before.
void keep_files(const ToldFiles& files);

}  // namespace latchkey::service_install
