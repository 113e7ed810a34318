"""The outermost archive. Every part is stored as it is: the large ones are compressed already, and Installer wants them so."""

import hashlib
import struct
import time as clock
import zlib
from xml.sax.saxutils import escape

DIGEST = 20  # SHA-1, as Apple's tools write; who the package is from is the signature's to say


class Toc:
    def __init__(self, time: int):
        self.when = clock.strftime("%Y-%m-%dT%H:%M:%SZ", clock.gmtime(time))
        self.heap = bytearray(DIGEST)  # where the digest of the table of contents goes
        self.files = 0

    def data(self, part: bytes) -> str:
        digest = hashlib.sha1(part).hexdigest()
        place = len(self.heap)
        self.heap += part
        return (f"<data><length>{len(part)}</length><offset>{place}</offset><size>{len(part)}</size>"
                '<encoding style="application/octet-stream"/>'
                f'<extracted-checksum style="sha1">{digest}</extracted-checksum>'
                f'<archived-checksum style="sha1">{digest}</archived-checksum></data>')

    def file(self, name: str, held) -> str:
        self.files += 1
        folder = isinstance(held, dict)
        kind, mode = ("directory", "0755") if folder else ("file", "0644")
        head = (f'<file id="{self.files}"><name>{escape(name)}</name><type>{kind}</type><mode>{mode}</mode>'
                f"<uid>0</uid><gid>0</gid><mtime>{self.when}</mtime>")
        inner = "".join(self.file(*one) for one in held.items()) if folder else self.data(held)
        return f"{head}\n{inner}</file>\n"


def nested(parts: dict) -> dict:
    top = {}
    for path, part in parts.items():
        *folders, name = path.split("/")
        folder = top
        for one in folders:
            folder = folder.setdefault(one, {})
        folder[name] = part
    return top


def archive(parts: dict, time: int) -> bytes:
    """`parts`: path -> bytes, in the order they shall have."""
    toc = Toc(time)
    files = "".join(toc.file(*one) for one in nested(parts).items())
    text = ('<?xml version="1.0" encoding="UTF-8"?>\n<xar><toc>'
            f"<creation-time>{toc.when[:-1]}</creation-time>"
            f'<checksum style="sha1"><offset>0</offset><size>{DIGEST}</size></checksum>\n{files}</toc></xar>\n').encode()
    packed = zlib.compress(text, 9)
    toc.heap[:DIGEST] = hashlib.sha1(packed).digest()
    return b"xar!" + struct.pack(">HHQQI", 28, 1, len(packed), len(text), 1) + packed + bytes(toc.heap)
