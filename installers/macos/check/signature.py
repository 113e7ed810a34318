"""Reads a code signature and reckons the hash of every page. Whose signature it is, is not judged: an ad hoc one is nobody's."""

import hashlib

from check.macho import c_string, fields
from check.report import Broken

SUPER_BLOB, CODE_DIRECTORY = 0xFADE0CC0, 0xFADE0C02
SHA256, AD_HOC, HARDENED = 2, 0x2, 0x10000


def code_directory(data: bytes, start: int, size: int) -> bytes:
    magic, length, count = fields(">III", data, start)
    if magic != SUPER_BLOB or length > size:
        raise Broken(f"the signature begins with {magic:#x} and says {length} of {size} bytes")
    for one in range(count):
        kind, at = fields(">II", data, start + 12 + 8 * one)
        if kind == 0:
            magic, length = fields(">II", data, start + at)
            if magic != CODE_DIRECTORY or at + length > size:
                raise Broken(f"the code directory begins with {magic:#x}")
            return data[start + at:start + at + length]
    raise Broken("the signature has no code directory")


def judge(program: str, part, report) -> str:
    """Returns what is to be said of the signature. Raises Broken."""
    start, size = part.signatures[0]
    check, data = report.check, part.data
    last = max(part.segments, key=lambda one: one.offset + one.size)
    check("program.signature", start + size == len(data) == last.offset + last.size and last.name == "__LINKEDIT" and start % 16 == 0,
          program, f"the signature is {start}..{start + size}, the slice ends at {len(data)}, its last segment at {last.offset + last.size}")
    directory = code_directory(data, start, size)
    _, _, _, flags, hashes, name, specials, count, limit, width, kind, _, page = fields(">IIIIIIIIIBBBB", directory)
    if kind != SHA256 or width != 32 or not 12 <= page <= 14:
        raise Broken(f"hashes of kind {kind}, {width} bytes wide, of pages of 2^{page} bytes")
    check("program.signature", limit == start, program, f"{limit} bytes are signed; the signature begins at {start}")
    part.identifier = c_string(directory, name)
    check("program.signature", part.identifier, program, "the signature names no identifier")
    length = 1 << page
    wanted = (limit + length - 1) // length
    check("program.signature", count == wanted and hashes - 32 * specials >= 44 and hashes + 32 * count <= len(directory), program,
          f"{count} hashes of pages; {wanted} are needed")
    for one in range(min(count, wanted)):
        found = hashlib.sha256(data[one * length:min((one + 1) * length, limit)]).digest()
        said = directory[hashes + 32 * one:hashes + 32 * one + 32]
        check("program.pages", found == said, program, f"page {one} (bytes from {one * length}) has another hash than is signed")
    return ("ad hoc" if flags & AD_HOC else "with an identity") + (", hardened runtime" if flags & HARDENED else "")
