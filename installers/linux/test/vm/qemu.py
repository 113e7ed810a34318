"""Machines of chosen hardware in QEMU: a desktop's SMBIOS, disk, network card and TPM, on Debian's own kernel.

The disk is a SATA one because QEMU's NVMe disks call themselves QEMU's, and identity sets aside what is virtual.

The processor is emulated (no KVM is asked for), so that the same thing happens on every host; it hides the hypervisor unless asked not to."""

import base64
import dataclasses
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from host import Host
from stories import Failure, check, eventually

DISK_MODEL = "Samsung SSD 870 EVO 500GB"
PATIENCE = 300  # seconds for whatever one command in an emulated machine may take


@dataclasses.dataclass(frozen=True)
class Hardware:
    """What the machine's firmware and devices say of themselves. `tpm`: the folder that holds the TPM's state; None: there is none."""
    uuid: str = "4c4c4544-0042-4b10-8035-b9c04f563333"
    serial: str = "9BK5V33"
    board: str = "/9BK5V33/CNFCW0013700E2/"
    disk: str = "S5GXNX0T123456"
    mac: str = "a4:bb:6d:12:34:56"
    tpm: pathlib.Path | None = None
    virtual: bool = False  # a virtual machine that says so, as QEMU makes it
    clock: str = "base=utc"  # QEMU's -rtc

    def options(self) -> list:
        if self.virtual:
            yield from ("-cpu", "qemu64", "-uuid", self.uuid)
        else:
            maker = "manufacturer=Dell Inc."
            yield from ("-cpu", "qemu64,-hypervisor", "-uuid", self.uuid,
                        "-smbios", "type=0,vendor=Dell Inc.,version=1.14.1,date=12/10/2022",
                        "-smbios", f"type=1,{maker},product=OptiPlex 7090,serial={self.serial},uuid={self.uuid}",
                        "-smbios", f"type=2,{maker},product=0M3F6V,serial={self.board}",
                        "-smbios", f"type=3,{maker},serial={self.serial}")
        yield from ("-rtc", self.clock)


class Disk:
    """A disk's content. Fresh from the image, or a copy of another's."""

    def __init__(self, folder: pathlib.Path, image: pathlib.Path):
        self.file = pathlib.Path(tempfile.mkstemp(suffix=".qcow2", dir=folder)[1])
        self.folder = folder
        if image.name == "disk.qcow2":
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.resolve(), self.file], check=True)
        else:
            shutil.copy(image, self.file)

    def clone(self) -> "Disk":
        return Disk(self.folder, self.file)


class Guest(Host):
    """Hardware with a disk in it, switched on. Leaving the block shuts it down in order."""

    patience = PATIENCE

    def __init__(self, hardware: Hardware, disk: Disk, kernel: pathlib.Path, cable: bool = True):
        self.hardware, self.disk, self.kernel, self.cable = hardware, disk, kernel, cable

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-vm-"))
        self.console = self.folder / "console"
        self.processes = []
        try:
            self._switch_on()
        except BaseException:
            self._end()
            raise
        return self

    def _switch_on(self) -> None:
        began = time.monotonic()
        options = ["-machine", "q35,accel=tcg", "-smp", "2", "-m", "512", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-kernel", self.kernel / "vmlinuz", "-initrd", self.kernel / "initrd.gz",
                   "-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check systemd.show_status=false",
                   "-serial", f"file:{self.console}",
                   "-chardev", f"socket,id=commands,path={self.folder}/commands,server=on,wait=off", "-serial", "chardev:commands",
                   "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off",
                   "-drive", f"file={self.disk.file},if=none,id=disk,format=qcow2,cache=unsafe",
                   "-device", f"ide-hd,bus=ide.0,drive=disk,model={DISK_MODEL},serial={self.hardware.disk}",
                   "-netdev", "user,id=net", "-device", f"e1000e,netdev=net,mac={self.hardware.mac},romfile=", *self.hardware.options()]
        if self.hardware.tpm:
            self.hardware.tpm.mkdir(exist_ok=True)
            self._start(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.hardware.tpm}", "--terminate",
                         "--ctrl", f"type=unixio,path={self.folder}/tpm"])
            eventually((self.folder / "tpm").exists, "the TPM answers")
            options += ["-chardev", f"socket,id=tpm,path={self.folder}/tpm", "-tpmdev", "emulator,id=tpm0,chardev=tpm",
                        "-device", "tpm-tis,tpmdev=tpm0"]
        self.qemu = self._start(["qemu-system-x86_64", *map(str, options)])
        eventually((self.folder / "qmp").exists, "QEMU answers")
        if not self.cable:
            self.plug(False)
        self.commands = socket.socket(socket.AF_UNIX)
        self.commands.settimeout(PATIENCE)
        self.commands.connect(str(self.folder / "commands"))
        self.answers = self.commands.makefile("rb")
        try:
            check(self.answers.readline().strip() == b"ready", "it said something else")
        except (OSError, Failure) as error:
            raise Failure(f"the machine does not boot ({error!r}):\n{self._console()}") from None
        eventually(lambda: self.try_run("systemctl is-system-running").stdout.strip() in ("running", "degraded"), "booted", self.patience)
        self.booted_in = time.monotonic() - began

    def _start(self, words: list) -> subprocess.Popen:
        self.processes.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=open(self.folder / "said", "ab"), stderr=subprocess.STDOUT))
        return self.processes[-1]

    def __exit__(self, *_) -> None:
        try:
            self.commands.sendall(base64.b64encode(b"systemctl --no-block poweroff") + b"\n")
            self.qemu.wait(PATIENCE)
        finally:
            self._end()

    def _end(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        shutil.rmtree(self.folder)

    def _console(self) -> str:
        return self.console.read_text(errors="replace")[-2000:]

    def plug(self, cable: bool) -> None:
        """The network cable, in or out."""
        with socket.socket(socket.AF_UNIX) as qmp:
            qmp.connect(str(self.folder / "qmp"))
            lines = qmp.makefile("r")
            lines.readline()
            for command in ('{"execute": "qmp_capabilities"}',
                            '{"execute": "set_link", "arguments": {"name": "net", "up": %s}}' % ("true" if cable else "false")):
                qmp.sendall(command.encode())
                check("return" in lines.readline(), f"QEMU did not do {command}")

    def try_run(self, command: str, **environment) -> subprocess.CompletedProcess:
        exported = "".join(f"export {name}='{value}'; " for name, value in environment.items())
        try:
            self.commands.sendall(base64.b64encode((exported + command).encode()) + b"\n")
            code, output = self.answers.readline().split()
        except (OSError, ValueError) as error:
            raise Failure(f"the machine does not answer ({error!r}):\n{self._console()}") from None
        return subprocess.CompletedProcess(command, int(code), base64.b64decode(output).decode(errors="replace").removesuffix("\n"))
