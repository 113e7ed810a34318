"""Reads Mach-O: the slices of a universal binary, the load commands of each, and which symbols the loader will look for."""

import struct
from dataclasses import dataclass, field

from check.report import Broken

ARCHITECTURES = {0x0100000C: "arm64", 0x01000007: "x86_64"}
UNIVERSAL, PLAIN = b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"
PROGRAM = 2  # MH_EXECUTE

# Load commands (mach-o/loader.h).
SEGMENT, SYMBOLS, MAIN, VERSION, IDENTITY, SIGNATURE = 0x19, 0x2, 0x80000028, 0x32, 0x1B, 0x1D
LIBRARIES = (0xC, 0x80000018, 0x8000001F, 0x80000023)  # plain, weak, exported again, upward
SEARCH_PATH, LINKER_VARIABLES, LINKER, BINDING = 0x8000001C, 0x27, 0xE, 0x80000022


def fields(form: str, data: bytes, at: int = 0):
    try:
        return struct.unpack_from(form, data, at)
    except struct.error:
        raise Broken(f"ends at byte {len(data)}, where {form} at {at} is wanted") from None


def c_string(data: bytes, at: int) -> str:
    end = data.find(b"\0", at)
    if at > len(data) or end < 0:
        raise Broken(f"a name at {at} does not end")
    return data[at:end].decode("utf-8", "replace")


def table_end(data: bytes) -> int:
    """Where the table of slices ends; what begins with a slice has none."""
    return 8 + 20 * fields(">I", data, 4)[0] if data[:4] == UNIVERSAL else 0


@dataclass
class Segment:
    name: str
    address: int
    memory: int
    offset: int
    size: int
    most: int  # what may ever be allowed
    first: int  # what is allowed at the start
    sections: list = field(default_factory=list)  # (offset, size, takes room in the file)


@dataclass
class Slice:
    architecture: str
    subtypes: tuple  # of its own header, then of the table where it is announced
    start: int
    alignment: int
    data: bytes
    kind: int = 0
    flags: int = 0
    commands_end: int = 0
    entry: int = -1
    linker: str = ""
    segments: list = field(default_factory=list)
    libraries: list = field(default_factory=list)
    search: list = field(default_factory=list)
    variables: list = field(default_factory=list)
    commands: list = field(default_factory=list)  # the number of each load command
    platforms: list = field(default_factory=list)  # (platform, oldest system, SDK); of the last two the bytes are 00, major, minor, patch
    identities: list = field(default_factory=list)  # LC_UUID, 16 bytes
    signatures: list = field(default_factory=list)  # (offset, size)
    identifier: str = ""  # that the signature says; signature.judge() sets it
    wanted: set = field(default_factory=set)


def looks_like_it(data: bytes) -> bool:
    return data[:4] in (UNIVERSAL, PLAIN, b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbf", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce")


def slices(data: bytes) -> list:
    """Raises Broken."""
    if data[:4] == PLAIN:
        return [read(data, 0, 14)]
    if data[:4] != UNIVERSAL:
        raise Broken(f"begins with {data[:4].hex()}, which is no kind of program that belongs here")
    count, = fields(">I", data, 4)
    if not 0 < count <= 8:
        raise Broken(f"says that it has {count} slices")
    found = []
    for one in range(count):
        cpu, subtype, start, size, alignment = fields(">IIIII", data, 8 + 20 * one)
        if start + size > len(data):
            raise Broken(f"slice {one} goes beyond the end")
        found.append(read(data[start:start + size], start, alignment))
        found[-1].subtypes += (subtype,)
        if found[-1].architecture != ARCHITECTURES.get(cpu):
            raise Broken(f"slice {one} is announced as {ARCHITECTURES.get(cpu, hex(cpu))}, and is {found[-1].architecture}")
    return found


def read(data: bytes, start: int, alignment: int) -> Slice:
    magic, cpu, subtype, kind, count, size, flags, _zero = fields("<IIIIIIII", data)
    if magic != 0xFEEDFACF:
        raise Broken(f"a slice begins with {magic:#x}")
    found = Slice(ARCHITECTURES.get(cpu, hex(cpu)), (subtype,), start, alignment, data, kind, flags, 32 + size)
    at, bindings, symbols = 32, None, None
    for _ in range(count):
        command, length = fields("<II", data, at)
        if length < 8 or length % 8 or at + length > found.commands_end:
            raise Broken(f"a load command of {length} bytes at {at}")
        body = data[at:at + length]
        found.commands.append(command)
        if command == SEGMENT:
            found.segments.append(read_segment(body))
        elif command in LIBRARIES:
            found.libraries.append(c_string(body, fields("<I", body, 8)[0]))
        elif command == SEARCH_PATH:
            found.search.append(c_string(body, fields("<I", body, 8)[0]))
        elif command == LINKER_VARIABLES:
            found.variables.append(c_string(body, fields("<I", body, 8)[0]))
        elif command == LINKER:
            found.linker = c_string(body, fields("<I", body, 8)[0])
        elif command == VERSION:
            found.platforms.append(fields("<III", body, 8))
        elif command == IDENTITY:
            found.identities.append(fields("<16s", body, 8)[0])
        elif command == SIGNATURE:
            found.signatures.append(fields("<II", body, 8))
        elif command == MAIN:
            found.entry, = fields("<Q", body, 8)
        elif command == BINDING:
            bindings = fields("<IIIIII", body, 16)
        elif command == SYMBOLS:
            symbols = fields("<IIII", body, 8)
        at += length
    if at != found.commands_end:
        raise Broken(f"load commands end at {at}; the header says {found.commands_end}")
    for places, reader in ((symbols, undefined_symbols), (bindings, bound_symbols)):
        if places:
            found.wanted |= reader(data, *places)
    return found


def read_segment(body: bytes) -> Segment:
    address, memory, offset, size, most, first, count = fields("<QQQQIII", body, 24)
    segment = Segment(body[8:24].rstrip(b"\0").decode("utf-8", "replace"), address, memory, offset, size, most, first)
    for one in range(count):
        at = 72 + 80 * one
        length, place = fields("<QI", body, at + 40)
        segment.sections.append((place, length, fields("<I", body, at + 64)[0] & 0xFF not in (1, 12, 18)))  # not zero-filled
    return segment


def undefined_symbols(data: bytes, table: int, count: int, names: int, length: int) -> set:
    strings, wanted = data[names:names + length], set()
    for one in range(count):
        name, kind = fields("<IB", data, table + 16 * one)
        if not kind & 0xE0 and kind & 0x01 and not kind & 0x0E:  # no debugger's entry, external, undefined
            wanted.add(c_string(strings, name))
    return wanted


def skip_number(data: bytes, at: int) -> int:
    while at < len(data) and data[at] & 0x80:
        at += 1
    return at + 1


def bound_symbols(data: bytes, bind: int, bind_size: int, _weak: int, _weak_size: int, lazy: int, lazy_size: int) -> set:
    """Names from the small program by which the loader binds. Weak ones are the program's own and not looked for elsewhere."""
    wanted = set()
    for start, size in ((bind, bind_size), (lazy, lazy_size)):
        code, at = data[start:start + size], 0
        if len(code) != size:
            raise Broken("what is to be bound lies beyond the end")
        while at < len(code):
            word, at = code[at] & 0xF0, at + 1
            if word == 0x40:  # the symbol's name
                name = c_string(code, at)
                wanted.add(name)
                at += len(name.encode()) + 1
            elif word in (0x20, 0x60, 0x70, 0x80, 0xA0):  # one number follows
                at = skip_number(code, at)
            elif word == 0xC0:  # two
                at = skip_number(code, skip_number(code, at))
    return wanted
