// latchkey config show: every setting, its value and where it comes from.

#include <array>

#include "agent/cli/agent_call.h"
#include "agent/cli/cmd.h"
#include "agent/cli/document.h"
#include "agent/cli/table.h"
#include "agent/cli/terminal.h"

namespace latchkey::cli {
namespace {

std::string value_words(View value, const bj::value& raw) {
    if (!value.text().empty()) return std::string(value.text());
    return raw.is_string() || raw.is_null() ? "-" : json::to_text(raw);
}

std::string settings_table(View config, bool color) {
    Table table;
    table.heading({"SETTING", "VALUE", "SOURCE"});
    static const bj::value kNothing;
    for (const auto& item : config["settings"].items()) {
        const View setting(item);
        const auto* const value =
            item.is_object() ? item.as_object().if_contains("value") : nullptr;
        table.row({{std::string(setting["name"].text())},
                   {value_words(setting["value"], value ? *value : kNothing)},
                   {std::string(setting["source"].text())}});
    }
    return table.text(color);
}

Result<int> cmd_config_show(Call& call) {
    Options options("config show", "Every setting of the agent, its value and its source.");
    const auto go_on = parse_options(call, options);
    if (!go_on) return fail(go_on.error());
    if (!*go_on) return kDone;
    const auto config = ask(call.common, "GET", "/v1/config");
    if (!config) return fail(config.error());
    if (call.common.json)
        print_document(call.console, *config);
    else
        show(call.console, settings_table(*config, false));
    return kDone;
}

constexpr std::array kVerbs{
    Verb{"show", "every setting, its value and its source", cmd_config_show},
};

}  // namespace

Result<int> cmd_config(Call& call) { return dispatch(kVerbs, "latchkey config", call); }

}  // namespace latchkey::cli
