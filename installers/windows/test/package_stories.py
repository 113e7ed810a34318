"""What the package says of itself, read from its tables."""

import json
import re
import subprocess

from stories import check, equal, story


def said(*command) -> str:
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    check(done.returncode == 0, f"exit {done.returncode} of {command[0]}:\n{done.stdout}")
    return done.stdout


def table(package, name: str) -> list:
    """The rows of a table, each a dictionary."""
    lines = said("msiinfo", "export", package, name).replace("\r", "").split("\n")
    columns = lines[0].split("\t")
    return [dict(zip(columns, line.split("\t"))) for line in lines[3:] if line]


def properties(package) -> dict:
    return {row["Property"]: row["Value"] for row in table(package, "Property")}


@story
def files_bear_the_version_of_the_package(given):
    for package in (given.package, given.newer):
        version = properties(package)["ProductVersion"]
        texts = set()
        for row in table(package, "File"):
            if row["FileName"].endswith(".exe"):
                equal(f"{version}.0", row["Version"], row["FileName"])
            else:
                texts.add(row["File"])
        equal(texts, {row["File_"] for row in table(package, "MsiFileHash")}, "files without a version")


def programs_of(given) -> list:
    said("msiextract", "-C", given.folder / "extracted", given.package)
    programs = sorted((given.folder / "extracted").rglob("*.exe"))
    equal(["latchkey-service.exe", "latchkey.exe", "latchkeyd.exe"], [program.name for program in programs], "programs")
    return programs


@story
def programs_bear_it_too_and_ask_for_no_rights(given):
    version = properties(given.package)["ProductVersion"]
    for program in programs_of(given):
        content = program.read_bytes()
        for text in (f"{version}.0", program.name, "The Latchkey authors"):
            check(text.encode("utf-16-le") in content, f"{program.name} does not say {text}")
        for text in (b'level="asInvoker"', b">UTF-8</activeCodePage>", b">true</longPathAware>"):
            check(text in content, f"{program.name} has no {text}")


@story
def programs_need_nothing_that_windows_does_not_bring(given):
    allowed = {"advapi32", "bcrypt", "crypt32", "iphlpapi", "kernel32", "msi", "mswsock", "msvcrt", "netapi32", "ntdll", "ole32", "rpcrt4",
               "setupapi", "cfgmgr32", "shell32", "user32", "winhttp", "ws2_32", "wtsapi32", "powrprof", "api-ms-win-core-synch-l1-2-0"}
    for program in programs_of(given):
        needed = re.findall(r"DLL Name: (\S+)", said("x86_64-w64-mingw32-objdump", "-p", program))
        strange = {name.lower().removesuffix(".dll") for name in needed} - allowed
        equal(set(), strange, f"libraries of {program.name}")


@story
def keys_are_hidden_and_properties_reach_the_part_with_rights(given):
    said_of = properties(given.package)
    hidden = set(said_of["MsiHiddenProperties"].split(";"))
    secure = set(said_of["SecureCustomProperties"].split(";"))
    actions = {row["Action"] for row in table(given.package, "CustomAction") if int(row["Type"]) & 1024}
    check(hidden >= actions | {"KEY_FILE", "PRODUCT_KEY", "PRODUCTKEY", "KEY", "PIDKEY"}, f"hidden: {sorted(hidden)}")
    check(secure >= {"KEYSERVER_URL", "CA_FILE", "MANIFEST_FILE", "PRODUCT", "KEY_FILE", "WHEN_COUNTED", "ROLE", "PROXY", "ORGANIZATION",
                     "LOCATION", "COUNTRY", "REMOVE_STATE"}, f"secure: {sorted(secure)}")


@story
def what_can_be_undone_is(given):
    kinds = {row["Action"]: int(row["Type"]) for row in table(given.package, "CustomAction")}
    order = {row["Action"]: int(row["Sequence"]) for row in table(given.package, "InstallExecuteSequence")}
    for action in ("Apply", "Remove"):
        check(kinds[f"LatchkeyUndo{action}"] & 256, f"LatchkeyUndo{action} is no rollback action")
        check(order[f"LatchkeyUndo{action}"] < order[f"Latchkey{action}"], f"LatchkeyUndo{action} comes too late")
    check(kinds["LatchkeyKeep"] & 512, "LatchkeyKeep is no commit action")
    check(order["LatchkeyCheck"] < order["InstallInitialize"] < order["RemoveExistingProducts"] < order["InstallFiles"],
          "the former version goes outside the transaction")


@story
def the_sbom_names_what_is_compiled_in(given):
    bom, = (json.loads(file.read_text()) for file in given.packages.glob("*.cdx.json"))
    named = {part["name"] for part in bom["components"] if part["type"] == "library"}
    check(named >= {"boost1.81", "openssl", "sqlite3", "spdlog", "fmtlib", "tomlplusplus", "cli11", "tl-expected", "gcc-mingw-w64",
                    "mingw-w64"}, f"the SBOM names {sorted(named)}")
    check(all(part["version"] for part in bom["components"]), "each has a version")


@story
def it_asks_for_a_windows_whose_programs_speak_utf_8(given):
    """By the registry: what Windows Installer says of the version ends at 6.3."""
    condition, = (row for row in table(given.package, "LaunchCondition") if "CURRENTBUILD" in row["Condition"])
    equal("Installed OR CURRENTBUILD >= 18362", condition["Condition"], "the condition")
    check("1903" in condition["Description"] and "Update Windows" in condition["Description"], f"it says {condition['Description']}")
    search, = table(given.package, "RegLocator")
    equal((r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", "CurrentBuild", "18"), (search["Key"], search["Name"], search["Type"]),
          "where the build is looked for, in the 64-bit view")
    order = {row["Action"]: int(row["Sequence"]) for row in table(given.package, "InstallExecuteSequence")}
    check(order["AppSearch"] < order["LaunchConditions"], "it is looked for too late")
