"""Judges the completions, which a shell runs as whoever types: around what they complete stands what the repository's generator writes
where there is nothing to complete; the rest is verbs, options and texts in the generator's form, of letters that no shell acts upon."""

import re
import sys

from check.places import LOCAL, NAMES
from check.source import MACOS

sys.path.insert(0, str(MACOS.parent / "linux/completions"))
import generate  # noqa: E402

sys.path.pop(0)  # there is a check.py, too

WORD, OPTION = r"[a-z][a-z0-9-]*", r"--?[A-Za-z][A-Za-z0-9-]*"
CHOICE = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"


def listed(one: str, between: str = " ") -> str:
    return rf"(?:{one}(?:{between}{one})*)?"


CHOICES = listed(f"{OPTION}={listed(CHOICE, ',')}")
# bash expands the words that compgen gets: nothing that it would expand may be among them.
PLACE = re.compile(rf"""        '((?:/{WORD})*)'\)
            verbs='{listed(WORD)}'
            options='({listed(OPTION)})'
            paths='{listed(OPTION)}' words='{listed(OPTION)}' choices='{CHOICES}' operand='(?:yes)?' ;;
""")
# zsh would run what stands in braces behind a second colon.
TEXT = r"(?:[^\x00-\x1f\x7f\[\]:\\']|\\[\[\]:\\]|'\\'')*"
SPEC = rf"'(?:{OPTION}\[{TEXT}\](?::{WORD}:(?:\({CHOICE}(?: {CHOICE})*\)|_files| ))?|:{WORD}:(?:_files| )|1: :->verb|\*:: :->below)'"
SPECS = rf"        {SPEC}(?: \\\n        {SPEC})*\n"
LEAF = rf"    _arguments \\\n{SPECS}"
BRANCH = (rf"    local curcontext=\"\$curcontext\" state line\n    local -a verbs=\(\n(?:        '{WORD}:{TEXT}'\n)*    \)\n    _arguments -C \\\n{SPECS}"
          r"    case \$state in\n        verb\) _describe verb verbs ;;\n        below\)\n            case \$words\[1\] in\n"
          rf"((?:                {WORD}\) _[a-z0-9_-]+ ;;\n)*)            esac ;;\n    esac\n")
FUNCTION = re.compile(rf"(_[a-z0-9_-]+)\(\) \{{\n(?:{LEAF}|{BRANCH})\}}\n")


def judge(items: list, report) -> None:
    found = {item.path: item.data for item in items}
    for name in NAMES:
        for path, complaint in ((f"{LOCAL}/share/bash-completion/completions/{name}", of_bash), (f"{LOCAL}/share/zsh/site-functions/_{name}", of_zsh)):
            try:
                said = complaint(name, found.get(path, b"").decode())
            except UnicodeDecodeError as error:
                said = f"is not UTF-8: {error}"
            report.check("completions.form", not said, path, said)


def of_bash(name: str, text: str) -> str:
    """What is wrong with it; nothing where all is well."""
    opening = 'case "$1" in\n'
    head, _, tail = generate.bash(name, []).partition(opening)
    if not (text.startswith(head + opening) and text.endswith(tail)):
        return "is another script than the repository's generator writes"
    places, at = text[len(head + opening):len(text) - len(tail)], 0
    seen = []
    while at < len(places):
        place = PLACE.match(places, at)
        if not place:
            return f"says what no completion says: {places[at:].splitlines()[:4]}"
        if "--help" not in place[2].split():
            return f"does not know --help at {place[1]!r}"
        seen.append(place[1])
        at = place.end()
    return "" if seen[:1] == [""] and len(set(seen)) == len(seen) else f"completes {seen}: not what comes first, or something twice"


def of_zsh(name: str, text: str) -> str:
    tail = f'\n_{name} "$@"\n'
    head = generate.zsh(name, []).removesuffix(tail)
    if not (text.startswith(head) and text.endswith(tail)):
        return "is another script than the repository's generator writes"
    functions, called = [], [f"_{name}"]
    for part in text[len(head):len(text) - len(tail)].split("\n\n"):
        part = part.rstrip("\n") + "\n"
        function = FUNCTION.fullmatch(part)
        if not function:
            return f"says what no completion says: {part.splitlines()[:1]}"
        functions.append(function[1])
        called += re.findall(r"\) (\S+) ;;", function[2] or "")
    own = all(one == f"_{name}" or one.startswith(f"_{name}_") for one in functions)
    return "" if own and sorted(functions) == sorted(called) else f"has the functions {functions}, and calls {called}"
