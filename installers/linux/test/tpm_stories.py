"""The group of the TPM's device, which whoever comes first makes: the agent never needs it to start."""

from machine import Machine, check, equal
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
