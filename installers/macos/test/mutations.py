"""Every way in which a package is spoiled here, each with the promise that must be found broken."""

import gzip
import struct
import zlib

import macho_writer
from sample import (AGENT, BASH, INSTALLER, LIBEXEC, LINK, LOGIN_ITEMS, MANUAL, PROFILE, SERVICE, TOOL, VERSION, ZSH, contents_changed, entries_of, flipped,
                    header_changed, own_file, program, repacked, replaced)

LICENSE_SIZE = len(own_file("../../LICENSE"))
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
                                                    ('id="2"', 'id="1"'), ("<type>file", "<type>fifo"), ("<type>file", "<type>toc")],
     lambda sample, old, new: contents_changed(replaced(old, new)))
many("xar.checksums", "a digest in the table", [("<archived-checksum style=\"sha1\">", "<archived-checksum style=\"sha1\">0"),
                                                ("<extracted-checksum style=\"sha1\">", "<extracted-checksum style=\"sha1\">0"),
                                                (f"<size>{LICENSE_SIZE}<", "<size>9<")],
     lambda sample, old, new: contents_changed(replaced(old, new)))
many("xar.heap", "a part somewhere else", [(f"<length>{LICENSE_SIZE}<", f"<length>{LICENSE_SIZE - 1}<")], lambda sample, old, new: contents_changed(replaced(old, new)))
many("xar.readable", "a part beyond the end", [("<offset>20<", "<offset>99999999<"), ("<encoding style=\"application/octet-stream\"/>", "<encoding style=\"application/x-bzip2\"/>"),
                                               ("<checksum style=\"sha1\"><offset>", "<checksum style=\"sha1\"><begin>")],
     lambda sample, old, new: contents_changed(replaced(old, new)))
many("xar.table", "the table of contents says more, or something else", [
    ("<mode>0644<", "<mode>0777<"), ("<mode>0644<", "<mode>04755<"), ("<mode>0755<", "<mode>0644<"), ("<uid>0<", "<uid>501<"), ("<gid>0<", "<gid>20<"), ("<uid>0</uid>", ""),
    ("<type>file</type>", '<type>file</type><ea id="1"><name>com.apple.quarantine</name></ea>'), ("<type>file</type>", "<type>file</type><mode>0777</mode>"),
    ("<type>file</type>", "<type>file</type><user>somebody</user>"), ("<type>directory</type>", "<type>directory</type><data/>"), ("<toc>", "<toc><subdoc/>"),
    ("<toc>", "<toc>words"), ("</toc>", "</toc><more/>"),
    ('<file id="1">', '<file id="1" more="1">'), ("<length>", '<length more="1">'), ("<length>", "<length>+"), ("<size>20<", "<size><a/>20<"),
    ("<offset>0<", "<offset>00<a/><"), ("Z</mtime>", "</mtime>"), ("</creation-time>", "x</creation-time>"),
    ("<xar>", '<!DOCTYPE xar SYSTEM "http://localhost/x"><xar>'), ("<xar>", "<?more x?><xar>"), ("<xar>", "<!-- words --><xar>"),
    ('encoding="UTF-8"', 'encoding="ISO-8859-1"'), ("<xar>", '<xar more="1">')],
     lambda sample, old, new: contents_changed(replaced(old, new)))
MUTATIONS.append(("xar.table", "another document", lambda sample: contents_changed(lambda table: table.replace(b"xar>", b"rax>"))))
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
many("distribution.whole", "Distribution says more, or does something else", [
    ('<choice id="agent" visible="false">', f'<choice id="agent" visible="false" {more}>') for more in ('start_selected="false"', 'selected="false"', 'customLocation="/opt"')] + [
    ("</volume-check>", '</volume-check><installation-check script="false"/>'), ("<choices-outline>", '<script>system.run("x");</script><choices-outline>'),
    ("var there =", "return true; var there ="), ("if (there &&", "if (false && there &&"), ("    return true;\n}", "    return true;;;)(\n}"),
    ("my.result.type = 'Fatal'", "/* my.result.type = 'Fatal' */"), ("return false;", "return\nfalse;"), ('onConclusion="none"', 'onConclusion="none" auth="none"'),
    ('onConclusion="none"', 'onConclusion="none" active="false"'), ('require-scripts="false"', 'require-scripts="true"'), ('min="11.0"', 'min="11.0" before="12"'),
    ('arm64,x86_64"', 'arm64,x86_64,arm64"'), ("<choices-outline>", "words<choices-outline>"),
    ("</choices-outline>", '</choices-outline><pkg-ref id="org.latchkey.agent"><must-close><app id="com.apple.finder"/></must-close></pkg-ref>')],
     lambda sample, old, new: text(sample, "Distribution", old, new))
for part, promise, top in (("Distribution", "distribution.whole", "<installer-gui-script "), ("PackageInfo", "info.whole", "<pkg-info ")):
    many(promise, f"{part} has more than elements", [(part, top, more + top) for more in ('<!DOCTYPE x SYSTEM "http://localhost/x">', '<!DOCTYPE x [<!ENTITY e "e">]>', '<?xml-stylesheet href="x"?>', "<?more x?>", "<!-- words -->")]
         + [(part, 'encoding="utf-8"', 'encoding="iso-8859-1"'), (part, 'encoding="utf-8"', 'encoding="utf-8" standalone="yes"'), (part, '<?xml version="1.0" encoding="utf-8"?>', "")], text)
many("info.whole", "PackageInfo says more", [('relocatable="false"', 'relocatable="false" followLinks="true"'), ('file="./preinstall"', 'file="./preinstall" timeout="1"'),
                                             ("<scripts>", '<relocate><bundle id="x"/></relocate><scripts>'), ('auth="root"', 'auth="root" preserve-xattr="true"')],
     lambda sample, old, new: text(sample, "PackageInfo", old, new))


@mutation("distribution.whole")
def a_downgrade_test_in_a_comment(sample):
    sample.change("Distribution", lambda data: data.replace(b"    var there", b"    return true; /*\n    var there").replace(b"    return true;\n}", b"    */ return true;\n}"))


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
many("payload.paths", "a file more, or in other letters", [("./usr/local/bin/sudo", b"#!/bin/sh\n"), (f"{LIBEXEC}/AGENT.toml", b"x"), (f"{LIBEXEC}/a\nb", b"x"),
                                                             ("./usr/local/share/latchkey/loop", "../latchkey"), ("./usr/local/share/latchkey/x", program()),
                                                             (LINK, "../libexec/latchkey/latchkeyd"), (LINK, program())], added)
many("payload.paths", "what is missing", [(LINK,), (f"{LIBEXEC}/agent.toml",), ("./usr/local/share/man/man1/latchkey.1",), (LOGIN_ITEMS,),
                                          ("./usr/local/share/zsh/site-functions/_latchkey",)], lambda sample, path: sample.files.pop(path) and None)
MUTATIONS.append(("payload.paths", "a text that can be run", lambda sample: moded(sample, f"{LIBEXEC}/agent.toml", 0o755)))
many("program.there", "what is missing", [(AGENT,), (f"{LIBEXEC}/latchkey",), (f"{LIBEXEC}/uninstall.sh",)], lambda sample, path: sample.files.pop(path) and None)
MUTATIONS.append(("program.there", "a program that cannot be run", lambda sample: moded(sample, AGENT, 0o644)))


# --- Programs -------------------------------------------------------------------------------------------------------------

@mutation("program.itself")
def two_programs_change_places(sample):
    sample.files[AGENT], sample.files[TOOL] = sample.files[TOOL], sample.files[AGENT]


@mutation("program.uuid")
def two_programs_have_the_same_uuid(sample):
    agent(sample, program(arm64={"identity": b"one for both    "}))
    sample.files[TOOL] = (0o755, program(name="latchkey", arm64={"identity": b"one for both    "}))


def agent(sample, data):
    sample.files[AGENT] = (0o755, data)


def slices(*architectures) -> list:
    return [(one, macho_writer.Program(one, signed=one == "arm64").bytes()) for one in architectures]


ONE = macho_writer.Program("arm64").bytes()
many("program.slices", "other slices", [(macho_writer.universal(slices("arm64")),), (macho_writer.universal(slices("x86_64")),), (ONE,),
                                        (macho_writer.universal(slices("x86_64", "arm64", "arm64")),), (macho_writer.universal(slices("x86_64", "arm64"), alignment=12),),
                                        (program() + b"\0",)], agent)
many("program.slices", "another subtype", [(program(x86_64={"subtype": 8}),), (program(arm64={"subtype": 2}),),
                                           (macho_writer.universal(slices("x86_64", "arm64"), subtypes={"x86_64": 8, "arm64": 0}),),
                                           (macho_writer.universal(slices("x86_64", "arm64"), subtypes={"x86_64": 3, "arm64": 2}),)], agent)
MUTATIONS.append(("program.slices", "something between table and slices", lambda sample: agent(sample, program()[:60] + b"words" + program()[65:])))
many("program.kind", "no program", [(b"#!/bin/sh\n",), (ONE[:2000],), (macho_writer.universal(slices("x86_64", "arm64"), announced={1: "x86_64"}),), (b"\xca\xfe\xba\xbe" + b"\xff" * 40,),
                                    (program(flags=0x85),), (program(flags=0x200001),), (program(kind=6),), (program(entry=0x100000),), (program(linker="/tmp/dyld"),)], agent)
many("program.segments", "segments", [(program(text_protection=7),), (program(zero_page=0x1000),), (program(flags=0x200085 | 0x20000),), (program(text_protection=1),)], agent)
many("program.system", "made for another system", [(program(arm64={"oldest": 0x000C0000}),), (program(x86_64={"oldest": 0x000A0F00}),), (program(platform=2),),
                                                    (program(arm64={"oldest": 0x000B0001}),), (program(x86_64={"oldest": 0x000B00FF}),), (program(oldest=0x010B0000),),
                                                    (program(kit=0),), (program(arm64={"kit": 0x000A0F00}),), (program(x86_64={"kit": 0x000A0900}),)], agent)
many("program.uuid", "a UUID that is none, or another's", [(program(arm64={"identity": b""}),), (program(x86_64={"identity": b""}),), (program(x86_64={"identity": bytes(16)}),),
                                                           (program(identity=b"one for both    "),)], agent)
many("program.itself", "another program", [(AGENT, program(name="latchkey-service")), (AGENT, program(name="latchkey")), (TOOL, program()), (INSTALLER, program(name="latchkey")),
                                           (AGENT, program(arm64={"name": "latchkey-service", "identifier": "latchkeyd"})), (AGENT, program(x86_64={"name": "latchkey"})),
                                           (INSTALLER, program(x86_64={"name": "latchkey"}, name="latchkey-service")), (TOOL, program(x86_64={"name": "latchkey-service"}, name="latchkey"))]
     + [(AGENT, program(version="1.2.2")), (TOOL, program(name="latchkey", version="1.2.34")), (AGENT, program(arm64={"version": "1.2"})),
     (TOOL, program(x86_64={"version": "11.2.3"}, name="latchkey")), (INSTALLER, program(name="latchkey-service", version="1.2.2")),
     (INSTALLER, program(arm64={"version": "1.2.34"}, name="latchkey-service")),
        (INSTALLER, program(identifier="latchkey", name="latchkey-service"))], lambda sample, path, data: sample.files.update({path: (0o755, data)}))
many("program.builder", "a builder's path", [(program(words=b"x\0" + words + b"\0"),) for words in (
    b"/root/latchkey/include/a.hpp", b"/home/somebody/a.h", b"a=/Users/somebody/a.h", b"/tmp/build/a.h", b"/private/var/tmp/a.h", b"/private/var/folders/x/a.h", b"../.cache/latchkey/include/a.hpp")]
     + [(program(x86_64={"words": b"/root/a.h"}),)], agent)
many("program.commands", "a load command that does not belong there", [(program(**{slice: {"more": [command]}}),) for slice in ("arm64", "x86_64") for command in (
    macho_writer.worded(0x20, struct.pack("<4I", 24, 2, 0x10000, 0x10000), "/tmp.dylib"),  # LC_LAZY_LOAD_DYLIB
    macho_writer.worded(0x10, struct.pack("<4I", 24, 2, 0x10000, 0x10000), "/x.dylib"),  # LC_PREBOUND_DYLIB
    struct.pack("<IIQQ", 0x80000028, 24, 0x800, 0),  # a second LC_MAIN
    struct.pack("<IIIIQ", 0x5, 24, 4, 2, 0),  # LC_UNIXTHREAD
    struct.pack("<IIIIII", 0x2C, 24, 0, 4096, 1, 0),  # LC_ENCRYPTION_INFO_64
    struct.pack("<IIII", 0x80000034, 16, 0, 8),  # LC_DYLD_CHAINED_FIXUPS
    struct.pack("<III4x", 0x24, 16, 0x000B0000),  # LC_VERSION_MIN_MACOSX
    struct.pack("<II", 0x800000FF, 8), struct.pack("<II", 0xFF, 8),  # nobody's
    struct.pack("<II16s", 0x1B, 24, b"a second UUID"), struct.pack("<IIQ", 0x2A, 16, 0))]
     + [(program(without=[number]),) for number in (0x80000022, 0x2, 0xB)], agent)
many("program.libraries", "a strange library", [(program(libraries=["/usr/lib/libSystem.B.dylib", name]),) for name in ("/usr/local/lib/libssl.dylib", "@rpath/libssl.3.dylib", "/usr/lib/../local/x.dylib", "/usr/lib/libz.1.dylib",
                                                                                                                     "/System/Library/PrivateFrameworks/X.framework/X")]
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
                           ("<integer>63</integer>", "<integer>18</integer>"), ("<key>RunAtLoad", "<key>Disabled</key><true/><key>RunAtLoad"), ("<integer>10</integer>", "<integer>86400</integer>")]
        + [("<key>RunAtLoad", f"<key>{key}</key>{value}<key>RunAtLoad") for key, value in (
            ("EnvironmentVariables", "<dict><key>DYLD_INSERT_LIBRARIES</key><string>/tmp/x</string></dict>"), ("GroupName", "<string>staff</string>"),
            ("RootDirectory", "<string>/tmp</string>"), ("StandardErrorPath", "<string>/tmp/x</string>"), ("LimitLoadToSessionType", "<string>Aqua</string>"),
            ("Sockets", "<dict/>"))]}.items():
    many(promise, "the service says", cases, lambda sample, old, new: file_text(sample, SERVICE, old, new))
MUTATIONS.append(("service.form", "a service that may be run", lambda sample: moded(sample, SERVICE, 0o755)))
MUTATIONS.append(("service.form", "a second service", lambda sample: added(sample, "./Library/LaunchDaemons/org.latchkey.other.plist", sample.files[SERVICE][1])))
MUTATIONS.append(("service.form", "no service", lambda sample: sample.files.pop(SERVICE) and None))
many("profile.form", "the profile says", [("</plist>", ""), ("<string>System</string>", "<string>User</string>"), ("<key>PayloadType</key><string>org.latchkey.agent</string>", ""),
                                          ("6F0B1B0E-", "6F0B1B0-"), ("<key>PayloadVersion</key><integer>1</integer>", ""), ("org.latchkey.agent.profile.settings", "org.latchkey.agent.profile"),
                                          ("<key>PayloadIdentifier</key><string>org.latchkey.agent.profile</string>", "")], lambda sample, old, new: file_text(sample, PROFILE, old, new))


def script_text(sample, name, old, new):
    mode, data = sample.scripts[name]
    sample.scripts[name] = (mode, replaced(old, new)(data))


many("scripts.form", "a script", [("./preinstall", "#!/bin/sh", "#!/bin/bash"), ("./postinstall", "set -u\n", "set -u\r\n")], script_text)
many("scripts.syntax", "a script that sh cannot read", [("./preinstall", "exit 0\n", "if exit 0\n"), ("./postinstall", "exit 0\n", "'\n")], script_text)
MUTATIONS.append(("scripts.form", "a script that cannot be run", lambda sample: sample.scripts.update({"./preinstall": (0o644, sample.scripts["./preinstall"][1])})))
MUTATIONS.append(("scripts.syntax", "an uninstaller that sh cannot read", lambda sample: file_text(sample, f"{LIBEXEC}/uninstall.sh", "esac", "")))
many("scripts.form", "another file among the scripts", [("./more", b"#!/bin/sh\n"), ("./preupgrade", b"\0\1")], lambda sample, name, data: sample.scripts.update({name: (0o755, data)}))

# --- Texts of the repository ------------------------------------------------------------------------------------------------

many("source.same", "a script does something else", [("./preinstall", "exit 0\n", "rm -rf /opt\nexit 0\n"), ("./postinstall", "exit 0\n", "rm -rf /opt\nexit 0\n"),
                                                     ("./preinstall", f"VERSION={VERSION}", "VERSION=0.0.1"), ("./preinstall", f"VERSION={VERSION}", "VERSION=@VERSION@"),
                                                     ("./preinstall", "exit 0\n", "[[ a == b ]] && x=(1 2)\nexit 0\n")], script_text)
many("source.same", "a script does nothing", [("./preinstall",), ("./postinstall",)], lambda sample, name: sample.scripts.update({name: (0o755, b"#!/bin/sh\nexit 0\n")}))
many("source.same", "another text", [(f"{LIBEXEC}/uninstall.sh", "exit 1\n", "exit 0\n"), (f"{LIBEXEC}/agent.toml", "#[keyserver]", "[keyserver]"), (SERVICE, "<key>RunAtLoad", "<key>Umask</key><integer>0</integer><key>RunAtLoad"),
                                     (PROFILE, "<key>role</key>", "<key>rolle</key>"), (PROFILE, "<key>key_file</key>", "<key>key</key><string>X</string><key>key_file</key>"),
                                     (PROFILE, "<key>role</key>", "<key>role</key><string>x</string><key>role</key>"), (LOGIN_ITEMS, "<string>Label</string>", "<string>LabelPrefix</string>"),
                                     ("./usr/local/share/latchkey/LICENSE", "a", "b")], lambda sample, path, old, new: file_text(sample, path, old, new))
MUTATIONS.append(("source.same", "another uninstaller", lambda sample: sample.files.update({f"{LIBEXEC}/uninstall.sh": (0o755, b"#!/bin/sh\nexit 0\n")})))
MUTATIONS.append(("source.same", "another license", lambda sample: setattr(sample, "license", b"\xff\xfe\0")))
many("pages.same", "another page", [(".TH ", ".sy id\n.TH "), ("Generated by scdoc ", "Generated by scdoc 1\n.sy id\n"), (".TH \"latchkey\" \"1\"", ".TH \"latchkey\" \"8\""), ("latchkey", "latchkez"),
                                    ("activated", "stopped")], lambda sample, old, new: file_text(sample, MANUAL, old, new))
many("pages.same", "another page", [(b"",), (b".TH a page\n",), (b".so man8/latchkeyd.8\n",)], lambda sample, data: sample.files.update({MANUAL: (0o644, data)}))
many("pages.same", "another page's words", [(MANUAL, "./usr/local/share/man/man8/latchkeyd.8")], lambda sample, path, other: sample.files.update({path: sample.files[other]}))

# --- Completions --------------------------------------------------------------------------------------------------------------

many("completions.form", "bash's says", [
    ("# bash", "rm -rf ~\n# bash"), ("complete -F _latchkey latchkey\n", "complete -F _latchkey latchkey\nrm -rf ~\n"), ("complete -F _latchkey latchkey", "complete -C id latchkey"),
    ("_latchkey() {\n", "_latchkey() {\n    id\n"), ('compgen -W "$verbs"', 'compgen -W "$(id)"'), ("verbs='hwid", "verbs='$(id)"), ("verbs='hwid", "verbs='`id`"), ("verbs='hwid", "verbs=\"hwid\" '"),
    ("options='-h", "options='-h <(id)"), ("paths='--config'", "paths='~root'"), ("words='--form", "words='--form;id"), ("choices='--form=short", "choices='--form=$(id)"),
    ("operand='' ;;", "operand='' ; id ;;"), ("        '/hwid')", "        '/hwid'|$(id))"), ("        '/hwid')", "        '/status')"),
    ("        '')\n", "        '/x')\n"), ("    esac\n", "    esac\n    id\n"),
    ("options='-h --help", "options='-h"), ("latchkey", "latchkeyd")], lambda sample, old, new: file_text(sample, BASH, old, new))
many("completions.form", "zsh's says", [
    ("# zsh", "id\n# zsh"), ('_latchkey "$@"\n', '_latchkey "$@"\nid\n'), ("_latchkey() {\n", "_latchkey() {\n    id\n"),
    ("#compdef latchkey", "#compdef sudo"), ("[waits]:timeout: ", "[waits]:timeout:{id}"),
    ("[waits]:timeout: ", "[waits]:timeout:->x"), ("[waits]:timeout: ", "[waits]:timeout:($(id))"),
    ("[waits]:timeout: ", "[waits]:timeout:_call_program x id"), ("[waits]", "[waits]'$(id)'"), ("[waits]", "[waits]:x:{id}:"),
    (":config:_files", ":config:_files -g '*(e:id:)'"), ("(short long)", "((short\\:`id`))"), ("'hwid:hardware'", "'hwid:hardware' $(id)"),
    ("'hwid:hardware'", "$(id)"), ("hwid) _latchkey_hwid ;;", "hwid) id ;;"),
    ("hwid) _latchkey_hwid ;;", "hwid) _latchkey_hwid; id ;;"), ("hwid) _latchkey_hwid ;;", "hwid) _latchkey_status ;;"), ("_latchkey_status() {", "_files() {"), ("case $state in", "case $(id) in"),
    ("\n_latchkey_status() {", "\nid\n\n_latchkey_status() {")], lambda sample, old, new: file_text(sample, ZSH, old, new))
MUTATIONS.append(("completions.form", "zsh's takes another's name", lambda sample: sample.files.update({ZSH: (0o644, sample.files[ZSH][1].replace(b"_latchkey_status", b"_files"))})))
many("completions.form", "nothing, or something else", [(BASH, b"complete\n"), (ZSH, b"#compdef latchkey\n"), (BASH, b""), (ZSH, b"\xff"),
    (ZSH, b'#compdef latchkey\n# zsh completion for latchkey, written from what its --help says.\n\n\n_latchkey "$@"\n')],
     lambda sample, path, data: sample.files.update({path: (0o644, data)}))
