#!/usr/bin/env python3
"""build_package.py ROOT SCRIPTS LICENSE VERSION OUT.pkg: a flat macOS package of the folder ROOT, on any system, with nothing but Python.

Modes are those of ROOT; everything is root's and bears the time SOURCE_DATE_EPOCH. Same input, same bytes. check_package.py judges what
comes out, and shares no code with this."""

import os
import pathlib
import sys

sys.dont_write_bytecode = True
from pkg import product, tree, xar  # noqa: E402

IDENTIFIER = "org.latchkey.agent"


def main() -> None:
    root, scripts, license_file, version, out = sys.argv[1:]
    time = int(os.environ["SOURCE_DATE_EPOCH"])
    what = product.Product(IDENTIFIER, version, "Latchkey agent", "11.0", "arm64,x86_64")
    parts = product.parts(what, tree.read(pathlib.Path(root)), tree.read(pathlib.Path(scripts)),
                          pathlib.Path(license_file).read_bytes(), time)
    pathlib.Path(out).write_bytes(xar.archive(parts, time))


if __name__ == "__main__":
    main()
