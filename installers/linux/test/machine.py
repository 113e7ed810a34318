"""Machines to install packages on: systemd as PID 1 in namespaces of its own, over a throw-away overlay of this system."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from host import Host
from key_server import begin_product
from stories import Failure, check, equal, eventually

HERE = pathlib.Path(__file__).resolve().parent
__all__ = ["Failure", "Machine", "check", "equal", "eventually"]


class Machine(Host):
    def __init__(self, packages: pathlib.Path):
        self.packages = packages

    def __enter__(self):
        top = pathlib.Path("/sys/fs/cgroup/unified")
        self.cgroup = (top if top.is_dir() else top.parent) / f"latchkey-test.{os.getpid()}.{time.monotonic_ns()}"
        self.cgroup.mkdir()
        self.mount = tempfile.mkdtemp(prefix="latchkey-machine-")
        self.log = tempfile.NamedTemporaryFile("w+")
        join = f"echo $$ > {self.cgroup}/cgroup.procs; exec unshare --cgroup --pid --fork --mount --uts --ipc --net bash \"$@\""
        self.starter = subprocess.Popen(["bash", "-c", join, "bash", str(HERE / "machine.sh"), "/", self.mount, str(self.packages),
                                         str(HERE.parents[2] / "tests" / "e2e" / "machine.sh")],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        try:
            self.pid = eventually(self._systemd, "systemd as PID 1")
            eventually(lambda: self.try_run("systemctl is-system-running").stdout.strip() in ("running", "degraded"), "booted")
        except Failure:
            said = pathlib.Path(self.log.name).read_text()
            self.__exit__()
            raise Failure(f"the machine does not boot: {said}")
        self.run("rm -f /var/lib/man-db/auto-update && echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/latchkey-test")
        return self

    def __exit__(self, *_):
        if getattr(self, "pid", None):
            os.kill(self.pid, signal.SIGKILL)  # the kernel then ends all that run in it
        else:
            self.starter.kill()
        self.starter.wait()
        for directory, _, _ in os.walk(self.cgroup, topdown=False):
            for _ in range(100):
                try:
                    os.rmdir(directory)
                    break
                except OSError:
                    time.sleep(0.05)
        os.rmdir(self.mount)
        self.log.close()

    def _systemd(self):
        check(self.starter.poll() is None, "it ended")
        children = pathlib.Path(f"/proc/{self.starter.pid}/task/{self.starter.pid}/children").read_text().split()
        named = [int(pid) for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "systemd"]
        return named[0] if named else None

    def try_run(self, command: str, **environment) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "-C", "env", "-i", "HOME=/root", "LC_ALL=C.UTF-8",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "DEBCONF_NOWARNINGS=yes",
             *(f"{name}={value}" for name, value in environment.items()), "sh", "-c", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def admin(self, words: str) -> dict:
        return json.loads(self.run(f"latchkey-keyserver admin --data /var/lib/latchkey-keyserver --json {words}"))

    def receipts(self) -> list:
        return self.admin("receipt list")["receipts"]

    def serve_keys(self, version: str, listen: str = "") -> str:
        """The packaged key server with a product `editor`; its manifest and authority where agents look. Returns a product key."""
        self.install_deb("latchkey-keyserver", version)
        self.write("/etc/latchkey-keyserver/environment", f'LATCHKEY_KEYSERVER_OPTIONS="--publisher example.org{f" --listen {listen}" if listen else ""}"\n')
        self.run("systemctl enable --now latchkey-keyserver")
        key = begin_product(self.admin)
        self.run("mkdir -p /etc/latchkey/products.d /etc/latchkey/agent.d && install -m 0644"
                 " /var/lib/latchkey-keyserver/ca.pem /etc/latchkey/keyserver-ca.pem && latchkey-keyserver admin"
                 " --data /var/lib/latchkey-keyserver product export editor -o /etc/latchkey/products.d/editor.jws")
        # A machine in namespaces is a container, and those are not activated unattended unless somebody says so.
        self.write("/etc/latchkey/agent.d/10-container.toml", '[agent]\nephemeral = "allow"\n')
        return key
