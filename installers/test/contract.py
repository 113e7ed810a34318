"""What users, scripts and administrators rely on, the same on every system: verbs, exit codes, error codes, the members of JSON.

keep() walks through it on a machine where the agent has just been installed with the product `editor`'s manifest and a key server that
answers, and nothing is activated. A place is where that is: run(*words) gives exit code and text of `latchkey`, file(name, text) lays a
file down and returns its path as programs there know it, stop() ends the agent."""

import json
import pathlib

from stories import check, equal, eventually

HERE = pathlib.Path(__file__).resolve().parent
MEMBERS = HERE / "contract_members.json"
STATUS_SCHEMA = HERE.parents[1] / "docs" / "status.schema.json"

VERBS = ("status", "check", "explain", "activate", "deactivate", "redeem", "rearm", "generalize", "history", "doctor", "config", "reload",
         "hwid", "version")

# Name, words, exit code, error code. {key}, {mistyped}, {missing}: key files. One after the other: each stands on those before.
ROWS = (
    ("version", "version", 0, None),
    ("a verb that is none", "frobnicate", 64, "usage"),
    ("an option that is none", "activate --product editor --frobnicate", 64, "usage"),
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
    ("deactivate", "deactivate --product editor", 0, None),
    ("deactivate again", "deactivate --product editor", 11, "not_activated"),
    ("check after", "check", 1, None),
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


def one_row(place, paths: dict, row, expected: dict) -> dict:
    name, words, code, error = row
    words = [word.format(**paths) for word in words.split()]
    done = place.run(*words, "--json")
    equal(code, done.code, f"{name}: exit code; it said {done.text[:500]}")
    document = json.loads(done.text)
    equal("1.0", document.get("schema_version"), f"{name}: schema_version")
    said = document.get("error", {})
    if error:
        equal(error, said.get("code"), f"{name}: error code")
        check(said["title"] and said["remedy"], f"{name}: an error without title or remedy: {said}")
    same_members(name, document, expected)
    # The same for people: the same exit code, and no JSON. What changes something is done once.
    if words[0] in ("status", "check", "explain", "history", "config", "hwid", "version", "frobnicate"):
        told = place.run(*words)
        equal(code, told.code, f"{name}: exit code without --json; it said {told.text[:500]}")
        check(told.text and not told.text.startswith("{"), f"{name}: without --json it said {told.text[:500]!r}")
        check(not error or "remedy: " in told.text, f"{name}: no remedy in {told.text!r}")
    return document


def keep(place, key: str) -> None:
    import jsonschema  # a Debian package of its own, needed here alone

    expected = json.loads(MEMBERS.read_text())
    schema = json.loads(STATUS_SCHEMA.read_text())
    paths = {"key": place.file("editor.key", key + "\n"), "mistyped": place.file("mistyped.key", mistyped(key) + "\n"),
             "missing": place.file("gone", None)}
    help_text = place.run("--help").text
    for verb in VERBS:
        check(f"\n  {verb} " in help_text, f"--help does not name {verb}: {help_text}")
        equal(0, place.run(verb, "--help").code, f"exit code of {verb} --help")
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
    equal("unlicensed", said["deactivate"]["state"], "state in the end")
    place.stop()
    eventually(lambda: place.run("status").code == 69, "the agent is gone", 60)
    for row in ROWS_WITHOUT_AGENT:
        one_row(place, paths, row, expected)
