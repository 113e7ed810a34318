#!/usr/bin/env python3
"""planned_file.py LATCHKEY_SERVICE TARGET OUT: the text that `latchkey-service install` would write to TARGET.

The unit and the first configuration have one source, the program that also installs them without a package."""

import json
import pathlib
import subprocess
import sys


def main() -> None:
    program, target, out = sys.argv[1:]
    plan = json.loads(subprocess.run([program, "install", "--dry-run", "--json", "--bindir", "/usr/bin"],
                                     check=True, capture_output=True, text=True).stdout)
    texts = [step["content"] for step in plan["steps"] if step["kind"] == "write_file" and step["target"] == target]
    if len(texts) != 1:
        sys.exit(f"latchkey-service install plans {len(texts)} files {target}, and one is needed")
    pathlib.Path(out).write_text(texts[0], encoding="utf-8")


main()
