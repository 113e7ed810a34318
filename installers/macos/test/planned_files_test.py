#!/usr/bin/env python3
"""planned_files_test.py SOURCE: the package brings the service, the first settings and the places of programs that `latchkey-service
install` plans for a Mac, as its recorded dry run says (a unit test holds that record against the plan)."""

import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[3])
MACOS = SOURCE / "installers/macos"
RECORDED = (SOURCE / "tests/unit/service_install/golden/install_launchd.txt").read_text()


def written(path: str) -> str:
    """The text that the plan writes there."""
    block = re.search(rf"^ ?\d+\. write {re.escape(path)}.*\n((?: {{7}}\| ?.*\n)+)", RECORDED, re.MULTILINE)
    return re.sub(r"^ {7}\| ?", "", block[1], flags=re.MULTILINE)


class PlannedFiles(unittest.TestCase):
    def test_the_service(self):
        self.assertEqual((MACOS / "files/org.latchkey.agent.plist").read_text(), written("/Library/LaunchDaemons/org.latchkey.agent.plist"))

    def test_the_first_settings(self):
        self.assertEqual((MACOS / "files/agent.toml").read_text(), written("/Library/Application Support/Latchkey/agent.toml"))

    def test_programs_and_folders(self):
        stage, postinstall = (MACOS / "stage.sh").read_text(), (MACOS / "scripts/postinstall").read_text()
        for program in ("latchkeyd", "latchkey", "latchkey-service"):
            self.assertIn(f"copy {program} to /usr/local/libexec/latchkey\n", RECORDED)
            self.assertIn(f"/usr/local/bin/{program} -> ../libexec/latchkey/{program}\n", RECORDED)
            self.assertRegex(stage, rf"PROGRAMS=\(.*\b{program}\b.*\)")
        for folder in re.findall(r"make the directory (.*)\n", RECORDED):
            said = folder.replace("/Library/Application Support/Latchkey", '"$support').replace("/var/", '"$root/private/var/') + '"'
            self.assertRegex(postinstall, rf"(?m)^folder 7[05][05] {re.escape(said)}$")
        self.assertIn("dseditgroup -o create", postinstall)


if __name__ == "__main__":
    unittest.main()
