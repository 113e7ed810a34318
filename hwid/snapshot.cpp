#include "hwid/snapshot.h"

#include "hwid/text.h"

namespace latchkey::hwid {
namespace {

namespace bj = json::bj;

constexpr json::Limits kLimits{.max_bytes = 512 * 1024, .max_depth = 8, .allow_doubles = true};
constexpr std::size_t kMaxAttributes = 32;
constexpr std::size_t kMaxAttributeNameBytes = 64;

std::string_view view(const bj::string& text) { return {text.data(), text.size()}; }

/// Reads one component. A small reader of its own: comparing many pairs spends most time here.
class ComponentReader {
public:
    ComponentReader(const bj::value& value, std::size_t index) : index_(index) {
        object_ = value.if_object();
        if (!object_) refuse("component", "must be an object");
    }

    /// nullopt for a kind this version does not know.
    std::optional<Component> read() {
        const auto kind = kind_from_name(text("kind", kMaxAttributeNameBytes, true));
        if (!kind || why_.size()) return std::nullopt;
        Component out{*kind,
                      clean_text(text("value", kMaxValueBytes, false)),
                      clean_text(text("slot", kMaxValueBytes, false)),
                      {},
                      State::present};
        read_state(out);
        read_attributes(out);
        return out;
    }

    const std::string& why() const { return why_; }

private:
    void refuse(std::string_view member, std::string_view what) {
        if (!why_.empty()) return;
        why_ = "component " + std::to_string(index_) + ": \"" + std::string(member) + "\" " +
               std::string(what);
    }

    std::string_view text(std::string_view member, std::size_t max_bytes, bool required) {
        if (!object_) return {};
        const bj::value* value = object_->if_contains(member);
        if (!value || value->is_null()) {
            if (required) refuse(member, "is missing");
            return {};
        }
        const bj::string* string = value->if_string();
        if (!string) return refuse(member, "must be a string"), std::string_view{};
        if (string->size() > max_bytes) {
            refuse(member, "is longer than " + std::to_string(max_bytes) + " bytes");
            return {};
        }
        return view(*string);
    }

    void read_state(Component& out) {
        const auto state = text("state", kMaxAttributeNameBytes, false);
        if (state == "absent") {
            out.state = State::absent;
        } else if (state == "unreadable") {
            out.state = State::unreadable;
        } else if (!state.empty() && state != "present") {
            refuse("state", "must be present, absent or unreadable");
        }
    }

    void read_attributes(Component& out) {
        const bj::value* value = object_->if_contains("attributes");
        if (!value || value->is_null()) return;
        const bj::object* attributes = value->if_object();
        if (!attributes) return refuse("attributes", "must be an object");
        if (attributes->size() > kMaxAttributes)
            return refuse("attributes", "has too many members");
        for (const auto& [key, member] : *attributes) {
            const bj::string* string = member.if_string();
            if (!string) return refuse("attributes", "must hold strings");
            if (string->size() > kMaxValueBytes || key.size() > kMaxAttributeNameBytes) {
                return refuse("attributes", "holds a name or value that is too long");
            }
            out.attributes.emplace(clean_text({key.data(), key.size()}), clean_text(view(*string)));
        }
    }

    const bj::object* object_ = nullptr;
    std::size_t index_;
    std::string why_;
};

Failure unreadable(std::string_view detail) {
    return fail(Code::input_unreadable, "hardware snapshot: " + std::string(detail));
}

}  // namespace

Result<Snapshot> snapshot_from_json(const bj::value& value) {
    json::ObjectReader in(value, "hardware snapshot");
    const std::string schema = in.string("schema", 64);
    if (in.ok() && schema != kSnapshotSchema) {
        in.refuse("schema", "must be \"" + std::string(kSnapshotSchema) + "\"");
    }
    Snapshot out;
    out.os = in.optional_string("os", 32).value_or("");
    if (const auto* member =
            value.is_object() ? value.as_object().if_contains("captured_at") : nullptr;
        member && !(member->is_string() && member->as_string().empty())) {
        out.captured_at = in.optional_time("captured_at");
    }
    const bj::array* components = in.array("components", kMaxComponents);
    if (const auto problem = in.finish(json::ObjectReader::Unknown::ignored)) {
        return fail(Code::input_unreadable, problem->detail);
    }
    out.components.reserve(components->size());
    for (std::size_t i = 0; i < components->size(); ++i) {
        ComponentReader reader((*components)[i], i);
        auto component = reader.read();
        if (!reader.why().empty()) return unreadable(reader.why());
        if (component) out.components.push_back(std::move(*component));
    }
    return out;
}

Result<Snapshot> parse_snapshot(std::string_view text) {
    const auto value = json::parse_strict(text, kLimits);
    if (!value) return unreadable(value.error().detail);
    return snapshot_from_json(*value);
}

bj::value to_json(const Snapshot& snapshot) {
    bj::array components;
    components.reserve(snapshot.components.size());
    for (const Component& component : snapshot.components) {
        bj::object object{{"kind", name(component.kind)}, {"value", component.value}};
        if (!component.slot.empty()) object["slot"] = component.slot;
        if (!component.attributes.empty()) {
            bj::object attributes;
            for (const auto& [key, value] : component.attributes) attributes[key] = value;
            object["attributes"] = std::move(attributes);
        }
        if (component.state != State::present) object["state"] = name(component.state);
        components.push_back(std::move(object));
    }
    bj::value captured_at = nullptr;
    if (snapshot.captured_at) captured_at = format_rfc3339(*snapshot.captured_at);
    return bj::object{{"schema", kSnapshotSchema},
                      {"os", snapshot.os},
                      {"captured_at", std::move(captured_at)},
                      {"components", std::move(components)}};
}

}  // namespace latchkey::hwid
