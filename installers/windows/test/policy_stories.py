"""The policy in the registry, and the agent that runs under it."""

import json

from msi_stories import install, remove_all, running, status
from stories import check, equal, story

AGENT = r"HKLM\SOFTWARE\Policies\Latchkey\agent"


def reload(given) -> dict:
    done = given.wine.program("latchkey", "reload", "--json")
    return {"code": done.code, **json.loads(done.text)}


def told(given, item: str) -> str:
    return " ".join(one["text"] for one in status(given)["agent"]["health"] if one["id"] == item)


@story
def a_name_that_is_not_known_is_passed_over_and_a_wrong_type_is_not(given):
    remove_all(given)
    install(given)
    running(given)
    try:
        given.wine.run("reg", "add", AGENT, "/v", "from_the_future", "/d", "1", "/f", "/reg:64")
        given.wine.run("reg", "add", AGENT, "/v", "role", "/d", "lab", "/f", "/reg:64")
        equal(0, reload(given)["code"], "exit of reload")
        check("from_the_future" in told(given, "policy_unknown"), f"health: {status(given)['agent']['health']}")
        equal("lab", status(given)["agent"]["role"], "what the policy says besides")
        given.wine.run("reg", "add", AGENT, "/v", "role", "/t", "REG_DWORD", "/d", "3", "/f", "/reg:64")
        refused = reload(given)
        equal(78, refused["code"], "exit of reload")
        check("agent : role: must be a text (REG_SZ" in refused["error"]["detail"], f"it said {refused}")
        check("role" in told(given, "config_invalid"), f"health: {status(given)['agent']['health']}")
        equal("lab", status(given)["agent"]["role"], "the last good role")
    finally:
        given.wine.run("reg", "delete", r"HKLM\SOFTWARE\Policies\Latchkey", "/f", "/reg:64")
    equal(0, reload(given)["code"], "exit of reload without a policy")
    equal("workstation", status(given)["agent"]["role"], "the role without a policy")
    equal("", told(given, "policy_unknown") + told(given, "config_invalid"), "health without a policy")
