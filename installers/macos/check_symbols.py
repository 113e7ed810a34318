#!/usr/bin/env python3
"""check_symbols.py --exports libSystem.11.tbd PROGRAM...: would these programs start on macOS 11? As check_package.py judges those of a
package, for programs as they come from the linker, of one architecture or of several."""

import argparse
import pathlib
import sys

from check import macho, programs
from check.report import Broken, Report


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--exports", action="append", required=True, help="Apple's list of what macOS 11 exports; zig.sh brings it")
    asked.add_argument("programs", nargs="+")
    options = asked.parse_args()
    known = programs.exported(options.exports)
    report = Report()
    for path in options.programs:
        try:
            for part in macho.slices(pathlib.Path(path).read_bytes()):
                programs.judge_slice(f"{path} ({part.architecture})", part, known.get(part.architecture, set()), report)
        except Broken as broken:
            report.fail("program.kind", path, str(broken))
    for fact in report.facts:
        print(fact)
    for promise, where, what in report.failures:
        print(f"FAIL  {promise}: {where}: {what}")
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
