#include <unistd.h>

#include "platform/file_rights_posix.h"

namespace latchkey::platform {

// The mode's group bits are the most that any entry of a POSIX access control list can give:
// acl(5), the mask.
FurtherRights further_rights(const std::filesystem::path&) { return {}; }
FurtherRights further_rights(int) { return {}; }
bool drop_further_rights(const std::filesystem::path&) { return true; }
bool drop_further_rights(int) { return true; }
std::string further_remedy(const std::filesystem::path&) { return {}; }

bool flush_to_disk(int fd) { return ::fsync(fd) == 0; }

}  // namespace latchkey::platform
