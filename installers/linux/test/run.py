#!/usr/bin/env python3
"""run.py [--vm] PACKAGES [REGEX]: the matrix of what is done with packages, each story on a machine (or a root directory) of its own.

PACKAGES holds what ./dev package linux made, `older/` and `newer/` packages of other versions, and `rootfs/`, a Debian without systemd.
With --vm: the stories that need whole machines, in QEMU; PACKAGES holds the debs, `kernel/` and `disk.qcow2` (vm/run.sh makes them)."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "test"))

import stories  # noqa: E402

ROOMS = ("checks", "deb_stories", "keyserver_stories", "chroot_stories", "answers_stories", "rpm_stories", "ansible_stories", "hardening_stories",
         "tpm_stories", "monitoring_stories", "contract_stories")
VM_ROOMS = ("vm_stories",)


def main() -> None:
    words, rooms = sys.argv[1:], ROOMS
    if words[0] == "--vm":
        words, rooms = words[1:], VM_ROOMS
        sys.path.append(str(HERE / "vm"))
    stories.run(rooms, pathlib.Path(words[0]).resolve(), words[1] if len(words) > 1 else "")


main()
