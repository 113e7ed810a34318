#!/usr/bin/env python3
"""macos_sbom.py VERSION PACKAGE BUILDS PROGRAM... : a CycloneDX 1.5 SBOM of the macOS package on stdout, from what really went into both
slices of its programs: all of it is compiled in. BUILDS has the builds macos-arm64 and macos-x86_64. Boost and its like come from Debian's
packages, the C++ library from the compiler, OpenSSL and SQLite from the sources that debian_sources.sh names."""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "linux"))

import sbom  # noqa: E402

ARCHITECTURES = ("arm64", "x86_64")


def compilers_own() -> dict:
    """The C++ library, and the compiler's routines for what a processor cannot do at once."""
    script = (HERE / "zig.sh").read_text()
    package, version = (re.search(rf"^readonly {name}=(\S+)", script, re.MULTILINE)[1] for name in ("PACKAGE", "VERSION"))
    purl = f"pkg:npm/{package.replace('@', '%40')}@{version}"
    config = pathlib.Path(sbom.run(str(HERE / "zig.sh")).strip(), "lib/libcxx/include/__config").read_text()
    number = int(re.search(r"define _LIBCPP_VERSION (\d+)", config)[1])
    libcxx = f"{number // 10000}.{number // 100 % 100}.{number % 100}"
    return {"libcxx": sbom.component("libcxx", libcxx, set(), "compiled in", f"pkg:generic/libcxx@{libcxx}"),
            "zig": sbom.component("zig", version, set(), "compiled in", purl)}


def components_of(builds: str, program: str, own: dict) -> dict:
    parts = dict(own)
    for architecture in ARCHITECTURES:
        folder = sbom.run(str(HERE / "libraries.sh"), architecture, "--where").strip()
        headers = sbom.system_headers(f"{builds}/macos-{architecture}", program, ("/usr/", f"{folder}/include/"))
        debian = {header for header in headers if "/include/missing/" not in header}
        for source, what in sbom.source_packages(debian).items():
            parts[source] = sbom.component(source, *what, "compiled in")
        parts.update(sbom.cross_built_components(headers))
    return parts


def main() -> None:
    version, package, builds, *programs = sys.argv[1:]
    own = compilers_own()
    print(json.dumps(sbom.document(version, package, {program: components_of(builds, program, own) for program in programs},
                                   f"pkg:generic/latchkey/{package}@{version}?arch=universal"), indent=2))


main()
