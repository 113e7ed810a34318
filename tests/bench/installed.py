#!/usr/bin/env python3
"""installed.py PACKAGES: the agent as its deb installs it, under systemd and in its sandbox: idle, starting, answering.

Each figure stands beside a yardstick of the same machine and run. Needs root; ./dev bench installed makes the packages first."""

import pathlib
import socket
import statistics
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(REPOSITORY / "installers/test"), str(REPOSITORY / "installers/linux/test")]

from bench import Bench  # noqa: E402
from deb_stories import drop_key  # noqa: E402
from machine import Machine, eventually  # noqa: E402
from story import version  # noqa: E402

ROUNDS = 11
SETTLE_SECONDS = 10
IDLE_SECONDS = 60
REQUESTS = 3000
# The agent's own unit around a shell that does nothing.
BARE_UNIT = ("sed -e 's#^ExecStart=.*#ExecStart=/bin/sh -c \"systemd-notify --ready; exec sleep infinity\"#; s/NotifyAccess=main/NotifyAccess=all/; /^ExecReload/d'"
             " /lib/systemd/system/latchkeyd.service > /run/systemd/system/bare.service && systemctl daemon-reload")
NGINX = """daemon off; pid /run/yardstick/pid; error_log stderr; events {}
http { access_log off; keepalive_requests 100000; server { listen unix:/run/yardstick/socket; location / { root /run/yardstick; default_type application/json; } } }
"""


def outside(machine, path):
    """A file of the machine, seen from here."""
    return f"/proc/{machine.pid}/root{path}"


def host_pid(machine, comm):
    """Of the one process of that name in the machine, as this side numbers it."""
    inside = set(pathlib.Path(f"/proc/{machine.pid}/ns/pid").readlink().parts)
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() == comm and set((process / "ns/pid").readlink().parts) == inside:
                return int(process.name)
        except OSError:
            continue
    raise LookupError(comm)


def ready_milliseconds(machine, unit):
    """From the start of the process to its READY, as systemd saw it."""
    times = []
    for _ in range(ROUNDS):
        machine.run(f"systemctl reset-failed {unit} 2>/dev/null; systemctl restart {unit}")
        times.append((int(machine.unit(unit, "ActiveEnterTimestampMonotonic")) - int(machine.unit(unit, "ExecMainStartTimestampMonotonic"))) / 1e3)
    return statistics.median(times)


def one_answer(line, target):
    line.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer = line.recv(65536)
    while b"\r\n\r\n" not in answer:
        answer += line.recv(65536)
    head, body = answer.split(b"\r\n\r\n", 1)
    length = int(next(field for field in head.lower().split(b"\r\n") if field.startswith(b"content-length:")).split(b":")[1])
    while len(body) < length:
        body += line.recv(65536)
    return head.split()[1], body


def answering(machine, lines):
    """Median microseconds of a kept connection's request, by line; interleaved, so that a neighbour's noise hits all of them."""
    open_lines = {}
    for name, (path, target) in lines.items():
        open_lines[name] = (socket.socket(socket.AF_UNIX), target)
        open_lines[name][0].connect(outside(machine, path))
    times = {name: [] for name in lines}
    for _ in range(REQUESTS):
        for name, (line, target) in open_lines.items():
            began = time.perf_counter()
            code, _ = one_answer(line, target)
            times[name].append((time.perf_counter() - began) * 1e6)
            assert code == b"200", (name, code)
    for line, _ in open_lines.values():
        line.close()
    return {name: statistics.median(of) for name, of in times.items()}


def measure(bench, packages):
    with Machine(packages) as machine:
        drop_key(machine, machine.serve_keys(version(packages)))
        machine.install_deb("latchkey-agent", version(packages))
        machine.until_licensed()
        agent = host_pid(machine, "latchkeyd")

        time.sleep(SETTLE_SECONDS)
        before = bench.wakeups(agent)
        time.sleep(IDLE_SECONDS)
        bench.at_most("P6", f"installed and idle: wake-ups over {IDLE_SECONDS} s", 0, bench.wakeups(agent) - before, "")
        ours = bench.memory(agent)
        if machine.try_run("test -x /usr/sbin/sshd").returncode == 0:
            machine.run("mkdir -p /run/sshd && ssh-keygen -A >/dev/null && systemd-run -q /usr/sbin/sshd -D -p 2222")
            sshd = eventually(lambda: host_pid(machine, "sshd"), "sshd")
            theirs = bench.memory(sshd)
            bench.at_most("P6", f"installed and idle: PSS to sshd's ({ours['Pss']} kB, of which {ours['Anonymous']} anonymous; {theirs['Pss']} kB)", 1.3, ours["Pss"] / theirs["Pss"])

        status, body = "/v1/status", None
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(outside(machine, "/run/latchkey/agent.sock"))
            _, body = one_answer(line, status)
        machine.run("mkdir -p /run/yardstick/v1")
        pathlib.Path(outside(machine, "/run/yardstick/v1/status")).write_bytes(body)
        machine.write("/run/yardstick/nginx.conf", NGINX)
        machine.run("systemd-run -q /usr/sbin/nginx -c /run/yardstick/nginx.conf")
        eventually(lambda: machine.exists("/run/yardstick/socket"), "nginx")
        medians = answering(machine, {"agent": ("/run/latchkey/agent.sock", status), "nginx": ("/run/yardstick/socket", status)})
        bench.at_most("P4", f"status over the socket, p50, to nginx and a file of the same {len(body)} bytes"
                            f" ({medians['agent']:.0f} us; {medians['nginx']:.0f} us)", 1.5, medians["agent"] / medians["nginx"])

        machine.run(BARE_UNIT)
        started, bare = ready_milliseconds(machine, "latchkeyd"), ready_milliseconds(machine, "bare")
        bench.at_most("P7", f"installed: start to READY, to a shell in the same sandbox ({started:.0f} ms; {bare:.0f} ms)", 1.5, started / bare)

    for name in sorted(packages.glob("*.deb")) + sorted(packages.glob("*.rpm")):
        bench.at_most("P13", name.name.rsplit("_", 2)[0] + name.suffix, 4, name.stat().st_size / 1e6, " MB")


def main():
    packages = pathlib.Path(sys.argv[1]).resolve()
    bench = Bench(REPOSITORY / "build/release")
    measure(bench, packages)
    print(file=sys.stderr)
    bench.table()


if __name__ == "__main__":
    main()
