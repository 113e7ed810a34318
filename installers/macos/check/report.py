"""What is promised of a package, and what was found. Every promise is named here, so that one that nothing was asked of is seen."""

import json
from dataclasses import dataclass, field


class Broken(Exception):
    """Something that cannot be read any further."""


# Promise -> what it says, in the order of the table. Those of a group that cannot be judged are failures, too.
PROMISES = {
    "xar.readable": "the archive can be read: header, table of contents, every part",
    "xar.toc-checksum": "the table of contents has the digest and the length that are written down",
    "xar.table": "the table of contents says that its entries are root's, with their modes and times, and nothing else of them",
    "xar.names": "every part has a name and a number of its own, and none leaves the archive",
    "xar.parts": "it has the parts of a product with one component, and no others",
    "xar.checksums": "every part has the digests and the size that are written down, as stored and unpacked",
    "xar.stored": "Bom, Payload and Scripts are stored as they are",
    "xar.heap": "parts do not overlap, and nothing lies between or behind them",
    "distribution.form": "Distribution is an installer script of at least version 2, with a title",
    "distribution.identity": "Distribution names identifier, version and size of its component",
    "distribution.system": "it wants macOS 11.0, arm64 and x86_64, and the system's volume",
    "distribution.license": "the license that it shows is there",
    "distribution.downgrade": "it refuses to replace a newer version",
    "distribution.choices": "nothing is to be chosen, and the component is chosen",
    "distribution.whole": "Distribution says what is promised above and nothing else: no element, attribute, statement or instruction more",
    "info.identity": "PackageInfo has identifier and version, as root, below /",
    "info.sizes": "PackageInfo counts files and kilobytes as the payload has them",
    "info.folders": "folders that are there keep owner and mode",
    "info.scripts": "preinstall and postinstall are named and are there",
    "info.whole": "PackageInfo says that and nothing else",
    "payload.readable": "payload and scripts can be unpacked to their last byte",
    "payload.order": "each path is there once, below a folder that came before",
    "payload.kinds": "files, folders and links to what is in the payload, and nothing else",
    "payload.owners": "everything is root's and wheel's",
    "payload.modes": "nobody but root may change anything, everybody may read it, nothing is set-id",
    "payload.places": "files lie where they belong, and no Finder's or editor's leavings are among them",
    "payload.paths": "exactly the files, folders and links of the agent are there",
    "payload.times": "everything bears one time",
    "bom.readable": "the bill of materials can be read: every block, name and tree",
    "bom.paths": "bill and payload have the same paths",
    "bom.entries": "bill and payload agree on kind, mode, owner, time, size, checksum and target of each",
    "bom.totals": "what the bill counts is what it holds",
    "program.there": "the programs are there and can be executed",
    "program.slices": "each has exactly an arm64 and an x86_64 slice, for every such processor, well aligned, that do not overlap",
    "program.kind": "each slice is a 64-bit program that is loaded anywhere (PIE) and has an entry",
    "program.commands": "each slice has the load commands that the agent's programs have, each as often as it belongs there, and no others",
    "program.segments": "segments lie in the slice, aligned to pages, none of them writable and executable",
    "program.system": "made for macOS, from exactly 11.0 on, with an SDK that is no older",
    "program.uuid": "each slice has a UUID of its own, without which macOS 26 starts no program",
    "program.itself": "each is the program that its name says, and of the package's version as far as it says one",
    "program.builder": "none holds a path of the machine that built it",
    "program.libraries": "linked with libSystem alone",
    "program.search": "no search path for libraries, no variables of a linker",
    "program.signature": "arm64 is signed, if only ad hoc, and the signature ends the slice",
    "program.pages": "every page has the hash that the signature says",
    "program.room": "there is room for a signature's load command where there is none",
    "program.symbols": "macOS 11 exports every symbol that is wanted from it",
    "service.form": "the launchd service is a property list under its own label",
    "service.program": "it runs a program of the package, by its full path",
    "service.manner": "it starts at boot and again after a failure, and makes files for itself alone",
    "scripts.form": "scripts are sh's, executable, with Unix' line ends, and nothing else is among them",
    "scripts.syntax": "sh can read the scripts, and the uninstaller of the payload",
    "source.same": "scripts, uninstaller, service, profiles, first settings and license are the repository's to the byte, with this version in them",
    "pages.same": "the manual pages are what scdoc makes of the repository's, with a Mac's words in them",
    "completions.form": "completions are the scripts of the repository's generator, and of what they complete nothing can be run",
    "profile.form": "the sample profiles are one of managed preferences for the agent, and one of its login item",
}
# What may be left unasked, with the reason.
OPTIONAL = {"program.symbols": "no --exports", "pages.same": "there is no scdoc here"}


@dataclass
class Report:
    judged: dict = field(default_factory=dict)  # promise -> how often
    failures: list = field(default_factory=list)  # (promise, where, what)
    facts: list = field(default_factory=list)  # worth knowing, neither good nor bad

    def check(self, promise: str, holds, where: str, what: str) -> bool:
        """`what` says what was found and what belongs there; it is told only where `holds` is false."""
        self.judged[promise] = self.judged.get(promise, 0) + 1
        if not holds:
            self.fail(promise, where, what)
        return bool(holds)

    def fail(self, promise: str, where: str, what: str) -> None:
        assert promise in PROMISES, promise
        self.judged.setdefault(promise, 1)
        self.failures.append((promise, where, what))

    def finish(self) -> None:
        for promise in PROMISES:
            if promise not in self.judged and promise not in OPTIONAL:
                self.failures.append((promise, "the package", "nothing was found to judge this by"))

    def state(self, promise: str) -> str:
        if any(failed == promise for failed, _, _ in self.failures):
            return "FAIL"
        return "pass" if promise in self.judged else "not asked"

    @property
    def good(self) -> bool:
        return not self.failures

    def text(self) -> str:
        lines = []
        for promise, says in PROMISES.items():
            state = self.state(promise)
            often = f"{self.judged[promise]:4}" if promise in self.judged else "   -"
            why = f" ({OPTIONAL[promise]})" if state == "not asked" else ""
            lines.append(f"{state:9} {often}  {promise:22} {says}{why}")
        lines.append("")
        lines += [f"          {fact}" for fact in self.facts]
        lines += [f"FAIL  {promise}: {where}: {what}" for promise, where, what in self.failures]
        lines.append(f"{sum(self.judged.values())} checks of {len(self.judged)} promises, {len(self.failures)} failures")
        return "\n".join(lines)

    def json(self, package: str) -> str:
        return json.dumps({
            "package": package, "result": "pass" if self.good else "fail", "facts": self.facts,
            "promises": [{"id": promise, "says": says, "state": self.state(promise), "checks": self.judged.get(promise, 0)}
                         for promise, says in PROMISES.items()],
            "failures": [{"id": promise, "where": where, "what": what} for promise, where, what in self.failures]}, indent=2)
