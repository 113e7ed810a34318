#pragma once

// Pages and redirections as responses, each with the headers that keep a browser from harm.

#include "base/problem.h"
#include "keyserver/console/pages.h"
#include "keyserver/http/http.h"

namespace latchkey::keyserver::console {

HttpResponse page_response(const Html& page, int status = 200);
/// After a form: 303, so that loading again repeats nothing.
HttpResponse go_to(const std::string& target);
HttpResponse file_response(std::string_view content, std::string content_type);

/// A page for what went wrong, in words for the reader of a browser.
HttpResponse problem_response(const Visitor& visitor, const Problem& problem);
/// 400: `name` in the query says nothing on that page.
HttpResponse no_such_field(const Visitor& visitor, const std::string& name);
HttpResponse no_such_page(const Visitor& visitor);
HttpResponse foreign_form(const Visitor& visitor);

}  // namespace latchkey::keyserver::console
