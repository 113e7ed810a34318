"""Judges payload and scripts by themselves and against the bill of materials, and the service, profile and scripts among them."""

import functools
import plistlib
import posixpath
import re
import subprocess
from xml.parsers.expat import ExpatError

from check import bom, cpio

IDENTIFIER = "org.latchkey.agent"
PROGRAMS = tuple(f"./usr/local/libexec/latchkey/{name}" for name in ("latchkeyd", "latchkey", "latchkey-service"))
UNINSTALLER = "./usr/local/libexec/latchkey/uninstall.sh"
PROFILES = {f"./usr/local/share/latchkey/{IDENTIFIER}.mobileconfig": IDENTIFIER,
            f"./usr/local/share/latchkey/{IDENTIFIER}.login-items.mobileconfig": "com.apple.servicemanagement"}
# launchd.plist(5) has many more, most of which let others decide what root runs.
SERVICE_KEYS = {"Label", "ProgramArguments", "RunAtLoad", "KeepAlive", "ThrottleInterval", "ExitTimeOut", "ProcessType", "Umask"}
SERVICE = f"./Library/LaunchDaemons/{IDENTIFIER}.plist"
FOLDERS_WITH_FILES = ("./usr/local/libexec/latchkey/", "./usr/local/bin/", "./usr/local/share/", "./Library/LaunchDaemons/")
LEAVINGS = re.compile(r"(^|/)(\._|\.DS_Store|__MACOSX|.*~$|.*\.(swp|orig|rej|bak)$)")


def judge_items(items: list, name: str, report) -> None:
    check, seen = report.check, {}
    for item in items:
        where = f"{name}, {item.path}"
        plain = item.path == "." or (item.path.startswith("./") and posixpath.normpath(item.path) == item.path[2:])
        above = seen.get(posixpath.dirname(item.path)) if item.path != "." else None
        check("payload.order", plain and item.path not in seen and (item.path == "." or (above and above.kind == cpio.FOLDER)), where,
              "a path that leaves its place, is there twice, or comes before its folder")
        check("payload.owners", (item.user, item.group) == (0, 0), where, f"owner {item.user}:{item.group}; 0:0 (root:wheel) belongs there")
        check("payload.kinds", item.kind in (cpio.FOLDER, cpio.FILE, cpio.LINK) and (item.kind != cpio.FOLDER or not item.data)
              and item.links == (2 if item.kind == cpio.FOLDER else 1), where, f"mode {item.mode:o}, {item.links} links, {len(item.data)} bytes")
        bits = item.mode & 0o7777
        wanted = {cpio.FOLDER: (0o755,), cpio.LINK: (0o755, 0o777)}.get(item.kind, (0o644, 0o755))
        check("payload.modes", bits in wanted, where, f"mode {bits:04o}; {' or '.join(f'{one:04o}' for one in wanted)} belongs there")
        seen[item.path] = item
    check("payload.order", items and items[0].path == ".", name, "it does not begin with its own folder")
    check("payload.times", len({item.time for item in items}) == 1 and items[0].time > 0, name, f"times {sorted({item.time for item in items})[:4]}")
    numbers = [item.inode for item in items]
    check("payload.kinds", len(set(numbers)) == len(numbers), name, "two entries have the same inode number, as if one file were linked twice")


def judge_payload(items: list, report) -> None:
    check, paths = report.check, {item.path: item for item in items}
    judge_items(items, "Payload", report)
    for item in items:
        check("payload.places", not LEAVINGS.search(item.path), item.path, "belongs to an editor or to Finder")
        if item.kind == cpio.FOLDER:
            check("payload.places", any(place.startswith(item.path + "/") or item.path.startswith(place.rstrip("/")) for place in FOLDERS_WITH_FILES)
                  or item.path == ".", item.path, "is no folder of the agent")
            continue
        check("payload.places", item.path.startswith(FOLDERS_WITH_FILES), item.path, f"files belong below {', '.join(FOLDERS_WITH_FILES)}")
        if item.kind == cpio.LINK:
            target = item.data.decode("utf-8", "replace")
            leads_to = "./" + posixpath.normpath(posixpath.join(posixpath.dirname(item.path[2:]), target))
            check("payload.kinds", not target.startswith("/") and leads_to in paths, item.path, f"leads to {target}, which is not in the payload")
        else:
            check("payload.kinds", item.data, item.path, "is empty")
    for program in PROGRAMS + (UNINSTALLER,):
        there = paths.get(program)
        check("program.there", there and there.kind == cpio.FILE and there.mode & 0o111, program, "is not there, or is not executable")


def judge_bill(lines: dict, items: list, report) -> None:
    paths = {item.path for item in items}
    report.check("bom.paths", set(lines) == paths, "Bom", f"only in the bill: {sorted(set(lines) - paths)}; only in the payload: {sorted(paths - set(lines))}")
    for item in items:
        line = lines.get(item.path)
        if line is None:
            continue
        folder = item.kind == cpio.FOLDER
        wanted = {"kind": item.kind, "mode": item.mode, "user": item.user, "group": item.group, "time": item.time,
                  "size": 0 if folder else len(item.data), "crc": 0 if folder else bom.cksum(item.data),
                  "target": item.data.decode("utf-8", "replace") if item.kind == cpio.LINK else ""}
        for name, value in wanted.items():
            said = getattr(line, name)
            report.check("bom.entries", said == value, item.path, f"{name} is {said!r} in the bill and {value!r} in the payload")


def property_list(item, promise: str, report):
    try:
        found = plistlib.loads(item.data)
    except (ValueError, ExpatError, plistlib.InvalidFileException, AttributeError, LookupError) as error:
        report.fail(promise, item.path, f"is no property list: {error!r}")
        return {}
    report.check(promise, isinstance(found, dict), item.path, "is a property list without keys")
    return found if isinstance(found, dict) else {}


def judge_service(items: list, report) -> None:
    check, paths = report.check, {item.path: item for item in items}
    services = [item for item in items if item.path.startswith("./Library/LaunchDaemons/") and item.kind == cpio.FILE]
    check("service.form", [item.path for item in services] == [SERVICE], "Payload", f"services {[item.path for item in services]}; {SERVICE} belongs there")
    for item in services:
        check("service.form", item.mode & 0o7777 == 0o644, item.path, "launchd loads no file that others may change or run")
        said = property_list(item, "service.form", report)
        check("service.form", item.path.endswith(f"/{said.get('Label')}.plist"), item.path, f"its label is {said.get('Label')!r}")
        words = said.get("ProgramArguments")
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            report.fail("service.program", item.path, f"ProgramArguments {words!r}")
            continue
        program = paths.get("." + words[0])
        check("service.program", program and program.path == PROGRAMS[0] and program.kind == cpio.FILE, item.path, f"runs {words[0]}, which is not the agent of the package")
        check("service.program", words[1:] == ["run", "--config", "/Library/Application Support/Latchkey/agent.toml"], item.path, f"with {words[1:]}")
        check("service.program", "Program" not in said and "UserName" not in said, item.path, "says Program or UserName, too")
        check("service.manner", said.get("RunAtLoad") is True and said.get("KeepAlive") == {"SuccessfulExit": False}, item.path, "does not start at boot, or not again after a failure")
        check("service.manner", set(said) <= SERVICE_KEYS, item.path, f"says {', '.join(sorted(set(said) - SERVICE_KEYS))}, too")
        check("service.manner", said.get("ThrottleInterval") == 10 and said.get("ProcessType") == "Background", item.path,
              f"ThrottleInterval {said.get('ThrottleInterval')!r}, ProcessType {said.get('ProcessType')!r}")
        check("service.manner", said.get("Umask") == 0o77 and "Disabled" not in said, item.path, f"umask {said.get('Umask')!r}, or disabled")


def judge_profiles(items: list, report) -> None:
    profiles = [item for item in items if item.path.endswith(".mobileconfig")]
    report.check("profile.form", {item.path for item in profiles} == set(PROFILES), "Payload", f"profiles {[item.path for item in profiles]}")
    identities, names = [], []
    for item in profiles:
        said = property_list(item, "profile.form", report)
        held = said.get("PayloadContent") or []
        kind = PROFILES.get(item.path)
        report.check("profile.form", said.get("PayloadType") == "Configuration" and said.get("PayloadScope") == "System" and len(held) == 1
                     and isinstance(held[0], dict) and held[0].get("PayloadType") == kind, item.path,
                     f"is not one for the whole system with one payload of type {kind}")
        payloads = [one for one in [said, *held] if isinstance(one, dict)]
        report.check("profile.form", all(one.get("PayloadVersion") == 1 for one in payloads), item.path, "a PayloadVersion is not 1")
        identities += [one.get("PayloadUUID") for one in payloads]
        names += [one.get("PayloadIdentifier") for one in payloads]
    report.check("profile.form", len(set(identities)) == len(identities) and all(re.fullmatch(r"[0-9A-F-]{36}", str(one)) for one in identities),
                 "profiles", f"PayloadUUID {identities}")
    report.check("profile.form", len(set(names)) == len(names) and all(str(one).startswith(IDENTIFIER + ".") for one in names), "profiles", f"PayloadIdentifier {names}")


@functools.cache
def complaint_of_sh(data: bytes) -> str:
    done = subprocess.run(["sh", "-n"], input=data, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    return done.stderr.decode("utf-8", "replace").strip() or ("exit 2" if done.returncode else "")


def judge_script(where: str, data: bytes, executable: bool, report) -> None:
    report.check("scripts.form", executable and data.startswith(b"#!/bin/sh\n") and b"\r" not in data and data.endswith(b"\n"), where,
                 "is not executable, does not begin with #!/bin/sh, or has Windows' line ends")
    report.check("scripts.syntax", not complaint_of_sh(data), where, complaint_of_sh(data))


def judge_scripts(scripts: list, items: list, report) -> None:
    judge_items(scripts, "Scripts", report)
    names = {item.path for item in scripts}
    report.check("scripts.form", {".", "./preinstall", "./postinstall"} == names, "Scripts", f"there are {sorted(names)}")
    for item in scripts:
        if item.path in ("./preinstall", "./postinstall"):
            judge_script(f"Scripts, {item.path}", item.data, bool(item.mode & 0o111), report)
    for item in items:
        if item.path.endswith(".sh"):
            judge_script(item.path, item.data, bool(item.mode & 0o111), report)
