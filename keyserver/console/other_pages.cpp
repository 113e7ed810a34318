// Suspected clones, signing in, and what went wrong.

#include "keyserver/console/pages.h"
#include "keyserver/console/words.h"

namespace latchkey::keyserver::console {

Html clone_table(const std::vector<CloneRow>& clones) {
    std::vector<Row> rows;
    for (const auto& row : clones) {
        const std::string path = machine_path(row.machine.id);
        const Html todo = row.resolved ? badge(Mood::plain, "settled at the next renewal")
                                       : link(path + "/resolve", "Resolve …");
        rows.push_back({link(path, row.machine.id), key_mark(row.key_last5),
                        text(platform_words(row.fork.other.platform)),
                        text("lease " + std::to_string(row.fork.first.sequence) + ", ") +
                            day(row.fork.first.issued_at),
                        text("lease " + std::to_string(row.fork.other.sequence) + ", ") +
                            day(row.fork.other.issued_at),
                        todo});
    }
    return table("Licenses that two machines renew in turns",
                 {{"Machine"}, {"Key"}, {"Platform"}, {"Goes on"}, {"Is refused"}, {"To do"}},
                 rows);
}

Html clones_page(const Visitor& visitor, const CloneList& view, const Fields& query) {
    Html body = paragraph(
        "Two machines that renew one license in turns: one identity was copied. The one that was "
        "there first notices nothing; the other is refused until somebody says who goes on.");
    if (!view.rows.empty())
        body += clone_table(view.rows);
    else if (!view.next.empty())
        body += paragraph("None among the licenses looked at so far; there are more to look at.");
    else
        body += nothing_yet("No clones are suspected.", "There is nothing to do here.");
    return page(visitor, "/clones", "Suspected clones", body + pager("/clones", query, view.next));
}

Html sign_in_page(const Visitor& visitor, const SignIn& view) {
    if (!view.credential_set)
        return page(visitor, {}, "Sign in",
                    nothing_yet("No password is set yet.",
                                "Set one with 'latchkey-keyserver admin --data DIR console "
                                "password' on the key server, then load this page again."));
    Html problem;
    if (!view.problem.empty())
        problem = element("p", {{"class", "problem"}, {"role", "alert"}, {"id", "problem"}},
                          text(view.problem));
    return page(
        visitor, {}, "Sign in",
        problem +
            element("form", {{"class", "sign-in"}, {"method", "post"}, {"action", "/sign-in"}},
                    // For password managers, which want a name beside a password.
                    element("input", {{"type", "text"},
                                      {"name", "name"},
                                      {"value", "console"},
                                      {"autocomplete", "username"},
                                      {"readonly", ""},
                                      {"hidden", ""}}),
                    element("label", {{"for", "password"}}, text("Password of this console")),
                    element("input", {{"id", "password"},
                                      {"type", "password"},
                                      {"name", "password"},
                                      {"autocomplete", "current-password"},
                                      {"required", ""},
                                      {"autofocus", ""},
                                      {"aria-describedby", "problem", !view.problem.empty()}}),
                    element("input", {{"type", "hidden"}, {"name", "next"}, {"value", view.next}}),
                    element("button", {{"type", "submit"}}, text("Sign in"))) +
            muted("Set with 'latchkey-keyserver admin console password'."));
}

Html problem_page(const Visitor& visitor, std::string_view title, std::string_view detail,
                  std::string_view remedy) {
    Html body;
    if (!detail.empty()) body += paragraph(detail);
    body += element("p", {{"class", "remedy"}}, text(remedy));
    return page(visitor, {}, title, body + element("p", link("/", "To the overview")));
}

}  // namespace latchkey::keyserver::console
