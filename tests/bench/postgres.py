"""A PostgreSQL of its own for a measurement, as Debian configures one (fsync and synchronous_commit are on)."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile


class Cluster:
    """`with Cluster() as cluster:` is None where PostgreSQL is not installed."""

    def __init__(self):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self.programs = found[-1].parent if found else None
        self.directory = None
        self.databases = 0

    def call(self, program, *words):
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run([str(self.programs / program), *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd="/", **user)

    def __enter__(self):
        if not self.programs:
            return None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-bench-"))
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
        self.directory.chmod(0o755)
        data = str(self.directory / "data")
        self.call("initdb", "-D", data, "-U", "latchkey", "-A", "trust")
        self.call("pg_ctl", "-D", data, "-w", "-l", str(self.directory / "log"), "-o",
                  f"-c listen_addresses= -c unix_socket_directories={self.directory}", "start")
        return self

    def __exit__(self, *_):
        if not self.directory:
            return
        self.call("pg_ctl", "-D", str(self.directory / "data"), "-w", "-m", "fast", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def database(self):
        """The URL of a new, empty database."""
        self.databases += 1
        name = f"bench{self.databases}"
        self.call("createdb", "-h", str(self.directory), "-U", "latchkey", name)
        return f"postgresql://latchkey@/{name}?host={self.directory}"
