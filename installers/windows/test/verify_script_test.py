#!/usr/bin/env python3
"""verify_script_test.py: what can be known of verify-on-windows.ps1 without a Windows.

Every bracket and quote is closed; nothing is used that Windows PowerShell 5.1 does not read or know; every row has an id of its own, an
expectation, and a place in docs/windows.md, and no row is told there that the script does not have."""

import json
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SCRIPT = HERE.parent / "verify-on-windows.ps1"
PARTS = sorted((HERE.parent / "verify").glob("*.ps1"))
STATUS = json.loads((HERE.parents[2] / "docs" / "status.schema.json").read_text())
DOCUMENT = HERE.parents[2] / "docs" / "windows.md"
CLOSING = {"(": ")", "{": "}", "[": "]"}

# Cmdlets of Windows PowerShell 5.1 and of the modules that every Windows 10 and Server 2016 has.
CMDLETS = set("""
Add-LocalGroupMember Add-Type ConvertFrom-Json ConvertTo-Json ConvertTo-SecureString Copy-Item ForEach-Object Get-Acl Get-ChildItem
Get-CimInstance Get-Date Get-FileHash Get-Item Get-ItemProperty Get-LocalGroup Get-LocalUser Get-NetAdapter Get-Process Get-Service
Get-WinEvent Get-AuthenticodeSignature Group-Object Invoke-CimMethod Join-Path Measure-Command Measure-Object Move-Item New-Item
New-ItemProperty New-LocalUser New-Object New-ScheduledTaskAction New-ScheduledTaskPrincipal New-ScheduledTaskSettingsSet
New-ScheduledTaskTrigger Out-Null Out-String Register-ScheduledTask Remove-Item Remove-LocalGroupMember Remove-LocalUser Resolve-Path
Set-Date Set-StrictMode Sort-Object Start-Process Start-ScheduledTask Start-Service Start-Sleep Stop-Process Stop-Service Test-Path
Unregister-ScheduledTask Where-Object Write-Host
""".split())
NEWER = {"&&": "chains of commands", "||": "chains of commands", "??": "null operators", "?.": "null operators"}


class Unfinished(Exception):
    pass


class Reader:
    """PowerShell's text with strings blanked and comments gone; `code` keeps the lines. Raises Unfinished where something is never closed."""

    def __init__(self, text: str):
        self.text, self.at, self.out, self.open = text, 0, [], []
        self.read(None)
        if self.open:
            raise Unfinished(f"line {self.open[-1][1]}: {self.open[-1][0]} is never closed")
        self.code = "".join(self.out)

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def take(self, count: int, shown: bool = True) -> None:
        taken = self.text[self.at:self.at + count]
        self.out.append(taken if shown else re.sub(r"[^\n]", " ", taken))
        self.at += count

    def until(self, mark: str, what: str) -> None:
        end = self.text.find(mark, self.at)
        if end < 0:
            raise Unfinished(f"line {self.line()}: {what} is never closed")
        self.take(end + len(mark) - self.at, shown=False)

    def read(self, closing) -> None:
        """Code, to the end or to the bracket that closes what a string opened."""
        while self.at < len(self.text):
            rest = self.text[self.at:self.at + 2]
            c = rest[0]
            if rest == "<#":
                self.until("#>", "a comment")
            elif rest in ("@'", '@"') and self.text[self.at + 2] == "\n":
                self.until("\n" + rest[1] + "@", "a here-string")
            elif c == "'":
                self.single()
            elif c == '"':
                self.double()
            elif c == "`":
                self.take(2)
            elif c == "#" and (self.at == 0 or not re.match(r"[\w$]", self.text[self.at - 1])):
                self.until("\n", "a comment")
            elif c in CLOSING:
                self.open.append((c, self.line()))
                self.take(1)
            elif c in CLOSING.values():
                if not self.open or CLOSING[self.open[-1][0]] != c:
                    raise Unfinished(f"line {self.line()}: {c} closes nothing")
                self.open.pop()
                self.take(1)
                if closing is not None and len(self.open) == closing:
                    return
            else:
                self.take(1)

    def single(self) -> None:
        self.take(1, shown=False)
        while True:
            self.until("'", "a string")
            if self.text[self.at:self.at + 1] != "'":
                return
            self.take(1, shown=False)

    def double(self) -> None:
        begin = self.line()
        self.take(1, shown=False)
        while self.at < len(self.text):
            rest = self.text[self.at:self.at + 2]
            if rest[0] == "`" or rest == '""':
                self.take(2, shown=False)
            elif rest == "$(":
                self.take(1)
                self.open.append(("(", self.line()))
                self.take(1)
                self.read(len(self.open) - 1)
            elif rest[0] == '"':
                self.take(1, shown=False)
                return
            else:
                self.take(1, shown=False)
        raise Unfinished(f"line {begin}: a string is never closed")


def rows(text: str) -> list:
    """(id, verb) of each row; a loop's name in an id is '*'."""
    found = re.findall(r"^ *Show-(Promise|ByHand|Prepared) ['\"]([^'\"]+)['\"]", text, re.MULTILINE)
    return [(re.sub(r"\$\w+", "*", name), verb) for verb, name in found] + [(name, "Promise") for name in re.findall(r"@\('([A-Z]-[\w-]+)',", text)]


def documented() -> set:
    part = DOCUMENT.read_text().partition("\n## Not shown under Wine\n")[2].partition("\n## ")[0]
    return set(re.findall(r"`([A-Z]-[\w*-]+)`", part))


def stands_in_status(path: str) -> bool:
    """'agent.health': members of status --json, by its schema."""
    at = STATUS
    for name in path.split("."):
        at = at.get("properties", {})
        if name not in at:
            return False
        at = at[name]
    return True


class VerifyScript(unittest.TestCase):
    def setUp(self):
        self.files = [SCRIPT, *PARTS]
        self.texts = {file.name: file.read_text() for file in self.files}

    def test_everything_that_is_opened_is_closed(self):
        for name, text in self.texts.items():
            with self.subTest(name):
                Reader(text)

    def test_windows_powershell_reads_it(self):
        for name, text in self.texts.items():
            code = Reader(text).code
            with self.subTest(name):
                self.assertTrue(text.isascii(), "without a mark at its beginning other letters than ASCII are misread")
                for operator, what in NEWER.items():
                    self.assertNotIn(operator, code, f"5.1 has no {what}")
                self.assertNotRegex(code, r"\)\s*\?\s", "5.1 has no ?:")
                # + binds more tightly than -join: what it is added to would be joined, too.
                self.assertNotRegex(code, r"\+ *\([^()]*\) *-join")
                self.assertNotRegex(code, r"\$(event|input|args|matches|error|host|home|sender|profile)\s*=[^=]", "that name is PowerShell's own")

    def test_every_command_is_known(self):
        defined = set(re.findall(r"^function ([\w-]+)", "\n".join(self.texts.values()), re.MULTILINE))
        used = set()
        for text in self.texts.values():
            used |= set(re.findall(r"(?<![\w$.'\-])([A-Z][A-Za-z]+-[A-Z][A-Za-z]+)\b", Reader(text).code))
        self.assertEqual(set(), used - defined - CMDLETS)
        self.assertGreater(len(used & CMDLETS), 20, "commands are not found at all")
        self.assertEqual(set(), {name for name in defined if "-" in name} - used, "nobody calls them")

    def test_what_is_read_of_status_is_in_its_schema(self):
        # Where a variable holds a whole status, too.
        held = r"\(Get-Status\)|\.Status|\$(?:now|before|after)(?=\.(?:agent|machine)\.)"
        read = set()
        for text in self.texts.values():
            read |= set(re.findall(rf"(?:{held})\.(\w+(?:\.\w+)*)", text))
            read |= {f"machine.{path}" for path in re.findall(r"\$machine\.(\w+(?:\.\w+)*)", text)}
        self.assertGreater(len(read), 10)
        self.assertEqual([], sorted(path for path in read if not stands_in_status(path)))

    def test_there_is_no_other_script(self):
        self.assertEqual(sorted(self.files), sorted(HERE.parent.rglob("*.ps1")))

    def test_every_part_is_read(self):
        named = re.search(r"^\$parts = .*$", self.texts[SCRIPT.name], re.MULTILINE)[0]
        self.assertEqual(sorted(re.findall(r"'(\w+)'", named)), [part.stem for part in PARTS])

    def test_every_row_has_an_id_of_its_own_and_is_documented(self):
        found = [name for text in self.texts.values() for name, _ in rows(text)]
        self.assertGreater(len(found), 40)
        self.assertEqual(sorted(set(found)), sorted(found), "an id is used twice")
        self.assertEqual(documented(), set(found))

    def test_no_name_of_an_account_or_group_is_a_translated_one(self):
        for name, text in self.texts.items():
            for line in text.splitlines():
                command = line.split("Show-")[0] if "Show-" in line else line
                self.assertNotRegex(command, r"(?i)BUILTIN\\|NT AUTHORITY|['\"]Administrators['\"]|['\"]Users['\"]|Everyone", f"{name}: {line}")

    def test_the_reader_can_fail(self):
        for text in ("if ($a) {", "$a = 'b", '$a = "b', '"$(a"', "<# a", "$a = @'\nb\n", ")", "@(1, 2"):
            with self.subTest(text), self.assertRaises(Unfinished):
                Reader(text + "\n")
        self.assertEqual(["if (", ") {", "}"], re.split(r" {3,}", Reader("if ('{') {   } # {\n").code.strip()))
        self.assertEqual(["K-*", "A-data"], [name for name, _ in rows("    Show-Promise \"K-$name\" 'x'\n    @('A-data', $Data)")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
