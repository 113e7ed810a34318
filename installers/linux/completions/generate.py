#!/usr/bin/env python3
"""generate.py PROGRAM OUT_DIR: writes OUT_DIR/NAME.bash, OUT_DIR/_NAME (zsh) and OUT_DIR/NAME.fish from what --help says."""

import pathlib
import re
import sys

import help_tree

HELP = help_tree.Option(["--help"], "", [], "what it does and takes")


def offered(verbs: list) -> list:
    """(verb, options) for each; a verb takes what the verbs above it take, too, as the programs do."""
    options = {}
    for verb in verbs:
        seen = {}
        for depth in range(len(verb.words) + 1):
            if depth == 0 and verb.words and not any(o.value for o in verbs[0].options):
                continue  # --version alone: not below
            above = next(v for v in verbs if v.words == verb.words[:depth])
            for option in above.options:
                seen[option.long] = option
        seen.setdefault("--help", HELP)
        options[tuple(verb.words)] = list(seen.values())
    return [(verb, options[tuple(verb.words)]) for verb in verbs]


def names_of(options) -> list:
    return [name for option in options for name in option.names]


def bash(program: str, verbs: list) -> str:
    function = "_" + program.replace("-", "_")
    places = []
    for verb, options in offered(verbs):
        path = "".join("/" + word for word in verb.words)
        paths = names_of(o for o in options if o.takes_path())
        words = names_of(o for o in options if o.value and not o.takes_path())
        choices = " ".join(f"{o.long}={','.join(o.choices)}" for o in options if o.choices)
        operand = "yes" if any(p.takes_path() for p in verb.positionals) else ""
        places.append(f"        '{path}')\n"
                      f"            verbs='{' '.join(v.words[-1] for v in verb.verbs)}'\n"
                      f"            options='{' '.join(names_of(options))}'\n"
                      f"            paths='{' '.join(paths)}' words='{' '.join(words)}' choices='{choices}' operand='{operand}' ;;\n")
    return f"""# bash completion for {program}, written from what its --help says.

# What may stand at the verb $1; the caller's variables take it.
{function}_at() {{
    case "$1" in
{''.join(places)}    esac
}}

{function}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
    local at='' i word choice verbs options paths words choices operand
    {function}_at ''
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        if [[ " $paths $words " == *" $word "* ]]; then
            ((i += 1))
        elif [[ " $verbs " == *" $word "* ]]; then
            at+="/$word"
            {function}_at "$at"
        fi
    done
    COMPREPLY=()
    for choice in $choices; do
        [[ "$previous" == "${{choice%%=*}}" ]] || continue
        choice=${{choice#*=}}
        mapfile -t COMPREPLY < <(compgen -W "${{choice//,/ }}" -- "$current")
        return
    done
    if [[ " $paths " == *" $previous "* ]] || {{ [[ -n "$operand" ]] && [[ "$current" != -* ]]; }}; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    elif [[ " $words " != *" $previous "* ]]; then
        [[ "$current" == -* ]] && verbs=$options
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$current")
    fi
}}

complete -F {function} {program}
"""


def zsh_text(text: str) -> str:
    return re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "'\\''")


def zsh_option(option) -> list:
    says = f"[{zsh_text(option.help)}]"
    action = f"({' '.join(option.choices)})" if option.choices else "_files" if option.takes_path() else " "
    value = f":{option.long.lstrip('-')}:{action}" if option.value else ""
    return [f"'{name}{says}{value}'" for name in option.names]


def zsh(program: str, verbs: list) -> str:
    functions = []
    for verb, options in offered(verbs):
        name = "_".join(["_" + program, *verb.words])
        lines = [line for option in options for line in zsh_option(option)]
        if not verb.verbs:
            for positional in verb.positionals:
                lines.append(f"':{positional.names[0]}:{'_files' if positional.takes_path() else ' '}'")
            body = "    _arguments \\\n        " + " \\\n        ".join(lines) + "\n"
        else:
            described = "\n".join(f"        '{v.words[-1]}:{zsh_text(v.help)}'" for v in verb.verbs)
            below = "\n".join(f"                {v.words[-1]}) {name}_{v.words[-1]} ;;" for v in verb.verbs)
            body = (f"    local curcontext=\"$curcontext\" state line\n    local -a verbs=(\n{described}\n    )\n"
                    "    _arguments -C \\\n        " + " \\\n        ".join(lines + ["'1: :->verb'", "'*:: :->below'"]) +
                    "\n    case $state in\n        verb) _describe verb verbs ;;\n        below)\n            case $words[1] in\n"
                    f"{below}\n            esac ;;\n    esac\n")
        functions.append(f"{name}() {{\n{body}}}\n")
    return (f"#compdef {program}\n# zsh completion for {program}, written from what its --help says.\n\n" +
            "\n".join(functions) + f"\n_{program} \"$@\"\n")


def fish_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(program: str, verbs: list) -> str:
    function = "__" + program.replace("-", "_") + "_at"
    known = " ".join(f"'{' '.join(verb.words)}'" for verb in verbs if verb.words)
    lines = []
    for verb, options in offered(verbs):
        begin = f"complete -c {program} -n \"{function} {' '.join(verb.words)}\""
        for below in verb.verbs:
            lines.append(f"{begin} -a {below.words[-1]} -d {fish_text(below.help)}")
        for option in options:
            short = "".join(f" -s {name[1:]}" for name in option.names if not name.startswith("--"))
            value = f" -x -a '{' '.join(option.choices)}'" if option.choices else (
                " -r -F" if option.takes_path() else " -x" if option.value else "")
            lines.append(f"{begin}{short} -l {option.long[2:]}{value} -d {fish_text(option.help)}")
        if any(p.takes_path() for p in verb.positionals):
            lines.append(f"{begin} -F")
    return f"""# fish completion for {program}, written from what its --help says.

function {function} --description 'do the verbs typed so far read like this?'
    set -l at
    for word in (commandline -opc)[2..-1]
        contains -- (string join -- ' ' $at $word) {known}
        and set -a at $word
    end
    test "$at" = "$argv"
end

complete -c {program} -f
""" + "\n".join(lines) + "\n"


def main() -> None:
    program, out = sys.argv[1], pathlib.Path(sys.argv[2])
    name = pathlib.Path(program).name
    verbs = list(help_tree.read(program).walk())
    (out / f"{name}.bash").write_text(bash(name, verbs), encoding="utf-8")
    (out / f"_{name}").write_text(zsh(name, verbs), encoding="utf-8")
    (out / f"{name}.fish").write_text(fish(name, verbs), encoding="utf-8")


if __name__ == "__main__":
    main()
