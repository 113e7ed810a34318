// latchkey redeem: redeem a token for a cloud service.

#include "agent/cli/agent_call.h"
#include "agent/cli/cloud_text.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/problem_text.h"
#include "agent/cli/terminal.h"
#include "base/path_text.h"
#include "licensing/product_key.h"
#include "platform/secure_file.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMaxTokenText = 4096;

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// The canonical text. A key is recognised here, before any traffic, as a token is where a key
/// belongs (rule K2).
Result<std::string> checked(std::string_view text) {
    const auto token = licensing::ProductKey::parse(text);
    if (!token) return fail(Code::token_malformed, token.error().detail);
    if (token->kind() == licensing::KeyKind::product_key)
        return fail(Code::key_not_token, "nothing was sent to the key server");
    return token->text();
}

Result<std::string> read_token(const std::string& file, Console& console) {
    if (file == "-") return console.read_input(kMaxTokenText);
    if (file.empty() && console.is_terminal(Stream::in)) return console.read_secret("Token: ");
    if (file.empty())
        return fail(Code::usage, "name the file that holds the token, or '-' for standard input");
    // It would stand in the process list and the shell's history; it is not repeated here either.
    if (licensing::ProductKey::parse(file))
        return fail(Problem{Code::usage, "a token does not belong on the command line",
                            "Put it into a file, or give it on standard input: latchkey redeem -"});
    auto text = platform::read_file(utf8_path(file), kMaxTokenText);
    if (!text) return fail(Code::input_unreadable, text.error().detail);
    return text;
}

}  // namespace

Result<int> cmd_redeem(Call& call) {
    std::string file;
    Options options("redeem", "Redeem a token for a cloud service.");
    options.operand("token-file", file, "file that holds the token; '-': standard input");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    const auto text = read_token(file, call.console);
    if (!text) return fail(text.error());
    const auto token = checked(trim(*text));
    if (!token) return fail(token.error());
    const bj::value body(bj::object{{"token", *token}});
    const auto answer = ask(call.common, "POST", "/v1/redeem", &body);
    if (!answer) return fail(answer.error());
    if (call.common.json)
        print_document(call.console, *answer);
    else
        show(call.console, redeemed_text(*answer));
    return kDone;
}

}  // namespace latchkey::cli
