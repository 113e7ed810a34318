"""The doctor on an installed agent, and the examples for those who watch machines."""

import json
import pathlib
import re

from deb_stories import drop_key
from machine import Machine, check, equal, eventually
from story import story, version

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "monitoring"
COLLECTED = "/var/lib/prometheus/node-exporter/latchkey.prom"


def licensed(m: Machine, packages) -> None:
    drop_key(m, m.serve_keys(version(packages)))
    m.install_deb("latchkey-agent", version(packages))
    m.until_licensed()


def put(m: Machine, name: str, to: str) -> None:
    m.write(to, (EXAMPLES / name).read_text(encoding="utf-8"))


def examined(m: Machine, code: int) -> list:
    """(finding, what, text) of each line, and the last line; the document says the same."""
    done = m.try_run("latchkey doctor", COLUMNS="1000")
    equal(code, done.returncode, f"exit code of the doctor, who says\n{done.stdout}")
    *table, summary = [line for line in done.stdout.splitlines() if line and not line.lstrip().startswith("remedy:")]
    lines = [(line[:9].strip(), line[9:27].strip(), line[27:]) for line in table]
    document = json.loads(m.try_run("latchkey doctor --json").stdout)
    equal([(finding, what) for finding, what, _ in lines], [(item["finding"], item["id"].replace("_", " ")) for item in document["items"]],
          "the lines and the document")
    for finding, what, _ in lines:
        remedies = [item["remedy"] for item in document["items"] if item["id"].replace("_", " ") == what]
        check(finding != "failed" or all(remedies), f"{what} failed, and nothing says what to do")
    return [*lines, ("", "", summary)]


def finding(lines: list, what: str) -> str:
    return next((line[0] for line in lines if line[1] == what), "not said")


@story
def the_doctor_finds_an_activated_machine_well(packages):
    with Machine(packages) as m:
        licensed(m, packages)
        lines = examined(m, 0)
        for what in ("configuration", "products", "state", "clock", "permissions", "disk space", "key server", "dns", "route", "tls", "answer",
                     "clock difference"):
            equal("ok", finding(lines, what), what)
        said = {what: text for _, what, text in lines}
        equal("/etc/latchkey/agent.toml is in force", said["configuration"], "configuration")
        equal("1 product: editor", said["products"], "products")
        equal("state, second copy, inbox: in place, and nobody else may write", said["permissions"], "permissions")
        equal("note", finding(lines, "tpm"), "no TPM is nothing to be warned of")
        equal([], [line for line in lines if line[0] in ("failed", "warning")], "what is not well")
        equal("Everything an activation needs is there.", said[""], "the last line")


@story
def the_doctor_names_what_is_broken_and_what_to_do(packages):
    with Machine(packages) as m:
        licensed(m, packages)
        m.run("chmod 0777 /var/lib/latchkey && chmod 0770 /var/lib/latchkey-anchor && systemctl stop latchkey-keyserver")
        lines = examined(m, 1)
        broken = [text for found, what, text in lines if (found, what) == ("failed", "permissions")]
        check(any(text.startswith("state: /var/lib/latchkey ") for text in broken), f"permissions of the state: {broken}")
        check(any(text.startswith("second copy: /var/lib/latchkey-anchor ") for text in broken), f"permissions of the second copy: {broken}")
        equal("ok", finding(lines, "dns"), "dns")
        equal("failed", finding(lines, "route"), "the way to the key server")
        for what in ("tls", "answer"):
            equal("skipped", finding(lines, what), what)
        equal("3 failed.", lines[-1][2], "the last line")
        m.run("systemctl restart latchkeyd")  # systemd puts the directories right
        m.run("systemctl start latchkey-keyserver")
        lines = eventually(lambda: m.status() and examined(m, 0), "well again")
        equal("ok", finding(lines, "permissions"), "permissions")
        m.run("systemctl stop latchkeyd")
        equal(69, m.try_run("latchkey doctor").returncode, "the doctor where no agent answers")


@story
def the_plugin_is_run_as_the_examples_have_it(packages):
    command = re.search(r"^command\[check_latchkey]=(.*)$", (EXAMPLES / "nrpe-latchkey.cfg").read_text(encoding="utf-8"), re.M)[1]
    with Machine(packages) as m:
        m.run("getent passwd nagios || useradd --system nagios")
        m.install_deb("latchkey-agent", version(packages))

        def plugin(code: int, level: str, more: str = "") -> None:
            done = m.try_run(f"runuser -u nagios -- {command}{more}")
            equal(code, done.returncode, f"exit code of the plugin, which says\n{done.stdout}")
            equal(1, len(done.stdout.splitlines()), "lines")
            check(done.stdout.startswith(f"LATCHKEY {level} - "), done.stdout)
        key = m.serve_keys(version(packages))
        m.run("latchkey reload")
        plugin(1, "WARNING")
        m.write("/root/editor.key", key + "\n", "0600")
        m.write("/etc/latchkey/agent.d/50-site.toml", '[keyserver]\nca_file = "/etc/latchkey/keyserver-ca.pem"\n')
        m.run("latchkey reload && latchkey activate --product editor --key-file /root/editor.key --accept-count")
        plugin(0, "OK")
        plugin(0, "OK", " --product editor")
        m.run("systemctl stop latchkeyd")
        plugin(3, "UNKNOWN")


@story
def icinga_takes_its_example(packages):
    with Machine(packages) as m:
        put(m, "icinga2-latchkey.conf", "/etc/icinga2/latchkey/latchkey.conf")
        m.write("/etc/icinga2/latchkey/host.conf", 'object Host "machine" {\n  check_command = "dummy"\n  vars.latchkey = true\n'
                '  vars.latchkey_products = [ "editor" ]\n}\n')
        m.write("/etc/icinga2/latchkey/main.conf", 'include <itl>\ninclude "latchkey.conf"\ninclude "host.conf"\n')
        told = m.run("icinga2 daemon --validate --config /etc/icinga2/latchkey/main.conf")
        check(re.search(r"Instantiated 2 Services", told), told)


@story
def node_exporter_shows_what_the_timer_writes(packages):
    with Machine(packages) as m:
        licensed(m, packages)
        for name in ("latchkey-textfile.service", "latchkey-textfile.timer"):
            put(m, name, f"/etc/systemd/system/{name}")
        equal("", m.run("systemd-analyze verify /etc/systemd/system/latchkey-textfile.*"), "what systemd has to say of the units")
        m.write("/etc/systemd/system/latchkey-textfile.timer.d/soon.conf", "[Timer]\nOnActiveSec=1s\nRandomizedDelaySec=0\nAccuracySec=100ms\n")
        m.run("systemctl daemon-reload && systemctl enable --now latchkey-textfile.timer")
        eventually(lambda: m.exists(COLLECTED), "written by the timer")
        equal("success", m.unit("latchkey-textfile.service", "Result"), "how the service ended")
        equal("644", m.run(f"stat -c %a {COLLECTED}").strip(), "its mode, for node_exporter's user")
        m.run("systemctl restart prometheus-node-exporter")
        shown = eventually(lambda: m.try_run("curl --silent --fail http://127.0.0.1:9100/metrics").stdout, "node_exporter answers")
        check(re.search(r'^latchkey_product_state\{product="editor"} 1$', shown, re.M), "the product's state is not shown")
        check(re.search(r"^node_textfile_scrape_error 0$", shown, re.M), "node_exporter does not understand the file")
        check("latchkey.prom" in shown, "its age is not shown")

        # A stopped agent leaves the last one, whose age tells.
        m.run("systemctl stop latchkeyd")
        before = m.run(f"stat -c %Y.%s {COLLECTED}")
        m.run("systemctl start latchkey-textfile.service")
        equal(before, m.run(f"stat -c %Y.%s {COLLECTED}"), "the file after the agent was stopped")
        equal(["latchkey.prom"], m.run("ls /var/lib/prometheus/node-exporter").split(), "what lies there")
