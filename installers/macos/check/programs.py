"""Judges the programs: what each slice is, what it is made for, what it wants from the system, and whether its signature holds."""

import pathlib
import re

from check import macho, signature
from check.report import Broken

WANTED = {"arm64", "x86_64"}
MACOS, OLDEST = 1, 0x000B0000
# mach/machine.h: any processor of the kind. Others (arm64e, x86_64h) are chosen or passed over by the kernel as the Mac has them.
SUBTYPE = {"arm64": 0, "x86_64": 3}
LIBRARIES = ["/usr/lib/libSystem.B.dylib"]
PAGE = {"arm64": 0x4000, "x86_64": 0x1000}
# What the linker writes, and codesign (LC_CODE_SIGNATURE): how often it is to be there. Whatever else there is may load, decrypt or start
# something; dyld passes over what it does not know.
ONCE, PERHAPS, OFTEN = (1, 1), (0, 1), (1, 64)
COMMANDS = {
    0x19: ("LC_SEGMENT_64", OFTEN), 0x80000022: ("LC_DYLD_INFO_ONLY", ONCE), 0x26: ("LC_FUNCTION_STARTS", PERHAPS), 0x29: ("LC_DATA_IN_CODE", PERHAPS),
    0x2: ("LC_SYMTAB", ONCE), 0xB: ("LC_DYSYMTAB", ONCE), 0xE: ("LC_LOAD_DYLINKER", ONCE), 0x80000028: ("LC_MAIN", ONCE),
    0x2A: ("LC_SOURCE_VERSION", PERHAPS), 0x32: ("LC_BUILD_VERSION", ONCE), 0x1B: ("LC_UUID", ONCE), 0xC: ("LC_LOAD_DYLIB", ONCE),
    0x1D: ("LC_CODE_SIGNATURE", PERHAPS)}
# Texts that the compiler leaves whole in both slices of one program and in no other's.
TEXTS = {"latchkeyd": ("latchkeyd", "{version}"), "latchkey": ("latchkey {version}\n",), "latchkey-service": ("latchkey-service {version}",)}
# No text of the agent's has them; /private/var/db is where its OpenSSL looks for nothing.
BUILDERS = re.compile(rb"[!-~]*(?:/(?:root|home|Users|tmp|var/tmp|var/folders)/|\.cache/latchkey)[!-~]*")
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


def judge_all(items: list, version: str, known: dict, report) -> None:
    """`items`: path -> bytes. `known`: see exported(). `version`: the package's."""
    owners = {}  # LC_UUID -> where
    for path, data in items.items():
        try:
            found = macho.slices(data)
        except Broken as broken:
            report.fail("program.kind", path, str(broken))
            continue
        judge(path, data, found, known, report)
        for part in found:
            where = f"{path} ({part.architecture})"
            judge_itself(where, path.rsplit("/", 1)[-1], part, version, report)
            for one in part.identities:
                report.check("program.uuid", one not in owners, where, f"has the UUID of {owners.get(one)}, {one.hex()}")
                owners[one] = where


def judge_itself(where: str, name: str, part, version: str, report) -> None:
    for text in TEXTS.get(name, ()):
        text = text.format(version=version)
        report.check("program.itself", f"\0{text}\0".encode() in part.data, where, f"does not hold the text {text!r}, as {name} {version} does")
    if part.identifier:
        report.check("program.itself", part.identifier in (name, f"org.latchkey.{name}"), where, f"is signed as {part.identifier!r}")


def judge(path: str, data: bytes, found: list, known: dict, report) -> None:
    report.check("program.slices", sorted(one.architecture for one in found) == sorted(WANTED), path,
                 f"has {', '.join(one.architecture for one in found)}; {', '.join(sorted(WANTED))} belong there")
    end = macho.table_end(data)
    for part in sorted(found, key=lambda one: one.start):
        name = f"{path} ({part.architecture})"
        report.check("program.slices", part.start >= end and part.start % (1 << part.alignment) == 0
                     and (len(found) == 1 or 1 << part.alignment >= PAGE.get(part.architecture, 0x4000)), name,
                     f"begins at {part.start}, aligned to 2^{part.alignment}; what comes before ends at {end}")
        report.check("program.slices", not data[end:part.start].strip(b"\0"), name, "something stands before it that belongs to no slice")
        report.check("program.slices", set(part.subtypes) == {SUBTYPE.get(part.architecture)}, name,
                     f"processors of subtypes {', '.join(map(hex, part.subtypes))}; {SUBTYPE.get(part.architecture)} belongs there")
        end = part.start + len(part.data)
        judge_slice(name, part, known.get(part.architecture), report)
    report.check("program.slices", end == len(data), path, f"{len(data)} bytes; its last slice ends at {end}")


def judge_slice(name: str, part, known, report) -> None:
    check = report.check
    check("program.kind", part.kind == macho.PROGRAM, name, f"file type {part.kind}; 2 is a program")
    check("program.kind", part.flags & PIE and part.flags & DYNAMIC, name, f"flags {part.flags:#x}: not PIE, or not for the loader")
    check("program.kind", part.linker == "/usr/lib/dyld", name, f"loaded by {part.linker!r}")
    judge_commands(name, part, report)
    check("program.segments", not part.flags & STACK_RUNS, name, "its stack may hold code")
    judge_segments(name, part, report)
    check("program.system", [platform for platform, _, _ in part.platforms] == [MACOS], name, f"platforms {[one for one, _, _ in part.platforms]}; 1 is macOS")
    for _, oldest, kit in part.platforms:
        check("program.system", oldest == OLDEST, name, f"wants macOS {dotted(oldest)}; the package says 11.0.0")
        check("program.system", kit >= OLDEST, name, f"says that it was made with the SDK of macOS {dotted(kit)}; notarization wants one, and 11.0 is the oldest that fits")
    check("program.uuid", len(part.identities) == 1 and any(part.identities[0]), name, f"has the UUIDs {[one.hex() for one in part.identities]}; one that is not zero belongs there")
    path = BUILDERS.search(part.data)
    check("program.builder", not path, name, f"holds {path[0][:120].decode() if path else ''}")
    check("program.libraries", part.libraries == LIBRARIES, name, f"is linked with {part.libraries}; {LIBRARIES} is right, frameworks are opened by name")
    check("program.search", not part.search, name, f"looks for libraries in {part.search}")
    check("program.search", not part.variables, name, f"sets {part.variables} for the loader")
    judge_signature(name, part, report)
    if known is not None:
        strangers = sorted(part.wanted - known - {"dyld_stub_binder"})
        check("program.symbols", not strangers, name, f"macOS 11 does not export {', '.join(strangers[:8])}{' …' if len(strangers) > 8 else ''}")
        check("program.symbols", part.wanted, name, "wants no symbol at all: they were not understood")
    report.facts.append(f"{name}: {len(part.data)} bytes, {len(part.libraries)} libraries, {len(part.wanted)} symbols")


def dotted(version: int) -> str:
    return f"{version >> 16}.{version >> 8 & 0xFF}.{version & 0xFF}"


def judge_commands(name: str, part, report) -> None:
    strange = [f"{one:#x}" for one in part.commands if one not in COMMANDS]
    report.check("program.commands", not strange, name, f"has load commands that do not belong there: {', '.join(strange)}")
    for number, (called, (least, most)) in COMMANDS.items():
        count = part.commands.count(number)
        report.check("program.commands", least <= count <= most, name, f"has {count} times {called}")


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
