"""What the distributions' own tools say of the packages, and what inventories read."""

import json
import pathlib
import subprocess
import tempfile
import xml.etree.ElementTree as xml

from machine import check, equal
from story import story, version

HERE = pathlib.Path(__file__).resolve().parent
SWID = "{http://standards.iso.org/iso/19770/-2/2015/schema.xsd}"


def said(*command, **options) -> str:
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **options)
    check(done.returncode == 0, f"exit {done.returncode} of {command[0]}:\n{done.stdout}")
    return done.stdout


def debs(packages) -> list:
    return sorted(packages.glob(f"*_{version(packages)}_amd64.deb"))


def rpms(packages) -> list:
    return sorted(packages.glob(f"*-{version(packages)}-1.x86_64.rpm"))


@story
def lintian_is_content(packages):
    equal(2, len(debs(packages)), "packages")
    told = said("lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning", *debs(packages))
    equal("", told, "lintian")


@story
def rpmlint_is_content(packages):
    equal(2, len(rpms(packages)), "packages")
    told = said("rpmlint", "--config", HERE / "rpmlint.toml", *rpms(packages))
    check(" 0 errors, 0 warnings" in told, told)


@story
def the_programs_need_nothing_that_only_debian_has(packages):
    allowed = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libgcc_s.so.1", "libssl.so.3", "libcrypto.so.3", "libsqlite3.so.0",
               "libpq.so.5"}
    for rpm in rpms(packages):
        needs = [line.split("(") for line in said("rpm", "-qpR", rpm).splitlines() if ".so" in line]
        equal(set(), {need[0] for need in needs} - allowed, f"shared libraries of {rpm.name}")
        newest = max((tuple(int(part) for part in need[1][6:-1].split(".")) for need in needs if need[1].startswith("GLIBC_")))
        check(newest <= (2, 34), f"{rpm.name} needs glibc {newest}; 2.34 is what is promised")


@story
def the_metadata_of_both_packages_is_valid(packages):
    with tempfile.TemporaryDirectory() as made:
        for deb in debs(packages):
            said("dpkg-deb", "-x", deb, made)
        for file in pathlib.Path(made).glob("usr/share/metainfo/*.xml"):
            said("appstreamcli", "validate", "--no-net", file)
        tags = sorted(pathlib.Path(made).glob("usr/lib/swidtag/*/*.swidtag"))
        equal(2, len(tags), "SWID tags")
        for tag in tags:
            root = xml.parse(tag).getroot()
            equal(f"{SWID}SoftwareIdentity", root.tag, "its root")
            equal(version(packages), root.get("version"), "its version")
            check(root.get("name") and root.get("tagId"), "name and tagId are mandatory")
            roles = [entity.get("role").split() for entity in root.findall(f"{SWID}Entity") if entity.get("name")]
            equal(1, sum("tagCreator" in role for role in roles), "tag creators")


@story
def the_examples_are_in_both_formats(packages):
    examples = {str(file.relative_to(HERE.parent)) for kind in ("ansible", "monitoring")
                for file in (HERE.parent / kind).rglob("*") if file.is_file()}
    within = "/usr/share/doc/latchkey-agent/examples/"
    for format, names in (("deb", said("dpkg-deb", "-c", debs(packages)[0])),
                          ("rpm", said("rpm", "-qpl", rpms(packages)[0]))):
        equal(set(), examples - {name.partition(within)[2] for name in names.splitlines()}, f"examples that lack in the {format}")


@story
def the_sbom_names_what_is_compiled_in(packages):
    schemas = packages / "schemas" / "bom-1.5.SNAPSHOT.schema.json"
    for name, parts in (("latchkey-agent", {"boost1.81", "openssl", "sqlite3", "spdlog", "fmtlib", "tomlplusplus", "cli11", "tl-expected",
                                            "glibc", "gcc-12", "tpm2-tss"}),
                        ("latchkey-keyserver", {"boost1.81", "openssl", "sqlite3", "spdlog", "fmtlib", "cli11", "tl-expected", "glibc",
                                                "gcc-12", "postgresql-15"})):
        file = packages / f"{name}_{version(packages)}_amd64.cdx.json"
        document = json.loads(file.read_text(encoding="utf-8"))
        equal(parts, {part["name"] for part in document["components"] if part["type"] == "library"}, f"libraries of {name}")
        references = {document["metadata"]["component"]["bom-ref"]} | {part["bom-ref"] for part in document["components"]}
        for entry in document["dependencies"]:
            check({entry["ref"], *entry["dependsOn"]} <= references, f"{entry['ref']} leads nowhere")
        if schemas.exists():
            said("/usr/bin/python3", HERE / "validate_sbom.py", schemas.parent, file)
