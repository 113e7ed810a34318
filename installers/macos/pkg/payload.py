"""Entries as Installer wants payload and scripts: cpio in the old portable format (odc), compressed by gzip. All of it is root's."""

import gzip
import io
import sys

from pkg.tree import FOLDER

LARGEST = 8 ** 11 - 1  # eleven octal digits


def record(name: bytes, number: int, mode: int, links: int, time: int, data: bytes) -> bytes:
    if len(data) > LARGEST:
        sys.exit(f"{name.decode()} is too large for this archive")
    numbers = (0, number, mode, 0, 0, links, 0)  # device, inode, mode, user, group, links, device it stands for
    return (b"070707" + b"".join(b"%06o" % one for one in numbers) + b"%011o%06o%011o" % (time, len(name) + 1, len(data))
            + name + b"\0" + data)


def archive(entries: list, time: int) -> bytes:
    plain = io.BytesIO()
    numbered = list(enumerate(entries, 1))
    for number, entry in sorted(numbered, key=lambda one: one[1].path.encode()):
        plain.write(record(entry.path.encode(), number, entry.mode, 2 if entry.kind == FOLDER else 1, time, entry.data))
    plain.write(record(b"TRAILER!!!", 0, 0, 1, 0, b""))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0, filename="") as stream:
        stream.write(plain.getvalue())
    return packed.getvalue()
