"""The key server's deb under a running systemd."""

import re

from machine import Machine, check, equal
from story import story, version

DATA = "/var/lib/latchkey-keyserver"
MOST_EXPOSURE = 1.5  # of systemd-analyze security


@story
def the_key_server_waits_until_it_is_configured(packages):
    with Machine(packages) as m:
        m.install_deb("latchkey-keyserver", version(packages))
        equal("inactive", m.unit("latchkey-keyserver", "ActiveState"), "the service after installing")
        equal("disabled", m.unit("latchkey-keyserver", "UnitFileState"), "the service after installing")
        check(not m.exists(f"{DATA}/root.key"), "a publisher was begun without a name")
        m.write("/etc/latchkey-keyserver/environment", 'LATCHKEY_KEYSERVER_OPTIONS="--publisher example.org"\n')
        m.run("systemctl enable --now latchkey-keyserver")
        m.run(f"curl --silent --fail --cacert {DATA}/ca.pem https://127.0.0.1:8443/healthz")
        equal("700 latchkey-keyserver", m.run(f"stat -c '%a %U' {DATA}").strip(), "its directory")
        exposure = re.search(r"for latchkey-keyserver.service: ([0-9.]+)", m.run("systemd-analyze security latchkey-keyserver --no-pager"))
        check(float(exposure[1]) <= MOST_EXPOSURE, f"exposure {exposure[1]}, at most {MOST_EXPOSURE}")


@story
def an_upgrade_restarts_the_key_server_and_a_purge_keeps_its_root_key(packages):
    with Machine(packages) as m:
        m.serve_keys(version(packages))
        started = m.unit("latchkey-keyserver", "ExecMainStartTimestampMonotonic")
        m.install_deb("latchkey-keyserver", version(packages))
        equal("active", m.unit("latchkey-keyserver", "ActiveState"), "the service after an upgrade")
        check(m.unit("latchkey-keyserver", "ExecMainStartTimestampMonotonic") != started, "not restarted")
        equal("editor", m.admin("product list")["products"][0]["id"], "its records")
        told = m.run("dpkg -P latchkey-keyserver")
        check(m.exists(f"{DATA}/root.key") and DATA in told, f"the root key is gone, or nothing was said:\n{told}")


@story
def purging_asks_whether_the_root_key_goes_too(packages):
    with Machine(packages) as m:
        m.serve_keys(version(packages))
        # Somebody at a terminal, who says yes.
        told = m.run("echo yes | script --quiet --return --command 'dpkg -P latchkey-keyserver' /dev/null", DEBIAN_FRONTEND="teletype")
        check("Remove the publisher's keys and records, too?" in told, f"nothing was asked:\n{told}")
        check(not m.exists(DATA), f"{DATA} stayed:\n{told}")


@story
def a_wrong_option_does_not_start_a_storm(packages):
    with Machine(packages) as m:
        m.install_deb("latchkey-keyserver", version(packages))
        m.write("/etc/latchkey-keyserver/environment", 'LATCHKEY_KEYSERVER_OPTIONS="--publsher x"\n')
        m.try_run("systemctl start latchkey-keyserver")
        equal("64", m.unit("latchkey-keyserver", "ExecMainStatus"), "how it ended")
        equal("0", m.unit("latchkey-keyserver", "NRestarts"), "restarts, which would not mend it")


@story
def a_version_that_is_too_old_for_the_records_refuses_them_and_loses_nothing(packages):
    with Machine(packages) as m:
        m.serve_keys(version(packages))
        m.run("systemctl stop latchkey-keyserver")
        version_of = f"runuser -u latchkey-keyserver -- sqlite3 {DATA}/latchkey.db"
        known = m.run(f"{version_of} 'PRAGMA user_version'").strip()
        m.run(f"{version_of} 'PRAGMA user_version=99'")
        before = m.run(f"sha256sum {DATA}/latchkey.db")
        m.try_run("systemctl start latchkey-keyserver")
        equal("78", m.unit("latchkey-keyserver", "ExecMainStatus"), "how it ended")
        equal("0", m.unit("latchkey-keyserver", "NRestarts"), "restarts, which would not mend it")
        said = m.run("journalctl -u latchkey-keyserver --no-pager -o cat -n 20")
        for words in (f"{DATA}/latchkey.db", "schema version 99", "state_newer", "Install the newer version again; nothing was changed."):
            check(words in said, f"the journal does not say {words!r}:\n{said}")
        equal(before, m.run(f"sha256sum {DATA}/latchkey.db"), "the records")
        m.run(f"{version_of} 'PRAGMA user_version={known}' && systemctl start latchkey-keyserver")
        equal("editor", m.admin("product list")["products"][0]["id"], "the records, the newer version being back")
