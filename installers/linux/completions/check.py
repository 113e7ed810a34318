#!/usr/bin/env python3
"""check.py BIN_DIR: completions as a shell runs them. bash always; zsh and fish where they are installed (--all: they must be)."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import generate
import help_tree

PROGRAMS = ("latchkey", "latchkeyd", "latchkey-service", "latchkey-keyserver")

# What somebody types, and what must be offered. By hand: not from the tree that completions are written from.
TYPED = (
    ("latchkey sta", {"status"}),
    ("latchkey hwid com", {"compare"}),
    ("latchkey --json hwid ca", {"capture"}),
    ("latchkey activate --acc", {"--accept-count"}),
    ("latchkey activate --product status --key-s", {"--key-stdin"}),
    ("latchkey history --cur", {"--cursor"}),
    ("latchkeyd ch", {"check-config"}),
    ("latchkeyd run --con", {"--config"}),
    ("latchkey-service uninstall --rem", {"--remove-state"}),
    ("latchkey-keyserver serve --log-level tr", {"trace"}),
    ("latchkey-keyserver serve --tls-", {"--tls-certificate", "--tls-key"}),
    ("latchkey-keyserver admin --data ks entitlement ca", {"cap", "caps"}),
    ("latchkey-keyserver admin signing-key rotate --ro", {"--root", "--root-key"}),
    ("latchkey-keyserver admin product list --da", {"--data", "--database"}),
)


class Complaint(Exception):
    pass


class Failures:
    def __init__(self):
        self.count = 0

    def same(self, what, expected, asked):
        """`asked` has a shell offer something."""
        try:
            offered = asked()
        except Complaint as complaint:
            offered = {f"complaint: {complaint}"}
        if expected != offered:
            self.count += 1
            print(f"FAIL {what}: expected {sorted(expected)}, offered {sorted(offered)}")


def said_by(shell: list, **more) -> str:
    """What it prints. A completion that complains does so in the middle of the line that somebody types."""
    done = subprocess.run(shell, check=True, capture_output=True, text=True, **more)
    if done.stderr:
        raise Complaint(done.stderr.strip())
    return done.stdout


def bash(directory: pathlib.Path, line: str) -> set:
    program, *words = line.split(" ")
    script = (f"source {directory}/{program}.bash; COMP_WORDS=({line if words[-1] else line + chr(39) * 2}); "
              f"COMP_CWORD={len(words)}; _{program.replace('-', '_')}; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    return set(said_by(["bash", "-c", script]).split())


def fish(directory: pathlib.Path, line: str) -> set:
    script = f"source {directory}/{line.split()[0]}.fish; complete -C '{line}'"
    return {row.split("\t")[0] for row in said_by(["fish", "--no-config", "-c", script]).splitlines()}


ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= ; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; setopt auto_list no_beep; stty cols 400"
zpty -w shell "zstyle ':completion:*' list-separator '#'; zstyle ':completion:*' menu no; bindkey '^I' complete-word; print re''ady"
while zpty -r shell row; do [[ $row == *ready* ]] && break; done
zpty -w -n shell "$2"$'\t'
zpty -w -n shell $'\C-aprint -r -- "<\C-e>"\n'
while zpty -r shell row; do [[ $row == *'<'*'>'[[:space:]]# ]] && [[ $row != *print* ]] && { print -r -- "$row"; break; }; done
zpty -d shell
"""


def zsh(directory: pathlib.Path, line: str) -> str:
    """The line after Tab, where only one thing can be meant."""
    return said_by(["zsh", "-f", "-c", "setopt extended_glob;" + ZSH, "zsh", str(directory), line], timeout=30)


def main() -> None:
    programs = pathlib.Path(sys.argv[1])
    if missing := [name for name in PROGRAMS if not (programs / name).exists()]:
        print(f"{', '.join(missing)}: not built")
        sys.exit(77)
    shells = [shell for shell in ("zsh", "fish") if shutil.which(shell)]
    if "--all" in sys.argv and len(shells) < 2:
        sys.exit("zsh and fish are not both installed")
    failures = Failures()
    with tempfile.TemporaryDirectory() as made:
        directory = pathlib.Path(made)
        for name in PROGRAMS:
            subprocess.run([sys.executable, str(pathlib.Path(__file__).with_name("generate.py")), str(programs / name), made],
                           check=True)
            verbs = list(help_tree.read(str(programs / name)).walk())
            for verb, options in generate.offered(verbs):
                line = " ".join([name, *verb.words, ""])
                if verb.verbs:
                    failures.same(line, {v.words[-1] for v in verb.verbs}, lambda: bash(directory, line))
                long_names = {n for n in generate.names_of(options) if n.startswith("--")}
                failures.same(line + "--", long_names, lambda: bash(directory, line + "--"))
            for shell, file in (("bash", f"{name}.bash"), ("zsh", f"_{name}"), ("fish", f"{name}.fish")):
                if shell == "bash" or shell in shells:
                    subprocess.run([shell, "-n", str(directory / file)], check=True)
        for line, expected in TYPED:
            failures.same(f"bash: {line}", expected, lambda: bash(directory, line))
            if "fish" in shells:
                failures.same(f"fish: {line}", expected, lambda: fish(directory, line))
            if "zsh" in shells and "--all" in sys.argv and len(expected) == 1:
                words = line.split(" ")
                completed = " ".join([*words[:-1], *expected])

                def offered():
                    row = zsh(directory, line)
                    return {completed} if completed in row else {row}

                failures.same(f"zsh: {line}", {completed}, offered)
    if failures.count:
        sys.exit(f"{failures.count} failures")
    print(f"completions agree with --help; shells: bash {' '.join(shells)}")


main()
