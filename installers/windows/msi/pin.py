#!/usr/bin/env python3
"""pin.py PACKAGE.msi GUID EPOCH: writes the package code and the times into the package's summary, in place, where wixl has put
random ones and those of now. Stops where the summary does not look as expected."""

import struct
import sys

SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")  # FMTID_SummaryInformation
REVISION, CREATED, SAVED = 9, 12, 13
TEXT, TIME = 0x1E, 0x40
SINCE_1601 = 11_644_473_600


def main() -> None:
    path, guid, epoch = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(path, "r+b") as file:
        content = bytearray(file.read())
        if content.count(SUMMARY) != 1:
            sys.exit(f"{path} holds {content.count(SUMMARY)} summaries")
        at = content.index(SUMMARY)
        section = at - 28 + struct.unpack_from("<I", content, at + 16)[0]
        count = struct.unpack_from("<I", content, section + 4)[0]
        places = dict(struct.unpack_from("<II", content, section + 8 + 8 * i) for i in range(count))
        code = f"{{{guid}}}\0".encode()
        for kind, values in ((TEXT, {REVISION: struct.pack("<I", len(code)) + code}),
                             (TIME, dict.fromkeys((CREATED, SAVED), struct.pack("<Q", (epoch + SINCE_1601) * 10_000_000)))):
            for number, value in values.items():
                place = section + places[number]
                if struct.unpack_from("<I", content, place)[0] != kind:
                    sys.exit(f"{path}: property {number} of the summary is of another kind")
                content[place + 4:place + 4 + len(value)] = value
        file.seek(0)
        file.write(content)


main()
