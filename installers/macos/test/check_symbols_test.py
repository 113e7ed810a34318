"""check_symbols.py against programs of a few bytes: a good one, and one for each thing that can be wrong."""
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import check_symbols  # noqa: E402

EXPORTS = """
--- !tapi-tbd
exports:
  - targets:         [ x86_64-macos, arm64-macos ]
    symbols:         [ _open, '_close$NOCANCEL',
                       _read ]
    weak-symbols:    [ _weak ]
  - targets:         [ x86_64-macos ]
    symbols:         [ _old ]
"""
ARM64, X86_64 = 0x0100000C, 0x01000007


def program(cpu=ARM64, symbols=("_open", "_close$NOCANCEL", "_weak"), libraries=(check_symbols.SYSTEM,), oldest=11 << 16,
            signed=True, flags=0x200085, platform=1):
    commands = []
    for library in libraries:
        name = library.encode() + b"\0" * (8 - len(library) % 8)
        commands.append(struct.pack("<IIIIII", 0x0C, 24 + len(name), 24, 0, 0, 0) + name)
    commands.append(struct.pack("<IIIIII", 0x32, 24, platform, oldest, 0, 0))
    if signed:
        commands.append(struct.pack("<IIII", 0x1D, 16, 0, 0))
    table_at = 32 + sum(map(len, commands)) + 24
    names, table = b"\0", b""
    for symbol in ("_main", *symbols):
        table += struct.pack("<IBBHQ", len(names), 0x0F if symbol == "_main" else 0x01, 0, 0, 0)
        names += symbol.encode() + b"\0"
    commands.append(struct.pack("<IIIIII", 0x02, 24, table_at, len(symbols) + 1, table_at + len(table), len(names)))
    body = b"".join(commands)
    return struct.pack("<IIIIIIII", 0xFEEDFACF, cpu, 0, 2, len(commands), len(body), flags, 0) + body + table + names


class CheckSymbols(unittest.TestCase):
    def wrong(self, **changes):
        return check_symbols.problems_of(program(**changes), EXPORTS)[2]

    def test_a_good_program_passes(self):
        self.assertEqual(check_symbols.problems_of(program(), EXPORTS), ("arm64", 3, []))

    def test_a_symbol_of_a_newer_system_is_found(self):
        self.assertEqual(self.wrong(symbols=("_open", "_new")), ["needs _new, which macOS 11 does not export"])

    def test_each_processor_has_a_list_of_its_own(self):
        self.assertEqual(self.wrong(cpu=X86_64, symbols=("_old",), signed=False), [])
        self.assertEqual(len(self.wrong(symbols=("_old",))), 1)

    def test_what_else_can_be_wrong(self):
        for changes in ({"libraries": (check_symbols.SYSTEM, "/usr/local/lib/libssl.dylib")}, {"libraries": ()},
                        {"oldest": 12 << 16}, {"platform": 2}, {"signed": False}, {"symbols": ()}, {"flags": 0x85}):
            with self.subTest(**changes):
                self.assertEqual(len(self.wrong(**changes)), 1)

    def test_both_halves_of_a_universal_program_are_looked_at(self):
        first, second = program(), program(cpu=X86_64)
        header = struct.pack(">II", 0xCAFEBABE, 2)
        header += struct.pack(">IIIII", ARM64, 0, 48, len(first), 14)
        header += struct.pack(">IIIII", X86_64, 0, 48 + len(first), len(second), 12)
        self.assertEqual(check_symbols.slices_of(header + first + second), [first, second])

    def test_what_is_no_program_is_said_to_be_none(self):
        self.assertEqual(len(check_symbols.problems_of(b"\x7fELF" + b"\0" * 60, EXPORTS)[2]), 1)


if __name__ == "__main__":
    unittest.main()
