"""Every way in which a package is spoiled here, each with the promise that must be found broken."""

import gzip
import struct
import zlib

import macho_writer
from sample import (AGENT, LIBEXEC, LINK, PROFILE, SERVICE, VERSION, contents_changed, entries_of, flipped, header_changed, program, repacked,
                    replaced)

MUTATIONS = []  # (promise, name, function): it changes the sample, or returns a function that changes the package's bytes


def mutation(promise: str):
    def keep(function):
        MUTATIONS.append((promise, function.__name__, function))
        return function
    return keep


def many(promise: str, name: str, cases: list, apply) -> None:
    for number, case in enumerate(cases):
        MUTATIONS.append((promise, f"{name}[{number}: {str(case)[:60]}]", lambda sample, case=case: apply(sample, *case)))


# --- The archive ---------------------------------------------------------------------------------------------------

MUTATIONS.append(("xar.readable", "another magic number", lambda sample: lambda package: flipped(package, 0)))
MUTATIONS.append(("xar.readable", "another version of the format", lambda sample: lambda package: flipped(package, 7)))
MUTATIONS.append(("xar.readable", "a shorter table of contents", lambda sample: lambda package: flipped(package, 15)))
MUTATIONS.append(("xar.toc-checksum", "another length of the unpacked table", lambda sample: lambda package: flipped(package, 23)))
MUTATIONS.append(("xar.readable", "a byte in the table of contents", lambda sample: lambda package: flipped(package, 60)))
MUTATIONS.append(("xar.heap", "a byte behind the end", lambda sample: lambda package: package + b"\0"))
MUTATIONS.append(("xar.readable", "the last byte is missing", lambda sample: lambda package: package[:-1]))


@mutation("xar.toc-checksum")
def a_byte_in_the_digest_of_the_table(sample):
    return lambda package: flipped(package, 28 + struct.unpack_from(">Q", package, 8)[0])


def a_byte_in_a_part(sample, name):
    part = sample.parts()[name]
    return lambda package: flipped(package, package.index(part) + len(part) // 2)


many("xar.checksums", "a byte in a part", [("Distribution",), ("Resources/license.txt",), ("agent.pkg/Bom",), ("agent.pkg/PackageInfo",),
                                           ("agent.pkg/Payload",), ("agent.pkg/Scripts",)], a_byte_in_a_part)
many("xar.names", "a name or number in the table", [(">Distribution<", ">..<"), (">Payload<", ">a/b<"), (">Bom<", ">PackageInfo<"),
                                                    ('id="2"', 'id="1"'), ("<type>file", "<type>fifo")],
     lambda sample, old, new: contents_changed(replaced(old, new)))
many("xar.checksums", "a digest in the table", [("<archived-checksum style=\"sha1\">", "<archived-checksum style=\"sha1\">0"),
                                                ("<extracted-checksum style=\"sha1\">", "<extracted-checksum style=\"sha1\">0"),
                                                ("<size>8<", "<size>9<")],
     lambda sample, old, new: contents_changed(replaced(old, new)))
many("xar.heap", "a part somewhere else", [("<length>8<", "<length>7<")], lambda sample, old, new: contents_changed(replaced(old, new)))
many("xar.readable", "a part beyond the end", [("<offset>20<", "<offset>99999999<"), ("<encoding style=\"application/octet-stream\"/>", "<encoding style=\"application/x-bzip2\"/>"),
                                               ("<checksum style=\"sha1\"><offset>", "<checksum style=\"sha1\"><begin>")],
     lambda sample, old, new: contents_changed(replaced(old, new)))
MUTATIONS.append(("xar.toc-checksum", "another kind of digest",
                  lambda sample: contents_changed(replaced("<checksum style=\"sha1\"><offset>0", "<checksum style=\"md5\"><offset>0"))))
MUTATIONS.append(("xar.parts", "no license in the archive", lambda sample: sample.change("Resources/license.txt", lambda _: None)))


@mutation("xar.parts")
def one_part_too_many(sample):
    made = sample.parts()
    sample.parts = lambda: {**made, "agent.pkg/Extra": b"x"}


@mutation("xar.parts")
def two_components(sample):
    made = sample.parts()
    sample.parts = lambda: {**made, "other.pkg/PackageInfo": made["agent.pkg/PackageInfo"]}


@mutation("xar.stored")
def a_bill_that_is_compressed_once_more(sample):
    sample.change("Bom", zlib.compress)
    plain, compressed = b'application/octet-stream"', b'application/x-gzip"'
    return contents_changed(lambda table: table[:(at := table.index(b">Bom<"))] + table[at:].replace(plain, compressed, 1))


# --- Distribution and PackageInfo -------------------------------------------------------------------------------------

def text(sample, part, old, new):
    sample.change(part, replaced(old, new))


for promise, cases in {
        "distribution.form": [('minSpecVersion="2"', 'minSpecVersion="1"'), ("<title>Latchkey agent</title>", "<title> </title>"),
                              ("</installer-gui-script>", ""), ("<license ", "<licence ")],
        "distribution.identity": [(f'version="{VERSION}" onConclusion', 'version="1.2.4" onConclusion'), ("#agent.pkg", "#other.pkg"),
                                  ('installKBytes="', 'installKBytes="1'), ('product id="org.latchkey.agent"', 'product id="org.latchkey.other"'),
                                  ('onConclusion="none"', 'onConclusion="RequireRestart"')],
        "distribution.system": [('hostArchitectures="arm64,x86_64"', 'hostArchitectures="x86_64"'), ('min="11.0"', 'min="12.0"'), ('min="11.0"', 'min="10.15"'),
                                ('rootVolumeOnly="true"', 'rootVolumeOnly="false"'), ('enable_currentUserHome="false"', 'enable_currentUserHome="true"')],
        "distribution.license": [('file="license.txt"', 'file="licence.txt"')],
        "distribution.downgrade": [(f"'{VERSION}') > 0", "'0.0.1') > 0"), ("return false", "return true"), ("receiptForIdentifier('org.latchkey.agent')", "receiptForIdentifier('x')"),
                                   ('script="no_newer_one()"', 'script="anything()"'), ("my.result.type = 'Fatal'", "my.result.type = 'Warn'")],
        "distribution.choices": [('<line choice="agent"/>', ""), ('customize="never"', 'customize="allow"')]}.items():
    many(promise, "Distribution says", cases, lambda sample, old, new: text(sample, "Distribution", old, new))
for promise, cases in {
        "info.identity": [('identifier="org.latchkey.agent"', 'identifier="org.latchkey.other"'), (f'version="{VERSION}"', 'version="1.2"'), ('auth="root"', 'auth="none"'),
                          ('relocatable="false"', 'relocatable="true"'), ('install-location="/"', 'install-location="/opt"'), ("</pkg-info>", "")],
        "info.sizes": [('numberOfFiles="', 'numberOfFiles="1'), ('installKBytes="', 'installKBytes="1')],
        "info.folders": [('overwrite-permissions="false"', 'overwrite-permissions="true"')],
        "info.scripts": [('<preinstall file="./preinstall"/>', ""), ("./postinstall", "./postflight")]}.items():
    many(promise, "PackageInfo says", cases, lambda sample, old, new: text(sample, "PackageInfo", old, new))
MUTATIONS.append(("distribution.identity", "another version in PackageInfo alone",
                  lambda sample: text(sample, "PackageInfo", f'version="{VERSION}"', 'version="1.2.4"')))
MUTATIONS.append(("distribution.license", "an empty license", lambda sample: setattr(sample, "license", b"\n")))


# --- Payload against its bill ---------------------------------------------------------------------------------------

def header(sample, path, name, value):
    sample.change("Payload", header_changed(path, name, value))


many("bom.entries", "the payload says otherwise than the bill", [(AGENT, "mode", 0o100644), (AGENT, "user", 501), (AGENT, "group", 20), (AGENT, "time", 1700000001),
                                                                 (LINK, "mode", 0o120777), ("./usr/local", "mode", 0o040775)], header)
many("payload.kinds", "an entry of a strange kind", [(AGENT, "mode", 0o020755), (AGENT, "links", 2), (AGENT, "inode", 1), ("./usr", "mode", 0o100755)], header)
many("payload.readable", "an entry that cannot be", [(AGENT, "size", 10), (AGENT, "device", 1)], header)
many("payload.owners", "somebody else's", [(AGENT, "user", 501), ("./Library", "group", 80)], header)
many("payload.times", "another time", [(SERVICE, "time", 1)], header)


@mutation("bom.entries")
def a_byte_of_a_file(sample):
    sample.change("Payload", repacked(lambda plain: flipped(plain, plain.index(b"# Latchkey agent. Every setting") + 3)))


@mutation("bom.entries")
def a_link_leads_elsewhere(sample):
    sample.change("Payload", repacked(replaced("../libexec/latchkey/latchkeyd", "../libexec/latchkey/latchkey0")))


@mutation("bom.paths")
def a_file_that_the_bill_does_not_know(sample):
    sample.bill_entries = entries_of(sample.files)
    sample.files["./usr/local/share/latchkey/more"] = (0o644, b"more\n")


@mutation("bom.paths")
def a_file_in_the_bill_alone(sample):
    sample.bill_entries = entries_of({**sample.files, "./usr/local/share/latchkey/more": (0o644, b"more\n")})


def spoiled_payload(sample, change):
    sample.change("Payload", change)


many("payload.readable", "spoiled", [(lambda packed: flipped(packed, 200),), (lambda packed: packed + b"\0",), (lambda packed: packed[:-5],),
                                     (gzip.decompress,), (repacked(lambda plain: plain + b"x"),), (repacked(lambda plain: plain[:-90]),),
                                     (repacked(replaced("TRAILER!!!", "TRAILER!?!")),)], spoiled_payload)


@mutation("payload.order")
def a_path_twice(sample):
    sample.change("Payload", repacked(replaced("./usr/local/bin/latchkeyd\0", "./usr/local/bin/latchkey\0\0".replace("\0\0", "\0.\0")[:26])))


@mutation("payload.order")
def a_path_that_leaves(sample):
    sample.change("Payload", repacked(replaced("./usr/local/bin/latchkeyd\0", "./usr/../../bin/latchkeyd\0")))


# --- The bill by itself -------------------------------------------------------------------------------------------------

def bill(sample, old, new):
    sample.change("Bom", replaced(old, new))


many("bom.readable", "a bill that cannot be read", [("BOMStore", "BOMStory"), ("VIndex", "VOndex"), (b"tree", b"trep"), (b"\x00\x0f\x81\xa4", b"\x00\x0e\x81\xa4")], bill)
many("bom.entries", "one field of a line", [(b"\x00\x0f\x81\xa4", b"\x00\x0f\x81\xb4")], bill)
many("bom.paths", "a name in the bill", [(b"agent.toml\0", b"agent.tomb\0")], bill)


@mutation("bom.totals")
def paths_that_are_not_sorted(sample):
    at = sorted(sample.files).index  # two names of one folder change places
    assert at("./usr/local/bin/latchkey") < at("./usr/local/bin/latchkeyd")
    entries = entries_of(sample.files)
    one, two = (next(n for n, entry in enumerate(entries) if entry.path == f"./usr/local/bin/{name}") for name in ("latchkey", "latchkeyd"))
    entries[one], entries[two] = entries[two], entries[one]
    sample.bill_entries = entries


@mutation("bom.totals")
def a_wrong_count_of_paths(sample):
    def change(data: bytes) -> bytes:
        at = data.index(struct.pack(">III", 1, len(entries_of(sample.files)) + 1, 1))
        return flipped(data, at + 7)
    sample.change("Bom", change)


@mutation("bom.totals")
def a_byte_in_what_is_empty(sample):
    sample.change("Bom", lambda data: flipped(data, 300))


# --- Modes, places --------------------------------------------------------------------------------------------------------

def moded(sample, path, mode):
    sample.files[path] = (mode, sample.files[path][1])


many("payload.modes", "a mode in payload and bill", [(AGENT, 0o777), (AGENT, 0o775), (AGENT, 0o4755), (AGENT, 0o2755), (f"{LIBEXEC}/uninstall.sh", 0o757), (SERVICE, 0o600),
                                                     (AGENT, 0o1755)], moded)


@mutation("payload.modes")
def a_folder_that_others_may_change(sample):
    sample.entries = entries_of(sample.files)
    next(entry for entry in sample.entries if entry.path == LIBEXEC).mode = 0o040775


@mutation("payload.modes")
def a_script_that_others_may_change(sample):
    sample.scripts["./postinstall"] = (0o777, sample.scripts["./postinstall"][1])


def added(sample, path, data):
    sample.files[path] = (0o644, data)


many("payload.places", "a file that does not belong there", [("./etc/latchkey", b"x"), ("./usr/local/share/.DS_Store", b"x"), ("./usr/local/bin/._latchkey", b"x"),
                                                             ("./usr/local/lib/x", b"x"), ("./Library/LaunchDaemons/org.latchkey.agent.plist.orig", b"x")], added)
many("payload.kinds", "a file or link that is nothing", [("./usr/local/share/latchkey/empty", b""), ("./usr/local/bin/other", "../libexec/latchkey/other"),
                                                         ("./usr/local/bin/shell", "/bin/sh")], added)
many("program.there", "what is missing", [(AGENT,), (f"{LIBEXEC}/latchkey",), (f"{LIBEXEC}/uninstall.sh",)], lambda sample, path: sample.files.pop(path) and None)
MUTATIONS.append(("program.there", "a program that cannot be run", lambda sample: moded(sample, AGENT, 0o644)))


# --- Programs -------------------------------------------------------------------------------------------------------------

def agent(sample, data):
    sample.files[AGENT] = (0o755, data)


def slices(*architectures) -> list:
    return [(one, macho_writer.Program(one, signed=one == "arm64").bytes()) for one in architectures]


ONE = macho_writer.Program("arm64").bytes()
many("program.slices", "other slices", [(macho_writer.universal(slices("arm64")),), (macho_writer.universal(slices("x86_64")),), (ONE,),
                                        (macho_writer.universal(slices("x86_64", "arm64", "arm64")),), (macho_writer.universal(slices("x86_64", "arm64"), alignment=12),),
                                        (program() + b"\0",)], agent)
many("program.kind", "no program", [(b"#!/bin/sh\n",), (ONE[:2000],), (macho_writer.universal(slices("x86_64", "arm64"), announced={1: "x86_64"}),), (b"\xca\xfe\xba\xbe" + b"\xff" * 40,),
                                    (program(flags=0x85),), (program(flags=0x200001),), (program(kind=6),), (program(entry=0x100000),), (program(linker="/tmp/dyld"),)], agent)
many("program.segments", "segments", [(program(text_protection=7),), (program(zero_page=0x1000),), (program(flags=0x200085 | 0x20000),), (program(text_protection=1),)], agent)
many("program.system", "made for another system", [(program(arm64={"oldest": 0x000C0000}),), (program(x86_64={"oldest": 0x000A0F00}),), (program(platform=2),)], agent)
many("program.libraries", "a strange library", [(program(libraries=["/usr/lib/libSystem.B.dylib", name]),) for name in ("/usr/local/lib/libssl.dylib", "@rpath/libssl.3.dylib", "/usr/lib/../local/x.dylib")]
     + [(program(libraries=[]),)], agent)
many("program.search", "a search path", [(program(search=["@loader_path/../lib"]),), (program(x86_64={"search": ["/usr/local/lib"]}),), (program(variables=["DYLD_LIBRARY_PATH=/tmp"]),)], agent)
many("program.signature", "a wrong signature", [(program(signed=False),), (program(limit_off=-16),), (program(hash_kind=1),), (program(pages_off=1),), (program(pages_off=-1),)], agent)
many("program.room", "no room for a signature", [(program(x86_64={"room": 8}),)], agent)
many("program.symbols", "a symbol that macOS 11 has not", [(program(symbols=["_exit", "_of_macOS_12"]),), (program(symbols=[]),)], agent)


@mutation("program.pages")
def a_byte_of_the_arm64_slice(sample):
    data = program()
    agent(sample, flipped(data, data.rindex(b"\x1f" * 64) + 10))


@mutation("program.pages")
def a_byte_of_the_signature(sample):
    data = program()
    agent(sample, flipped(data, len(data) - 40))


@mutation("program.signature")
def a_slice_goes_on_behind_its_signature(sample):
    agent(sample, macho_writer.universal([slices("x86_64")[0], ("arm64", ONE + bytes(16))]))


# --- Service, profile, scripts ------------------------------------------------------------------------------------------

def file_text(sample, path, old, new):
    mode, data = sample.files[path]
    sample.files[path] = (mode, replaced(old, new)(data))


for promise, cases in {
        "service.form": [("</plist>", ""), ("<string>org.latchkey.agent</string>", "<string>org.latchkey.other</string>"), ("<key>Label</key><string>org.latchkey.agent</string>", "")],
        "service.program": [("/usr/local/libexec/latchkey/latchkeyd", "/usr/local/bin/latchkeyd"), ("/usr/local/libexec/latchkey/latchkeyd", "latchkeyd"),
                            ("<string>run</string>", ""), ("<key>RunAtLoad", "<key>UserName</key><string>nobody</string><key>RunAtLoad")],
        "service.manner": [("<key>RunAtLoad</key><true/>", ""), ("<key>SuccessfulExit</key><false/>", "<key>SuccessfulExit</key><true/>"),
                           ("<integer>63</integer>", "<integer>18</integer>"), ("<key>RunAtLoad", "<key>Disabled</key><true/><key>RunAtLoad")]}.items():
    many(promise, "the service says", cases, lambda sample, old, new: file_text(sample, SERVICE, old, new))
MUTATIONS.append(("service.form", "a service that may be run", lambda sample: moded(sample, SERVICE, 0o755)))
MUTATIONS.append(("service.form", "a second service", lambda sample: added(sample, "./Library/LaunchDaemons/org.latchkey.other.plist", sample.files[SERVICE][1])))
MUTATIONS.append(("service.form", "no service", lambda sample: sample.files.pop(SERVICE) and None))
many("profile.form", "the profile says", [("</plist>", ""), ("<string>System</string>", "<string>User</string>"), ("<key>PayloadType</key><string>org.latchkey.agent</string>", ""),
                                          ("6F0B1B0E-", "6F0B1B0-")], lambda sample, old, new: file_text(sample, PROFILE, old, new))


def script_text(sample, name, old, new):
    mode, data = sample.scripts[name]
    sample.scripts[name] = (mode, replaced(old, new)(data))


many("scripts.form", "a script", [("./preinstall", "#!/bin/sh", "#!/bin/bash"), ("./postinstall", "set -u\n", "set -u\r\n")], script_text)
many("scripts.syntax", "a script that sh cannot read", [("./preinstall", "exit 0\n", "if exit 0\n"), ("./postinstall", "exit 0\n", "'\n")], script_text)
MUTATIONS.append(("scripts.form", "a script that cannot be run", lambda sample: sample.scripts.update({"./preinstall": (0o644, sample.scripts["./preinstall"][1])})))
MUTATIONS.append(("scripts.syntax", "an uninstaller that sh cannot read", lambda sample: file_text(sample, f"{LIBEXEC}/uninstall.sh", "esac", "")))
