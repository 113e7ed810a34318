"""What users, scripts and administrators rely on, the same on every system: verbs, exit codes, error codes, the members of JSON.

keep() walks through it on a machine where the agent has just been installed with the product `editor`'s manifest and a key server that
answers, and nothing is activated. A place is where that is: program(name, *words) gives exit code and text of one of the three programs,
standard error's too, file(name, text) lays a file down and returns its path as programs there know it, admin(words) asks the key server,
stop() ends the agent."""

import json
import pathlib

from key_server import new_token
from stories import check, equal, eventually

HERE = pathlib.Path(__file__).resolve().parent
MEMBERS = HERE / "contract_members.json"
STATUS_SCHEMA = HERE.parents[1] / "docs" / "status.schema.json"

VERBS = ("status", "check", "explain", "activate", "deactivate", "redeem", "rearm", "generalize", "history", "doctor", "config", "reload",
         "hwid", "version")

# Name, words, exit code, error code. {key}, {mistyped}, {token}, {missing}: files. One after the other: each stands on those before.
ROWS = (
    ("version", "version", 0, None),
    ("a verb that is none", "frobnicate", 64, "usage"),
    ("an option that is none", "activate --product editor --frobnicate", 64, "usage"),
    ("an option's bad value", "status --timeout soon", 64, "usage"),
    ("a product that is not named", "deactivate", 64, "usage"),
    ("a word too many", "version twice", 64, "usage"),
    ("status before", "status", 0, None),
    ("check before", "check", 1, None),
    ("status of an unknown product", "status --product nosuch", 78, "product_unknown"),
    ("check of an unknown product", "check --product nosuch", 3, None),
    ("deactivate before", "deactivate --product editor", 11, "not_activated"),
    ("no key file", "activate --product editor --key-file {missing}", 65, "input_unreadable"),
    ("a mistyped key", "activate --product editor --key-file {mistyped}", 12, "key_malformed"),
    ("a key for an unknown product", "activate --product nosuch --key-file {key}", 78, "product_unknown"),
    ("explain before", "explain --product editor --key-file {key}", 0, None),
    ("rearm", "rearm --product editor", 0, None),
    ("activate", "activate --product editor --key-file {key}", 0, None),
    ("status after", "status", 0, None),
    ("explain after", "explain --product editor", 0, None),
    ("activate again", "activate --product editor --key-file {key}", 0, None),
    ("history", "history", 0, None),
    ("hardware", "hwid show", 0, None),
    ("settings", "config show", 0, None),
    ("reload", "reload", 0, None),
    ("rearm after", "rearm --product editor", 11, "no_grace_period"),
    ("what a golden image would lose", "generalize --dry-run", 0, None),
    ("no token file", "redeem {missing}", 65, "input_unreadable"),
    ("a key where a token belongs", "redeem {key}", 12, "key_not_token"),
    ("a mistyped token", "redeem {mistyped}", 12, "token_malformed"),
    ("a token where a key belongs", "activate --product editor --key-file {token}", 12, "token_not_key"),
    ("redeem", "redeem {token}", 0, None),
    ("redeem again", "redeem {token}", 0, None),
    ("status with a cloud service", "status", 0, None),
    ("deactivate", "deactivate --product editor", 0, None),
    ("deactivate again", "deactivate --product editor", 11, "not_activated"),
    ("check after", "check", 1, None),
)
# The same of `latchkey-service`.
SERVICE_VERBS = ("install", "uninstall", "status")
SERVICE_ROWS = (
    ("what installing would do", "install --dry-run", 0, None),
    ("what removing would do", "uninstall --dry-run", 0, None),
    ("what removing all would do", "uninstall --remove-state --dry-run", 0, None),
    ("the service's status", "status", 0, None),
    ("what its status would ask", "status --dry-run", 0, None),
    ("a verb that is none of the service's", "frobnicate", 64, "usage"),
    ("an option that is none of the service's", "install --frobnicate", 64, "usage"),
    ("a place that is none", "install --dry-run --bindir here", 64, "usage"),
)
# Name, agent.toml, exit code, what is said after the file's name.
CONFIGURATIONS = (
    ("a good one", '[agent]\nrole = "lab"\n', 0, " is fine"),
    ("an unknown key", "[agent]\nnonsense = 1\n", 78, ":2: agent.nonsense: unknown key"),
    ("a value that is none", '[agent]\nrole = "desktop"\n', 78, ':2: agent.role: must be one of "workstation", "lab"'),
    ("a value of the wrong type", "[agent]\nrole = 3\n", 78, ":2: agent.role: must be a text in quotation marks"),
    ("a value that is too long", f'[organization]\nid = "{"x" * 1025}"\n', 78, ":2: organization.id: must have between 1 and 1024 characters"),
    ("no address", '[keyserver]\nurl = "http://plain"\n', 78, ":2: keyserver.url: must be https://HOST or https://HOST:PORT"),
    ("no TOML", "[agent\n", 78, ":1"),
    ("no file", None, 78, ""),
)
ROWS_WITHOUT_AGENT = (
    ("status of nobody", "status", 69, "agent_unreachable"),
    ("check of nobody", "check", 3, None),
    ("activate with nobody", "activate --product editor --key-file {key}", 69, "agent_unreachable"),
    ("version of nobody", "version", 0, None),
)


def members(document, depth: int = 2, at: str = "") -> set:
    """Names of members down to `depth`, as 'products[].id'."""
    if isinstance(document, list):
        return set().union(*(members(one, depth, f"{at}[]") for one in document))
    if not isinstance(document, dict) or depth == 0:
        return set()
    found = set()
    for name, value in document.items():
        path = f"{at}.{name}" if at else name
        found |= {path} | members(value, depth - 1, path)
    return found


def above(path: str) -> str:
    """'products[].id' stands below 'products[]'; '' at the top."""
    return path.rpartition(".")[0]


def same_members(name: str, document: dict, expected: dict) -> None:
    """Below a list that is empty here, or an object that is null here, nothing can be missing."""
    found, wanted = members(document), set(expected[name])
    grounds = {above(path) for path in found}
    missing = sorted(path for path in wanted - found if above(path) in grounds or not above(path))
    check(not missing and found <= wanted, f"{name}: members missing {missing}, members new {sorted(found - wanted)}")


def mistyped(key: str) -> str:
    return key[:-1] + ("2" if key[-1] != "2" else "3")


def document_in(text: str, name: str) -> dict:
    """Standard error may have spoken before."""
    check("{" in text, f"{name}: it said {text[:500]!r}")
    return json.JSONDecoder().raw_decode(text[text.index("{"):])[0]


def one_row(place, paths: dict, row, expected: dict, program: str = "latchkey") -> dict:
    name, words, code, error = row
    words = [word.format(**paths) for word in words.split()]
    done = place.program(program, *words, "--json")
    equal(code, done.code, f"{name}: exit code; it said {done.text[:500]}")
    document = document_in(done.text, name)
    equal("1.0", document.get("schema_version"), f"{name}: schema_version")
    said = document.get("error", {})
    if error:
        equal(error, said.get("code"), f"{name}: error code")
        check(said["title"] and said["remedy"], f"{name}: an error without title or remedy: {said}")
    same_members(name, document, expected)
    # The same for people: the same exit code, and no JSON. What changes something is done once.
    if program != "latchkey" or code == 64 or words[0] in ("status", "check", "explain", "history", "config", "hwid", "version"):
        told = place.program(program, *words)
        equal(code, told.code, f"{name}: exit code without --json; it said {told.text[:500]}")
        check(told.text and not told.text.startswith("{"), f"{name}: without --json it said {told.text[:500]!r}")
        check(not error or said["remedy"].split("\n")[0] in told.text, f"{name}: no remedy in {told.text!r}")
    return document


def keep_service_tool(place, expected: dict) -> None:
    help_text = place.program("latchkey-service", "--help").text
    for verb in SERVICE_VERBS:
        check(f"\n  {verb} " in help_text, f"latchkey-service --help does not name {verb}: {help_text}")
        equal(0, place.program("latchkey-service", verb, "--help").code, f"exit code of latchkey-service {verb} --help")
    for row in SERVICE_ROWS:
        said = one_row(place, {}, row, expected, "latchkey-service")
        if "--dry-run" in row[1] and not row[3]:
            check(said["dry_run"] and said["steps"], f"{row[0]}: {said}")


def keep_check_config(place) -> None:
    for name, text, code, says in CONFIGURATIONS:
        file = place.file(f"{name}.toml".replace(" ", "-"), text)
        done = place.program("latchkeyd", "check-config", "--config", file)
        equal(code, done.code, f"check-config of {name}: exit code; it said {done.text}")
        check(file + says in done.text, f"check-config of {name} does not say {file + says!r}: {done.text}")
    for words in (("frobnicate",), ("check-config", "--frobnicate"), ("run", "--config"), ()):
        done = place.program("latchkeyd", *words)
        equal(64, done.code, f"latchkeyd {words}: exit code; it said {done.text}")
        check(done.text, f"latchkeyd {words} says nothing")


def keep(place, key: str) -> None:
    import jsonschema  # a Debian package of its own, needed here alone

    expected = json.loads(MEMBERS.read_text())
    schema = json.loads(STATUS_SCHEMA.read_text())
    paths = {"key": place.file("editor.key", key + "\n"), "mistyped": place.file("mistyped.key", mistyped(key) + "\n"),
             "missing": place.file("gone", None), "token": place.file("cloud.token", new_token(place.admin) + "\n")}
    keep_service_tool(place, expected)
    keep_check_config(place)
    help_text = place.program("latchkey", "--help").text
    for verb in VERBS:
        check(f"\n  {verb} " in help_text, f"--help does not name {verb}: {help_text}")
        equal(0, place.program("latchkey", verb, "--help").code, f"exit code of {verb} --help")
    said = {}
    for row in ROWS:
        said[row[0]] = one_row(place, paths, row, expected)
        if row[1].split()[0] == "status" and not row[3]:
            jsonschema.validate(said[row[0]], schema)
    equal("initial_grace", said["status before"]["products"][0]["state"], "state before")
    equal(1, said["explain before"]["would_use"], "what activating would use")
    equal(1, said["activate"]["counted"], "what activating used")
    equal("licensed", said["status after"]["products"][0]["state"], "state after")
    equal(0, said["activate again"]["counted"], "what activating again used")
    equal(said["redeem"]["cloud_entitlement"], said["redeem again"]["cloud_entitlement"], "what a token gives that is redeemed again")
    equal(1, len(said["status with a cloud service"]["cloud_entitlements"]), "cloud services")
    equal("unlicensed", said["deactivate"]["state"], "state in the end")
    place.stop()
    eventually(lambda: place.program("latchkey", "status").code == 69, "the agent is gone", 60)
    for row in ROWS_WITHOUT_AGENT:
        one_row(place, paths, row, expected)
