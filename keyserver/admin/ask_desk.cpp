// The client's end: plain and blocking.

#include <array>

#include "keyserver/admin/desk.h"
#include "keyserver/policy.h"
#include "platform/endpoint/local_client.h"

namespace latchkey::keyserver::admin {
namespace {

/// Whether the command was carried out is not known then: that is not "nobody there".
Failure went_away(const std::string& how) {
    return fail(Problem{Code::internal, "the key server went away before it answered" + how,
                        "Look what it did, with the verb that lists, before you repeat the "
                        "command."});
}

}  // namespace

Result<bj::object> ask_desk(const std::filesystem::path& directory, const Command& command) {
    auto client = platform::connect_local(desk_path(directory), kAdminDeadline,
                                          platform::TrustedOwner::or_of_directory);
    if (!client) return fail(std::move(client.error()));
    const std::string line = to_line(command) + '\n';
    if (auto sent = (*client)->write(as_bytes(line)); !sent) return fail(std::move(sent.error()));
    std::string answer;
    std::array<std::uint8_t, 16384> chunk;
    for (;;) {
        const auto got = (*client)->read_some(chunk);
        if (!got) return went_away(": " + got.error().detail);
        if (*got == 0) break;
        answer.append(reinterpret_cast<const char*>(chunk.data()), *got);
    }
    if (answer.empty() || answer.back() != '\n') return went_away("");
    return parse_answer(answer);
}

}  // namespace latchkey::keyserver::admin
