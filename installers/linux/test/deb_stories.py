"""The agent's deb under a running systemd: installed, preseeded, upgraded, removed, purged."""

import machine
from machine import Machine, check, equal
from story import story, version

SETTINGS = "/etc/latchkey/agent.d/50-debconf.toml"


def preseed(m: Machine, **answers) -> None:
    kinds = {"role": "select", "when_counted": "select"}
    lines = "\n".join(f"latchkey-agent latchkey-agent/{name.replace('_', '-')} {kinds.get(name, 'string')} {value}"
                      for name, value in answers.items())
    m.run(f"debconf-set-selections <<'LINES'\n{lines}\nLINES")


def drop_key(m: Machine, key: str) -> None:
    """What somebody does who has no package manager's questions: a file of settings and a key in the inbox."""
    m.write("/etc/latchkey/agent.d/50-site.toml", '[keyserver]\nca_file = "/etc/latchkey/keyserver-ca.pem"\n\n'
            '[[activate]]\nproduct = "editor"\nkey_file = "editor.key"\nconsume = true\n')
    m.run("mkdir -p -m 0700 /var/lib/latchkey/inbox")
    m.write("/var/lib/latchkey/inbox/editor.key", key + "\n", "0600")


@story
def a_plain_installation_asks_nothing_and_runs(packages):
    with Machine(packages) as m:
        m.install_deb("latchkey-agent", version(packages))
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service")
        equal("enabled", m.unit("latchkeyd", "UnitFileState"), "the service")
        equal("0", m.unit("latchkeyd", "NRestarts"), "restarts")
        equal("latchkey", m.unit("latchkeyd", "User"), "its user")
        equal(version(packages), m.status()["agent"]["version"], "the agent's version")
        check(not m.exists(SETTINGS), f"nothing was answered, and there is a {SETTINGS}")
        told = m.run("latchkey-service status")
        check("installed   yes" in told and "answers     yes" in told, told)
        groups = m.run("sed -n 's/^Groups://p' /proc/$(systemctl show -P MainPID latchkeyd)/status").split()
        check(m.run("getent group tss").split(":")[2] in groups, f"the running agent may not use a TPM: groups {groups}")
        for page in ("latchkey", "latchkeyd", "latchkey-service", "agent.toml"):
            m.run(f"man -w {page}")
        planned = m.run("latchkey-service install --dry-run --json --bindir /usr/bin 2>/dev/null | python3 -c \"import json, sys; print(next("
                        "s['content'] for s in json.load(sys.stdin)['steps'] if s['target'].endswith('latchkeyd.service')), end='')\"")
        equal(planned, m.run("cat /lib/systemd/system/latchkeyd.service"), "the unit, one source")


@story
def a_preseeded_machine_activates_by_itself(packages):
    with Machine(packages) as m:
        key = m.serve_keys(version(packages))
        m.write("/root/editor.key", key + "\n", "0600")
        preseed(m, ca_file="/etc/latchkey/keyserver-ca.pem", organization="contoso", location='Haus "A"', country="CH",
                product="editor", key_file="/root/editor.key", when_counted="hold")
        m.install_deb("latchkey-agent", version(packages))
        product = m.until_licensed()
        equal(key[-5:], product["key_last5"], "the key")
        receipts = m.receipts()
        equal(1, len(receipts), "receipts at the key server")
        equal("", m.run("ls /var/lib/latchkey/inbox"), "the inbox after the key was taken")
        equal("", m.try_run(f"grep -rlF {key} /var/cache/debconf /etc /var/lib/dpkg").stdout, "files that show the key")
        settings = m.run("latchkey config show")
        check('Haus "A"' in settings and "50-debconf.toml" in settings, f"the answers are not in force:\n{settings}")
        check(m.exists("/root/editor.key"), "the administrator's own file is gone")

        m.run("latchkey deactivate --product editor && systemctl stop latchkeyd")
        m.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", "0755")  # or the agent would take the key before it is seen
        m.install_deb("latchkey-agent", version(packages))
        equal("", m.run("ls /var/lib/latchkey/inbox"), "the inbox after an upgrade, the license having been ended")


@story
def a_dropped_key_file_activates_by_itself(packages):
    with Machine(packages) as m:
        drop_key(m, m.serve_keys(version(packages)))
        m.install_deb("latchkey-agent", version(packages))
        m.until_licensed()
        equal("", m.run("ls /var/lib/latchkey/inbox"), "the inbox after the key was taken")
        equal("", m.run("find /var/lib/latchkey /var/lib/latchkey-anchor ! -user latchkey"), "what is not the agent's own")


@story
def upgrades_and_downgrades_keep_the_license(packages):
    older, newer = packages / "older", packages / "newer"
    with Machine(packages) as m:
        drop_key(m, m.serve_keys(version(packages)))
        m.install_deb("older/latchkey-agent", version(older))
        license_before = m.until_licensed()["license"]
        m.run("printf '\\n# by hand\\n' >> /etc/latchkey/agent.toml")
        for way, name, to in (("upgrade", "latchkey-agent", packages), ("upgrade", "newer/latchkey-agent", newer),
                              ("downgrade", "older/latchkey-agent", older)):
            started = m.unit("latchkeyd", "ExecMainStartTimestampMonotonic")
            m.install_deb(name, version(to))
            machine.eventually(lambda: m.status().get("agent", {}).get("version") == version(to), f"{way}: {version(to)} answers")
            check(m.unit("latchkeyd", "ExecMainStartTimestampMonotonic") != started, f"{way}: not restarted")
            equal("licensed", m.product()["state"], f"{way}: the product")
            equal(license_before["issued_at"], m.product()["license"]["issued_at"], f"{way}: the license")
        equal(1, len(m.receipts()), "receipts at the key server")
        check("# by hand" in m.run("cat /etc/latchkey/agent.toml"), "the administrator's configuration was overwritten")
        equal("0", m.unit("latchkeyd", "NRestarts"), "restarts after a failure")


def schema_version(m: Machine, to: int) -> int:
    """As if a version had worked on the state that this one does not know. The number before."""
    was = m.run("sqlite3 /var/lib/latchkey/state.db 'PRAGMA user_version'")
    m.run(f"runuser -u latchkey -- sqlite3 /var/lib/latchkey/state.db 'PRAGMA user_version={to}'")
    return int(was)


@story
def a_version_that_is_too_old_for_the_state_refuses_it_and_loses_nothing(packages):
    older = packages / "older"
    with Machine(packages) as m:
        drop_key(m, m.serve_keys(version(packages)))
        m.install_deb("latchkey-agent", version(packages))
        before = m.until_licensed()["license"]["issued_at"]
        m.run("systemctl stop latchkeyd")
        known = schema_version(m, 99)
        content = "find /var/lib/latchkey /var/lib/latchkey-anchor -type f ! -name lock | sort | xargs sha256sum"
        files = m.run(content)
        m.install_deb("older/latchkey-agent", version(older))
        machine.eventually(lambda: m.unit("latchkeyd", "ActiveState") == "failed", "refused")
        equal("78", m.unit("latchkeyd", "ExecMainStatus"), "how the agent ended")
        equal("0", m.unit("latchkeyd", "NRestarts"), "restarts, which would not mend it")
        said = m.run("journalctl -u latchkeyd --no-pager -o cat -n 20")
        for words in ("/var/lib/latchkey/state.db", "schema version 99", "state_newer", "Install the newer version again; nothing was changed."):
            check(words in said, f"the journal does not say {words!r}:\n{said}")
        equal(files, m.run(content), "state and second copy")
        schema_version(m, known)
        m.install_deb("latchkey-agent", version(packages))
        equal(before, m.until_licensed()["license"]["issued_at"], "the license, the newer version being back")
        equal(1, len(m.receipts()), "receipts at the key server")


@story
def removing_keeps_the_license_and_purging_leaves_nothing(packages):
    with Machine(packages) as m:
        drop_key(m, m.serve_keys(version(packages)))
        m.install_deb("latchkey-agent", version(packages))
        before = m.until_licensed()["license"]["issued_at"]
        m.run("dpkg -r latchkey-agent")
        check(not m.exists("/usr/bin/latchkeyd"), "the program stayed")
        equal("", m.run("pgrep -x latchkeyd || true"), "processes")
        check(m.exists("/var/lib/latchkey/state.db"), "removing took the state along")
        m.install_deb("latchkey-agent", version(packages))
        equal(before, m.until_licensed()["license"]["issued_at"], "the license after removing and installing again")
        equal(1, len(m.receipts()), "receipts at the key server")

        # A product's package brings its manifest along: that file is not ours to purge.
        m.write("/tmp/product/DEBIAN/control", "Package: some-product\nVersion: 1\nArchitecture: all\n"
                "Maintainer: x <x@example.invalid>\nDescription: x\n")
        m.write("/tmp/product/etc/latchkey/products.d/other.jws", "x")
        m.run("dpkg-deb -b /tmp/product /tmp/product.deb && dpkg -i /tmp/product.deb")
        m.run("echo latchkey-keyserver latchkey-keyserver/purge-data boolean true | debconf-set-selections")
        m.run("dpkg -P latchkey-agent latchkey-keyserver")
        equal("/etc/latchkey/products.d/other.jws", m.run("find /etc/latchkey -type f").strip(), "what another package owns")
        m.run("dpkg -P some-product")
        left = m.run("find /etc /usr /var /run /opt /srv /root -xdev -iname '*latchkey*' ! -path '/root/.*' ! -name latchkey-test").strip()
        equal("", left, "files left after the purge")
        equal("", m.try_run("grep -i latchkey /var/cache/debconf/*.dat /var/lib/dpkg/status").stdout, "records left after the purge")


@story
def a_policy_that_forbids_starts_is_kept(packages):
    with Machine(packages) as m:
        m.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", "0755")
        m.install_deb("latchkey-agent", version(packages))
        equal("inactive", m.unit("latchkeyd", "ActiveState"), "the service under policy-rc.d")
        equal("enabled", m.unit("latchkeyd", "UnitFileState"), "the service at the next boot")


@story
def reconfiguring_keeps_what_an_administrator_wrote(packages):
    with Machine(packages) as m:
        preseed(m, keyserver_url="https://keys.example.org:8443", role="lab")
        m.install_deb("latchkey-agent", version(packages))
        equal("lab", m.status()["agent"]["role"], "the role")
        m.write(SETTINGS, '[agent]\nrole = "workstation"\n')
        told = m.run("dpkg-reconfigure latchkey-agent")
        equal('[agent]\nrole = "workstation"\n', m.run(f"cat {SETTINGS}"), "a file that was taken over")
        check("left alone" in told, f"that it was is not told:\n{told}")
        m.run(f"rm {SETTINGS} && dpkg-reconfigure latchkey-agent")
        machine.eventually(lambda: m.status().get("agent", {}).get("role") == "lab", "the answers in force again")


@story
def a_wrong_answer_is_told_and_does_not_break_the_installation(packages):
    with Machine(packages) as m:
        preseed(m, keyserver_url="http://not-https.example.org")
        told = m.install_deb("latchkey-agent", version(packages))
        check("50-debconf.toml" in told and "url" in told, f"the mistake is not told:\n{told}")
        equal("78", m.unit("latchkeyd", "ExecMainStatus"), "how the agent ended")
        equal("0", m.unit("latchkeyd", "NRestarts"), "restarts, which would not mend it")
        preseed(m, keyserver_url="https://keys.example.org")
        m.run("dpkg-reconfigure latchkey-agent")
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service, mended")


@story
def what_a_package_installed_the_service_tool_leaves_alone(packages):
    with Machine(packages) as m:
        m.install_deb("latchkey-agent", version(packages))
        machine.eventually(lambda: m.exists("/var/lib/latchkey/state.db"), "a state")
        for words in ("install", "uninstall", "uninstall --remove-state"):
            refused = m.try_run(f"latchkey-service {words}")
            equal(77, refused.returncode, words)
            check("apt remove latchkey-agent" in refused.stdout and "/systemd/system/latchkeyd.service" in refused.stdout, refused.stdout)
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service")
        equal("enabled", m.unit("latchkeyd", "UnitFileState"), "the service at the next boot")
        check(m.exists("/var/lib/latchkey/state.db"), "the state is gone")
        check(not m.exists("/etc/systemd/system/latchkeyd.service"), "the package's unit is hidden")
        # As a version before this one may have left it.
        m.run("cp /lib/systemd/system/latchkeyd.service /etc/systemd/system/ && systemctl daemon-reload")
        hidden = m.try_run("latchkey-service uninstall")
        check(hidden.returncode == 77 and "rm /etc/systemd/system/latchkeyd.service" in hidden.stdout, hidden.stdout)


@story
def without_a_package_the_state_goes_only_once_the_service_has_stopped(packages):
    with Machine(packages) as m:
        m.run(f"dpkg-deb -x /shared/latchkey-agent_{version(packages)}_amd64.deb /root/agent")
        tool = "/root/agent/usr/bin/latchkey-service"
        m.run(f"{tool} install --bindir /usr/local/bin")
        machine.eventually(lambda: m.exists("/var/lib/latchkey/state.db"), "a state")
        m.write("/etc/systemd/system/latchkeyd.service.d/stay.conf", "[Unit]\nRefuseManualStop=yes\n")
        m.run("systemctl daemon-reload")
        failed = m.try_run(f"{tool} uninstall --bindir /usr/local/bin --remove-state")
        check(failed.returncode != 0 and "step 1 of " in failed.stdout and "stop" in failed.stdout, failed.stdout)
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service that does not stop")
        check(m.exists("/var/lib/latchkey/state.db"), "the state of a running agent is gone")
        m.run("rm -r /etc/systemd/system/latchkeyd.service.d && systemctl daemon-reload")
        m.run(f"{tool} uninstall --bindir /usr/local/bin --remove-state")
        for gone in ("/var/lib/latchkey", "/var/lib/latchkey-anchor", "/etc/systemd/system/latchkeyd.service", "/usr/local/bin/latchkeyd"):
            check(not m.exists(gone), f"{gone} stayed")
        check(m.try_run("id latchkey").returncode != 0, "the user stayed")


@story
def what_the_service_cannot_read_is_found_though_root_can(packages):
    with Machine(packages) as m:
        key = m.serve_keys(version(packages))
        m.install_deb("latchkey-agent", version(packages))
        machine.eventually(m.status, "answers")

        def checked() -> tuple:
            done = m.try_run("latchkeyd check-config")
            return done.returncode, done.stdout

        equal((0, "/etc/latchkey/agent.toml is fine (read as the user latchkey).\n"), checked(), "a sound configuration")
        m.write("/etc/latchkey/agent.d/60.toml", '[keyserver]\nca_file = "/etc/latchkey/keyserver-ca.pem"\n', "0600")
        code, told = checked()
        check(code == 78 and "60.toml" in told and "Permission denied" in told and "the user latchkey" in told, f"{code} {told}")
        m.run("chmod 644 /etc/latchkey/agent.d/60.toml && latchkey reload")
        equal(0, checked()[0], "readable again")
        m.run("chmod 600 /etc/latchkey/keyserver-ca.pem")  # its content and time stay
        code, told = checked()
        check(code == 78 and "keyserver-ca.pem" in told and "Permission denied" in told, f"{code} {told}")
        check("keyserver-ca.pem" in m.run("latchkey doctor || true"), "doctor does not see it")
        m.run("chmod 644 /etc/latchkey/keyserver-ca.pem && latchkey doctor >/dev/null || true; chmod 600 /etc/latchkey/keyserver-ca.pem")
        check("keyserver-ca.pem" in m.run("latchkey reload"), "a reload does not warn of it")
        m.run("chmod 644 /etc/latchkey/keyserver-ca.pem")

        # Readable for everybody, and the service's sandbox has nothing there.
        m.run("install -D -m 644 /etc/latchkey/keyserver-ca.pem /srv/ca.pem")
        m.write("/etc/latchkey/agent.d/60.toml", '[keyserver]\nca_file = "/srv/ca.pem"\n')
        unseen = "The service does not see /srv, whoever owns what lies there"
        code, told = checked()
        check(code == 0 and "60.toml:2: keyserver.ca_file: /srv/ca.pem: " + unseen in told, f"{code} {told}")
        m.run("latchkey reload")
        check(unseen in m.run("latchkey status --json"), "the remedy of a CA file in a folder that the service does not see")
        m.write("/etc/latchkey/agent.d/60.toml", '[keyserver]\nca_file = "/etc/latchkey/keyserver-ca.pem"\n')

        m.write("/etc/latchkey/agent.d/70.toml", '[[activate]]\nproduct = "editor"\nkey_file = "/srv/editor.key"\n')
        m.write("/srv/editor.key", key + "\n", "0600")
        m.run("chown latchkey: /srv/editor.key && latchkey reload")
        machine.eventually(lambda: unseen in m.run("latchkey status --json"), "the remedy of a key file in such a folder")

        m.write("/etc/latchkey/agent.d/70.toml", '[[activate]]\nproduct = "editor"\nkey_file = "editor.key"\n')
        m.write("/var/lib/latchkey/inbox/editor.key", key + "\n", "0600")
        m.run("latchkey reload")
        command = "install -o latchkey -g latchkey -m 600 FILE /var/lib/latchkey/inbox/editor.key"
        machine.eventually(lambda: command in m.run("latchkey status --json"), "the remedy of a key file that is root's")
        m.run("chown latchkey: /var/lib/latchkey/inbox/editor.key && latchkey reload")
        m.until_licensed()
