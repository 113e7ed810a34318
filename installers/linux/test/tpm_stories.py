"""The group of the TPM's device, which whoever comes first makes: the agent never needs it to start."""

import os
import re
from unittest import mock

from deb_stories import drop_key
from machine import Machine, check, equal, eventually
from story import story, version

# The distribution's own package as it is installed on this system: its scriptlet is what this is about.
REPACK = """mkdir -p /root/udev/DEBIAN && cp -a --parents /lib/udev/rules.d/60-tpm-udev.rules /root/udev/ &&
cp /var/lib/dpkg/info/tpm-udev.postinst /root/udev/DEBIAN/postinst &&
printf 'Package: tpm-udev\nVersion: %s\nArchitecture: all\nMaintainer: x <x@example.invalid>\nDescription: x\n' \
    "$(dpkg-query -W -f '${Version}' tpm-udev)" > /root/udev/DEBIAN/control && dpkg-deb -b /root/udev /root/tpm-udev.deb"""


def without_tpm_udev(m: Machine) -> None:
    m.run(REPACK)
    m.run("dpkg --purge --force-depends tpm-udev")
    m.run("! getent passwd tss || userdel tss; ! getent group tss || groupdel tss")
    equal("", m.run("getent group tss || true"), "the group without tpm-udev")


def may_use_a_tpm(m: Machine) -> bool:
    """Does the process that runs have the group, and so the device?"""
    group = m.run("getent group tss || true").strip().split(":")
    running = m.run("sed -n 's/^Groups://p' /proc/$(systemctl show -P MainPID latchkeyd)/status").split()
    return len(group) > 2 and group[2] in running


@story
def tpm_udev_may_come_after_the_agent(packages):
    with Machine(packages) as m:
        without_tpm_udev(m)
        m.install_deb("latchkey-agent", version(packages))
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service without tpm-udev")
        started = m.unit("latchkeyd", "ExecMainStartTimestampMonotonic")
        m.run("dpkg -i /root/tpm-udev.deb")
        m.run("mknod /dev/tpmrm0 c 10 200 && chgrp tss /dev/tpmrm0 && chmod 0660 /dev/tpmrm0")  # as its udev rule has it
        m.run("setpriv --reuid latchkey --regid latchkey --init-groups test -r /dev/tpmrm0 -a -w /dev/tpmrm0")
        check(may_use_a_tpm(m), "the running agent has not the group that the device belongs to")
        equal(started, m.unit("latchkeyd", "ExecMainStartTimestampMonotonic"), "and it did not have to be restarted for it")


@story
def a_group_that_went_away_and_came_back_is_joined_again(packages):
    with Machine(packages) as m:
        without_tpm_udev(m)
        m.install_deb("latchkey-agent", version(packages))
        m.run("groupdel tss && systemctl restart latchkeyd")
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service without the group")
        equal("0", m.unit("latchkeyd", "NRestarts"), "restarts")
        m.run("dpkg -i /root/tpm-udev.deb && systemctl restart latchkeyd")
        check(not may_use_a_tpm(m), "the group is another one and the agent was not put into it: nothing to mend")
        m.run("systemd-sysusers latchkey-agent.conf && systemctl restart latchkeyd")
        check(may_use_a_tpm(m), "the documented command does not put the agent into the group")
        m.run("gpasswd --delete latchkey tss && systemctl restart latchkeyd")
        check(not may_use_a_tpm(m), "it is in the group still: nothing to mend")
        m.install_deb("latchkey-agent", version(packages))
        check(may_use_a_tpm(m), "installing the package again does not put the agent into the group")


@story
def a_service_without_a_package_joins_the_group_when_it_is_installed_again(packages):
    with Machine(packages) as m:
        without_tpm_udev(m)
        m.run(f"dpkg-deb -x /shared/latchkey-agent_{version(packages)}_amd64.deb /root/agent")
        install = "/root/agent/usr/bin/latchkey-service install --bindir /usr/local/bin"
        m.run(install)
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service without the group")
        check(not may_use_a_tpm(m), "there is no group to be in")
        m.run("dpkg -i /root/tpm-udev.deb")
        m.run(install)
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service with the group")
        check(may_use_a_tpm(m), "installing it again does not put the running agent into the group")


# A device that takes every command and never answers: one end of a terminal, whose other end writes down what came.
SILENT = """import os, pty, tty
here, there = pty.openpty()
tty.setraw(there)
os.symlink(os.ttyname(there), "/root/silent")
while asked := os.read(here, 4096):
    with open("/root/asked", "ab") as log:
        log.write(asked)
"""


def asked(m: Machine) -> int:
    return int(m.run("stat -c %s /root/asked 2>/dev/null || echo 0"))


@story
def a_stop_does_not_wait_for_a_tpm_that_hangs(packages):
    with mock.patch.dict(os.environ, TPM="1"), Machine(packages) as m:
        m.write("/root/silent.py", SILENT)
        m.run("systemd-run --unit silent-tpm /usr/bin/python3 /root/silent.py")
        eventually(lambda: m.exists("/root/silent"), "a device that is silent")
        m.run("touch /dev/tpmrm0 && mount --bind $(readlink /root/silent) /dev/tpmrm0 && chmod 0666 /dev/tpmrm0")
        drop_key(m, m.serve_keys(version(packages)))
        m.write("/etc/latchkey/agent.d/60-tpm.toml", '[agent]\ntpm = "proof"\n')
        m.install_deb("latchkey-agent", version(packages))
        eventually(lambda: asked(m), "asked for its key")
        once = asked(m)
        eventually(lambda: asked(m) > once, "asked for a proof, which may take a minute")
        m.run("systemctl stop latchkeyd")
        equal("success", m.unit("latchkeyd", "Result"), "how the service ended")
        equal("0", m.unit("latchkeyd", "ExecMainStatus"), "its exit code: it was not killed")
        check("no proof" not in m.run("journalctl -u latchkeyd --no-pager -o cat"), "the agent gave the TPM up before it was stopped")
        m.run("systemctl stop silent-tpm && umount /dev/tpmrm0 && rm -r /dev/tpmrm0 && systemctl start latchkeyd")
        m.until_licensed()
        equal(1, len(m.receipts()), "receipts at the key server")


@story
def a_tpm_that_cannot_be_read_is_told_with_the_remedy_for_its_cause(packages):
    with mock.patch.dict(os.environ, TPM="1"), Machine(packages) as m:
        m.run("touch /dev/tpmrm0 && mount --bind /dev/full /dev/tpmrm0")  # takes no command: an I/O error
        m.write("/etc/latchkey/agent.d/60-tpm.toml", "[agent]\ntpm_counter = true\n")
        m.install_deb("latchkey-agent", version(packages))

        def told() -> dict:
            return m.status().get("machine", {}).get("tpm", {})

        eventually(lambda: told().get("reason"), "looked at")
        broken = told()
        equal("unreadable", broken["evidence"], "the evidence")
        check("cannot be talked to: I/O error" in broken["reason"], broken["reason"])
        equal("unavailable", broken["counter"]["outcome"], "the counter")
        check("TPM unreadable" in m.run("latchkey status"), m.run("latchkey status"))
        doctor = m.run("latchkey doctor || true")
        check("I/O error" in doctor and "dmesg" in doctor and "tpm counter" in doctor and "libtss2" not in doctor, doctor)
        m.run("umount /dev/tpmrm0 && chmod 0600 /dev/tpmrm0 && systemctl restart latchkeyd")
        closed = eventually(lambda: "Permission denied" in m.run("latchkey doctor || true") and m.run("latchkey doctor || true"), "looked at again")
        check("usermod -aG tss latchkey" in closed and "sudo" not in closed and "libtss2" not in closed, closed)


@story
def a_library_that_is_missing_is_told_with_the_packages_that_bring_it(packages):
    with mock.patch.dict(os.environ, TPM="1"), Machine(packages) as m:
        m.run("rm /usr/lib/x86_64-linux-gnu/libtss2-esys.so.0 && touch /dev/tpmrm0 && chmod 0666 /dev/tpmrm0")
        m.install_deb("latchkey-agent", version(packages))
        told = eventually(lambda: "libtss2-esys.so.0 is not installed" in m.run("latchkey doctor || true") and m.run("latchkey doctor || true"),
                          "looked at")
        named = re.findall(r"libtss2-[a-z0-9.-]*[a-z0-9]", " ".join(told.replace("libtss2-esys.so.0", "").split()))
        check(named, f"no package is named:\n{told}")
        for name in named:  # this system has them
            equal("installed", m.try_run(f"dpkg-query -W -f '${{db:Status-Status}}' {name}").stdout, name)
