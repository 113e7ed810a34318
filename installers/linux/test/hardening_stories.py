"""The unit's sandbox: each directive stops what it is there to stop, and would not be missed if it did nothing."""

import collections
import json
import shlex

from machine import Machine, check, equal, eventually
from story import story, version

UNIT = "/usr/lib/systemd/system/latchkeyd.service"

# As root with every capability: what the sandbox alone has to stop.
ROOT = "User=root\nGroup=root\nAmbientCapabilities=\nCapabilityBoundingSet=~\n"
# The agent's own user.
AGENT = ""

# `probe` works where `lift` took the directive away, and fails with it.
Control = collections.namedtuple("Control", "directive lift probe as_whom", defaults=(ROOT,))


def capability(bit: int) -> str:
    """In the bounding set of the service?"""
    return f"mask=$(sed -n 's/^CapBnd:\\t//p' /proc/self/status); test $(( (0x$mask >> {bit}) & 1 )) = 1"


CONTROLS = [
    Control("ProtectSystem=strict", "ProtectSystem=no", "touch /usr/probe /etc/probe"),
    Control("ProtectHome=yes", "ProtectHome=no", "cat /root/secret"),
    Control("PrivateTmp=yes", "PrivateTmp=no", "cat /tmp/of-others"),
    Control("PrivateDevices=yes", "PrivateDevices=no\nDeviceAllow=/dev/probe rw\nBindPaths=", "test -c /dev/probe"),
    Control("ProtectClock=yes", "ProtectClock=no", capability(25)),
    Control("ProtectKernelLogs=yes", "ProtectKernelLogs=no\nPrivateDevices=no", capability(34)),
    Control("ProtectKernelModules=yes", "ProtectKernelModules=no", capability(16)),
    Control("ProtectControlGroups=yes", "ProtectControlGroups=no", "mkdir /sys/fs/cgroup/probe"),
    Control("ProtectHostname=yes", "ProtectHostname=no\nSystemCallFilter=", "hostname probe"),
    Control("ProtectProc=invisible", "ProtectProc=default", "test -d /proc/1", AGENT),
    Control("InaccessiblePaths=", "InaccessiblePaths=", "test -s /etc/shadow"),
    Control("RestrictAddressFamilies=", "RestrictAddressFamilies=", "perl -e 'socket(S, 17, 3, 0) or exit 1'"),
    Control("RestrictNamespaces=yes", "RestrictNamespaces=no", "unshare --uts true"),
    Control("RestrictRealtime=yes", "RestrictRealtime=no\nSystemCallFilter=", "chrt --fifo 1 true"),
    Control("RestrictSUIDSGID=yes", "RestrictSUIDSGID=no", "touch /var/lib/latchkey/probe && chmod u+s /var/lib/latchkey/probe"),
    Control("LockPersonality=yes", "LockPersonality=no", "setarch linux32 true"),
    Control("MemoryDenyWriteExecute=yes", "MemoryDenyWriteExecute=no",
            "perl -e 'my $got = syscall(9, 0, 4096, 7, 0x22, -1, 0); exit($got == -1)'"),
    Control("SystemCallFilter=@system-service", "SystemCallFilter=", "perl -e 'exit(syscall(101, 0, 0, 0, 0) == -1)'"),
    Control("SystemCallFilter=~@privileged", "SystemCallFilter=\nSystemCallFilter=@system-service",
            "touch /run/latchkey/probe && chown 1:1 /run/latchkey/probe"),
    Control("SystemCallFilter=~@resources", "SystemCallFilter=\nSystemCallFilter=@system-service",
            "perl -e 'setpriority(0, 0, 5) or exit 1'"),
    Control("NoNewPrivileges=yes", "NoNewPrivileges=no", "grep -q '^NoNewPrivs:.0' /proc/self/status"),
    Control("CapabilityBoundingSet=", "CapabilityBoundingSet=~", capability(2), "User=root\nGroup=root\n"),
    Control("UMask=0077", "UMask=0022", "touch /run/latchkey/probe && test $(stat -c %a /run/latchkey/probe) = 644", AGENT),
]


def probe(machine, control: Control, lifted: bool) -> bool:
    """The unit itself with another program in it, once."""
    drop_in = ("[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\nExecStart=\n"
               f"ExecStart=/bin/sh -c {shlex.quote(control.probe.replace('%', '%%').replace('$', '$$'))}\n" + control.as_whom +
               (control.lift + "\n" if lifted else ""))
    machine.run("rm -rf /var/lib/latchkey/probe /run/latchkey/probe /etc/probe /usr/probe; rmdir /sys/fs/cgroup/probe 2>/dev/null; hostname machine")
    machine.write("/run/systemd/system/probe.service.d/probe.conf", drop_in)
    machine.run(f"cp {UNIT} /run/systemd/system/probe.service && systemctl daemon-reload")
    done = machine.try_run("systemctl start probe.service")
    machine.try_run("systemctl reset-failed probe.service; rmdir /sys/fs/cgroup/probe; hostname machine")
    return done.returncode == 0


def holds(machine, control: Control) -> bool:
    """The directive stops the probe, and nothing else does."""
    held = not probe(machine, control, lifted=False)
    works_without = probe(machine, control, lifted=True)
    print(f"           {control.directive:34} {'held' if held else 'DOES NOT HOLD':14}"
          f" {'and the probe can succeed' if works_without else 'BUT THE PROBE NEVER SUCCEEDS'}", flush=True)
    return held and works_without


def gives(machine, control: Control) -> bool:
    """The probe works by this directive, and not without it."""
    works = probe(machine, control, lifted=False)
    denied = not probe(machine, control, lifted=True)
    print(f"           {control.directive:34} {'gives' if works else 'GIVES NOTHING':14} {'and is needed' if denied else 'BUT IS NOT NEEDED'}", flush=True)
    return works and denied


@story
def each_directive_stops_something(packages):
    with Machine(packages) as machine:
        machine.install_deb("latchkey-agent", version(packages))
        machine.run("systemctl stop latchkeyd; echo secret > /root/secret; echo x > /tmp/of-others; mknod -m 666 /dev/probe c 10 229")
        wrong = [control.directive for control in CONTROLS if not holds(machine, control)]
        equal([], wrong, "directives without effect, or without proof")


@story
def shared_memory_does_not_outlive_the_service(packages):
    shared_memory = Control("RemoveIPC=yes", "RemoveIPC=no", "perl -e 'defined(shmget(77, 4096, 01600)) or exit 1'", AGENT)
    with Machine(packages) as machine:
        machine.install_deb("latchkey-agent", version(packages))
        machine.run("systemctl stop latchkeyd")
        for lifted in (False, True):
            check(probe(machine, shared_memory, lifted), "no shared memory to be had")
            equal(lifted, " 77 " in machine.run("cat /proc/sysvipc/shm"), "shared memory is left")


NO_SMBIOS = "LoadCredential=\nLoadCredential=smbios-table:/absent\nLoadCredential=smbios-entry-point:/absent\n"


@story
def what_it_needs_is_there_by_these_directives(packages):
    with Machine(packages) as machine:
        machine.install_deb("latchkey-agent", version(packages))
        machine.run("systemctl stop latchkeyd; mknod -m 666 /dev/tpmrm0 c 1 3")
        needed = [Control("BindPaths=-/dev/tpmrm0", "BindPaths=", "test -c /dev/tpmrm0", AGENT)]
        equal([], [control.directive for control in needed if not gives(machine, control)], "directives without effect, or without need")
        # What it is like on such a machine.
        drop_in = "/etc/systemd/system/latchkeyd.service.d/no-smbios.conf"
        machine.write(drop_in, "[Service]\n" + NO_SMBIOS)
        machine.run("systemctl daemon-reload && systemctl restart latchkeyd")
        machine.write(drop_in, "[Service]\n" + NO_SMBIOS + "SetCredential=\n")
        machine.run("systemctl daemon-reload")
        machine.try_run("systemctl restart latchkeyd")
        equal("243", machine.unit("latchkeyd", "ExecMainStatus"), "how it ends without: 243/CREDENTIALS")


# Says something in the service's name, and waits until systemd has dealt with it.
FORGE = """#!/usr/bin/python3
import os, socket
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to.connect(os.environ["NOTIFY_SOCKET"])
socket.send_fds(to, [b"STATUS=forged"], [])
done, barrier = os.pipe()
socket.send_fds(to, [b"BARRIER=1"], [barrier])
os.close(barrier)
os.read(done, 1)
"""


@story
def nobody_but_the_agent_itself_speaks_for_its_service(packages):
    child = Control("NotifyAccess=main", "NotifyAccess=all", "/usr/local/bin/forge; true", "RemainAfterExit=yes\n")
    with Machine(packages) as machine:
        machine.install_deb("latchkey-agent", version(packages))
        machine.run("systemctl stop latchkeyd")
        machine.write("/usr/local/bin/forge", FORGE, "0755")
        for lifted in (False, True):
            check(probe(machine, child, lifted), "the probe does not run")
            equal(lifted, machine.unit("probe", "StatusText") == "forged", "a child of the agent is believed")
            machine.run("systemctl stop probe")


@story
def the_exposure_is_low(packages):
    with Machine(packages) as machine:
        for package, unit in (("latchkey-agent", "latchkeyd"), ("latchkey-keyserver", "latchkey-keyserver")):
            machine.install_deb(package, version(packages))
            score = json.loads(machine.run(f"systemd-analyze security --json=short --no-pager {unit} || true").splitlines()[0])
            exposed = sum(float(entry["exposure"]) for entry in score if entry.get("exposure"))
            said = machine.run(f"systemd-analyze security --no-pager {unit} | tail -1")
            print(f"           {unit}: {said.strip()} ({exposed:.1f})", flush=True)
            check(float(said.split("level for")[1].split(":")[1].split()[0]) <= 1.5, said)


@story
def the_service_manager_knows_how_it_is(packages):
    with Machine(packages) as machine:
        machine.serve_keys(version(packages))
        machine.install_deb("latchkey-agent", version(packages))
        eventually(lambda: machine.unit("latchkeyd", "ActiveState") == "active", "active")
        equal("answering at /run/latchkey/agent.sock", machine.unit("latchkeyd", "StatusText"), "what it says of itself")
        machine.run("systemctl reload latchkeyd")
        equal("active", machine.unit("latchkeyd", "ActiveState"), "after a reload")
        # A hung agent is killed and started again, and its state is whole.
        machine.write("/etc/systemd/system/latchkeyd.service.d/watchdog.conf", "[Service]\nWatchdogSec=2s\nRestartSec=100ms\n")
        machine.run("systemctl daemon-reload && systemctl restart latchkeyd")
        before = machine.status()["machine"]["id"]
        machine.run("systemctl kill --signal=STOP latchkeyd")
        eventually(lambda: machine.unit("latchkeyd", "NRestarts") == "1" and machine.unit("latchkeyd", "ActiveState") == "active",
                   "killed by the watchdog and started again")
        equal(before, eventually(machine.status, "answers again")["machine"]["id"], "the machine's id")


@story
def reading_is_for_everybody_and_changing_for_administrators(packages):
    with Machine(packages) as machine:
        machine.serve_keys(version(packages))
        machine.install_deb("latchkey-agent", version(packages))
        machine.run("useradd user && useradd --groups latchkey-admin admin")
        equal("666 latchkey", machine.run("stat -c '%a %U' /run/latchkey/agent.sock").strip(), "the endpoint")
        equal("755", machine.run("stat -c %a /run/latchkey").strip(), "its directory")
        equal("700", machine.run("stat -c %a /var/lib/latchkey").strip(), "the state")
        equal(0, machine.try_run("runuser -u user -- latchkey status").returncode, "status by a user")
        equal(77, machine.try_run("runuser -u user -- latchkey reload").returncode, "reload by a user")
        equal(0, machine.try_run("runuser -u admin -- latchkey reload").returncode, "reload by a member of latchkey-admin")
        equal(77, machine.try_run("runuser -u user -- latchkey doctor").returncode, "doctor by a user")
        check(machine.try_run("runuser -u admin -- latchkey doctor").returncode != 77, "doctor by a member of latchkey-admin")


@story
def what_fails_at_the_start_is_tried_again_and_a_wrong_configuration_is_not(packages):
    with Machine(packages) as machine:
        machine.install_deb("latchkey-agent", version(packages))
        machine.write("/etc/latchkey/agent.d/90-wrong.toml", "[agent]\nrolle = 1\n")
        machine.try_run("systemctl restart latchkeyd")
        eventually(lambda: machine.unit("latchkeyd", "ActiveState") == "failed", "given up")
        equal("78", machine.unit("latchkeyd", "ExecMainStatus"), "exit code")
        equal("0", machine.unit("latchkeyd", "NRestarts"), "restarts after a configuration error")
        machine.run("rm /etc/latchkey/agent.d/90-wrong.toml && systemctl start latchkeyd")
        equal("15s", machine.unit("latchkeyd", "RestartUSec"), "the pause before the next try")
        # A disk that is full for a while, over more starts than systemd allows by default: 5 in 10 s.
        machine.write("/etc/systemd/system/latchkeyd.service.d/fast.conf", "[Service]\nRestartSec=10ms\n")
        machine.run("systemctl stop latchkeyd && rm -rf /var/lib/latchkey/* && mount -t tmpfs -o size=4k,mode=700 tmpfs /var/lib/latchkey"
                    " && head -c 4096 /dev/zero > /var/lib/latchkey/filler; systemctl daemon-reload")
        machine.try_run("systemctl start latchkeyd")
        eventually(lambda: int(machine.unit("latchkeyd", "NRestarts")) > 8, "tried on and on")
        check(machine.unit("latchkeyd", "ActiveState") != "failed", "given up")
        check("storage_failed" in machine.run("journalctl -u latchkeyd --no-pager -o cat"), "the journal does not say why")
        machine.run("mount -o remount,size=64m /var/lib/latchkey && rm /var/lib/latchkey/filler")
        eventually(lambda: machine.unit("latchkeyd", "ActiveState") == "active" and machine.status(), "room again, and it runs by itself")


@story
def without_a_network_it_starts_and_goes_on_when_there_is_one(packages):
    with Machine(packages) as machine:
        up = "ip link add late type veth peer name far && ip link set far up && ip link set late up && ip addr add 10.99.0.1/24 dev late"
        machine.run(up)
        key = machine.serve_keys(version(packages), listen="10.99.0.1:8443")
        machine.run("ip link del late")
        machine.write("/var/lib/latchkey/inbox/editor.key", key + "\n", "0600")
        machine.write("/etc/latchkey/agent.d/20-editor.toml",
                      '[keyserver]\nurl = "https://10.99.0.1:8443"\nca_file = "/etc/latchkey/keyserver-ca.pem"\n'
                      '[[activate]]\nproduct = "editor"\nkey_file = "editor.key"\nconsume = true\n')
        machine.install_deb("latchkey-agent", version(packages))
        eventually(lambda: any(item["id"] == "keyserver_unreachable" and item["product"] == "editor" for item in machine.status()["agent"]["health"]),
                   "asked in vain, and said so")
        equal("active", machine.unit("latchkeyd", "ActiveState"), "without a network")
        check("activate editor" in machine.run("journalctl -u latchkeyd -p warning LATCHKEY_CODE=keyserver_unreachable -o cat"), "the journal does not say so")
        machine.run(up)
        # By itself it tries within a quarter of an hour, so that a whole site does not come at once; somebody at the machine need not wait.
        machine.run("latchkey reload")
        machine.until_licensed()
        check(machine.run("journalctl LATCHKEY_PRODUCT=editor LATCHKEY_EVENT=activated -o cat").strip(), "fields in the journal")
