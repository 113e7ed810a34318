#!/usr/bin/env python3
"""windows_sbom.py BUILD VERSION PACKAGE PROGRAM... : a CycloneDX 1.5 SBOM of the Windows package on stdout, from what really went into
its programs: all of it is compiled in. Boost and its like come from Debian's packages, the compiler's runtime from mingw-w64's,
OpenSSL and SQLite from the sources that libraries.sh names."""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "linux"))

import sbom  # noqa: E402


def libraries() -> tuple:
    """The folder that libraries.sh made, and what it compiled itself: name -> (version, purl, the part of a path that says so)."""
    script = (HERE / "libraries.sh").read_text()
    folder = subprocess.run([HERE / "libraries.sh", "--where"], check=True, capture_output=True, text=True).stdout.strip()
    openssl = re.search(r"^readonly OPENSSL=openssl-(\S+)", script, re.MULTILINE)[1]
    sqlite = re.search(r"sqlite3_(\S+)\.debian\.tar", script)[1]
    return folder, {"openssl": (openssl, f"pkg:generic/openssl@{openssl}", "/include/openssl/"),
                    "sqlite3": (sqlite, f"pkg:deb/debian/sqlite3@{sqlite.replace('+', '%2B')}?arch=source", "/include/sqlite3.h")}


def components_of(build: str, program: str) -> dict:
    folder, compiled = libraries()
    headers = sbom.system_headers(build, program, ("/usr/", folder))
    runtime = {sbom.run("x86_64-w64-mingw32-g++-posix", f"-print-file-name={name}").strip()
               for name in ("libstdc++.a", "libgcc.a", "libmingw32.a", "libwinpthread.a")}
    parts = {source: sbom.component(source, *what, "compiled in") for source, what in sbom.source_packages(headers | runtime).items()}
    for name, (version, purl, path) in compiled.items():
        if any(path in header for header in headers):
            parts[name] = sbom.component(name, version, set(), "compiled in", purl)
    return parts


def main() -> None:
    build, version, package, *programs = sys.argv[1:]
    print(json.dumps(sbom.document(version, package, {program: components_of(build, program) for program in programs},
                                   f"pkg:generic/latchkey/{package}@{version}?arch=x64"), indent=2))


main()
