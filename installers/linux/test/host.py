"""What every machine of these tests can do, in whatever way it is made: run commands, and be asked about Latchkey."""

import json
import shlex
import subprocess

from stories import PATIENCE, Failure, check, eventually


class Host:
    """`try_run` is what each kind of machine brings."""

    patience = PATIENCE

    def try_run(self, command: str, **environment) -> subprocess.CompletedProcess:
        raise NotImplementedError

    def run(self, command: str, **environment) -> str:
        done = self.try_run(command, **environment)
        check(done.returncode == 0, f"exit {done.returncode} of: {command}\n{done.stdout}")
        return done.stdout

    def write(self, path: str, text: str, mode: str = "0644") -> None:
        quoted = shlex.quote(path)
        self.run(f"install -D -m {mode} /dev/null {quoted} && printf %s {shlex.quote(text)} > {quoted}")

    def exists(self, path: str) -> bool:
        return self.try_run(f"test -e {shlex.quote(path)}").returncode == 0

    def unit(self, name: str, prop: str) -> str:
        return self.run(f"systemctl show --value -P {prop} {name}").strip()

    # --- Latchkey on it ------------------------------------------------------------------------------------------------

    def install_deb(self, name: str, version: str, **environment) -> str:
        return self.run(f"dpkg -i /shared/{name}_{version}_amd64.deb", **environment)

    def status(self) -> dict:
        done = self.try_run("latchkey status --json 2>/dev/null")
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def product(self) -> dict:
        products = self.status().get("products") or [{}]
        return products[0]

    def until_licensed(self) -> dict:
        try:
            eventually(lambda: self.product().get("state") == "licensed", "licensed", self.patience)
        except Failure as failure:
            journal = self.run("latchkey status; journalctl -u latchkeyd -n 30 --no-pager -o cat; true")
            raise Failure(f"{failure}\n{journal}") from None
        return self.product()
