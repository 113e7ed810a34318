#!/usr/bin/env python3
"""run.py PACKAGES KEYSERVER HELPERS [REGEX]: what is done with the MSI package, under Wine and against a key server on this machine.

PACKAGES holds what package.sh made and `newer/`, the same as version 99.0.0; KEYSERVER is Linux' key server, HELPERS the folder of the
programs of tests/windows. A Wine prefix is made in PACKAGES and removed."""

import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "test"))

import stories  # noqa: E402
from key_server import KeyServer  # noqa: E402
from wine import Wine  # noqa: E402

ROOMS = ("package_stories", "msi_stories", "policy_stories", "contract_stories")


class Given:
    """`package`, `newer`: MSI files; `wine`: a prefix; `server`: a key server whose certificate names localhost; `folder`: room for files."""

    def __init__(self, packages: pathlib.Path, wine: Wine, server: KeyServer, folder: pathlib.Path):
        self.packages, self.wine, self.server, self.folder = packages, wine, server, folder
        self.package, = packages.glob("*.msi")
        self.newer, = (packages / "newer").glob("*.msi")
        self.url = f"https://localhost:{server.port}"


def main() -> None:
    packages, program, helpers = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-windows-"))
    try:
        with KeyServer(program, "DNS:localhost") as server, Wine(packages / "prefix", helpers) as wine:
            stories.run(ROOMS, Given(packages, wine, server, folder), sys.argv[4] if len(sys.argv) > 4 else "")
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(packages / "prefix", ignore_errors=True)


main()
