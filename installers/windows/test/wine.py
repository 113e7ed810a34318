"""A Windows of its own under Wine: a prefix made anew, the service manager running in it, programs started with words as they are."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess

from stories import check, equal

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = "drive_c/Program Files/Latchkey"
DATA = "drive_c/ProgramData/Latchkey"
SUCCESS, INSTALL_FAILURE = 0, 1603


def windows_path(path) -> str:
    return "Z:" + str(pathlib.Path(path).resolve()).replace("/", "\\")


def as_msiexec_reads(word: str) -> str:
    """msiexec takes its command line apart by rules of its own: NAME="value", and a quote in it is two."""
    name, is_property, value = word.partition("=")
    if is_property:
        return name + '="' + value.replace('"', '""') + '"'
    return f'"{word}"' if " " in word else word


class Done:
    def __init__(self, code: int, text: str):
        self.code, self.text = code, text


class Wine:
    def __init__(self, prefix: pathlib.Path, helpers: pathlib.Path):
        """`helpers`: the folder of latchkey-run-line.exe."""
        self.prefix, self.helpers = prefix, helpers
        # Words that are not ASCII come through in a locale of UTF-8 alone.
        self.environment = {**os.environ, "LATCHKEY_WINE_PREFIX": str(prefix), "WINEPREFIX": str(prefix), "LC_ALL": "C.UTF-8"}

    def __enter__(self):
        self.stop()
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.prefix.parent.mkdir(parents=True, exist_ok=True)
        equal(0, self.run("cmd", "/c", "exit").code, "making a Wine prefix")
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        """Services outlive the calls that start them, and those that start by themselves come up."""
        subprocess.run(["wineserver", "-p"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        self.run("cmd", "/c", "exit")

    def stop(self) -> None:
        subprocess.run([HERE.parent / "wine.sh", "--stop"], env=self.environment, stdin=subprocess.DEVNULL, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, program, *words, timeout: float = 300, **options) -> Done:
        # A file, because a server that is started on the way would keep a pipe open.
        with open(self.prefix.with_suffix(".output"), "w+b") as output:
            done = subprocess.run([HERE.parent / "wine.sh", program, *(str(word) for word in words)], env=self.environment, check=False,
                                  stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=timeout, **options)
            output.seek(0)
            return Done(done.returncode, output.read().decode(errors="replace").replace("\r", ""))

    @contextlib.contextmanager
    def running(self, program: pathlib.Path, output: pathlib.Path):
        """A program that goes on by itself until this ends."""
        with open(output, "wb") as told:
            process = subprocess.Popen([HERE.parent / "wine.sh", program], env=self.environment, stdin=subprocess.DEVNULL, stdout=told,
                                       stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def file(self, path: str) -> pathlib.Path:
        return self.prefix / path

    def program(self, name: str, *words, **options) -> Done:
        """One of the installed programs."""
        return self.run(f"C:\\Program Files\\Latchkey\\{name}.exe", *words, **options)

    def service_state(self) -> str:
        """RUNNING, STOPPED, ...; "" where there is no such service."""
        found = re.search(r"STATE\s*:\s*\d+\s+(\w+)", self.run("sc", "query", "Latchkey").text)
        return found[1] if found else ""

    def msiexec(self, *words, log: pathlib.Path = None) -> Done:
        logged = ("/l*v", windows_path(log)) if log else ()
        line = self.prefix.with_suffix(".line")
        line.write_text(" ".join(as_msiexec_reads(word) for word in ("msiexec", *words, "/qn", *logged)))
        if log:
            log.unlink(missing_ok=True)
        # On a busy machine Wine now and then starts a program in vain. What has begun to log has begun, and is not done twice.
        for _ in range(2):
            done = self.run(self.helpers / "latchkey-run-line.exe", windows_path(line), timeout=600)
            found = re.search(r"^exit (\d+)$", done.text, re.MULTILINE)
            if found or not log or log.exists():
                break
        check(found, f"msiexec was not run (exit {done.code}): {done.text}")
        content = log.read_bytes() if log and log.exists() else b""
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace")
        return Done(int(found[1]), done.text + text)

    def processes(self, name: str) -> list:
        """Linux' numbers of the processes of this prefix that run the program."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                ours = f"WINEPREFIX={self.prefix}".encode() in (process / "environ").read_bytes().split(b"\0")
                words = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if ours and name in words.split("\0")[0].replace("\\", "/").rsplit("/", 1)[-1]:
                found.append(int(process.name))
        return found

    def check_installed(self, installed: bool) -> None:
        for name in ("latchkey.exe", "latchkeyd.exe", "latchkey-service.exe"):
            check(self.file(f"{PROGRAMS}/{name}").exists() == installed, f"{name} is {'not ' if installed else ''}there")
