#include "agent/daemon/receipt_id.h"

#include "base/encoding.h"

namespace latchkey::daemon {

json::bj::value receipt_id_json(const std::string& jws) {
    const auto first = jws.find('.');
    const auto second = first == std::string::npos ? first : jws.find('.', first + 1);
    if (second == std::string::npos) return nullptr;
    const auto payload =
        from_base64url(std::string_view(jws).substr(first + 1, second - first - 1));
    if (!payload) return nullptr;
    const auto value =
        json::parse_strict({reinterpret_cast<const char*>(payload->data()), payload->size()});
    const auto* object = value ? value->if_object() : nullptr;
    const auto* id = object ? object->if_contains("id") : nullptr;
    return id && id->is_string() ? *id : json::bj::value(nullptr);
}

}  // namespace latchkey::daemon
