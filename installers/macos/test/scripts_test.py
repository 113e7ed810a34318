#!/usr/bin/env python3
"""scripts_test.py BIN: preinstall, postinstall and uninstall.sh at work on the real payload, in a folder laid out like a Mac that plays the
root directory. launchctl, dseditgroup and pkgutil are played by small scripts that remember what they were told. What the real ones do,
verify-on-a-mac.sh shows. BIN holds this machine's programs, whose --help the package's completions are written from."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from sample import MACOS, SERVICE, right_program  # noqa: E402

VERSION = "1.9.0"
SUPPORT = "Library/Application Support/Latchkey"
PLAYED = {
    "launchctl": """
        case "$1 $2" in
            "print system/org.latchkey.agent") [ -e /played/loaded ] && cat /played/state ;;
            "print-disabled system") cat /played/disabled ;;
            "bootout system/org.latchkey.agent") [ -e /played/stubborn ] || rm /played/loaded ;;
            "bootstrap system") [ ! -e /played/refuses ] && [ -f "$3" ] && touch /played/loaded ;;
            *) exit 64 ;;
        esac""",
    "dseditgroup": """
        for name; do :; done
        case "$2" in
            read) [ -e "/played/group-$name" ] ;;
            create) touch "/played/group-$name" ;;
            delete) rm "/played/group-$name" ;;
        esac""",
    "pkgutil": """
        for name; do :; done
        case "$*" in
            *--pkg-info*) cat "/played/receipt-$name" ;;
            *--forget*) rm "/played/receipt-$name" ;;
        esac""",
    "sleep": ""}
# Linux' programs, the Mac's folders. Nothing outside the folder can be changed: /usr is there to be read, and /usr/local is another.
ENTER = """
set -e
mount --bind /usr "$1/usr"
mount -o remount,bind,ro "$1/usr"
mount --bind "$1/played/local" "$1/usr/local"
for played in "$1"/sbin/*; do
    linux=$1/usr/bin/${played##*/}
    [ ! -e "$linux" ] || mount --bind "$played" "$linux"
done
mount --bind /dev "$1/dev"
shift
exec chroot "$@"
"""


class Mac:
    """One folder that plays a Mac, with the payload in it."""

    def __init__(self, folder: pathlib.Path, payload: pathlib.Path, scripts: pathlib.Path):
        self.root, self.scripts = folder, scripts
        for name in ("usr", "sbin", "dev", "tmp", "played", "private/var/db", "private/var/run", "private/var/tmp", "Library/LaunchDaemons", "Library/Application Support", "scripts"):
            (folder / name).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (folder / name).symlink_to(f"usr/{name}")
        (folder / "var").symlink_to("private/var")
        (folder / "etc/alternatives").mkdir(parents=True)
        (folder / "etc/alternatives/awk").symlink_to(os.path.realpath(shutil.which("awk")))
        shutil.copytree(payload / "usr/local", folder / "played/local", symlinks=True)
        shutil.copytree(payload / "Library", folder / "Library", symlinks=True, dirs_exist_ok=True)
        shutil.copytree(scripts, folder / "scripts", dirs_exist_ok=True)
        for name, does in PLAYED.items():
            self.play_program(name, f'echo "{name} $*" >> /played/calls\n' + textwrap.dedent(does))
        self.play("state", "state = running\n")
        self.play("disabled", "")
        self.play("calls", "")

    def play_program(self, name: str, does: str) -> None:
        """Found before Linux' own of that name."""
        played = self.root / "sbin" / name
        played.write_text(f"#!/bin/sh\n{does}\n")
        played.chmod(0o755)

    def play(self, name: str, text: str = "") -> None:
        (self.root / "played" / name).write_text(text)

    def played(self, name: str) -> bool:
        return (self.root / "played" / name).exists()

    def place(self, path: str) -> pathlib.Path:
        return self.root / path.replace("usr/local", "played/local", 1)

    def run(self, *words):
        return subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh", self.root, self.root, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def installer(self, name: str, volume: str = "/"):
        return self.run(f"/scripts/{name}", "/a.pkg", "/", volume)

    def receipt(self, version: str) -> None:
        self.play("receipt-org.latchkey.agent", f"package-id: org.latchkey.agent\nversion: {version}\nvolume: /\n")

    def calls(self) -> list:
        return (self.root / "played/calls").read_text().splitlines()

    def uninstall(self, *words):
        return self.run("/usr/local/libexec/latchkey/uninstall.sh", *words)


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.staged = tempfile.TemporaryDirectory()
        staged = pathlib.Path(cls.staged.name)
        (staged / "programs").mkdir()
        for name in ("latchkey", "latchkeyd", "latchkey-service"):
            (staged / "programs" / name).write_bytes(right_program())
        subprocess.run([MACOS / "stage.sh", staged / "programs", BIN, VERSION, staged / "root", staged / "scripts"], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.staged.cleanup()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        staged = pathlib.Path(self.staged.name)
        self.payload = staged / "root"
        self.mac = Mac(pathlib.Path(self.folder.name), self.payload, staged / "scripts")
        self.addCleanup(self.folder.cleanup)

    def installed(self):
        for name in ("preinstall", "postinstall"):
            done = self.mac.installer(name)
            self.assertEqual(done.returncode, 0, done.stdout)
        self.mac.receipt(VERSION)
        return done.stdout

    def mode(self, path: str) -> int:
        status = self.mac.place(path).lstat()
        self.assertEqual((status.st_uid, status.st_gid), (0, 0), path)
        return stat.S_IMODE(status.st_mode)

    def test_a_first_installation_makes_what_the_agent_needs_and_starts_it(self):
        self.assertIn("the service runs", self.installed())
        for path, mode in ((SUPPORT, 0o755), (f"{SUPPORT}/agent.d", 0o755), (f"{SUPPORT}/products.d", 0o755), ("private/var/db/latchkey", 0o700),
                           ("private/var/db/latchkey/inbox", 0o700), ("private/var/db/latchkey-anchor", 0o700), (f"{SUPPORT}/agent.toml", 0o644)):
            self.assertEqual(self.mode(path), mode, path)
        self.assertEqual(self.mac.place(f"{SUPPORT}/agent.toml").read_text(), (MACOS / "files/agent.toml").read_text())
        self.assertTrue(self.mac.played("group-latchkey-admin") and self.mac.played("loaded"))

    def test_an_upgrade_ends_the_older_agent_and_keeps_state_and_settings(self):
        self.installed()
        kept = {f"{SUPPORT}/agent.toml": "# mine\n", f"{SUPPORT}/agent.d/50.toml": "# mine, too\n", "private/var/db/latchkey/agent.db": "state"}
        for path, text in kept.items():
            self.mac.place(path).write_text(text)
        self.mac.play("calls")
        self.mac.receipt("1.8.12")
        self.installed()
        for path, text in kept.items():
            self.assertEqual(self.mac.place(path).read_text(), text, path)
        calls = self.mac.calls()
        ended, began = (next(n for n, call in enumerate(calls) if call.startswith(f"launchctl {verb}")) for verb in ("bootout", "bootstrap"))
        self.assertLess(ended, began)
        self.assertFalse([call for call in calls if "-o create" in call])

    def test_a_newer_version_is_not_replaced(self):
        for there, code in (("1.10.0", 1), ("2", 1), ("1.9.0.1", 1), ("1.9.0", 0), ("1.9", 0), ("1.8.12", 0), ("0.99.99", 0)):
            self.mac.receipt(there)
            done = self.mac.installer("preinstall")
            self.assertEqual(done.returncode, code, f"{there} is there: {done.stdout}")
            if code:
                self.assertIn(f"version {there} is there, which is newer than {VERSION}", done.stdout)

    def test_a_folder_that_others_may_change_is_refused(self):
        for path, spoil in (("usr/local", lambda place: os.chown(place, 501, 80)), ("usr/local/libexec", lambda place: place.chmod(0o775)),
                            ("Library/LaunchDaemons", lambda place: place.chmod(0o757)), ("usr/local/libexec/latchkey", lambda place: os.chown(place, 501, 0))):
            place = self.mac.place(path)
            spoil(place)
            done = self.mac.installer("preinstall")
            self.assertEqual(done.returncode, 1, path)
            self.assertIn(f"/{path} must be a folder that root alone may change", done.stdout)
            os.chown(place, 0, 0)
            place.chmod(0o755)
        self.assertEqual(self.mac.installer("preinstall").returncode, 0)
        libexec = self.mac.place("usr/local/libexec")
        libexec.rename(libexec.with_name("elsewhere"))
        libexec.symlink_to("elsewhere")
        self.assertEqual(self.mac.installer("preinstall").returncode, 1, "a link")

    def test_homebrews_folder_is_no_reason_to_refuse(self):
        os.chown(self.mac.place("usr/local/bin"), 501, 80)
        self.assertEqual(self.mac.installer("preinstall").returncode, 0)

    def test_a_service_that_does_not_start_fails_nothing_and_is_told(self):
        self.mac.play("refuses")
        said = self.installed()
        self.assertIn("launchd did not take the service", said)
        self.assertIn("installed, but the service does not run yet", said)
        (self.mac.root / "played/refuses").unlink()
        self.mac.play("state", "state = spawn scheduled\n")
        self.assertIn("installed, but the service does not run yet", self.installed())

    def test_a_service_that_an_administrator_disabled_stays_so(self):
        self.mac.play("disabled", '\t"org.latchkey.agent" => disabled\n')
        self.assertIn("disabled the service, so it is not started", self.installed())
        self.assertFalse(self.mac.played("loaded"))

    def test_another_volume_is_prepared_and_nothing_is_started(self):
        for folder in ("Volumes/Other/usr/local/share/latchkey", "Volumes/Other/private/var/db"):
            (self.mac.root / folder).mkdir(parents=True)
        (self.mac.root / "Volumes/Other/usr/local/share/latchkey/agent.toml").write_text("# first\n")
        done = self.mac.installer("postinstall", "/Volumes/Other")
        self.assertEqual((done.returncode, self.mac.calls()), (0, []), done.stdout)
        self.assertEqual(self.mode("Volumes/Other/private/var/db/latchkey"), 0o700)
        self.assertEqual((self.mac.root / f"Volumes/Other/{SUPPORT}/agent.toml").read_text(), "# first\n")
        self.assertFalse((self.mac.root / SUPPORT).exists())

    def test_a_link_in_the_place_of_a_folder_is_not_followed(self):
        elsewhere = self.mac.root / "tmp/elsewhere"
        elsewhere.mkdir(mode=0o755)
        (self.mac.root / "private/var/db/latchkey").symlink_to("/tmp/elsewhere")
        self.assertIn("/private/var/db/latchkey is no folder", self.installed())
        self.assertEqual(stat.S_IMODE(elsewhere.stat().st_mode), 0o755)

    def test_uninstalling_removes_every_file_and_keeps_state_and_settings(self):
        self.installed()
        files = [path.relative_to(self.payload) for path in self.payload.rglob("*") if path.is_symlink() or path.is_file()]
        self.assertGreater(len(files), 15)
        state = self.mac.place("private/var/db/latchkey/agent.db")
        state.write_text("state")
        done = self.mac.uninstall()
        self.assertEqual(done.returncode, 0, done.stdout)
        for file in files:
            self.assertFalse(os.path.lexists(self.mac.place(str(file))), file)
        self.assertEqual(state.read_text(), "state")
        self.assertTrue(self.mac.place(f"{SUPPORT}/agent.toml").exists())
        self.assertFalse(self.mac.played("loaded") or self.mac.played("receipt-org.latchkey.agent"))
        self.assertTrue(self.mac.played("group-latchkey-admin"))

    def test_uninstalling_with_state_leaves_nothing(self):
        self.installed()
        done = self.mac.uninstall("--remove-state")
        self.assertEqual(done.returncode, 0, done.stdout)
        for path in (SUPPORT, "private/var/db/latchkey", "private/var/db/latchkey-anchor"):
            self.assertFalse(self.mac.place(path).exists(), path)
        self.assertFalse(self.mac.played("group-latchkey-admin"))

    def test_somebodys_own_program_of_that_name_stays(self):
        self.installed()
        link = self.mac.place("usr/local/bin/latchkey")
        link.unlink()
        link.write_text("mine")
        self.assertEqual(self.mac.uninstall().returncode, 0)
        self.assertEqual(link.read_text(), "mine")

    def test_a_service_that_does_not_end_is_not_pulled_from_under(self):
        self.installed()
        self.mac.play("stubborn")
        done = self.mac.uninstall()
        self.assertEqual(done.returncode, 1)
        self.assertIn("the service does not end; nothing was removed", done.stdout)
        self.assertTrue(self.mac.place(SERVICE).exists() and self.mac.played("receipt-org.latchkey.agent"))

    def verified(self, *words):
        return self.mac.run("/scripts/verify-on-a-mac.sh", *words)

    def test_on_a_mac_where_nothing_works_no_row_of_the_verification_passes(self):
        """A row that passes here could not fail anywhere."""
        shutil.copy(MACOS / "verify-on-a-mac.sh", self.mac.root / "scripts")
        (self.mac.root / "scripts/a.pkg").write_text("no package")
        self.assertEqual(self.verified("--package", "/scripts/a.pkg").returncode, 2, "this is no Mac")
        self.mac.play_program("uname", "echo Darwin")
        self.assertIn("the agent, its state or its settings are here already", self.verified("--package", "/scripts/a.pkg").stdout)
        for path in ("usr/local/libexec", "usr/local/share"):
            shutil.rmtree(self.mac.place(path))
        self.mac.place(SERVICE).unlink()
        for name in PLAYED:
            self.mac.play_program(name, "exit 1" if name != "sleep" else "")
        given = [word for name in ("newer", "ca", "manifest", "key-file") for word in (f"--{name}", "/scripts/a.pkg")]
        done = self.verified("--package", "/scripts/a.pkg", *given, "--keyserver", "https://keys", "--product", "editor", "--signed", "--sleep", "--json")
        self.assertIn("[\n", done.stdout)
        rows = json.loads(done.stdout[done.stdout.index("[\n"):])
        self.assertEqual([row["id"] for row in rows if row["result"] == "PASS"], [])
        self.assertGreater(len([row for row in rows if row["result"] == "FAIL"]), 40)
        self.assertEqual(len({row["id"] for row in rows}), len(rows))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(list((self.mac.root / "private/var/tmp").iterdir()), [])

    def test_the_verification_explains_itself(self):
        shutil.copy(MACOS / "verify-on-a-mac.sh", self.mac.root / "scripts")
        done = self.verified("--help")
        self.assertEqual((done.returncode, done.stdout[:12]), (0, "usage: sudo "))
        self.assertEqual(self.verified("--packages", "x").returncode, 2)

    def test_what_it_does_not_know_it_does_not_do(self):
        self.installed()
        self.assertEqual(self.mac.uninstall("--remove").returncode, 64)
        self.assertEqual(self.mac.uninstall("--help").returncode, 0)
        self.assertTrue(self.mac.place(SERVICE).exists())


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("scdoc"):
        print("it needs root, for a root directory of its own, and scdoc")
        sys.exit(77)
    BIN = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
