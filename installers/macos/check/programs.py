"""Judges the programs: what each slice is, what it is made for, what it wants from the system, and whether its signature holds."""

import pathlib
import re

from check import macho, signature
from check.report import Broken

WANTED = {"arm64", "x86_64"}
MACOS, OLDEST = 1, (11, 0)
PAGE = {"arm64": 0x4000, "x86_64": 0x1000}
DYNAMIC, PIE, STACK_RUNS, HEAP_RUNS_NOT = 0x4, 0x200000, 0x20000, 0x1000000
SIGNATURES_COMMAND = 16


def exported(files: list) -> dict:
    """Architecture -> names that the system exports, from .tbd files or plain lists of names. None without files."""
    if not files:
        return {}
    names = {architecture: set() for architecture in WANTED}
    for file in files:
        text = pathlib.Path(file).read_text(encoding="utf-8")
        if "tapi-tbd" not in text:
            for known in names.values():
                known.update(text.split())
            continue
        block = re.compile(r"-\s+targets:\s*\[([^\]]*)\]((?:\s+(?:weak-|thread-local-|objc-)?[a-z-]+:\s*\[[^\]]*\])+)")
        for targets, lists in block.findall(text):
            found = {name.strip(" '\"\n") for held in re.findall(r"(?<![a-z])(?:weak-|thread-local-)?symbols:\s*\[([^\]]*)\]", lists)
                     for name in held.split(",")}
            for architecture, known in names.items():
                if f"{architecture}-macos" in re.findall(r"[\w-]+", targets):
                    known |= found
    return names


def judge(path: str, data: bytes, known: dict, report) -> None:
    try:
        found = macho.slices(data)
    except Broken as broken:
        report.fail("program.kind", path, str(broken))
        return
    report.check("program.slices", sorted(one.architecture for one in found) == sorted(WANTED), path,
                 f"has {', '.join(one.architecture for one in found)}; {', '.join(sorted(WANTED))} belong there")
    end = 0
    for part in sorted(found, key=lambda one: one.start):
        name = f"{path} ({part.architecture})"
        report.check("program.slices", part.start >= end and part.start % (1 << part.alignment) == 0
                     and (len(found) == 1 or 1 << part.alignment >= PAGE.get(part.architecture, 0x4000)), name,
                     f"begins at {part.start}, aligned to 2^{part.alignment}; what comes before ends at {end}")
        end = part.start + len(part.data)
        judge_slice(name, part, known.get(part.architecture), report)
    report.check("program.slices", end == len(data), path, f"{len(data)} bytes; its last slice ends at {end}")


def judge_slice(name: str, part, known, report) -> None:
    check = report.check
    check("program.kind", part.kind == macho.PROGRAM, name, f"file type {part.kind}; 2 is a program")
    check("program.kind", part.flags & PIE and part.flags & DYNAMIC, name, f"flags {part.flags:#x}: not PIE, or not for the loader")
    check("program.kind", part.linker == "/usr/lib/dyld", name, f"loaded by {part.linker!r}")
    check("program.segments", not part.flags & STACK_RUNS, name, "its stack may hold code")
    judge_segments(name, part, report)
    check("program.system", [platform for platform, _ in part.platforms] == [MACOS], name, f"platforms {part.platforms}; 1 is macOS")
    for _, oldest in part.platforms:
        check("program.system", oldest == OLDEST, name, f"wants macOS {'.'.join(map(str, oldest))}; the package says 11.0")
    for library in part.libraries:
        check("program.libraries", library.startswith(("/usr/lib/", "/System/Library/")) and ".." not in library, name, f"is linked with {library}")
    check("program.libraries", "/usr/lib/libSystem.B.dylib" in part.libraries, name, f"is linked with {part.libraries}, not with libSystem")
    check("program.search", not part.search, name, f"looks for libraries in {part.search}")
    check("program.search", not part.variables, name, f"sets {part.variables} for the loader")
    judge_signature(name, part, report)
    if known is not None:
        strangers = sorted(part.wanted - known - {"dyld_stub_binder"})
        check("program.symbols", not strangers, name, f"macOS 11 does not export {', '.join(strangers[:8])}{' …' if len(strangers) > 8 else ''}")
        check("program.symbols", part.wanted, name, "wants no symbol at all: they were not understood")
    report.facts.append(f"{name}: {len(part.data)} bytes, {len(part.libraries)} libraries, {len(part.wanted)} symbols")


def judge_segments(name: str, part, report) -> None:
    check, page = report.check, PAGE.get(part.architecture, 0x4000)
    names = [segment.name for segment in part.segments]
    check("program.segments", {"__PAGEZERO", "__TEXT", "__LINKEDIT"} <= set(names) and len(set(names)) == len(names), name, f"segments {names}")
    end = 0
    for segment in part.segments:
        where = f"{name}, {segment.name}"
        check("program.segments", segment.address >= end and segment.address % page == 0 and (segment.offset % page == 0 or not segment.size), where,
              f"at {segment.address:#x} from {segment.offset:#x}, not at pages of {page:#x} or over another")
        end = segment.address + segment.memory
        check("program.segments", segment.offset + segment.size <= len(part.data) and segment.size <= max(segment.memory, 0), where,
              f"{segment.size} bytes from {segment.offset}; the slice has {len(part.data)}")
        check("program.segments", not (segment.first & 2 and segment.first & 4) and not (segment.most & 2 and segment.most & 4), where,
              f"protection {segment.first}/{segment.most}: writable and executable")
    text = next((segment for segment in part.segments if segment.name == "__TEXT"), None)
    check("program.kind", text and part.commands_end <= part.entry < text.size, name, f"its entry {part.entry} does not lie in __TEXT")
    check("program.segments", text and text.offset == 0 and text.first & 4 and not text.first & 2, name, "__TEXT does not begin the slice, or cannot be run")
    zero = next((segment for segment in part.segments if segment.name == "__PAGEZERO"), None)
    check("program.segments", zero and not zero.address and zero.memory >= 1 << 32 and not zero.first and not zero.most, name, "__PAGEZERO lets addresses below 4 GiB in")


def judge_signature(name: str, part, report) -> None:
    if part.signatures:
        try:
            report.check("program.signature", len(part.signatures) == 1, name, f"has {len(part.signatures)} signatures")
            report.facts.append(f"{name}: signed {signature.judge(name, part, report)}")
        except Broken as broken:
            report.fail("program.signature", name, str(broken))
        return
    report.check("program.signature", part.architecture != "arm64", name, "is not signed, and Apple silicon runs nothing unsigned")
    first = min((place for segment in part.segments for place, size, there in segment.sections if size and there), default=0)
    report.check("program.room", first - part.commands_end >= SIGNATURES_COMMAND, name,
                 f"load commands end at {part.commands_end}, its contents begin at {first}: codesign needs {SIGNATURES_COMMAND} bytes between")
