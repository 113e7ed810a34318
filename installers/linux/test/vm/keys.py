"""The packaged key server on the host: guests reach it as https://keys.example.org (10.0.2.2 in QEMU's network)."""

import json
import pathlib
import shutil
import subprocess
import tempfile

from host import Host, begin_product, check
from story import version

NAME = "keys.example.org"


class KeyServer:
    def __init__(self, packages: pathlib.Path):
        self.packages = packages

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-keys-"))
        subprocess.run(["dpkg-deb", "-x", self.packages / f"latchkey-keyserver_{version(self.packages)}_amd64.deb", self.folder / "deb"], check=True)
        self.program = self.folder / "deb/usr/bin/latchkey-keyserver"
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                        f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", self.folder / "tls.key", "-out",
                        self.folder / "tls.pem"], check=True, stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", self.data, "--publisher", "example.org", "--listen", "127.0.0.1:0", "--tls-certificate",
             self.folder / "tls.pem", "--tls-key", self.folder / "tls.key"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=open(self.folder / "log", "w"), text=True)
        listening = self.process.stdout.readline()
        check(listening.startswith("listening "), (self.folder / "log").read_text())
        self.port = int(listening.rsplit(":", 1)[1])
        self.key = begin_product(self.admin)
        subprocess.run([self.program, "admin", "--data", self.data, "product", "export", "editor", "-o", self.folder / "editor.jws"],
                       check=True, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder)

    def admin(self, words: str) -> dict:
        return json.loads(subprocess.run([self.program, "admin", "--data", self.data, "--json", *words.split()], check=True,
                                         stdout=subprocess.PIPE).stdout)

    def receipts(self) -> list:
        """Oldest first."""
        return sorted(self.admin("receipt list")["receipts"], key=lambda receipt: receipt["at"])

    def verified(self, receipt: pathlib.Path) -> dict:
        """What a receipt says, held against the publisher's public keys."""
        keys = self.folder / "keys.json"
        keys.write_text(json.dumps(self.admin("signing-key list")))
        said = json.loads(subprocess.run([self.program, "verify-receipt", receipt, "--keys", keys, "--manifest", self.folder / "editor.jws",
                                          "--json"], check=True, stdout=subprocess.PIPE).stdout)
        return said["receipts"][0]["receipt"]

    def configure(self, guest: Host, agent: str, when_counted: str = "proceed") -> None:
        """What IT lays down before it installs the agent: files, and a key that activates without a hand."""
        guest.write("/etc/latchkey/products.d/editor.jws", (self.folder / "editor.jws").read_text())
        guest.write("/etc/latchkey/keyserver-ca.pem", (self.folder / "tls.pem").read_text())
        guest.write("/etc/latchkey/agent.d/50-site.toml",
                    f'[keyserver]\nurl = "https://{NAME}:{self.port}"\nca_file = "/etc/latchkey/keyserver-ca.pem"\n\n[agent]\n{agent}\n\n'
                    f'[[activate]]\nproduct = "editor"\nkey_file = "editor.key"\nconsume = true\nwhen_counted = "{when_counted}"\n')
        guest.run("mkdir -p -m 0700 /var/lib/latchkey/inbox")
        guest.write("/var/lib/latchkey/inbox/editor.key", self.key + "\n", "0600")
