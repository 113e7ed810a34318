#!/usr/bin/env python3
"""sbom.py BUILD VERSION PACKAGE PROGRAM... : a CycloneDX 1.5 SBOM of PACKAGE on stdout, from what really went into its programs.

Three things are asked: the build (which headers each object was compiled with), the programs (which shared libraries they name)
and dpkg (whose files these are). One component is one Debian source package, in the version that was used."""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

# dpkg knows no licenses; these are the sources' own names for theirs. An unknown source stops the build: somebody has to look.
LICENSES = {
    "boost1.81": "BSL-1.0", "cli11": "BSD-3-Clause", "tl-expected": "CC0-1.0", "fmtlib": "MIT", "gcc-12": None, "gcc-mingw-w64": None, "glibc": "LGPL-2.1-or-later",
    "libcxx": None,
    "mingw-w64": None, "openssl": "Apache-2.0", "postgresql-15": "PostgreSQL", "spdlog": "MIT", "sqlite3": "blessing", "tomlplusplus": "MIT",
    "tpm2-tss": "BSD-2-Clause", "zig": "MIT"}
EXPRESSIONS = {"libcxx": "Apache-2.0 WITH LLVM-exception", "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1", "gcc-mingw-w64": "GPL-3.0-or-later WITH GCC-exception-3.1",
               "mingw-w64": "ZPL-2.1 AND MIT"}
# Headers that say how to call the kernel, and leave nothing in the program.
INTERFACES = {"linux"}
LOADED_AT_RUN_TIME = {"tpm2-tss"}


def run(*command) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def system_headers(build: str, program: str, places=("/usr/",)) -> set:
    """Every file outside the project, in these places, that an object of the program was compiled from."""
    inputs = set(run("ninja", "-C", build, "-t", "inputs", f"bin/{program}").split())
    files, wanted = set(), False
    for line in run("ninja", "-C", build, "-t", "deps").splitlines():
        if line and not line.startswith(" "):
            wanted = line.split(":")[0] in inputs or line.split(":")[0].endswith(".gch")
        elif wanted and line.strip().startswith(places):
            files.add(line.strip())
    return files


def shared_libraries(path: str) -> set:
    """Those the program itself names; what these need in turn is theirs."""
    if not is_dynamic(path):
        return set()
    named = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-dW", path))
    return {found for name, found in re.findall(r"(\S+) => (/\S+)", run("ldd", path)) if name in named}


def is_dynamic(path: str) -> bool:
    return "INTERP" in run("readelf", "-lW", path)


def source_packages(files: set) -> dict:
    """source -> (version, the binary packages these files belong to)."""
    if not files:
        return {}
    real = sorted({os.path.realpath(file) for file in files})
    found = subprocess.run(["dpkg-query", "--search", *real, *(f[4:] for f in real if f.startswith("/usr/lib/"))],
                           capture_output=True, text=True).stdout
    packages = {name.split(":")[0] for line in found.splitlines() for name in line.split(": ")[0].split(", ")
                if not line.startswith("diversion")}
    sources = {}
    shown = run("dpkg-query", "--show", "--showformat=${Package}\t${source:Package}\t${source:Version}\n", *sorted(packages))
    for package, source, version in (line.split("\t") for line in shown.splitlines()):
        if package in packages:
            sources.setdefault(source, (version, set()))[1].add(package)
    return sources


def component(source: str, version: str, packages: set, how: str, purl: str = "") -> dict:
    if source not in LICENSES:
        sys.exit(f"sbom.py does not know the license of {source}: look at it and add it")
    license_of = ({"expression": EXPRESSIONS[source]} if source in EXPRESSIONS else {"license": {"id": LICENSES[source]}})
    purl = purl or f"pkg:deb/debian/{source}@{version.replace('+', '%2B').replace(':', '%3A')}?arch=source"
    return {"type": "library", "bom-ref": purl, "name": source, "version": version,
            "scope": "optional" if how == "loaded at run time" else "required", "licenses": [license_of], "purl": purl,
            "properties": [{"name": "latchkey:linkage", "value": how},
                           {"name": "latchkey:packages", "value": " ".join(sorted(packages))}]}


def cross_built() -> dict:
    """What debian_sources.sh has compiled for another system: name -> (version, purl, the part of a header's path that says so)."""
    script = (pathlib.Path(__file__).resolve().parent.parent / "debian_sources.sh").read_text()
    openssl = re.search(r"^readonly OPENSSL_VERSION=(\S+)", script, re.MULTILINE)[1]
    sqlite = re.search(r"sqlite3_(\S+)\.debian\.tar", script)[1]
    return {"openssl": (openssl, f"pkg:generic/openssl@{openssl}", "/include/openssl/"),
            "sqlite3": (sqlite, f"pkg:deb/debian/sqlite3@{sqlite.replace('+', '%2B')}?arch=source", "/include/sqlite3.h")}


def cross_built_components(headers: set) -> dict:
    return {name: component(name, version, set(), "compiled in", purl) for name, (version, purl, path) in cross_built().items()
            if any(path in header for header in headers)}


def components_of(build: str, program: str) -> dict:
    path = f"{build}/bin/{program}"
    shared = source_packages(shared_libraries(path))
    runtime = {run("g++", f"-print-file-name={name}").strip() for name in
               (["libstdc++.a"] if is_dynamic(path) else ["libstdc++.a", "libc.a"])}
    compiled = source_packages(system_headers(build, program) | runtime)
    parts = {source: component(source, *what, "shared") for source, what in shared.items()}
    for source, what in compiled.items():
        if source not in shared and source not in INTERFACES:
            parts[source] = component(source, *what, "loaded at run time" if source in LOADED_AT_RUN_TIME else "compiled in")
    return parts


def document(version: str, package: str, parts_of: dict, purl: str) -> dict:
    """`parts_of`: program -> its components by name."""
    made = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    everything, applications, dependencies = {}, [], []
    for program, parts in parts_of.items():
        for source, part in parts.items():
            known = everything.setdefault(source, part)
            if known["properties"][0] != part["properties"][0]:  # one program has it shared, another compiled in
                known["properties"].append({"name": f"latchkey:linkage:{program}", "value": part["properties"][0]["value"]})
        applications.append({"type": "application", "bom-ref": program, "name": program, "version": version,
                             "licenses": [{"license": {"id": "Apache-2.0"}}]})
        dependencies.append({"ref": program, "dependsOn": sorted(part["bom-ref"] for part in parts.values())})
    dependencies.append({"ref": package, "dependsOn": sorted(parts_of)})
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, f"https://latchkey.invalid/{package}/{version}/{made.isoformat()}").urn,
        "metadata": {"timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "component": {"type": "application", "bom-ref": package, "name": package, "version": version, "purl": purl,
                                   "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": applications + sorted(everything.values(), key=lambda part: part["name"]),
        "dependencies": sorted(dependencies, key=lambda entry: entry["ref"])}


def main() -> None:
    build, version, package, *programs = sys.argv[1:]
    print(json.dumps(document(version, package, {program: components_of(build, program) for program in programs},
                              f"pkg:deb/latchkey/{package}@{version}?arch=amd64"), indent=2))


if __name__ == "__main__":
    main()
