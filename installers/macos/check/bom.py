"""Reads the bill of materials: a store of numbered blocks with names for some, the paths in a tree of pages."""

import functools
import struct
import subprocess
from dataclasses import dataclass

from check.report import Broken

NAMES = {"BomInfo", "Paths", "HLIndex", "VIndex", "Size64"}
KINDS = {1: 0o10, 2: 0o04, 3: 0o12}  # file, folder, link, as the highest bits of a mode


@dataclass
class Line:
    path: str
    kind: int  # as the highest bits of a mode
    mode: int
    user: int
    group: int
    time: int
    size: int
    crc: int
    target: str


def fields(form: str, data: bytes, at: int = 0):
    try:
        return struct.unpack_from(">" + form, data, at)
    except struct.error:
        raise Broken(f"ends at byte {len(data)}, where {form} at {at} is wanted") from None


def text(data: bytes) -> str:
    if not data.endswith(b"\0") or 0 in data[:-1]:
        raise Broken(f"{data[:40]!r} is no text that ends with a zero")
    return data[:-1].decode()


class Store:
    def __init__(self, data: bytes, report):
        self.data, self.report, self.used = data, report, set()
        magic, version, count, index, index_length, names, names_length = fields("8sIIIIII", data)
        if magic != b"BOMStore" or version != 1:
            raise Broken(f"begins with {magic!r} and version {version}")
        if index + index_length != len(data) or names + names_length > index:
            raise Broken("its index does not end it, or its names lie behind the index")
        entries, = fields("I", data, index)
        self.places = [fields("II", data, index + 4 + 8 * one) for one in range(entries)]
        free, = fields("I", data, index + 4 + 8 * entries)
        self.judge_places(count, free, index, data[index + 8 + 8 * entries:], names + names_length)
        self.names = self.read_names(names, names_length)

    def judge_places(self, count: int, free: int, index: int, rest: bytes, begin: int) -> None:
        check = self.report.check
        check("bom.totals", count == len(self.places) - 1 and self.places[0] == (0, 0), "Bom", f"{count} blocks are said, {len(self.places) - 1} are there")
        check("bom.totals", free == 0 and not rest.strip(b"\0"), "Bom", "it has free blocks")
        check("bom.totals", not self.data[32:512].strip(b"\0"), "Bom", "something stands behind the header")
        end = begin
        for number, (at, length) in sorted(enumerate(self.places[1:], 1), key=lambda one: one[1]):
            check("bom.totals", at == end, f"Bom, block {number}", f"begins at {at}; what comes before ends at {end}")
            end = at + length
        check("bom.totals", end == index, "Bom", f"its last block ends at {end}, the index begins at {index}")

    def read_names(self, at: int, length: int) -> dict:
        found, end = {}, at + length
        count, = fields("I", self.data, at)
        at += 4
        for _ in range(count):
            number, size = fields("IB", self.data, at)
            found[self.data[at + 5:at + 5 + size].decode()] = number
            at += 5 + size
        if at != end or set(found) != NAMES or len(found) != count:
            raise Broken(f"its names are {sorted(found)}; expected {sorted(NAMES)}")
        return found

    def block(self, number: int) -> bytes:
        if not 0 < number < len(self.places):
            raise Broken(f"there is no block {number}")
        self.used.add(number)
        at, length = self.places[number]
        if at + length > len(self.data):
            raise Broken(f"block {number} goes beyond the end")
        return self.data[at:at + length]

    def tree(self, name: str, data: bytes) -> list:
        """The pairs of all its pages in their order."""
        magic, version, child, page_size, count, last = fields("4sIIIIB", data)
        if magic != b"tree" or version != 1 or last or len(data) != 21:
            raise Broken(f"the tree {name} begins with {magic!r}, version {version}")
        pairs, number, before, seen = [], child, 0, set()
        while fields("H", self.block(number))[0] == 0:  # pages of pages: their first leads to the first leaf
            if number in seen:
                raise Broken(f"the tree {name} goes round in a circle")
            seen.add(number)
            number, = fields("I", self.block(number), 12)
        while number:
            page = self.block(number)
            leaf, held, forward, backward = fields("HHII", page)
            self.report.check("bom.totals", leaf == 1 and backward == before and number not in seen, f"Bom, tree {name}",
                              f"page {number} is no leaf, or does not follow page {before}")
            self.report.check("bom.totals", len(page) == page_size and not page[12 + 8 * held:].strip(b"\0"), f"Bom, tree {name}", f"page {number} holds more than its {held} entries")
            if number in seen:
                break
            seen.add(number)
            pairs += [fields("II", page, 12 + 8 * one) for one in range(held)]
            before, number = number, forward
        self.report.check("bom.totals", len(pairs) == count, f"Bom, tree {name}", f"{count} entries are said, {len(pairs)} are there")
        return pairs


def read_line(store: Store, number: int, path: str) -> Line:
    data = store.block(number)
    kind, one, flags, mode, user, group, time, size, also_one, crc, length = fields("BBHHIIIIBII", data)
    if kind not in KINDS or one != 1 or also_one != 1 or flags != 0x000F:
        raise Broken(f"{path}: kind {kind}, and {one}, {also_one}, {flags:#x} where 1, 1, 0xf belong")
    target = text(data[31:31 + length]) if length else ""
    rest = data[31 + length:]
    if rest.strip(b"\0") or len(rest) != {1: 4, 2: 0, 3: 8}[kind]:
        raise Broken(f"{path}: {len(rest)} bytes behind its last field")
    return Line(path, KINDS[kind], mode, user, group, time, size, crc, target)


def read(data: bytes, report) -> dict:
    """path -> Line. Raises Broken."""
    try:
        return read_store(Store(data, report), report)
    except UnicodeDecodeError as error:
        raise Broken(f"a name is not UTF-8: {error}") from None


def read_store(store: Store, report) -> dict:
    lines, paths, keys = {}, {0: ""}, []
    for info, file in store.tree("Paths", store.block(store.names["Paths"])):
        number, details = fields("II", store.block(info))
        parent, = fields("I", store.block(file))
        name = text(store.block(file)[4:])
        if parent not in paths or number in paths:
            raise Broken(f"{name}: its folder {parent} is not there, or its number {number} is another's")
        path = paths[number] = f"{paths[parent]}/{name}" if parent else name
        report.check("bom.totals", path not in lines, path, "is twice in the bill")
        lines[path] = read_line(store, details, path)
        keys.append((parent, name.encode()))
    report.check("bom.totals", set(paths) == set(range(len(lines) + 1)), "Bom", "its paths are not numbered from 1 on")
    report.check("bom.totals", keys == sorted(keys), "Bom", "its paths are not sorted, and would not be found")
    for name in ("HLIndex", "Size64"):
        report.check("bom.totals", not store.tree(name, store.block(store.names[name])), name, "has entries, and nothing here is linked or large")
    version, tree, zero, last = fields("IIIB", store.block(store.names["VIndex"]))
    report.check("bom.totals", (version, zero, last) == (1, 0, 0) and not store.tree("VIndex", store.block(tree)), "VIndex", "is not an empty one")
    version, paths_said, kinds, *others, total, last = fields("IIIIIII", store.block(store.names["BomInfo"]))
    files = sum(line.size for line in lines.values() if line.kind == 0o10)
    report.check("bom.totals", (version, paths_said, kinds, *others, total, last) == (1, len(lines) + 1, 1, 0, 0, files, 0), "BomInfo",
                 f"says {paths_said} paths and {total} bytes; {len(lines) + 1} and {files} are right")
    report.check("bom.totals", len(store.used) == len(store.places) - 1, "Bom", "it has blocks that nothing leads to")
    return lines


@functools.cache
def cksum(data: bytes) -> int:
    """By coreutils' own cksum(1): nothing of this project reckons both sides."""
    return int(subprocess.run(["cksum"], input=data, stdout=subprocess.PIPE, check=True).stdout.split()[0])
