"""The bill of materials: what Installer keeps as the package's receipt, so that the system knows whose each file is.

A BOMStore is a table of numbered blocks, some of them named. Everything is big endian. What is there of it was learnt from Boms that
`mkbom` makes: Apple does not document the format."""

import struct
import sys

from pkg.tree import FILE, FOLDER, LINK

HEADER = 512
PAGE = 4096
MOST = (PAGE - 12) // 8  # entries of one page; more would need a tree of pages


def crc_table() -> list:
    table = []
    for byte in range(256):
        rest = byte << 24
        for _ in range(8):
            rest = (rest << 1) ^ (0x04C11DB7 if rest & 0x80000000 else 0)
        table.append(rest & 0xFFFFFFFF)
    return table


TABLE = crc_table()


def cksum(data: bytes) -> int:
    """POSIX cksum(1), which the Bom has of every file and of every link's target."""
    length = []
    rest = len(data)
    while rest:
        length.append(rest & 0xFF)
        rest >>= 8
    crc = 0
    for part in (data, bytes(length)):
        for byte in part:
            crc = ((crc << 8) & 0xFFFFFFFF) ^ TABLE[(crc >> 24) ^ byte]
    return crc ^ 0xFFFFFFFF


class Store:
    def __init__(self):
        self.blocks = [b""]  # number 0 is nothing
        self.names = []

    def add(self, block: bytes) -> int:
        self.blocks.append(block)
        return len(self.blocks) - 1

    def name(self, name: str, block: bytes) -> None:
        self.names.append((name, self.add(block)))

    def page(self, pairs=(), size: int = PAGE) -> int:
        held = struct.pack(">HHII", 1, len(pairs), 0, 0) + b"".join(struct.pack(">II", *pair) for pair in pairs)
        return self.add(held.ljust(size, b"\0"))

    def tree(self, pairs=(), size: int = PAGE) -> bytes:
        return b"tree" + struct.pack(">IIIIB", 1, self.page(pairs, size), size, len(pairs), 0)

    def bytes(self) -> bytes:
        named = struct.pack(">I", len(self.names))
        for name, number in self.names:
            named += struct.pack(">IB", number, len(name)) + name.encode()
        at, body, places = HEADER + len(named), b"", struct.pack(">II", 0, 0)
        for block in self.blocks[1:]:
            places += struct.pack(">II", at + len(body), len(block))
            body += block
        index = struct.pack(">I", len(self.blocks)) + places + bytes(20)  # and a list of free blocks: none
        head = b"BOMStore" + struct.pack(">IIIIII", 1, len(self.blocks) - 1, at + len(body), len(index), HEADER, len(named))
        return head.ljust(HEADER, b"\0") + named + body + index


def details(entry, time: int) -> bytes:
    target = entry.data + b"\0" if entry.kind == LINK else b""
    size, crc = (0, 0) if entry.kind == FOLDER else (len(entry.data), cksum(entry.data))
    # 0x000F says that all of these fields are meant.
    held = struct.pack(">BBHHIIIIBII", entry.kind, 1, 0x000F, entry.mode, 0, 0, time, size, 1, crc, len(target)) + target
    return held + bytes({FILE: 4, FOLDER: 0, LINK: 8}[entry.kind])


def bill(entries: list, time: int) -> bytes:
    """`entries` as tree.read() orders them."""
    if len(entries) > MOST:
        sys.exit(f"{len(entries)} paths, and one page of a Bom holds {MOST}")
    store, numbers, pairs = Store(), {"": 0}, []
    total = sum(len(entry.data) for entry in entries if entry.kind == FILE)
    store.name("BomInfo", struct.pack(">IIIIIII", 1, len(entries) + 1, 1, 0, 0, total, 0))
    for number, entry in enumerate(entries, 1):
        numbers[entry.path] = number
        info = store.add(struct.pack(">II", number, store.add(details(entry, time))))
        pairs.append((info, store.add(struct.pack(">I", numbers[entry.parent]) + entry.name.encode() + b"\0")))
    store.name("Paths", store.tree(pairs))
    store.name("HLIndex", store.tree())
    store.name("VIndex", struct.pack(">IIIB", 1, store.add(store.tree(size=128)), 0, 0))
    store.name("Size64", store.tree())
    return store.bytes()
