"""A right package in miniature: the package's own scripts and texts around programs that do nothing. Its pieces can be changed one by
one, before they are put together or after."""

import functools
import gzip
import hashlib
import os
import pathlib
import struct
import subprocess
import sys
import zlib

import macho_writer

MACOS = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(MACOS))

from check.completions import generate  # noqa: E402
from help_tree import Option, Verb  # noqa: E402
from pkg import bom, payload, product, tree, xar  # noqa: E402

bom.cksum = functools.cache(bom.cksum)  # slow in Python, and most files are the same from sample to sample
TIME = 1700000000
VERSION = "1.2.3"
LIBEXEC = "./usr/local/libexec/latchkey"
BASH, ZSH, MANUAL = "./usr/local/share/bash-completion/completions/latchkey", "./usr/local/share/zsh/site-functions/_latchkey", "./usr/local/share/man/man1/latchkey.1"
AGENT, TOOL, INSTALLER = (f"{LIBEXEC}/{name}" for name in ("latchkeyd", "latchkey", "latchkey-service"))
SERVICE = "./Library/LaunchDaemons/org.latchkey.agent.plist"
PROFILE = "./usr/local/share/latchkey/org.latchkey.agent.mobileconfig"
LOGIN_ITEMS = "./usr/local/share/latchkey/org.latchkey.agent.login-items.mobileconfig"
LINK = "./usr/local/bin/latchkey"
PRODUCT = product.Product("org.latchkey.agent", VERSION, "Latchkey agent", "11.0", "arm64,x86_64")
HEADER = {"device": (6, 6), "inode": (12, 6), "mode": (18, 6), "user": (24, 6), "group": (30, 6), "links": (36, 6), "time": (48, 11), "size": (65, 11)}


@functools.cache
def right_program(name: str = "latchkeyd") -> bytes:
    return program(name=name)


def program(**changed) -> bytes:
    """`arm64` and `x86_64`: what is other in that slice alone."""
    alone = {architecture: changed.pop(architecture, {}) for architecture in ("arm64", "x86_64")}
    signed = {"arm64": True, "x86_64": False}
    slices = [(one, macho_writer.Program(one, **{"signed": signed[one], **changed, **alone[one]}).bytes()) for one in ("x86_64", "arm64")]
    return macho_writer.universal(slices)


def own_file(name: str) -> bytes:
    return (MACOS / name).read_bytes()


@functools.cache
def manual(page: str) -> bytes:
    turned = subprocess.run(["sed", "-f", MACOS / "files/pages.sed", MACOS.parent / f"linux/man/{page}.scd"], check=True, capture_output=True).stdout
    return subprocess.run(["scdoc"], input=turned, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(TIME)}).stdout


def verbs() -> list:
    """Something of every form that a completion is written from."""
    common = [Option(["-h", "--help"], "", [], "this: [help]"), Option(["--config"], "FILE", [], "the agent's"), Option(["--form"], "TEXT", ["short", "long"], "")]
    show = Verb(["hwid", "show"], "what's there: all", common, [Option(["before"], "FILE", [], ""), Option(["name"], "TEXT", [], "")])
    hwid = Verb(["hwid"], "hardware", common, [], [show])
    return list(Verb([], "", [*common, Option(["--timeout"], "SECONDS", [], "waits")], [], [hwid, Verb(["status"], "says it", common)]).walk())


def files() -> dict:
    """path -> (permissions, bytes); text for a link's target."""
    held = {f"{LIBEXEC}/{name}": (0o755, right_program(name)) for name in ("latchkey", "latchkeyd", "latchkey-service")}
    held |= {f"./usr/local/bin/{name}": (0o755, f"../libexec/latchkey/{name}") for name in ("latchkey", "latchkeyd", "latchkey-service")}
    held[f"{LIBEXEC}/uninstall.sh"] = (0o755, own_file("files/uninstall.sh"))
    held[f"{LIBEXEC}/agent.toml"] = (0o644, own_file("files/agent.toml"))
    for folder, page in (("man1", "latchkey.1"), ("man5", "agent.toml.5"), ("man8", "latchkeyd.8"), ("man8", "latchkey-service.8")):
        held[f"./usr/local/share/man/{folder}/{page}"] = (0o644, manual(page))
    for name in ("latchkey", "latchkeyd", "latchkey-service"):
        held[f"./usr/local/share/zsh/site-functions/_{name}"] = (0o644, generate.zsh(name, verbs()).encode())
        held[f"./usr/local/share/bash-completion/completions/{name}"] = (0o644, generate.bash(name, verbs()).encode())
    held["./usr/local/share/latchkey/LICENSE"] = (0o644, own_file("../../LICENSE"))
    held[LOGIN_ITEMS] = (0o644, own_file("policy/org.latchkey.agent.login-items.mobileconfig"))
    held[PROFILE] = (0o644, own_file("policy/org.latchkey.agent.mobileconfig"))
    held[SERVICE] = (0o644, own_file("files/org.latchkey.agent.plist"))
    return held


def entries_of(held: dict) -> list:
    """In the order of tree.read(): level by level, each sorted."""
    found = {".": tree.Entry(".", tree.FOLDER, 0o040755, b"")}
    for path, (mode, data) in held.items():
        steps = path.split("/")
        for depth in range(2, len(steps)):
            folder = "/".join(steps[:depth])
            found.setdefault(folder, tree.Entry(folder, tree.FOLDER, 0o040755, b""))
        link = isinstance(data, str)
        found[path] = tree.Entry(path, tree.LINK if link else tree.FILE, (0o120000 if link else 0o100000) | mode, data.encode() if link else data)
    ordered = [found["."]]
    for above in ordered:
        ordered += sorted((one for one in found.values() if one.parent == above.path), key=lambda one: one.name.encode())
    return ordered


def scripts() -> dict:
    return {f"./{name}": (0o755, own_file(f"scripts/{name}").replace(b"@VERSION@", VERSION.encode())) for name in ("preinstall", "postinstall")}


class Sample:
    """What goes in: `files`, `scripts`, `license`. `package()` puts it together; `parts` made by hand win."""

    def __init__(self):
        self.files, self.scripts, self.license = files(), scripts(), own_file("../../LICENSE")
        self.changed_parts = {}
        self.entries = self.bill_entries = None

    def parts(self) -> dict:
        entries, script_entries = self.entries or entries_of(self.files), entries_of(self.scripts)
        made = product.parts(PRODUCT, entries, script_entries, self.license, TIME)
        if self.bill_entries:
            made[f"{product.COMPONENT}/Bom"] = bom.bill(self.bill_entries, TIME)
        for name, change in self.changed_parts.items():
            made[name] = change(made[name])
        return {name: part for name, part in made.items() if part is not None}

    def package(self) -> bytes:
        return xar.archive(self.parts(), TIME)

    def change(self, name: str, how) -> None:
        """`name`: "Bom", "Payload" …, or "Distribution"."""
        self.changed_parts[name if name == "Distribution" or "/" in name else f"{product.COMPONENT}/{name}"] = how


def replaced(old, new):
    """A change that replaces a text; it must be there."""
    def change(data: bytes) -> bytes:
        was, becomes = (one.encode() if isinstance(one, str) else one for one in (old, new))
        assert was in data, was
        return data.replace(was, becomes, 1)
    return change


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1:]


def repacked(change):
    """A change of what gzip holds."""
    return lambda packed: gzip.compress(change(gzip.decompress(packed)), mtime=0)


def header_of(plain: bytes, path: str) -> int:
    return plain.index(b"\0", plain.index(path.encode() + b"\0")) - len(path) - 76


def header_changed(path: str, name: str, value: int):
    """A change of one field of one entry of an archive."""
    def change(plain: bytes) -> bytes:
        at, width = HEADER[name]
        at += header_of(plain, path)
        return plain[:at] + b"%0*o" % (width, value) + plain[at + width:]
    return repacked(change)


def contents_changed(change):
    """A change of the package: its table of contents as text and its heap; digest and lengths are made right again."""
    def whole(package: bytes) -> bytes:
        size, packed = struct.unpack_from(">HxxQ", package, 4)
        text = change(zlib.decompress(package[size:size + packed]))
        fresh = zlib.compress(text)
        heap = hashlib.sha1(fresh).digest() + package[size + packed + 20:]
        return package[:8] + struct.pack(">QQ", len(fresh), len(text)) + package[24:size] + fresh + heap
    return whole
