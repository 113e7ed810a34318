// console password

#include "keyserver/admin/verb.h"
#include "keyserver/console/credential.h"

namespace latchkey::keyserver::admin {
namespace {

/// A line's end belongs to the file, not to the password.
std::string first_line(std::string content) {
    if (content.ends_with('\n')) content.pop_back();
    if (content.ends_with('\r')) content.pop_back();
    return content;
}

Result<bj::object> set_password(Context& context, const Arguments& arguments) {
    const bool chosen = arguments.has("password-file");
    std::string password =
        chosen ? first_line(arguments.text("password-file")) : console::make_password();
    if (auto good = console::check_password(password); !good) return fail(std::move(good.error()));
    auto written = console::write_credential(context.directory,
                                             console::make_credential(password, context.now));
    bj::object out;
    if (!chosen) out["password"] = password;
    licensing::wipe(password);
    if (!written) return fail(std::move(written.error()));
    out["set_at"] = format_rfc3339(context.now);
    out["effect"] = "Whoever was signed in to this key server's console is signed out.";
    return out;
}

}  // namespace

std::vector<Verb> console_verbs() {
    using enum ArgumentKind;
    return {{"console",
             "password",
             "Set the password of the console (serve --console); without a file one is made and "
             "shown this once",
             {{"password-file", file, false,
               "Take the one in this file; '-' asks for it, or reads standard input"}},
             Store::Access::read,
             set_password,
             {},
             {}}};
}

}  // namespace latchkey::keyserver::admin
