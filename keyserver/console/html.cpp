#include "keyserver/console/html.h"

#include <array>

#include "base/encoding.h"
#include "base/printable.h"

namespace latchkey::keyserver::console {
namespace {

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : printable(value)) switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    return out;
}

bool is_void(std::string_view name) {
    constexpr std::array<std::string_view, 5> kVoid{"meta", "link", "input", "br", "img"};
    for (const auto each : kVoid)
        if (name == each) return true;
    return false;
}

}  // namespace

Html text(std::string_view value) { return Html(escaped(value)); }

Html make_element(Name name, const Attributes& attributes, std::initializer_list<Html> children) {
    std::string markup = "<" + std::string(name.text());
    for (const auto& attribute : attributes) {
        if (!attribute.present) continue;
        markup += ' ';
        markup += attribute.name.text();
        markup += "=\"" + escaped(attribute.value) + '"';
    }
    markup += '>';
    for (const auto& child : children) markup += child.markup();
    if (!is_void(name.text())) markup += "</" + std::string(name.text()) + ">";
    return Html(std::move(markup));
}

Html document(const Html& root) { return Html("<!DOCTYPE html>\n" + root.markup() + "\n"); }

std::string path_piece(std::string_view value) {
    std::string out;
    for (const char c : value) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            out += c;
        else
            out += '%' + hex(as_bytes(std::string_view(&c, 1)));
    }
    return out;
}

}  // namespace latchkey::keyserver::console
