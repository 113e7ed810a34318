#!/usr/bin/env python3
"""run.py [--vm] PACKAGES [REGEX]: the matrix of what is done with packages, each story on a machine (or a root directory) of its own.

PACKAGES holds what ./dev package linux made, `older/` and `newer/` packages of other versions, and `rootfs/`, a Debian without systemd.
With --vm: the stories that need whole machines, in QEMU; PACKAGES holds the debs, `kernel/` and `disk.qcow2` (vm/run.sh makes them)."""

import importlib
import pathlib
import re
import sys
import time
import traceback

from host import Failure

ROOMS = ("checks", "deb_stories", "keyserver_stories", "chroot_stories", "rpm_stories", "ansible_stories", "hardening_stories",
         "tpm_stories", "monitoring_stories")
VM_ROOMS = ("vm_stories",)


def main() -> None:
    words, rooms = sys.argv[1:], ROOMS
    if words[0] == "--vm":
        words, rooms = words[1:], VM_ROOMS
        sys.path.append(str(pathlib.Path(__file__).resolve().parent / "vm"))
    packages = pathlib.Path(words[0]).resolve()
    wanted = re.compile(words[1] if len(words) > 1 else "")
    began, done, failed = time.monotonic(), 0, []
    for room in rooms:
        for name, story in vars(importlib.import_module(room)).items():
            if not getattr(story, "is_story", False) or not wanted.search(f"{room}.{name}"):
                continue
            start, outcome = time.monotonic(), "ok"
            try:
                story(packages)
            except Failure as failure:
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
