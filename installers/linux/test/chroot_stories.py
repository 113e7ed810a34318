"""The debs where no systemd runs or is installed: an image that is being built, a container."""

import pathlib
import shutil
import subprocess
import tempfile

from machine import check, equal
from story import story, version


class Root:
    """A throw-away copy of packages/rootfs, a Debian with what the packages depend on and without systemd."""

    def __init__(self, packages: pathlib.Path):
        self.packages = packages

    def __enter__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-root-", dir="/dev/shm"))
        subprocess.run(["cp", "-a", f"{self.packages}/rootfs/.", str(self.top)], check=True)
        (self.top / "shared").mkdir()
        for deb in self.packages.glob("*.deb"):
            shutil.copy(deb, self.top / "shared")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top)

    def run(self, command: str) -> str:
        mounted = 'mount -t proc proc "$0/proc" && exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin ' \
                  'DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes sh -c "$1"'
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "bash", "-c", mounted, str(self.top), command],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(done.returncode == 0, f"exit {done.returncode} of: {command}\n{done.stdout}")
        return done.stdout


@story
def an_image_without_systemd_takes_the_agent(packages):
    with Root(packages) as root:
        check(not (root.top / "usr/bin/systemctl").exists(), "this root has a systemd")
        root.run(f"echo 'latchkey-agent latchkey-agent/role select lab' | debconf-set-selections"
                 f" && dpkg -i /shared/latchkey-agent_{version(packages)}_amd64.deb")
        check((root.top / "etc/systemd/system/multi-user.target.wants/latchkeyd.service").is_symlink(), "not enabled for the boot")
        check('role = "lab"' in root.run("cat /etc/latchkey/agent.d/50-debconf.toml"), "the answer was not written")
        check("latchkey" in root.run("id -nG latchkey"), "no user")
        equal(f"latchkey {version(packages)}", root.run("latchkey --version").strip(), "the command line")
        equal("", root.run("cat /proc/[0-9]*/comm 2>/dev/null | grep -x latchkeyd || true"), "processes")
        root.run("dpkg -r latchkey-agent && dpkg -P latchkey-agent")
        equal("", root.run("find /etc /usr /var -iname '*latchkey*'").strip(), "files left after the purge")


@story
def the_group_of_the_tpm_is_there_before_and_after_tpm_udev(packages):
    with Root(packages) as root:
        equal("", root.run("getent group tss || true"), "the group before")
        root.run(f"dpkg -i /shared/latchkey-agent_{version(packages)}_amd64.deb")
        check("tss" in root.run("id -nG latchkey").split(), "the agent's user is not in the group")


@story
def an_image_without_systemd_takes_the_key_server(packages):
    with Root(packages) as root:
        root.run(f"dpkg -i /shared/latchkey-keyserver_{version(packages)}_amd64.deb && latchkey-keyserver --version")
        check(not (root.top / "etc/systemd/system/multi-user.target.wants/latchkey-keyserver.service").exists(), "enabled")
        root.run("dpkg -P latchkey-keyserver")
        equal("", root.run("find /etc /usr /var -iname '*latchkey*'").strip(), "files left after the purge")
