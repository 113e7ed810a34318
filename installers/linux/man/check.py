#!/usr/bin/env python3
"""check.py BIN_DIR: the man pages name every verb and option of the programs, each where its verb is told, and none besides."""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "completions"))
import help_tree  # noqa: E402

PAGES = {"latchkey": "latchkey.1", "latchkeyd": "latchkeyd.8", "latchkey-service": "latchkey-service.8",
         "latchkey-keyserver": "latchkey-keyserver.8"}
failures = []


def options_in(text: str) -> set:
    return set(re.findall(r"\*(--?[a-z][a-z-]*)\*", text))


def check_program(program: pathlib.Path) -> None:
    page = (HERE / f"{PAGES[program.name]}.scd").read_text(encoding="utf-8")
    verbs_told, shared = page.split("\n# VERBS\n")[1].split("\n# OPTIONS\n")
    shared = options_in(shared.split("\n# EXIT STATUS\n")[0]) | {"-h", "--help"}
    told = {match[1]: match[0] for match in re.finditer(r"^\*([a-z][a-z -]*)\*(?:.|\n)*?(?=^\*[a-z]|\Z)", verbs_told, re.M)}
    tree = help_tree.read(str(program))
    known = {" ".join(verb.words): verb for verb in tree.walk() if verb.words and not verb.verbs}
    for verb in sorted(known.keys() | told.keys()):
        if verb not in told:
            failures.append(f"{PAGES[program.name]} does not tell of '{verb}'")
        elif verb not in known:
            failures.append(f"{PAGES[program.name]} tells of '{verb}', which {program.name} does not know")
        else:
            takes = {name for option in known[verb].options for name in option.names}
            for name in sorted(takes - shared - options_in(told[verb])):
                failures.append(f"{PAGES[program.name]}: '{verb}' leaves {name} out")
            for name in sorted(options_in(told[verb]) - takes - shared):
                failures.append(f"{PAGES[program.name]}: '{verb}' takes no {name}")


def check_configuration(latchkeyd: pathlib.Path) -> None:
    """agent.toml(5) has the settings of docs/configuration.md, and the agent takes its example."""
    page = (HERE / "agent.toml.5.scd").read_text(encoding="utf-8")
    documented = (HERE.parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    settings = {row.split("|")[1].replace("`", "").strip() for row in documented.splitlines() if row.startswith("| `[")}
    described = {line.replace("*", "") for line in page.splitlines() if line.startswith("*[")}
    for setting in settings ^ described:
        failures.append(f"agent.toml.5 and docs/configuration.md do not both have '{setting}'")
    with tempfile.TemporaryDirectory() as directory:
        authority = pathlib.Path(directory) / "ca.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=x", "-keyout", "/dev/null",
                        "-out", str(authority)], check=True, capture_output=True)
        example = page.split("```")[1].replace("/etc/latchkey/keyserver-ca.pem", str(authority))
        file = pathlib.Path(directory) / "agent.toml"
        file.write_text(example, encoding="utf-8")
        file.chmod(0o600)
        said = subprocess.run([str(latchkeyd), "check-config", "--config", str(file)], capture_output=True, text=True)
        if said.returncode:
            failures.append(f"the example of agent.toml.5 is refused: {said.stdout}{said.stderr}")


def main() -> None:
    programs = pathlib.Path(sys.argv[1])
    if missing := [name for name in PAGES if not (programs / name).exists()]:
        print(f"{', '.join(missing)}: not built")
        sys.exit(77)
    for name in PAGES:
        check_program(programs / name)
    check_configuration(programs / "latchkeyd")
    if failures:
        sys.exit("\n".join(failures))
    print("the man pages agree with --help and docs/configuration.md")


main()
