// latchkey-identity: derives the evidence table from recorded machines, and measures the decision.
// ./dev derive-weights and ./dev identity-report run it.

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "tests/identity/derive.h"
#include "tests/identity/report.h"

namespace {

using namespace latchkey;

void say(std::string_view text) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

int give_up(const Problem& problem) {
    say("error: " + problem.detail);
    return 1;
}

int derive(const identity::Dataset& data, const std::string& file) {
    say("counting agreements");
    const auto derived = identity::derive(data);
    if (!derived) return give_up(derived.error());
    std::ofstream out(file, std::ios::binary);
    out << identity::as_source(*derived);
    out.close();
    if (!out) return say("error: cannot write " + file), 1;
    return 0;
}

int report(const identity::Dataset& data, bool as_json) {
    say("judging");
    const auto report = identity::measure(data);
    const auto text = as_json ? identity::as_json(report) + "\n" : identity::as_text(report);
    std::fputs(text.c_str(), stdout);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const bool derives = words.size() == 3 && words[0] == "derive";
    const bool json = words.size() == 3 && words[2] == "--json";
    const bool reports = !words.empty() && words[0] == "report" && (words.size() == 2 || json);
    if (!derives && !reports) {
        say("usage: latchkey-identity derive FOLDER FILE | report FOLDER [--json]");
        return 64;
    }
    const auto data = identity::read_dataset(words[1], say);
    if (!data) return give_up(data.error());
    return derives ? derive(*data, words[2]) : report(*data, json);
}
