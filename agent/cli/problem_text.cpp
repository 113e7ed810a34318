#include "agent/cli/problem_text.h"

#include "agent/cli/document.h"
#include "agent/cli/terminal.h"
#include "agent/localapi/problem_json.h"
#include "base/printable.h"

namespace latchkey::cli {

std::string problem_text(const Problem& problem) {
    std::string text = "error: " + printable(problem.title()) + "\n";
    if (!problem.detail.empty()) text += "  " + printable(problem.detail) + "\n";
    if (!problem.remedy_text().empty())
        text += "  remedy: " + printable(problem.remedy_text()) + "\n";
    return text;
}

void print_problem(Console& console, const Problem& problem, bool json) {
    if (json)
        print_document(console, localapi::error_json(problem));
    else
        show(console, Stream::err, problem_text(problem));
}

void warn(Console& console, std::string_view text) {
    show(console, Stream::err, "warning: " + printable(text) + "\n");
}

}  // namespace latchkey::cli
