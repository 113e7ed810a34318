"""Writes small programs for a Mac that do nothing, byte by byte: enough of Mach-O to be judged, and to be spoiled at any place."""

import hashlib
import struct
from dataclasses import dataclass, field

CPU = {"arm64": 0x0100000C, "x86_64": 0x01000007, "arm64e": 0x0100000C, "i386": 0x7}
SUBTYPE = {"arm64": 0, "x86_64": 3}
ALIGNMENT = {"arm64": 14, "x86_64": 12}
BASE = 0x100000000
SIGNED_PAGE = 12


@dataclass
class Program:
    architecture: str
    name: str = "latchkeyd"
    version: str = "1.2.3"
    libraries: list = field(default_factory=lambda: ["/usr/lib/libSystem.B.dylib"])
    search: list = field(default_factory=list)
    variables: list = field(default_factory=list)
    symbols: list = field(default_factory=lambda: ["_exit", "_printf"])
    platform: int = 1
    oldest: int = 0x000B0000
    kit: int = 0x000F0100
    identity: object = None  # LC_UUID, 16 bytes; by default one of its own, and b"" is none at all
    identifier: str = ""  # that it is signed as; by default its name
    words: bytes = b""  # something more in it
    more: list = field(default_factory=list)  # further load commands
    without: list = field(default_factory=list)  # load commands that are missing, by their numbers
    kind: int = 2
    flags: int = 0x00200085
    text_protection: int = 5
    zero_page: int = BASE
    entry: int = 0
    linker: str = "/usr/lib/dyld"
    signed: bool = True
    hash_kind: int = 2
    limit_off: int = 0
    pages_off: int = 0
    room: int = 0x100
    subtype: int = -1  # the architecture's own

    def bytes(self) -> bytes:
        page = 1 << ALIGNMENT[self.architecture]
        binding, table, names = self.link_edit()
        signature_at = page + -(-(len(binding) + len(table) + len(names)) // 16) * 16
        signature_size = self.signature_size(signature_at)
        end = signature_at + signature_size
        commands = self.commands(page, binding, table, names, signature_at, signature_size, end)
        start = 32 + sum(map(len, commands)) + self.room
        commands = self.commands(page, binding, table, names, signature_at, signature_size, end, start)
        head = struct.pack("<IIIIIIII", 0xFEEDFACF, CPU[self.architecture], SUBTYPE[self.architecture] if self.subtype < 0 else self.subtype, self.kind, len(commands), sum(map(len, commands)), self.flags, 0)
        text = (head + b"".join(commands)).ljust(start, b"\0")
        words = self.texts()
        unsigned = text.ljust(page - len(words), b"\x1f") + words + (binding + table + names).ljust(signature_at - page, b"\0")
        return unsigned + (self.signature(unsigned) if self.signed else b"")

    def texts(self) -> bytes:
        said = {"latchkeyd": ["latchkeyd", self.version], "latchkey": [f"latchkey {self.version}\n"], "latchkey-service": ["latchkeyd", f"latchkey-service {self.version}"]}
        return b"\0" + b"".join(text.encode() + b"\0" for text in said[self.name]) + self.words

    def link_edit(self) -> tuple:
        binding = b"".join(b"\x11\x40" + name.encode() + b"\0\x51\x72\x00\x90" for name in self.symbols)
        binding = (binding + b"\0").ljust(-(-(len(binding) + 1) // 8) * 8, b"\0")
        names, table = b"\0", b""
        for name in self.symbols:
            table += struct.pack("<IBBHQ", len(names), 0x01, 0, 0x0100, 0)
            names += name.encode() + b"\0"
        return binding, table, names

    def commands(self, page: int, binding, table, names, signature_at: int, signature_size: int, end: int, start: int = 0x800) -> list:
        link_edit = end - page
        found = [segment("__PAGEZERO", 0, self.zero_page, 0, 0, 0, []),
                 segment("__TEXT", BASE, page, 0, page, self.text_protection, [("__text", BASE + start, page - start, start)]),
                 segment("__LINKEDIT", BASE + page, -(-link_edit // page) * page, page, link_edit, 1, []),
                 struct.pack("<12I", 0x80000022, 48, 0, 0, page, len(binding), 0, 0, 0, 0, 0, 0),
                 struct.pack("<6I", 0x2, 24, page + len(binding), len(self.symbols), page + len(binding) + len(table), len(names)),
                 struct.pack("<20I", 0xB, 80, 0, 0, 0, 0, 0, len(self.symbols), *[0] * 12),
                 worded(0xE, struct.pack("<I", 12), self.linker),
                 struct.pack("<6I", 0x32, 24, self.platform, self.oldest, self.kit, 0),
                 struct.pack("<IIQQ", 0x80000028, 24, self.entry or start, 0)]
        identity = hashlib.md5((self.name + self.architecture).encode()).digest() if self.identity is None else self.identity
        found += [struct.pack("<IIQ", 0x2A, 16, 0), struct.pack("<4I", 0x26, 16, page, 0), struct.pack("<4I", 0x29, 16, page, 0)]
        found += [struct.pack("<II16s", 0x1B, 24, identity)] if identity else []
        found += [worded(0xC, struct.pack("<4I", 24, 2, 0x10000, 0x10000), name) for name in self.libraries]
        found += [worded(0x8000001C, struct.pack("<I", 12), name) for name in self.search]
        found += [worded(0x27, struct.pack("<I", 12), name) for name in self.variables]
        if self.signed:
            found.append(struct.pack("<4I", 0x1D, 16, signature_at, signature_size))
        return [one for one in found + self.more if struct.unpack_from("<I", one)[0] not in self.without]

    def signature_size(self, limit: int) -> int:
        return len(self.signature(bytes(limit))) if self.signed else 0

    def signature(self, unsigned: bytes) -> bytes:
        length = 1 << SIGNED_PAGE
        hashes = b"".join(hashlib.sha256(unsigned[at:at + length]).digest() for at in range(0, len(unsigned), length))
        count = len(hashes) // 32
        name = (self.identifier or self.name).encode() + b"\0"
        at = 88 + len(name)
        directory = struct.pack(">9I4BIIIIQQQQ", 0xFADE0C02, at + len(hashes), 0x20400, 0x20002, at, 88, 0, count + self.pages_off,
                                len(unsigned) + self.limit_off, 32, self.hash_kind, 0, SIGNED_PAGE, 0, 0, 0, 0, 0, 0, len(unsigned), 1)
        directory += name + hashes
        return struct.pack(">5I", 0xFADE0CC0, 20 + len(directory), 1, 0, 20) + directory


def worded(command: int, numbers: bytes, text: str) -> bytes:
    body = numbers + text.encode() + b"\0"
    size = -(-(8 + len(body)) // 8) * 8
    return (struct.pack("<II", command, size) + body).ljust(size, b"\0")


def segment(name: str, address: int, memory: int, offset: int, size: int, protection: int, sections: list) -> bytes:
    held = b"".join(struct.pack("<16s16sQQIIIIIIII", one.encode(), name.encode(), at, length, place, 4, 0, 0, 0x80000400, 0, 0, 0)
                    for one, at, length, place in sections)
    return struct.pack("<II16sQQQQIIII", 0x19, 72 + len(held), name.encode(), address, memory, offset, size, protection, protection, len(sections), 0) + held


def universal(programs: list, alignment=None, announced=None, subtypes=None) -> bytes:
    """`programs`: (architecture, bytes). `announced`: other architectures in the table than the slices have; `subtypes`: other
    subtypes."""
    head = struct.pack(">II", 0xCAFEBABE, len(programs))
    body, start = b"", 1 << 14
    for number, (architecture, data) in enumerate(programs):
        exponent = ALIGNMENT[architecture] if alignment is None else alignment
        body = body.ljust(-(-len(body) // (1 << exponent)) * (1 << exponent), b"\0")
        head += struct.pack(">5I", CPU[(announced or {}).get(number, architecture)], (subtypes or SUBTYPE)[architecture], start + len(body), len(data), exponent)
        body += data
    return head.ljust(start, b"\0") + body
