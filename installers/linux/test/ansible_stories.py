"""The example role, run by ansible-core against the machine it runs on."""

import json
import pathlib
import re

from machine import Machine, check, equal
from story import story, version

ROLES = pathlib.Path(__file__).resolve().parents[1] / "ansible" / "roles"


PLAY = "cd /root && ansible-playbook -i localhost, -c local -e ansible_python_interpreter=/usr/bin/python3 site.yml"


def write_play(m: Machine, packages: pathlib.Path, key: str, **more) -> None:
    """What the key server gave, as files for the role; nothing of it lies where the agent looks."""
    m.run("mv /etc/latchkey/products.d/editor.jws /etc/latchkey/keyserver-ca.pem /root/ && rm -r /etc/latchkey")
    variables = {"latchkey_package": f"/shared/latchkey-agent_{version(packages)}_amd64.deb", "latchkey_ca": "/root/keyserver-ca.pem",
                 "latchkey_manifests": ["/root/editor.jws"], "latchkey_ephemeral": "allow", "latchkey_organization": "contoso",
                 "latchkey_product": "editor", "latchkey_key": key, **more}
    m.write("/root/site.yml", json.dumps([{"hosts": "localhost", "gather_facts": False,
                                           "roles": [{"role": "latchkey_agent", "vars": variables}]}]))
    for file in sorted(ROLES.rglob("*")):
        if file.is_file():
            m.write(f"/root/roles/{file.relative_to(ROLES)}", file.read_text(encoding="utf-8"))


def changed(told: str) -> str:
    return re.search(r"changed=(\d+)", told)[1]


@story
def the_role_activates_and_a_second_run_changes_nothing(packages):
    with Machine(packages) as m:
        key = m.serve_keys(version(packages))
        write_play(m, packages, key)
        told = m.run(PLAY)
        m.until_licensed()
        check(key not in told, "the play shows the key")
        equal("", m.run("ls /var/lib/latchkey/inbox"), "the inbox after the key was taken")
        equal("0", changed(m.run(PLAY)), "what a second run changed")
        m.run(f"{PLAY} --check")
        equal(1, len(m.receipts()), "receipts at the key server")


@story
def a_second_run_changes_nothing_on_a_lab_machine(packages):
    with Machine(packages) as m:
        key = m.serve_keys(version(packages))
        write_play(m, packages, key, latchkey_role="lab")
        m.run(PLAY)
        m.run(f"rm /var/lib/latchkey/inbox/editor.key && {PLAY} --check")
        check(not m.exists("/var/lib/latchkey/inbox/editor.key"), "a dry run put the key there")
        m.run(PLAY)
        equal(key, m.run("cat /var/lib/latchkey/inbox/editor.key").strip(), "the key")
        equal("0", changed(m.run(PLAY)), "what a second run changed")
        equal(0, len(m.receipts()), "receipts at the key server")


@story
def an_activation_that_is_held_is_told_and_a_second_run_changes_nothing(packages):
    with Machine(packages) as m:
        m.serve_keys(version(packages))
        # Each activation of this program counts, so the agent asks before the second.
        entitlement = m.admin("entitlement add --product editor --program competency --organization contoso --quantity 10 --activations 10")["id"]
        write_play(m, packages, m.admin(f"key issue --entitlement {entitlement}")["key"])
        m.run(PLAY)
        m.run("latchkey deactivate --product editor")
        before = len(m.receipts())
        for run in ("which finds it held", "which finds it held already"):
            done = m.try_run(PLAY)
            check(done.returncode != 0 and "--accept-count" in done.stdout, f"not told by the run {run}:\n{done.stdout}")
        equal("0", changed(done.stdout), "what the last run changed")
        equal(before, len(m.receipts()), "receipts at the key server")
