"""What a package holds, as a list of entries: read from a folder once, then written down as cpio and as Bom."""

import os
import pathlib
import stat
import sys
from dataclasses import dataclass

FOLDER, FILE, LINK = 2, 1, 3  # the Bom's numbers


@dataclass
class Entry:
    path: str  # "./usr/local", and "." for the whole
    kind: int
    mode: int  # with the kind's bits
    data: bytes  # a file's bytes, a link's target

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def parent(self) -> str:
        return self.path.rsplit("/", 1)[0] if "/" in self.path else ""


def entry_of(path: str, place: pathlib.Path) -> Entry:
    status = place.lstat()
    if stat.S_ISDIR(status.st_mode):
        return Entry(path, FOLDER, stat.S_IFDIR | stat.S_IMODE(status.st_mode), b"")
    if stat.S_ISLNK(status.st_mode):
        return Entry(path, LINK, stat.S_IFLNK | 0o755, os.fsencode(os.readlink(place)))
    if stat.S_ISREG(status.st_mode):
        return Entry(path, FILE, stat.S_IFREG | stat.S_IMODE(status.st_mode), place.read_bytes())
    sys.exit(f"{place}: neither file, link nor folder, and a package holds nothing else")


def read(folder: pathlib.Path) -> list:
    """Level by level, names in the order of their bytes: so each folder is there before what is in it, and an entry's place in the
    list can be its number in the Bom, whose keys are then sorted."""
    entries = [Entry(".", FOLDER, stat.S_IFDIR | 0o755, b"")]
    for above in entries:  # grows as it goes
        if above.kind == FOLDER:
            for name in sorted(os.listdir(folder / above.path), key=os.fsencode):
                entries.append(entry_of(f"{above.path}/{name}", folder / above.path / name))
    return entries


def kilobytes(entries: list) -> int:
    return (sum(len(entry.data) for entry in entries) + 1023) // 1024
