#pragma once

// Between plain values (http.h) and Beast's messages: what is read of a request, what is written
// around an answer. Private to the HTTP server.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>

#include <optional>
#include <string>

#include "base/problem.h"
#include "base/time.h"
#include "keyserver/http/http.h"

namespace latchkey::keyserver {

using WireRequest = boost::beast::http::request<boost::beast::http::string_body>;
using WireResponse = boost::beast::http::response<boost::beast::http::string_body>;

HttpRequest to_plain(WireRequest&& request, const std::string& peer);
WireResponse to_wire(HttpResponse&& plain, WallTime now, bool keep_alive);

/// Takes the body out of an answer to HEAD: its length alone is told.
void leave_body_out(HttpResponse& response);

/// What is wrong with a request whose headers were read: HTTP/1.1 wants one Host (RFC 9112, 3.2).
std::optional<Problem> bad_headers(const WireRequest& request);

/// What to say about a request that could not be read; nullopt: the client is gone.
std::optional<Problem> problem_of(boost::system::error_code ec);

/// The problem document that is answered where the handler has no words of its own.
HttpResponse plain_refusal(const Problem& problem);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string http_date(WallTime time);

}  // namespace latchkey::keyserver
