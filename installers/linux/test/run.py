#!/usr/bin/env python3
"""run.py PACKAGES [REGEX]: the matrix of what is done with packages, each story on a machine (or a root directory) of its own.

PACKAGES holds what ./dev package linux made, `older/` and `newer/` packages of other versions, and `rootfs/`, a Debian without systemd."""

import importlib
import pathlib
import re
import sys
import time
import traceback

import machine

ROOMS = ("checks", "deb_stories", "keyserver_stories", "chroot_stories", "rpm_stories", "ansible_stories", "hardening_stories",
         "tpm_stories", "monitoring_stories")


def main() -> None:
    packages = pathlib.Path(sys.argv[1]).resolve()
    wanted = re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
    began, done, failed = time.monotonic(), 0, []
    for room in ROOMS:
        for name, story in vars(importlib.import_module(room)).items():
            if not getattr(story, "is_story", False) or not wanted.search(f"{room}.{name}"):
                continue
            start, outcome = time.monotonic(), "ok"
            try:
                story(packages)
            except machine.Failure as failure:
                outcome = f"FAILED\n{failure}"
            except Exception:  # a story that breaks is told like one that fails, and the others go on
                outcome = f"BROKEN\n{traceback.format_exc()}"
            done += 1
            if outcome != "ok":
                failed.append(name)
            print(f"{time.monotonic() - start:6.1f} s  {room}.{name}: {outcome}", flush=True)
    print(f"{done} stories, {len(failed)} failed, {time.monotonic() - began:.0f} s")
    sys.exit(1 if failed or not done else 0)


main()
