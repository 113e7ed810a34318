#!/usr/bin/env python3
"""The checker finds a right package right, and every single thing that is spoiled in one by its name. No Mac, no toolchain."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from mutations import MUTATIONS  # noqa: E402
from sample import MACOS, Sample, flipped  # noqa: E402

import check_package  # noqa: E402
from check.report import PROMISES  # noqa: E402

EXPORTS = {"arm64": {"_exit", "_printf"}, "x86_64": {"_exit", "_printf"}}


def broken_promises(package: bytes) -> dict:
    return {promise: f"{where}: {what}" for promise, where, what in check_package.judge(package, EXPORTS).failures}


class CheckPackage(unittest.TestCase):
    def test_a_right_package_is_right(self):
        self.assertEqual(broken_promises(Sample().package()), {})

    def test_the_same_input_gives_the_same_bytes(self):
        self.assertEqual(Sample().package(), Sample().package())

    def test_whatever_is_spoiled_is_found_by_its_name(self):
        for promise, name, spoil in MUTATIONS:
            with self.subTest(promise=promise, mutation=name):
                sample = Sample()
                change = spoil(sample)
                package = sample.package()
                if change:
                    package = change(package)
                self.assertIn(promise, broken_promises(package))

    def test_every_promise_is_broken_by_something(self):
        self.assertEqual(set(PROMISES) - {promise for promise, _, _ in MUTATIONS}, set())

    def test_no_byte_of_the_package_can_be_another(self):
        package = Sample().package()
        for at in range(0, len(package), max(1, len(package) // 200)):
            self.assertTrue(broken_promises(flipped(package, at)), f"byte {at}")

    def test_an_encoding_that_is_none_is_found(self):
        for part, encoding in (("Distribution", b"utf-9"), ("agent.pkg/PackageInfo", b"utf-9"), ("Distribution", b"utf-7")):
            with self.subTest(part=part, encoding=encoding):
                sample = Sample()
                sample.change(part, lambda data: data.replace(b'encoding="utf-8"', b'encoding="' + encoding + b'"'))
                self.assertTrue(broken_promises(sample.package()))

    def test_no_byte_of_the_bill_can_be_another(self):
        length = len(Sample().parts()["agent.pkg/Bom"])
        for at in range(0, length, 101):
            sample = Sample()
            sample.change("Bom", lambda data: flipped(data, at))
            self.assertTrue(broken_promises(sample.package()), f"byte {at} of the bill")

    def test_the_command_line_says_it_and_exits(self):
        with tempfile.TemporaryDirectory() as folder:
            right, wrong = pathlib.Path(folder, "right.pkg"), pathlib.Path(folder, "wrong.pkg")
            right.write_bytes(Sample().package())
            wrong.write_bytes(Sample().package() + b"\0")
            for package, code, said in ((right, 0, " 0 failures"), (wrong, 1, "FAIL  xar.heap: heap: "), (pathlib.Path(folder, "none.pkg"), 2, "")):
                done = subprocess.run([MACOS / "check_package.py", package], capture_output=True, text=True)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertIn(said, done.stdout)

    @unittest.skipUnless(shutil.which("bsdtar"), "no bsdtar")
    def test_libarchive_reads_the_same(self):
        """A second opinion on archive and payload, by a library that many rely on."""
        sample = Sample()
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.pkg").write_bytes(sample.package())
            subprocess.run(["bsdtar", "-xf", "a.pkg"], cwd=folder, check=True)
            for name, part in sample.parts().items():
                self.assertEqual(pathlib.Path(folder, name).read_bytes(), part, name)
            listed = subprocess.run(["bsdtar", "-tf", "agent.pkg/Payload"], cwd=folder, check=True, capture_output=True, text=True).stdout.split()
            folders = {os.path.dirname(path) for path in sample.files}
            self.assertLessEqual(set(sample.files) | folders, set(listed))


if __name__ == "__main__":
    unittest.main()
