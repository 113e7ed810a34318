#!/usr/bin/env python3
"""check_symbols.py [--exports FILE.tbd] PROGRAM...: would these programs start on macOS 11?

Of each Mach-O file (and each architecture of a universal one): every symbol that it takes from elsewhere is one that macOS 11's
libSystem exports for that processor, it links nothing but libSystem, it asks for no newer system than macOS 11, its pages can be
moved, and for arm64 it carries a signature, without which nothing starts there. FILE.tbd is Apple's list of exports, which zig.sh
brings. Python's own library is all it needs, and it shares no code with what builds the package.
"""
import argparse
import re
import struct
import sys

SYSTEM = "/usr/lib/libSystem.B.dylib"
OLDEST = (11, 0)
PROCESSORS = {0x0100000C: "arm64", 0x01000007: "x86_64"}
EXECUTABLE, TWO_LEVEL, PIE = 2, 0x80, 0x200000
LC_SYMTAB, LC_CODE_SIGNATURE, LC_BUILD_VERSION = 0x02, 0x1D, 0x32
LC_DYLIBS = (0x0C, 0x80000018, 0x8000001F, 0x20)  # plain, weak, re-exported, lazy
N_STAB, N_TYPE, N_EXT = 0xE0, 0x0E, 0x01


def exports_for(text, processor):
    """The names that Apple's list has for a processor, whichever part of libSystem holds them."""
    wanted = f"{processor}-macos"
    names = set()
    for entry in re.finditer(r"- targets:\s*\[([^]]*)\]((?:\s+[a-z-]+:\s*\[[^]]*\])+)", text):
        if wanted not in re.split(r"[\s,]+", entry[1].strip()):
            continue
        for group in re.finditer(r"([a-z-]+):\s*\[([^]]*)\]", entry[2]):
            if group[1] in ("symbols", "weak-symbols", "thread-local-symbols"):
                names.update(name.strip("'\"") for name in re.split(r"[\s,]+", group[2].strip()) if name)
    return names


def slices_of(data):
    if data[:4] != b"\xca\xfe\xba\xbe":
        return [data]
    count = struct.unpack_from(">I", data, 4)[0]
    parts = (struct.unpack_from(">IIIII", data, 8 + 20 * i) for i in range(count))
    return [data[offset:offset + size] for _, _, offset, size, _ in parts]


def text_at(data, offset):
    return data[offset:data.index(b"\0", offset)].decode("utf-8", "replace")


def undefined_in(data, offset, count, strings):
    for i in range(count):
        name, kind, _, _, _ = struct.unpack_from("<IBBHQ", data, offset + 16 * i)
        if kind & N_EXT and not kind & N_STAB and kind & N_TYPE == 0:
            yield text_at(data, strings + name)


def problems_of(data, exports):
    """(architecture, undefined symbols, what is wrong) of one architecture's program."""
    magic, cpu, _, kind, commands, _, flags, _ = struct.unpack_from("<IIIIIIII", data)
    processor = PROCESSORS.get(cpu)
    if magic != 0xFEEDFACF or processor is None:
        return "?", 0, ["is no 64-bit Mach-O program for arm64 or x86_64"]
    wrong = []
    if kind != EXECUTABLE or not flags & TWO_LEVEL or not flags & PIE:
        wrong.append("is no position-independent program with a two-level namespace")
    undefined, libraries, version, signed = [], [], None, False
    at = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<II", data, at)
        if command in LC_DYLIBS:
            libraries.append(text_at(data, at + struct.unpack_from("<I", data, at + 8)[0]))
        elif command == LC_BUILD_VERSION:
            platform, oldest = struct.unpack_from("<II", data, at + 8)
            version = (platform, (oldest >> 16, oldest >> 8 & 0xFF))
        elif command == LC_SYMTAB:
            offset, count, strings, _ = struct.unpack_from("<IIII", data, at + 8)
            undefined = list(undefined_in(data, offset, count, strings))
        elif command == LC_CODE_SIGNATURE:
            signed = True
        at += size
    if libraries != [SYSTEM]:
        wrong.append(f"links {', '.join(libraries) or 'nothing'}, and only {SYSTEM} is everywhere")
    if version is None or version[0] != 1 or version[1] > OLDEST:
        wrong.append(f"does not say that it runs on macOS {OLDEST[0]}.{OLDEST[1]}: {version}")
    if not undefined:
        wrong.append("takes no symbol from anywhere: its table is not what this reads")
    if processor == "arm64" and not signed:
        wrong.append("has no signature, not even an ad hoc one")
    known = exports_for(exports, processor)
    wrong += [f"needs {name}, which macOS 11 does not export" for name in undefined if name not in known]
    return processor, len(undefined), wrong


def main():
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--exports", required=True, help="libSystem.11.tbd")
    asked.add_argument("programs", nargs="+")
    options = asked.parse_args()
    with open(options.exports, encoding="utf-8") as file:
        exports = file.read()
    failed = False
    for program in options.programs:
        with open(program, "rb") as file:
            data = file.read()
        for part in slices_of(data):
            processor, count, wrong = problems_of(part, exports)
            print(f"{program} {processor}: {count} symbols of macOS" + (":" if wrong else ", all there since macOS 11"))
            for what in wrong:
                print(f"  {what}")
            failed = failed or bool(wrong)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
