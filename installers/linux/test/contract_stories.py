"""The contract that holds on every system (installers/test/contract.py), on the packaged agent under systemd."""

import shlex

import contract
from machine import Machine
from story import story, version


class Done:
    def __init__(self, code: int, text: str):
        self.code, self.text = code, text


class Place:
    def __init__(self, machine: Machine):
        self.machine = machine

    def program(self, *words) -> Done:
        done = self.machine.try_run(shlex.join(words))
        return Done(done.returncode, done.stdout)

    def admin(self, words: str) -> dict:
        return self.machine.admin(words)

    def file(self, name: str, text) -> str:
        if text is not None:
            self.machine.write(f"/root/{name}", text, "0600")
        return f"/root/{name}"

    def stop(self) -> None:
        self.machine.run("systemctl stop latchkeyd")


@story
def the_contract_of_every_system_is_kept(packages):
    with Machine(packages) as m:
        key = m.serve_keys(version(packages))
        m.write("/etc/latchkey/agent.d/50-site.toml", '[keyserver]\nca_file = "/etc/latchkey/keyserver-ca.pem"\n')
        m.install_deb("latchkey-agent", version(packages))
        contract.keep(Place(m), key)
