"""Holds the texts of the package against those of the repository that this checker stands in, byte by byte: a script that does something
else, or nothing, is no script of ours, whatever it looks like. Which file belongs where is said here anew."""

import pathlib

MACOS = pathlib.Path(__file__).resolve().parent.parent
LICENSE = MACOS.parent.parent / "LICENSE"
LIBEXEC, SHARE = "./usr/local/libexec/latchkey", "./usr/local/share/latchkey"
PAYLOAD = {
    f"{LIBEXEC}/uninstall.sh": MACOS / "files/uninstall.sh",
    f"{LIBEXEC}/agent.toml": MACOS / "files/agent.toml",
    f"{SHARE}/LICENSE": LICENSE,
    f"{SHARE}/org.latchkey.agent.mobileconfig": MACOS / "policy/org.latchkey.agent.mobileconfig",
    f"{SHARE}/org.latchkey.agent.login-items.mobileconfig": MACOS / "policy/org.latchkey.agent.login-items.mobileconfig",
    "./Library/LaunchDaemons/org.latchkey.agent.plist": MACOS / "files/org.latchkey.agent.plist",
}
SCRIPTS = {f"./{name}": MACOS / "scripts" / name for name in ("preinstall", "postinstall")}


def judge(parts: dict, items: list, scripts: list, version: str, report) -> None:
    found = {item.path: item.data for item in items}
    for path, file in PAYLOAD.items():
        compare(path, found.get(path), file.read_bytes(), file, report)
    found = {item.path: item.data for item in scripts}
    for path, file in SCRIPTS.items():
        compare(f"Scripts, {path}", found.get(path), file.read_bytes().replace(b"@VERSION@", version.encode()), file, report)
    compare("Resources/license.txt", parts.get("Resources/license.txt"), LICENSE.read_bytes(), LICENSE, report)


def compare(where: str, found, wanted: bytes, file: pathlib.Path, report) -> None:
    what = "is not there" if found is None else f"differs from {file.name} of the repository in line {first_difference(found, wanted)}"
    report.check("source.same", found == wanted, where, what)


def first_difference(found: bytes, wanted: bytes) -> int:
    pairs = zip(found.split(b"\n") + [b""], wanted.split(b"\n") + [b""])
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 0)
