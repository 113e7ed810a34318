"""Reads the outermost archive (xar): header, compressed table of contents, heap."""

import hashlib
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

from check import markup
from check.report import Broken

DIGESTS = {1: "sha1", 3: "sha256"}  # the header's number of the digest


@dataclass
class Part:
    name: str
    start: int
    stored: bytes
    style: str
    said: dict  # "archived", "extracted" -> (algorithm, digest)
    size: int


def number(data: bytes, at: int, length: int) -> int:
    piece = data[at:at + length]
    if len(piece) != length:
        raise Broken(f"ends at byte {len(data)}, where {length} bytes at {at} are wanted")
    return int.from_bytes(piece, "big")


def text_of(element, name: str) -> str:
    found = element.find(name) if element is not None else None
    if found is None or found.text is None:
        raise Broken(f"<{name}> is missing or empty in <{'?' if element is None else element.tag}>")
    return found.text


def digest(algorithm: str, data: bytes) -> str:
    if algorithm not in ("sha1", "sha256"):
        raise Broken(f"the digest {algorithm!r} is not one that Installer takes")
    return hashlib.new(algorithm, data).hexdigest()


class Archive:
    def __init__(self, data: bytes, report):
        self.report, self.parts, self.numbers = report, [], []
        if data[:4] != b"xar!":
            raise Broken(f"begins with {data[:4]!r}, and an archive begins with b'xar!'")
        head, version = number(data, 4, 2), number(data, 6, 2)
        packed, plain, kind = number(data, 8, 8), number(data, 16, 8), number(data, 24, 4)
        if head != 28 or version != 1 or kind not in DIGESTS:
            raise Broken(f"header of {head} bytes, version {version}, digest {kind}; expected 28, 1, and 1 or 3")
        stored = data[head:head + packed]
        self.heap = data[head + packed:]
        contents = self.unpack_contents(stored, plain)
        self.judge_contents(contents, stored, DIGESTS[kind])
        self.walk(contents, "")

    def unpack_contents(self, stored: bytes, plain: int):
        try:
            text = zlib.decompress(stored)
        except zlib.error as error:
            raise Broken(f"the table of contents cannot be unpacked: {error}") from None
        self.report.check("xar.toc-checksum", len(text) == plain, "table of contents", f"{len(text)} bytes; the header says {plain}")
        strange = markup.strange(text)
        self.report.check("xar.table", not strange, "table of contents", f"has {strange}")
        top = ElementTree.fromstring(text)
        markup.judge_table(top, self.report)
        found = top.find("toc")
        if found is None:
            raise Broken("the table of contents has no <toc>")
        return found

    def judge_contents(self, contents, stored: bytes, algorithm: str) -> None:
        said = contents.find("checksum")
        start, size = int(text_of(said, "offset")), int(text_of(said, "size"))
        kept = self.heap[start:start + size].hex()
        self.report.check("xar.toc-checksum", said.get("style") == algorithm, "table of contents",
                          f"digest {said.get('style')}; the header says {algorithm}")
        made = digest(algorithm, stored)
        self.report.check("xar.toc-checksum", kept == made, "table of contents", f"digest {made}; the heap says {kept}")
        self.spans = [(start, size, "digest of the table of contents")]
        for signature in list(contents.findall("signature")) + list(contents.findall("x-signature")):
            self.spans.append((int(text_of(signature, "offset")), int(text_of(signature, "size")), signature.tag))
            self.report.facts.append(f"the package is signed ({signature.get('style')}); whose signature it is, is not judged here")

    def walk(self, above, prefix: str) -> None:
        for file in above.findall("file"):
            name = text_of(file, "name")
            self.numbers.append(file.get("id"))
            self.report.check("xar.names", name not in (".", "..") and "/" not in name and name.isprintable(), prefix + name,
                              "this name would leave its folder")
            if text_of(file, "type") == "directory":
                self.walk(file, f"{prefix}{name}/")
                continue
            self.report.check("xar.names", text_of(file, "type") == "file", prefix + name, f"is a {text_of(file, 'type')}")
            self.add(prefix + name, file.find("data"))

    def add(self, name: str, data) -> None:
        start, length, size = (int(text_of(data, one)) for one in ("offset", "length", "size"))
        stored = self.heap[start:start + length]
        if start < 0 or len(stored) != length:
            raise Broken(f"{name} wants {length} bytes at {start} of a heap of {len(self.heap)}")
        said = {kind: (data.find(f"{kind}-checksum").get("style"), text_of(data, f"{kind}-checksum")) for kind in ("archived", "extracted")}
        self.spans.append((start, length, name))
        self.parts.append(Part(name, start, stored, data.find("encoding").get("style"), said, size))

    def unpacked(self, part: Part) -> bytes:
        if part.style == "application/octet-stream":
            return part.stored
        if part.style == "application/x-gzip":  # xar's name for zlib
            try:
                return zlib.decompress(part.stored)
            except zlib.error as error:
                raise Broken(f"{part.name} cannot be unpacked: {error}") from None
        raise Broken(f"{part.name} is stored as {part.style}, which is not known here")

    def judge_parts(self) -> None:
        check = self.report.check
        check("xar.names", len(set(self.numbers)) == len(self.numbers) and None not in self.numbers, "table of contents",
              "two files have the same number, or one has none")
        check("xar.names", len({part.name for part in self.parts}) == len(self.parts), "table of contents", "two files have the same name")
        for part in self.parts:
            plain = self.unpacked(part)
            for kind, data in (("archived", part.stored), ("extracted", plain)):
                algorithm, said = part.said[kind]
                check("xar.checksums", digest(algorithm, data) == said, part.name, f"the {kind} digest is not {said}")
            check("xar.checksums", len(plain) == part.size, part.name, f"{len(plain)} bytes; the table says {part.size}")
            if part.name.rsplit("/")[-1] in ("Bom", "Payload", "Scripts"):
                check("xar.stored", part.style == "application/octet-stream", part.name, f"is stored as {part.style}")
        end = 0
        for start, length, name in sorted(self.spans):
            check("xar.heap", start == end, name, f"begins at {start} of the heap; what comes before ends at {end}")
            end = start + length
        check("xar.heap", end == len(self.heap), "heap", f"{len(self.heap)} bytes; its last part ends at {end}")


def read(data: bytes, report) -> dict:
    """Part -> its bytes. Raises Broken."""
    try:
        archive = Archive(data, report)
        archive.judge_parts()
        return {part.name: archive.unpacked(part) for part in archive.parts}
    # A number or an encoding that is none, an element that is not there.
    except (ElementTree.ParseError, ValueError, LookupError, AttributeError) as error:
        raise Broken(f"the table of contents cannot be understood: {error}") from None
