#include "agent/cli/key_input.h"

#include "agent/cli/agent_call.h"
#include "agent/cli/document.h"
#include "agent/cli/problem_text.h"
#include "agent/cli/status_text.h"
#include "base/path_text.h"
#include "platform/secure_file.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMaxKeyText = 4096;

/// The detail of a failure names the group that looks wrong, never the key.
Result<std::string> checked(std::string_view text) {
    const auto key = licensing::ProductKey::parse(text);
    if (!key) return fail(key.error());
    if (key->kind() == licensing::KeyKind::token)
        return fail(Code::token_not_key, "nothing was sent to the key server");
    return key->text();
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<std::string> text_of_file(const std::string& file) {
    auto text = platform::read_file(utf8_path(file), kMaxKeyText);
    if (!text) return fail(Code::input_unreadable, text.error().detail);
    return text;
}

}  // namespace

void KeyOptions::declare(Options& options) {
    options.optional_text("--key-file", file, "file that holds the product key");
    options.flag("--key-stdin", from_stdin, "read the product key from standard input");
    options.optional_text("--key", on_command_line,
                          "the product key itself (visible in the process list)");
}

Result<std::optional<std::string>> read_key(const KeyOptions& options, Console& console) {
    const int sources =
        (options.file ? 1 : 0) + (options.from_stdin ? 1 : 0) + (options.on_command_line ? 1 : 0);
    if (sources == 0) return std::optional<std::string>();
    if (sources > 1)
        return fail(Code::usage, "--key-file, --key-stdin and --key exclude one another");
    Result<std::string> text = options.on_command_line.value_or("");
    if (options.on_command_line)
        warn(console,
             "a key on the command line is visible in the process list and the shell's history; "
             "use --key-file or --key-stdin");
    else
        text = options.from_stdin ? console.read_input(kMaxKeyText) : text_of_file(*options.file);
    if (!text) return fail(text.error());
    auto key = checked(trim(*text));
    if (!key) return fail(key.error());
    return std::optional(*std::move(key));
}

Result<std::string> ask_for_key(Console& console) {
    const auto typed = console.read_secret("Product key: ");
    if (!typed) return fail(typed.error());
    return checked(trim(*typed));
}

Result<std::optional<std::string>> key_for_product(const KeyOptions& options, Call& call,
                                                   const std::string& product) {
    if (options.given() || !call.console.is_terminal(Stream::in))
        return read_key(options, call.console);
    const auto status = ask(call.common, "GET", "/v1/status");
    if (!status) return fail(status.error());
    const View known = find_product(*status, product);
    if (known.is_null() || !known["key_last5"].is_null() || known["state"].text() == "not_required")
        return std::optional<std::string>();
    auto key = ask_for_key(call.console);
    if (!key) return fail(key.error());
    return std::optional(*std::move(key));
}

}  // namespace latchkey::cli
