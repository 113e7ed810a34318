"""Machines to install packages on: systemd as PID 1 in namespaces of its own, over a throw-away overlay of this system."""

import json
import os
import pathlib
import shlex
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 60  # seconds for whatever has to happen


class Failure(Exception):
    pass


def check(condition, said) -> None:
    if not condition:
        raise Failure(said)


def equal(expected, found, what) -> None:
    check(expected == found, f"{what}: expected {expected!r}, found {found!r}")


def eventually(asked, what: str):
    """The first true answer of `asked`. Polls: what is waited for happens in another process."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := asked()):
        check(time.monotonic() < deadline, f"not within {PATIENCE} s: {what}")
        time.sleep(0.1)
    return answer


class Machine:
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

    def run(self, command: str, **environment) -> str:
        done = self.try_run(command, **environment)
        check(done.returncode == 0, f"exit {done.returncode} of: {command}\n{done.stdout}")
        return done.stdout

    def write(self, path: str, text: str, mode: str = "0644") -> None:
        quoted = shlex.quote(path)
        self.run(f"install -D -m {mode} /dev/null {quoted} && printf %s {shlex.quote(text)} > {quoted}")

    def exists(self, path: str) -> bool:
        return self.try_run(f"test -e {shlex.quote(path)}").returncode == 0

    def unit(self, name: str, prop: str) -> str:
        return self.run(f"systemctl show --value -P {prop} {name}").strip()

    # --- Latchkey on it ------------------------------------------------------------------------------------------------

    def install_deb(self, name: str, version: str, **environment) -> str:
        return self.run(f"dpkg -i /shared/{name}_{version}_amd64.deb", **environment)

    def status(self) -> dict:
        done = self.try_run("latchkey status --json 2>/dev/null")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def product(self) -> dict:
        products = self.status().get("products") or [{}]
        return products[0]

    def until_licensed(self) -> dict:
        try:
            eventually(lambda: self.product().get("state") == "licensed", "licensed")
        except Failure as failure:
            journal = self.run("latchkey status; journalctl -u latchkeyd -n 30 --no-pager -o cat; true")
            raise Failure(f"{failure}\n{journal}") from None
        return self.product()

    def admin(self, words: str) -> dict:
        return json.loads(self.run(f"latchkey-keyserver admin --data /var/lib/latchkey-keyserver --json {words}"))

    def receipts(self) -> list:
        return self.admin("receipt list")["receipts"]

    def serve_keys(self, version: str, listen: str = "") -> str:
        """The packaged key server with a product `editor`; its manifest and authority where agents look. Returns a product key."""
        self.install_deb("latchkey-keyserver", version)
        self.write("/etc/latchkey-keyserver/environment", f'LATCHKEY_KEYSERVER_OPTIONS="--publisher example.org{f" --listen {listen}" if listen else ""}"\n')
        self.run("systemctl enable --now latchkey-keyserver")
        self.admin("product add --id editor --name Editor")
        entitlement = self.admin("entitlement add --product editor --program ai-cloud --organization contoso"
                                 " --quantity 10 --activations 10")["id"]
        self.run("mkdir -p /etc/latchkey/products.d /etc/latchkey/agent.d && install -m 0644"
                 " /var/lib/latchkey-keyserver/ca.pem /etc/latchkey/keyserver-ca.pem && latchkey-keyserver admin"
                 " --data /var/lib/latchkey-keyserver product export editor -o /etc/latchkey/products.d/editor.jws")
        # A machine in namespaces is a container, and those are not activated unattended unless somebody says so.
        self.write("/etc/latchkey/agent.d/10-container.toml", '[agent]\nephemeral = "allow"\n')
        return self.admin(f"key issue --entitlement {entitlement}")["key"]
