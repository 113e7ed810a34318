#!/usr/bin/env python3
"""Judges a flat macOS package of the agent, on any system, and says of each promise whether it holds (check/report.py lists them).

It shares no code with build_package.py: every format is read anew, so that the one can catch the other. Texts it compares with those of
the repository that it stands in, manual pages with what scdoc makes of them there, and the form of completions with that of the generator
there. What only a Mac can show (that Installer, launchd and the loader agree) is in verify-on-a-mac.sh. Exit code: 0 all holds, 1 something
does not, 2 it could not be judged."""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
from check import bom, completions, contents, cpio, macho, pages, places, product, programs, source, xar  # noqa: E402
from check.report import Broken, Report  # noqa: E402


def judge(data: bytes, exports: dict) -> Report:
    """`exports`: see programs.exported()."""
    report = Report()
    stage = "xar.readable"
    try:
        parts = xar.read(data, report)
        report.check("xar.readable", True, "", "")
        stage = "xar.parts"
        component = product.component_of(parts, report)
        stage = "payload.readable"
        items, scripts = (cpio.read(parts.get(f"{component}/{name}", b"")) for name in ("Payload", "Scripts"))
        report.check("payload.readable", True, "", "")
        judge_parts(parts, component, items, scripts, exports, report)
    except Broken as broken:
        report.fail(stage, "the package", str(broken))
    report.finish()
    return report


def judge_parts(parts: dict, component: str, items: list, scripts: list, exports: dict, report: Report) -> None:
    contents.judge_payload(items, report)
    places.judge(items, report)
    contents.judge_service(items, report)
    contents.judge_profiles(items, report)
    contents.judge_scripts(scripts, items, report)
    pages.judge(items, report)
    completions.judge(items, report)
    runs = {item.path: item.data for item in items if item.path in contents.PROGRAMS or macho.looks_like_it(item.data)}
    programs.judge_all(runs, product.version_of(parts, component), exports, report)
    try:
        lines = bom.read(parts.get(f"{component}/Bom", b""), report)
        report.check("bom.readable", True, "", "")
        contents.judge_bill(lines, items, report)
    except Broken as broken:
        report.fail("bom.readable", "Bom", str(broken))
    stage = "info.identity"
    try:
        version, kilobytes = product.judge_info(parts, component, items, {item.path for item in scripts}, report)
        source.judge(parts, items, scripts, version, report)
        stage = "distribution.form"
        product.judge_distribution(parts, component, version, kilobytes, report)
        report.facts.insert(0, f"{product.IDENTIFIER} {version}, {len(items)} paths, {kilobytes} KiB installed")
    except Broken as broken:
        report.fail(stage, "the package", str(broken))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("package", type=pathlib.Path)
    words.add_argument("--exports", action="append", default=[], metavar="FILE",
                       help="what macOS 11 exports: a .tbd file, or names; may be given several times")
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    try:
        report = judge(given.package.read_bytes(), programs.exported(given.exports))
    except OSError as error:
        print(f"check_package.py: {error}", file=sys.stderr)
        sys.exit(2)
    print(report.json(given.package.name) if given.json else report.text())
    sys.exit(0 if report.good else 1)


if __name__ == "__main__":
    main()
