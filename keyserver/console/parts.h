#pragma once

// What pages are put together from: the frame around them, tables, times, pictures.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/time.h"
#include "keyserver/console/form.h"
#include "keyserver/console/html.h"
#include "keyserver/console/views.h"

namespace latchkey::keyserver::console {

/// For whom a page is made.
struct Visitor {
    bool signed_in = false;
    std::string form_token;  ///< of the session
    std::string notice;      ///< told once, above everything else
    std::string publisher;
};

/// A whole page. `here` is the target of the navigation's entry it belongs to.
Html page(const Visitor& visitor, std::string_view here, std::string_view title, const Html& body);

/// Columns of which the first names the row; `numbers` are set to the right.
struct Column {
    std::string_view title;
    bool number = false;
};
using Row = std::vector<Html>;
Html table(std::string_view caption, const std::vector<Column>& columns,
           const std::vector<Row>& rows);

/// A title, and what stands under it.
Html section(std::string_view title, const Html& body);
/// "name: value" pairs.
using Facts = std::vector<std::pair<std::string_view, Html>>;
Html facts(const Facts& facts);

Html paragraph(std::string_view words);
Html muted(std::string_view words);
/// A line where there is nothing: what that means and what to do.
Html nothing_yet(std::string_view what, std::string_view todo);
Html link(const std::string& target, std::string_view words);
Html button_link(const std::string& target, std::string_view words);
/// A form that posts the session's token. `buttons`: button() and what stands beside it.
Html post_form(const Visitor& visitor, const std::string& target, const Html& fields,
               const Html& buttons);
enum class Weight : std::uint8_t { light, grave };
Html button(std::string_view words, Weight weight = Weight::light);

enum class Mood : std::uint8_t { plain, note, good, warning, bad };
/// A word with a sign and a colour: never the colour alone.
Html badge(Mood mood, std::string_view word);

/// "2026-11-27 14:03 UTC", with its exact value.
Html moment(ServerTime time);
Html day(ServerTime time);
/// "…-ABCDE": all of a key that is ever shown.
Html key_mark(std::string_view last5);
/// What is long and of interest to few: an id.
Html code(std::string_view value);

/// "page 2" of a list: goes on after `next`, or back to its start.
Html pager(const std::string& path, Fields query, const std::string& next);

/// How much of it is used, as a bar and in words.
Html use_bar(std::int64_t used, std::int64_t limit);
Html trend_chart(const Trend& trend);

std::string machine_path(std::string_view id);
std::string entitlement_path(std::string_view id);
std::string key_machines_path(std::string_view key);

}  // namespace latchkey::keyserver::console
