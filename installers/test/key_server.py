"""A key server on this machine's loopback, whose certificate names keys.example.org; machines of any kind ask it."""

import json
import pathlib
import shutil
import subprocess
import tempfile

from stories import check

NAME = "keys.example.org"


def begin_product(admin) -> str:
    """A product `editor` that ten machines may activate, by the key server's `admin`. Returns a product key."""
    admin("product add --id editor --name Editor")
    entitlement = admin("entitlement add --product editor --program ai-cloud --organization contoso --quantity 10 --activations 10")["id"]
    return admin(f"key issue --entitlement {entitlement}")["key"]


def new_token(admin) -> str:
    """A token that gives the product's organization a cloud service, for years."""
    entitlement = admin("entitlement list")["entitlements"][0]["id"]
    return admin(f"token issue --entitlement {entitlement} --service translate --year-ends 2099-01-01")["token"]


class KeyServer:
    """`key`: a product key; `manifest`, `authority`: files for the agents; `url`: where it listens."""

    def __init__(self, program: pathlib.Path, names: str = f"DNS:{NAME}"):
        self.program, self.names = program, names

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-keys-"))
        self.manifest, self.authority = self.folder / "editor.jws", self.folder / "tls.pem"
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                        f"/CN={NAME}", "-addext", f"subjectAltName={self.names}", "-keyout", self.folder / "tls.key", "-out",
                        self.authority], check=True, stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", self.data, "--publisher", "example.org", "--listen", "127.0.0.1:0", "--tls-certificate",
             self.authority, "--tls-key", self.folder / "tls.key"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=open(self.folder / "log", "w"), text=True)
        listening = self.process.stdout.readline()
        check(listening.startswith("listening "), (self.folder / "log").read_text())
        self.port = int(listening.rsplit(":", 1)[1])
        self.url = f"https://{NAME}:{self.port}"
        self.key = begin_product(self.admin)
        subprocess.run([self.program, "admin", "--data", self.data, "product", "export", "editor", "-o", self.manifest],
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
        said = json.loads(subprocess.run([self.program, "verify-receipt", receipt, "--keys", keys, "--manifest", self.manifest,
                                          "--json"], check=True, stdout=subprocess.PIPE).stdout)
        return said["receipts"][0]["receipt"]
