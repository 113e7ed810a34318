"""The example role, run by ansible-core against the machine it runs on."""

import json
import pathlib
import re

from machine import Machine, check, equal
from story import story, version

ROLES = pathlib.Path(__file__).resolve().parents[1] / "ansible" / "roles"


@story
def the_role_activates_and_a_second_run_changes_nothing(packages):
    with Machine(packages) as m:
        key = m.serve_keys(version(packages))
        m.run("mv /etc/latchkey/products.d/editor.jws /etc/latchkey/keyserver-ca.pem /root/ && rm -r /etc/latchkey")
        variables = {"latchkey_package": f"/shared/latchkey-agent_{version(packages)}_amd64.deb", "latchkey_ca": "/root/keyserver-ca.pem",
                     "latchkey_manifests": ["/root/editor.jws"], "latchkey_ephemeral": "allow", "latchkey_organization": "contoso",
                     "latchkey_product": "editor", "latchkey_key": key}
        m.write("/root/site.yml", json.dumps([{"hosts": "localhost", "gather_facts": False,
                                               "roles": [{"role": "latchkey_agent", "vars": variables}]}]))
        for file in sorted(ROLES.rglob("*")):
            if file.is_file():
                m.write(f"/root/roles/{file.relative_to(ROLES)}", file.read_text(encoding="utf-8"))
        play = "cd /root && ansible-playbook -i localhost, -c local -e ansible_python_interpreter=/usr/bin/python3 site.yml"
        told = m.run(play)
        m.until_licensed()
        check(key not in told, "the play shows the key")
        equal("", m.run("ls /var/lib/latchkey/inbox"), "the inbox after the key was taken")
        equal("0", re.search(r"changed=(\d+)", m.run(play))[1], "what a second run changed")
        equal(1, len(m.receipts()), "receipts at the key server")
