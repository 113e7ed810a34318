#!/usr/bin/env python3
"""windows_sbom.py BUILD VERSION PACKAGE PROGRAM... : a CycloneDX 1.5 SBOM of the Windows package on stdout, from what really went into
its programs: all of it is compiled in. Boost and its like come from Debian's packages, the compiler's runtime from mingw-w64's,
OpenSSL and SQLite from the sources that debian_sources.sh names."""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "linux"))

import sbom  # noqa: E402


def components_of(build: str, program: str) -> dict:
    folder = sbom.run(str(HERE / "libraries.sh"), "--where").strip()
    headers = sbom.system_headers(build, program, ("/usr/", folder))
    runtime = {sbom.run("x86_64-w64-mingw32-g++-posix", f"-print-file-name={name}").strip()
               for name in ("libstdc++.a", "libgcc.a", "libmingw32.a", "libwinpthread.a")}
    parts = {source: sbom.component(source, *what, "compiled in") for source, what in sbom.source_packages(headers | runtime).items()}
    parts.update(sbom.cross_built_components(headers))
    return parts


def main() -> None:
    build, version, package, *programs = sys.argv[1:]
    print(json.dumps(sbom.document(version, package, {program: components_of(build, program) for program in programs},
                                   f"pkg:generic/latchkey/{package}@{version}?arch=x64"), indent=2))


main()
