"""What a program's --help says, as a tree: verbs, options, values. Completions are written from it, man pages held against it."""

import re
import subprocess
from dataclasses import dataclass, field

# Words after an option's names that are not its value.
_REMARKS = ("REQUIRED", "Excludes:", "Needs:", "...")
# What an option's value is, by how it is spelled or described.
_FILES = ("file", "config", "socket", "output", "root", "data", "key", "certificate", "log", "manifest", "snapshot", "receipt",
          "table", "before", "after", "pairs", "bindir", "prefix")


@dataclass
class Option:
    names: list  # "-o", "--output"
    value: str  # "FILE", "" where it takes none
    choices: list
    help: str

    @property
    def long(self) -> str:
        return self.names[-1]

    def takes_path(self) -> bool:
        if self.choices or not self.value:
            return False
        word = self.long.lstrip("-")
        return self.value in ("FILE", "DIR", "PATH") or (self.value == "TEXT" and word.split("-")[-1] in _FILES and word != "key")


@dataclass
class Verb:
    words: list  # ["hwid", "compare"]
    help: str = ""
    options: list = field(default_factory=list)
    positionals: list = field(default_factory=list)  # Option with the name alone
    verbs: list = field(default_factory=list)

    def walk(self):
        yield self
        for verb in self.verbs:
            yield from verb.walk()


def _option(names: str, rest: str) -> Option:
    choices = re.search(r"\{([^}]*)\}", rest)
    value = "" if re.match(r"^\{(false|true)\}$", rest.strip()) else rest
    value = re.sub(r"\{[^}]*\}", "", value)
    for remark in _REMARKS:
        value = value.split(remark)[0]
    value = re.split(r"[=: ]", value.strip())[0]
    listed = choices.group(1).split(",") if choices and value else []
    return Option(names.split(","), value, listed, "")


def _entries(section: str):
    """(name, rest, help) of each entry; a long one has its help on the next line."""
    for block in re.split(r"\n(?=  \S)", "\n" + section):
        match = re.match(r"  (\S+)(?: (\S.*?))??(?:\s{2,}|\n\s+|$)((?:.|\n)*)", block)
        if match:
            yield match[1], match[2] or "", " ".join(match[3].split())


def parse(words: list, text: str) -> Verb:
    verb = Verb(words)
    sections = re.split(r"\n(?:Options|Positionals|Subcommands):\n", "\n" + text)
    headings = re.findall(r"\n(Options|Positionals|Subcommands):\n", "\n" + text)
    verb.help = sections[0].strip().split("\n")[0]
    if not headings:  # an overview of the CLI's own
        verb.help = ""
        headings, sections = ["Subcommands"], ["", "\n".join(line for line in text.split("\n") if line.startswith("  "))]
        verb.options = [Option(["--" + name], value, [], "") for name, value in
                        re.findall(r"\[--([a-z-]+)(?: ([A-Z]+))?\]", text.split("\n", maxsplit=1)[0])]
    for heading, section in zip(headings, sections[1:]):
        for name, rest, said in _entries(section):
            name, _, flag = name.partition("{")
            option = _option(name, rest)
            option.help = said
            if heading == "Subcommands":
                verb.verbs.append(Verb(words + [name], said))
            elif heading == "Positionals":
                verb.positionals.append(option)
            else:
                verb.options.append(option)
    return verb


def read(program: str, words=()) -> Verb:
    """Asks the program, verb by verb."""
    words = list(words)
    text = subprocess.run([program, *words, "--help"], check=True, capture_output=True, text=True).stdout
    verb = parse(words, text)
    for index, below in enumerate(verb.verbs):
        if below.words != ["help"]:
            read_below = read(program, below.words)
            read_below.help = below.help
            verb.verbs[index] = read_below
    return verb
