"""The machine that really is reimaged: the packaged agent on a Debian with its own kernel, its disk thrown away, its parts replaced."""

import base64
import contextlib
import dataclasses
import pathlib
import struct
import subprocess
import tempfile
import textwrap
import time

from hardening_stories import AGENT, Control, gives, holds
from key_server import KeyServer
from qemu import Disk, Guest, Hardware
from stories import check, equal, eventually
from story import story, version

PROOF = 'tpm = "proof"'
OTHER_DESK = Hardware(uuid="4c4c4544-0051-3710-8047-b4c04f4a4c33", serial="GQ7J4L3", board="/GQ7J4L3/CNWS3001AB0C9/", mac="3c:ec:ef:77:00:12",
                      disk="S6PNNM0W700421")


def indented(text: str) -> str:
    return textwrap.indent(text.rstrip(), " " * 11)


class Lab:
    """One key server, and machines that are switched on one after the other."""

    def __init__(self, packages: pathlib.Path):
        self.packages = packages

    def __enter__(self):
        self.open = contextlib.ExitStack()
        self.folder = pathlib.Path(self.open.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-lab-")))
        deb = self.packages / f"latchkey-keyserver_{version(self.packages)}_amd64.deb"
        subprocess.run(["dpkg-deb", "-x", deb, self.folder / "keyserver"], check=True)
        self.keys = self.open.enter_context(KeyServer(self.folder / "keyserver/usr/bin/latchkey-keyserver"))
        return self

    def __exit__(self, *reason):
        self.open.__exit__(*reason)

    def tpm(self, name: str) -> pathlib.Path:
        return self.folder / f"tpm-{name}"

    def fresh_disk(self) -> Disk:
        return Disk(self.folder, self.packages / "disk.qcow2")

    def boot(self, hardware: Hardware, disk: Disk, **how) -> Guest:
        return Guest(hardware, disk, self.packages / "kernel", **how)

    def configure(self, guest: Guest, agent: str, when_counted: str = "proceed") -> None:
        """What IT lays down before it installs the agent: files, and a key that activates without a hand."""
        guest.write("/etc/latchkey/products.d/editor.jws", self.keys.manifest.read_text())
        guest.write("/etc/latchkey/keyserver-ca.pem", self.keys.authority.read_text())
        guest.write("/etc/latchkey/agent.d/50-site.toml",
                    f'[keyserver]\nurl = "{self.keys.url}"\nca_file = "/etc/latchkey/keyserver-ca.pem"\n\n[agent]\n{agent}\n\n'
                    f'[[activate]]\nproduct = "editor"\nkey_file = "editor.key"\nconsume = true\nwhen_counted = "{when_counted}"\n')
        guest.run("mkdir -p -m 0700 /var/lib/latchkey/inbox")
        guest.write("/var/lib/latchkey/inbox/editor.key", self.keys.key + "\n", "0600")

    def installed_afresh(self, hardware: Hardware, agent: str = PROOF, then=lambda guest: None) -> dict:
        """A fresh system on this hardware, the agent's deb on it, activated without a hand, and the disk thrown away. The receipt."""
        with self.boot(hardware, self.fresh_disk()) as guest:
            self.configure(guest, agent)
            guest.install_deb("latchkey-agent", version(self.packages))
            guest.until_licensed()
            then(guest)
        return self.newest_receipt()

    def newest_receipt(self) -> dict:
        """As the publisher's public keys confirm it."""
        compact = self.folder / "receipt.jws"
        compact.write_text(self.keys.receipts()[-1]["receipt"])
        receipt = self.keys.verified(compact)
        print(f"           counted {receipt['counted']}, {receipt['verdict']}{', significant' if receipt['significant'] else ''},"
              f" continuity {receipt['continuity']}: {' '.join(receipt['reasons'])}", flush=True)
        return receipt


def same_and_free(receipt: dict, continuity: str) -> None:
    equal((0, "same", False, continuity), (receipt["counted"], receipt["verdict"], receipt["significant"], receipt["continuity"]),
          "counted, verdict, significant, continuity")


@story
def a_thrown_away_disk_is_no_new_activation_and_the_tpm_proves_it(packages):
    with Lab(packages) as lab:
        desk = Hardware(tpm=lab.tpm("desk"))
        first = lab.installed_afresh(desk)
        equal((1, "none"), (first["counted"], first["continuity"]), "counted and continuity the first time")

        def looks_like_it(guest):
            equal("made", guest.status()["machine"]["tpm"]["last_proof"]["outcome"], "the proof, in status")
            check("TPM 2.0 (proven)" in guest.run("latchkey status"), guest.run("latchkey status"))
            equal(0, guest.try_run("latchkey doctor").returncode, "the doctor's verdict")

        for _ in range(2):
            same_and_free(lab.installed_afresh(desk, then=looks_like_it), "tpm")


@story
def a_new_network_card_and_disk_are_not_significant_where_the_tpm_agrees(packages):
    with Lab(packages) as lab:
        desk = Hardware(tpm=lab.tpm("desk"))
        lab.installed_afresh(desk)
        repaired = dataclasses.replace(desk, mac=OTHER_DESK.mac, disk=OTHER_DESK.disk)
        same_and_free(lab.installed_afresh(repaired), "tpm")


@story
def a_new_network_card_and_disk_are_significant_without_a_tpm(packages):
    with Lab(packages) as lab:
        desk = Hardware()
        equal(1, lab.installed_afresh(desk)["counted"], "the first time")
        same_and_free(lab.installed_afresh(desk), "digests")
        receipt = lab.installed_afresh(dataclasses.replace(desk, mac=OTHER_DESK.mac, disk=OTHER_DESK.disk))
        equal((1, "same", True, "digests"), (receipt["counted"], receipt["verdict"], receipt["significant"], receipt["continuity"]),
              "counted, verdict, significant, continuity")


@story
def a_new_board_with_its_tpm_is_counted(packages):
    with Lab(packages) as lab:
        desk = Hardware(tpm=lab.tpm("desk"))
        lab.installed_afresh(desk)
        other_board = dataclasses.replace(desk, uuid=OTHER_DESK.uuid, serial=OTHER_DESK.serial, board=OTHER_DESK.board, tpm=lab.tpm("other-board"))
        receipt = lab.installed_afresh(other_board)
        equal((1, True), (receipt["counted"], receipt["significant"]), "counted and significant")


@story
def a_twin_of_a_virtual_machine_is_counted(packages):
    with Lab(packages) as lab:
        one = Hardware(virtual=True, uuid="6f1c7bf0-3b1e-4f5e-9d27-0c8a54f1a001", mac="52:54:00:a1:00:01", tpm=lab.tpm("one"))
        twin = dataclasses.replace(one, uuid="6f1c7bf0-3b1e-4f5e-9d27-0c8a54f1a002", mac="52:54:00:a1:00:02", tpm=lab.tpm("twin"))
        lab.installed_afresh(one)
        same_and_free(lab.installed_afresh(one), "tpm")
        receipt = lab.installed_afresh(twin)
        equal((1, "different"), (receipt["counted"], receipt["verdict"]), "counted and verdict")


def health(guest: Guest) -> set:
    return {item["id"] for item in guest.status().get("agent", {}).get("health", [])}


def conditions(guest: Guest) -> set:
    return {condition["code"] for condition in guest.product().get("conditions", [])}


@story
def a_cloned_disk_is_found_out(packages):
    with Lab(packages) as lab:
        desk, disk = Hardware(tpm=lab.tpm("desk")), lab.fresh_disk()
        with lab.boot(desk, disk) as original:
            lab.configure(original, PROOF, when_counted="hold")
            original.install_deb("latchkey-agent", version(packages))
            original.until_licensed()
            name = original.status()["machine"]["id"]
        with lab.boot(dataclasses.replace(OTHER_DESK, tpm=lab.tpm("other")), disk.clone()) as clone:
            eventually(lambda: "state_foreign" in health(clone), "found out", clone.patience)
            eventually(lambda: {"hardware_changed", "confirmation_required"} <= conditions(clone), "asks before it counts", clone.patience)
            equal("out_of_tolerance_grace", clone.product()["state"], "its license")
            check(clone.status()["machine"]["id"] != name, "the clone goes by the original's id")
            print(indented(clone.run("latchkey status")), flush=True)
        equal([1], [receipt["counted"] for receipt in lab.keys.receipts()], "what was counted: the original alone")
        with lab.boot(desk, disk) as original:
            original.until_licensed()
            equal(name, original.status()["machine"]["id"], "the original's id")
            check("state_foreign" not in health(original), "the original is told a clone")


TPM = Control("DeviceAllow=/dev/tpmrm0 rw", "DeviceAllow=", ": <> /dev/tpmrm0", AGENT)
SMBIOS = Control("LoadCredential=", "LoadCredential=\nSetCredential=smbios-table:none\nSetCredential=smbios-entry-point:none",
                 "test $(stat -c %s $CREDENTIALS_DIRECTORY/smbios-table) -gt 100", AGENT)
CONTROLS = [
    Control("PrivateDevices=yes, DeviceAllow=", "PrivateDevices=no\nDeviceAllow=", "head -c 1 /dev/sda"),
    Control("PrivateDevices=yes (the bare TPM)", "PrivateDevices=no\nDeviceAllow=", ": <> /dev/tpm0"),
    Control("ProtectKernelTunables=yes", "ProtectKernelTunables=no", "echo 1 > /proc/sys/kernel/sysrq"),
    Control("SystemCallArchitectures=native", "SystemCallArchitectures=", "/shared/of-another-architecture"),
    Control("TasksMax=32", "TasksMax=infinity", "perl -e 'for (1..40) { my $pid = fork; exit 1 unless defined $pid; if (!$pid) { sleep 5; exit } }'"),
]

# A program of the i386 that makes one system call: exit(0).
CODE = bytes.fromhex("31db 31c0 40 cd80")
OF_ANOTHER_ARCHITECTURE = struct.pack("<4s5B7xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, 0, 0, 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 0, 0, 0) \
    + struct.pack("<8I", 1, 0, 0x8048000, 0x8048000, 84 + len(CODE), 84 + len(CODE), 5, 4096) + CODE


@story
def what_only_a_real_kernel_shows_of_the_sandbox(packages):
    """Beside hardening_stories: what needs control groups, devices or firmware."""
    with Lab(packages) as lab, lab.boot(Hardware(tpm=lab.tpm("desk")), lab.fresh_disk()) as guest:
        lab.configure(guest, PROOF)
        guest.install_deb("latchkey-agent", version(packages))
        guest.until_licensed()
        equal("made", guest.status()["machine"]["tpm"]["last_proof"]["outcome"], "the sandboxed agent's proof")
        equal("400 latchkey", guest.run("stat -c '%a %U' /run/credentials/latchkeyd.service/smbios-table").strip(), "the credential")
        check(guest.try_run("runuser -u latchkey -- cat /sys/firmware/dmi/tables/DMI").returncode != 0, "SMBIOS is no secret here")
        guest.run("systemctl stop latchkeyd")
        guest.run("base64 -d > /shared/of-another-architecture <<'END'\n" + base64.b64encode(OF_ANOTHER_ARCHITECTURE).decode() +
                  "\nEND\nchmod +x /shared/of-another-architecture && /shared/of-another-architecture")
        wrong = [control.directive for control in CONTROLS if not holds(guest, control)]
        # These two give something: with them it works, without them it does not.
        wrong += [control.directive for control in (TPM, SMBIOS) if not gives(guest, control)]
        equal([], wrong, "directives without effect, or without proof")


@story
def a_dead_clock_and_a_late_cable_at_boot(packages):
    with Lab(packages) as lab:
        desk, disk = Hardware(tpm=lab.tpm("desk")), lab.fresh_disk()
        with lab.boot(desk, disk) as guest:
            lab.configure(guest, PROOF)
            guest.install_deb("latchkey-agent", version(packages))
            until = guest.until_licensed()["license"]["expires_at"]
        with lab.boot(dataclasses.replace(desk, clock="base=1970-01-01"), disk, cable=False) as guest:
            equal("active", guest.unit("latchkeyd", "ActiveState"), "the service without a network, before its own time")
            product = guest.until_licensed()
            equal(until, product["license"]["expires_at"], "the end of the lease")
            check("clock_behind" in health(guest), "nobody is told of the clock")
            told = guest.try_run("latchkey doctor")
            check(told.returncode != 0 and "route" in told.stdout, told.stdout)
            guest.plug(True)
            eventually(lambda: "signed by the keys of example.org" in guest.try_run("latchkey doctor").stdout, "the key server is reached", guest.patience)
            check("clock_behind" in health(guest), "the calendar is still wrong, and nobody is told")
            print(indented(guest.try_run("date; latchkey doctor").stdout), flush=True)


@story
def a_new_machine_with_a_dead_clock_activates_once_it_is_set(packages):
    with Lab(packages) as lab, lab.boot(Hardware(tpm=lab.tpm("desk"), clock="base=1970-01-01"), lab.fresh_disk()) as guest:
        lab.configure(guest, PROOF)
        guest.install_deb("latchkey-agent", version(packages))
        eventually(lambda: (guest.product().get("last_attempt") or {}).get("code") == "tls_untrusted", "tried in vain", guest.patience)
        check("clock" in guest.run("latchkey status"), "nothing points at the clock")
        guest.run(f"date -s @{int(time.time())}")
        guest.until_licensed()
        equal([1], [receipt["counted"] for receipt in lab.keys.receipts()], "what was counted")
