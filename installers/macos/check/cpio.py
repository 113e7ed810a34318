"""Reads payload and scripts: gzip around cpio in the old portable format, where every number is written in octal digits."""

import re
import zlib
from dataclasses import dataclass

from check.report import Broken

FOLDER, FILE, LINK = 0o04, 0o10, 0o12  # the mode's highest four bits
HEADER = re.compile(rb"070707([0-7]{6})([0-7]{6})([0-7]{6})([0-7]{6})([0-7]{6})([0-7]{6})([0-7]{6})([0-7]{11})([0-7]{6})([0-7]{11})")


@dataclass
class Item:
    path: str
    mode: int
    user: int
    group: int
    time: int
    inode: int
    links: int
    data: bytes

    @property
    def kind(self) -> int:
        return self.mode >> 12


def unpacked(packed: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(packed)
    except zlib.error as error:
        raise Broken(f"not gzip's, or damaged: {error}") from None
    if not stream.eof or stream.unused_data:
        raise Broken("the compressed stream ends too early" if not stream.eof else "something follows the compressed stream")
    return plain


def read(packed: bytes) -> list:
    """The items in their order, without the trailer. Raises Broken."""
    plain, items, at = unpacked(packed), [], 0
    while True:
        head = HEADER.fullmatch(plain, at, at + 76)
        if not head:
            raise Broken(f"no header at byte {at}")
        device, inode, mode, user, group, links, special, time, length, size = (int(one, 8) for one in head.groups())
        name, data = plain[at + 76:at + 76 + length], plain[at + 76 + length:at + 76 + length + size]
        if len(name) != length or len(data) != size or length < 2 or name[-1] or 0 in name[:-1]:
            raise Broken(f"the entry at byte {at} is cut off, or its name is none")
        if device or special:
            raise Broken(f"the entry at byte {at} is a device, or from one")
        at += 76 + length + size
        if name == b"TRAILER!!!\0":
            if size or plain[at:].strip(b"\0"):
                raise Broken(f"something follows the trailer at byte {at}")
            return items
        try:
            items.append(Item(name[:-1].decode(), mode, user, group, time, inode, links, data))
        except UnicodeDecodeError:
            raise Broken(f"the name at byte {at} is not UTF-8") from None
