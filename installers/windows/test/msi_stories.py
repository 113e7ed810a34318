"""What is done with the package, as an administrator's tools do it: msiexec without a window. One Windows serves all stories, so each
begins by removing what the one before left."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from package_stories import table
from stories import check, equal, eventually, story
from wine import DATA, INSTALL_FAILURE, PROGRAMS, SUCCESS, windows_path

SERVICE_KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\Latchkey"
SETTINGS = f"{DATA}/agent.d/50-installer.toml"
PATIENCE = 180  # a service under Wine on a busy machine
LONG = "x" * 10_000


def eventually_there(asked, what: str):
    return eventually(asked, what, PATIENCE)


def remove_all(given) -> None:
    for package in (given.newer, given.package):
        given.wine.msiexec("/x", windows_path(package), "REMOVE_STATE=1")
    shutil.rmtree(given.wine.file(DATA), ignore_errors=True)
    given.wine.check_installed(False)


def roll_out(given, name: str = "roll out") -> pathlib.Path:
    """A folder as administrators prepare it: the key server's authority, the product's manifest, its key."""
    folder = given.folder / name
    folder.mkdir(exist_ok=True)
    shutil.copy(given.server.authority, folder / "ca.pem")
    shutil.copy(given.server.manifest, folder / "editor.jws")
    (folder / "editor.key").write_text(given.server.key + "\n")
    return folder


def properties(given, folder: pathlib.Path, **others) -> list:
    told = {"KEYSERVER_URL": given.url, "CA_FILE": windows_path(folder / "ca.pem"), "MANIFEST_FILE": windows_path(folder / "editor.jws"),
            "PRODUCT": "editor", "KEY_FILE": windows_path(folder / "editor.key"), "WHEN_COUNTED": "proceed", "ORGANIZATION": "contoso",
            **others}
    return [f"{name}={value}" for name, value in told.items() if value]


def install(given, *words, package=None, code: int = SUCCESS) -> str:
    """Returns the log, in which no key may be."""
    log = given.folder / "msi.log"
    log.unlink(missing_ok=True)
    done = given.wine.msiexec("/i", windows_path(package or given.package), *words, log=log)
    for written in (given.server.key, given.server.key.encode().hex(), given.server.key.encode().hex().upper()):
        check(written not in done.text and written.encode("utf-16-le") not in log.read_bytes(), "the key is in the log")
    equal(code, done.code, f"exit of msiexec; {[line for line in done.text.splitlines() if 'Latchkey: ' in line]}")
    return done.text


def status(given):
    """None while nobody answers."""
    done = given.wine.program("latchkey", "status", "--json")
    if done.code == 69 or not done.text.lstrip().startswith("{"):
        return None
    said = json.loads(done.text)
    return said if "products" in said else None


def product(given):
    said = status(given)
    return next((one for one in said["products"] if one["id"] == "editor"), None) if said else None


def is_licensed(given) -> bool:
    found = product(given)
    return bool(found) and found["state"] == "licensed"


def running(given) -> None:
    eventually_there(lambda: given.wine.service_state() == "RUNNING", "the service runs")
    eventually_there(lambda: status(given), "the agent answers over its pipe")


@story
def told_by_properties_it_activates_without_a_hand(given):
    remove_all(given)
    install(given, *properties(given, roll_out(given)))
    given.wine.check_installed(True)
    running(given)
    eventually_there(lambda: is_licensed(given), f"licensed; {product(given)}")
    check(not given.wine.file(f"{DATA}/inbox/editor.key").exists(), "the key file is still there")
    check(given.server.receipts(), "the key server has no receipt")


@story
def it_stops_is_killed_and_comes_back_with_its_license(given):
    if not is_licensed(given):
        told_by_properties_it_activates_without_a_hand(given)
    equal(0, given.wine.run("net", "stop", "Latchkey").code, "net stop")
    equal("STOPPED", given.wine.service_state(), "the service")
    equal(0, given.wine.run("net", "start", "Latchkey").code, "net start")
    running(given)
    check(is_licensed(given), "the license is gone after a restart of the service")
    killed = given.wine.processes("latchkeyd.exe")
    equal(1, len(killed), "processes of the agent")
    os.kill(killed[0], signal.SIGKILL)
    eventually_there(lambda: not given.wine.processes("latchkeyd.exe"), "the killed process is gone")
    # What Windows does by itself (failure actions) Wine leaves to us.
    eventually_there(lambda: given.wine.run("net", "start", "Latchkey").code == 0, "it starts after a kill")
    running(given)
    check(is_licensed(given), "the license is gone after a kill")
    given.wine.stop()
    given.wine.start()
    running(given)
    check(is_licensed(given), "the license is gone after a restart of the machine")


@story
def an_upgrade_keeps_license_and_settings_and_a_downgrade_is_refused(given):
    if not is_licensed(given):
        told_by_properties_it_activates_without_a_hand(given)
    settings = given.wine.file(SETTINGS).read_text()
    own = given.wine.file(f"{DATA}/agent.toml")
    own.write_text("# mine\n")
    install(given, package=given.newer)
    running(given)
    equal("99.0.0", status(given)["agent"]["version"], "the version that answers")
    check(is_licensed(given), "the license is gone after the upgrade")
    equal(settings, given.wine.file(SETTINGS).read_text(), "what the first installation was told")
    equal("# mine\n", own.read_text(), "the administrator's file")
    said = install(given, code=INSTALL_FAILURE)
    # Windows writes the sentence of a condition that does not hold into the log, Wine does not always.
    check("LaunchConditions. Return value 0" in said or "A newer version" in said, f"not refused by its condition: {said[-1500:]}")
    check(any("A newer version" in row["Description"] for row in table(given.package, "LaunchCondition")), "the condition does not say why")
    running(given)
    equal("99.0.0", status(given)["agent"]["version"], "the version that answers after a downgrade")
    listed = given.wine.run("reg", "query", r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall", "/s").text
    equal(1, len(re.findall(r"DisplayName\s+REG_SZ\s+Latchkey agent", listed)), f"entries in the list of programs: {listed}")


@story
def uninstalling_keeps_state_until_it_is_asked_to_go(given):
    if not is_licensed(given):
        told_by_properties_it_activates_without_a_hand(given)
    if given.wine.msiexec("/x", windows_path(given.newer)).code != SUCCESS:
        equal(SUCCESS, given.wine.msiexec("/x", windows_path(given.package)).code, "exit of msiexec")
    given.wine.check_installed(False)
    equal("", given.wine.service_state(), "the service")
    check(not given.wine.processes("latchkeyd.exe"), "the agent still runs")
    check(any(given.wine.file(f"{DATA}/state").iterdir()), "the state is gone")
    check(given.wine.file(SETTINGS).exists(), "the settings are gone")
    counted = len(given.server.receipts())
    install(given)
    running(given)
    check(is_licensed(given), "the license is gone after installing again")
    equal(counted, len(given.server.receipts()), "receipts: it was activated once more")
    equal(SUCCESS, given.wine.msiexec("/x", windows_path(given.package), "REMOVE_STATE=1").code, "exit of msiexec")
    check(not given.wine.file(DATA).exists(), "the data folder is still there")
    check(not given.wine.file(PROGRAMS).exists(), "the programs' folder is still there")
    path = given.wine.run("reg", "query", r"HKLM\System\CurrentControlSet\Control\Session Manager\Environment", "/v", "PATH").text
    check("Latchkey" not in path, f"PATH: {path}")


@story
def it_is_removed_while_its_service_still_stops(given):
    remove_all(given)
    install(given)
    running(given)
    given.wine.run("sc", "stop", "Latchkey")
    log = given.folder / "removal.log"
    done = given.wine.msiexec("/x", windows_path(given.package), "REMOVE_STATE=1", log=log)
    equal(SUCCESS, done.code, f"exit of msiexec; {[line for line in done.text.splitlines() if 'Latchkey: ' in line]}")
    given.wine.check_installed(False)
    equal("", given.wine.service_state(), "the service")
    check(not given.wine.file(DATA).exists(), "the data folder is still there")


@story
def a_failed_installation_leaves_nothing(given):
    remove_all(given)
    # Nobody may have the name of the folder in which the agent's state belongs.
    data = given.wine.file(DATA)
    data.mkdir(parents=True)
    (data / "state").write_text("in the way")
    install(given, *properties(given, roll_out(given)), code=INSTALL_FAILURE)
    given.wine.check_installed(False)
    equal("", given.wine.service_state(), "the service")
    equal("in the way", (data / "state").read_text(), "what was there before")
    check(not given.wine.file(SETTINGS).exists(), "the settings of a failed installation are there")
    shutil.rmtree(data)


@story
def a_failed_installation_leaves_a_folder_that_was_there_as_it_was(given):
    remove_all(given)
    data = given.wine.file(DATA)
    (data / "agent.d").mkdir(parents=True)
    (data / "agent.d/mine.toml").write_text("# mine\n")
    (data / "keyserver-ca.pem").mkdir()  # a folder where a file belongs: the last step fails
    data.chmod(0o711)
    before = groups(given)
    install(given, *properties(given, roll_out(given)), code=INSTALL_FAILURE)
    given.wine.check_installed(False)
    equal("", given.wine.service_state(), "the service")
    equal({"agent.d", "agent.d/mine.toml", "keyserver-ca.pem"}, entries(data), "what is in the folder")
    equal("# mine\n", (data / "agent.d/mine.toml").read_text(), "the administrator's file")
    equal(before, groups(given), "the groups of this machine")
    shutil.rmtree(data)


def entries(folder: pathlib.Path) -> set:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def groups(given) -> str:
    return given.wine.run("net", "localgroup").text


# Any other user than the one that Wine runs as; Windows sees nobody it knows.
SOMEBODY = 65534


@story
def a_folder_that_waits_for_us_is_not_taken_from_somebody_else(given):
    remove_all(given)
    data = given.wine.file(DATA)
    elsewhere = given.folder / "elsewhere"
    (elsewhere / "state").mkdir(parents=True)
    (elsewhere / "state/theirs").write_text("theirs")

    def refused(said: str, *words) -> None:
        log = install(given, *words, code=INSTALL_FAILURE)
        check(said in log, f"the log does not say '{said}': {[line for line in log.splitlines() if 'Latchkey: ' in line]}")
        check("setowner" in log or "Remove the link" in log,
              f"the log does not say what to do: {[line for line in log.splitlines() if 'Latchkey: ' in line]}")
        given.wine.check_installed(False)
        equal("", given.wine.service_state(), "the service")

    data.mkdir()
    os.chown(data, SOMEBODY, SOMEBODY)
    refused("is there already, another user's", *properties(given, roll_out(given)))
    equal(set(), entries(data), "what was put into another user's folder")
    shutil.rmtree(data)

    data.symlink_to(elsewhere)
    refused("is a link to another place")
    equal({"state", "state/theirs"}, entries(elsewhere), "what a link led to")
    data.unlink()

    # The folder is an administrator's, but everybody could put something into it.
    (data / "agent.d").mkdir(parents=True)
    (data / "agent.d/evil.toml").write_text('[keyserver]\nurl = "https://evil.example.org"\n')
    os.chown(data / "agent.d/evil.toml", SOMEBODY, SOMEBODY)
    data.chmod(0o777)
    refused(r"agent.d\evil.toml is there already, another user's")
    equal({"agent.d", "agent.d/evil.toml"}, entries(data), "what was in the folder")
    equal(0o777, data.stat().st_mode & 0o777, "who may enter")
    (data / "agent.d/evil.toml").unlink()
    (data / "state").symlink_to(elsewhere)
    refused(r"Latchkey\state is a link to another place")
    equal({"state", "state/theirs"}, entries(elsewhere), "what a link led to")
    (data / "state").unlink()

    # Nothing of anybody's is left in it: it is closed, and ours.
    install(given, "ROLE=lab")
    running(given)
    check(data.stat().st_mode & 0o002 == 0, f"who may change things: {data.stat().st_mode:o}")


@story
def removing_state_follows_no_link_and_says_what_stays(given):
    remove_all(given)
    install(given)
    running(given)
    data = given.wine.file(DATA)
    holder = subprocess.Popen([pathlib.Path(__file__).resolve().parent.parent / "wine.sh", "cmd", "/c",
                               r"pause > C:\ProgramData\Latchkey\held.txt"],
                              env=given.wine.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually_there(lambda: (data / "held.txt").exists(), "a program holds a file")
        log = given.folder / "held.log"
        done = given.wine.msiexec("/x", windows_path(given.package), "REMOVE_STATE=1", log=log)
        equal(INSTALL_FAILURE, done.code, "exit of msiexec while something stays")
        check(r"cannot remove C:\ProgramData\Latchkey" in done.text, f"it does not say what stays: {[line for line in done.text.splitlines() if 'Latchkey: ' in line]}")
    finally:
        holder.stdin.close()
        holder.wait()
    equal(SUCCESS, given.wine.msiexec("/x", windows_path(given.package), "REMOVE_STATE=1").code, "exit of msiexec")
    check(not data.exists(), "the data folder is still there")

    # Wine cannot remove a link to a folder with something in it. Windows can: J-link of verify-on-windows.ps1.
    install(given)
    elsewhere = given.folder / "linked to"
    elsewhere.mkdir()
    (elsewhere / "theirs").write_text("theirs")
    (data / "state/link").symlink_to(elsewhere)
    log = given.folder / "link.log"
    done = given.wine.msiexec("/x", windows_path(given.package), "REMOVE_STATE=1", log=log)
    equal(INSTALL_FAILURE, done.code, "exit of msiexec while a link stays")
    check(r"state\link" in done.text, "it does not say that the link stays")
    equal({"theirs"}, entries(elsewhere), "what a link led to")
    (data / "state/link").unlink()


@story
def an_older_windows_is_refused(given):
    remove_all(given)
    key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
    build = re.search(r"CurrentBuild\s+REG_SZ\s+(\d+)", given.wine.run("reg", "query", key, "/v", "CurrentBuild").text)[1]
    given.wine.run("reg", "add", key, "/v", "CurrentBuild", "/d", "17763", "/f")
    try:
        install(given, code=INSTALL_FAILURE)
        given.wine.check_installed(False)
    finally:
        given.wine.run("reg", "add", key, "/v", "CurrentBuild", "/d", build, "/f")
    install(given)


@story
def a_failed_upgrade_leaves_the_former_settings(given):
    remove_all(given)
    install(given, "ROLE=lab")
    running(given)
    before = given.wine.file(SETTINGS).read_text()
    # A folder where a file belongs: the last step fails, when all others are done.
    given.wine.file(f"{DATA}/keyserver-ca.pem").mkdir()
    install(given, *properties(given, roll_out(given)), package=given.newer, code=INSTALL_FAILURE)
    equal(before, given.wine.file(SETTINGS).read_text(), "the former settings")
    check(not given.wine.file(f"{DATA}/inbox/editor.key").exists(), "the key of a failed upgrade is there")
    check(not list(given.wine.file(DATA).rglob("*.before")) and not list(given.wine.file(DATA).rglob("*.none")), "traces are left")
    check(given.wine.service_state() != "", "the former service is gone")


@story
def repair_brings_back_what_was_deleted(given):
    remove_all(given)
    install(given, "ROLE=lab")
    running(given)
    given.wine.file(f"{PROGRAMS}/latchkey.exe").unlink()
    shutil.rmtree(given.wine.file(f"{DATA}/products.d"))
    refused = install(given, "REINSTALL=ALL", "REINSTALLMODE=amus", "KEYSERVER_URL=https://evil.example.org", code=INSTALL_FAILURE)
    check("KEYSERVER_URL is not taken when the package is installed already" in refused, "a repair takes settings")
    check("evil" not in given.wine.file(SETTINGS).read_text(), "a repair changed the settings")
    # What /fa means, in words that Wine knows.
    install(given, "REINSTALL=ALL", "REINSTALLMODE=amus")
    given.wine.check_installed(True)
    check(given.wine.file(f"{DATA}/products.d").is_dir(), "the folder of manifests is not back")
    check('role = "lab"' in given.wine.file(SETTINGS).read_text(), "the settings are gone")
    running(given)


@story
def repair_sets_the_service_back_and_leaves_a_disabled_one_alone(given):
    remove_all(given)
    install(given, "ROLE=lab")
    running(given)
    right = registered(given)
    changed_by_hand(given, Start=3, ImagePath="C:\\elsewhere.exe", ObjectName="LocalSystem")
    check(registered(given) != right, "nothing was changed")
    install(given, "REINSTALL=ALL", "REINSTALLMODE=amus")
    equal(right, registered(given), "the service after a repair")
    running(given)
    changed_by_hand(given, Start=4)
    equal("STOPPED", given.wine.service_state(), "a disabled service")
    # An upgrade does the same on Windows. Wine does not tell the former version that it is being replaced, so that one takes its service away.
    install(given, "REINSTALL=ALL", "REINSTALLMODE=amus")
    equal({**right, "Start": "0x4"}, registered(given), "a service that an administrator disabled")
    equal("STOPPED", given.wine.service_state(), "and which is not started")
    started = [row for row in table(given.package, "InstallExecuteSequence") if row["Action"] == "StartServices"]
    equal(["NOT LatchkeyDisabled"], [row["Condition"] for row in started], "when it is started")
    remove_all(given)


def registered(given) -> dict:
    """Start, ImagePath and ObjectName, as the service manager keeps them."""
    said = given.wine.run("reg", "query", SERVICE_KEY).text
    return dict(re.findall(r"^ *(Start|ImagePath|ObjectName) +REG_\w+ +(.*?) *$", said, re.MULTILINE))


def changed_by_hand(given, **values) -> None:
    """The manager reads them when it starts."""
    for name, value in values.items():
        kind = "REG_DWORD" if isinstance(value, int) else "REG_SZ"
        equal(0, given.wine.run("reg", "add", SERVICE_KEY, "/v", name, "/t", kind, "/d", value, "/f").code, f"reg add {name}")
    given.wine.stop()
    given.wine.start()


@story
def what_cannot_be_meant_is_refused_before_anything_is_changed(given):
    remove_all(given)
    folder = roll_out(given)
    half = folder / "half.pem"
    half.write_text((folder / "ca.pem").read_text()[:200])
    for name, value, said in (
            ("KEYSERVER_URL", "http://keys.example.org", "KEYSERVER_URL must be https://HOST"),
            ("KEYSERVER_URL", "https://keys.example.org/v1", "KEYSERVER_URL must be https://HOST"),
            ("PROXY", "http://me:word@proxy:3128", "PROXY must be"),
            ("KEYSERVER_URL", "https://" + LONG, "KEYSERVER_URL has 10008 bytes"),
            ("ORGANIZATION", LONG, "ORGANIZATION has 10000 bytes"),
            ("LOCATION", "Haus\nA", "LOCATION holds a line break"),
            ("PRODUCT", r"..\..\evil", "PRODUCT is no product id"),
            ("PRODUCT", "[KEY_FILE]", "PRODUCT is no product id"),
            ("ROLE", "Lab", "ROLE is none of"),
            ("WHEN_COUNTED", "yes", "WHEN_COUNTED is none of"),
            ("COUNTRY", "Schweiz", "COUNTRY must be two capital letters"),
            ("CA_FILE", windows_path(folder / "missing.pem"), "missing.pem does not exist"),
            ("CA_FILE", windows_path(folder / "editor.jws"), "CA_FILE holds no certificate in PEM form"),
            ("CA_FILE", windows_path(half), "CA_FILE breaks off"),
            ("MANIFEST_FILE", windows_path(folder / "ca.pem"), "MANIFEST_FILE holds no manifest"),
            ("PRODUCT", "viewer", "MANIFEST_FILE is not the manifest of the PRODUCT"),
            ("KEY_FILE", windows_path(folder / "ca.pem"), "KEY_FILE holds no product key in its first line"),
            ("KEY_FILE", "", "WHEN_COUNTED says nothing without a KEY_FILE"),
            ("KEY_FILE", given.server.key, "KEY_FILE holds a product key"),
            ("KEY_FILE", windows_path(folder / "missing.key"), "KEY_FILE names no file"),
            ("PRODUCT_KEY", given.server.key, "PRODUCT_KEY is not taken"),
            ("KEY", given.server.key, "KEY is not taken"),
            ("REMOVE_STATE", "yes", "REMOVE_STATE is neither 0 nor 1")):
        log = install(given, *properties(given, folder, **{name: value}), code=INSTALL_FAILURE)
        check(said in log, f"{name}: the log does not say '{said}': "
                           f"{[line for line in log.splitlines() if 'Latchkey: ' in line]}")
        given.wine.check_installed(False)
        check(not given.wine.file(DATA).exists(), f"{name}: the data folder was made")


@story
def odd_words_arrive_as_they_are(given):
    remove_all(given)
    folder = roll_out(given, "Ausrollen für 東京")
    # Without quotes: Wine's msiexec drops them all. The unit tests have them, and verify-on-windows.ps1.
    place = "Zürich; Haus [ROLE] {x} 100%PATH% \\ 東京"
    install(given, *properties(given, folder, LOCATION=place, COUNTRY="CH", ROLE="lab"))
    running(given)
    shown = json.loads(given.wine.program("latchkey", "config", "show", "--json").text)
    settings = {one["name"]: one["value"] for one in shown["settings"]}
    equal(place, settings["organization.location"], "the location")
    equal("CH", settings["organization.country"], "the country")
    equal("lab", settings["agent.role"], "the role")


@story
def files_beside_the_package_need_no_folder(given):
    remove_all(given)
    folder = roll_out(given, "beside")
    package = pathlib.Path(shutil.copy(given.package, folder))
    install(given, *properties(given, folder, CA_FILE="ca.pem", MANIFEST_FILE="editor.jws", KEY_FILE="editor.key"), package=package)
    running(given)
    eventually_there(lambda: is_licensed(given), f"licensed; {product(given)}")


@story
def settings_that_an_administrator_took_over_stay(given):
    remove_all(given)
    install(given, "ROLE=lab")
    running(given)  # one that is replaced while it starts may still have its file open: 3010
    given.wine.file(SETTINGS).write_text('[agent]\nrole = "workstation"\n')
    install(given, "ROLE=lab", package=given.newer)
    equal('[agent]\nrole = "workstation"\n', given.wine.file(SETTINGS).read_text(), "the administrator's file")


@story
def somebody_who_sits_on_the_pipe_is_not_taken_for_the_agent(given):
    remove_all(given)
    output = given.folder / "squatter.output"
    with given.wine.running(given.wine.helpers / "latchkey-pipe-squatter.exe", output):
        eventually_there(lambda: "sitting" in output.read_text(), "somebody sits on the pipe")
        # The agent does not share its pipe, says so and ends: the installation fails, or its service does not stay.
        given.wine.msiexec("/i", windows_path(given.package))
        eventually_there(lambda: given.wine.service_state() in ("", "STOPPED"), "the agent ends")
        shown = given.wine.program("latchkey", "status", "--json")
        check(shown.code != 0 and '"products"' not in shown.text, f"exit {shown.code}: {shown.text}")
    install(given)
    if given.wine.service_state() != "RUNNING":
        equal(0, given.wine.run("net", "start", "Latchkey").code, "net start")
    running(given)


@story
def the_program_finds_its_way_through_path(given):
    remove_all(given)
    install(given)
    said = given.wine.run("cmd", "/c", "latchkey version")
    equal(0, said.code, f"exit of latchkey, found by PATH: {said.text}")


@story
def what_it_costs_is_shown(given):
    """Figures are told, never judged: the machine is anybody's."""
    if not status(given):
        remove_all(given)
        install(given)
    running(given)
    given.wine.run("net", "stop", "Latchkey")
    began = time.monotonic()
    equal(0, given.wine.run("sc", "start", "Latchkey").code, "sc start")
    eventually_there(lambda: given.wine.service_state() == "RUNNING", "the service runs")
    ready = time.monotonic() - began
    running(given)
    said = given.wine.run(given.wine.helpers / "latchkey-pipe-figures.exe")
    equal(0, said.code, f"exit of the figures: {said.text}")
    size = given.package.stat().st_size
    print(f"figures: package {size} bytes; sc start to RUNNING seen by sc query {ready:.2f} s; over the pipe: {said.text.strip()}", flush=True)


@story
def signed_it_says_by_whom_and_installs(given):
    remove_all(given)
    folder = given.folder / "signed"
    folder.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "30", "-subj", "/CN=Latchkey test signing", "-addext",
                    "extendedKeyUsage=codeSigning", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", folder / "key.pem", "-out",
                    folder / "certificate.pem"], check=True, stderr=subprocess.DEVNULL)
    programs = folder / "programs"
    subprocess.run(["msiextract", "-C", folder, given.package], check=True, stdout=subprocess.DEVNULL)
    programs.mkdir()
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix in (".exe", ".txt"):
            shutil.copy(file, programs)
    actions = subprocess.run(["msiinfo", "extract", given.package, "Binary.Setup"], check=True, stdout=subprocess.PIPE).stdout
    (programs / "latchkey-setup.dll").write_bytes(actions)
    package = folder / "latchkey.msi"
    here = pathlib.Path(__file__).resolve().parent
    version = given.package.name.split("_")[1]
    subprocess.run([here.parent / "msi/build.sh", programs, version, package], check=True,
                   env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "LATCHKEY_SIGN_CERT": str(folder / "certificate.pem"),
                        "LATCHKEY_SIGN_KEY": str(folder / "key.pem")})
    for file in (package, *extracted(package, folder / "again")):
        said = subprocess.run(["osslsigncode", "verify", "-CAfile", folder / "certificate.pem", "-in", file], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(said.returncode == 0 and "Latchkey test signing" in said.stdout, f"{file.name}:\n{said.stdout}")
    install(given, package=package)
    running(given)
    given.wine.msiexec("/x", windows_path(package), "REMOVE_STATE=1")


def extracted(package: pathlib.Path, folder: pathlib.Path) -> list:
    subprocess.run(["msiextract", "-C", folder, package], check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.rglob("*.exe"))
