#!/usr/bin/env python3
"""usage: foreign_client.py URL CA_FILE MANIFEST KEY EXCHANGES

A client of the key server that shares no line with the agent: what it does is what docs/keyserver-api.yaml says. It activates,
renews, asks for the ledger and releases, verifies every signature on the way, and appends each exchange to EXCHANGES as
check_api.py reads it. Prints one line an operation; exits 1 where the server or a signature is not as the document says.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import ssl
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def raw(public_key):
    return public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def thumbprint(curve, key):
    return encode(hashlib.sha256(f'{{"crv":"{curve}","kty":"OKP","x":"{encode(key)}"}}'.encode()).digest())


def sign(key, typ, payload):
    head = {"alg": "Ed25519", "kid": thumbprint("Ed25519", raw(key.public_key())), "typ": typ}
    text = encode(compact(head)) + "." + encode(compact(payload))
    return text + "." + encode(key.sign(text.encode()))


def verify(jws, typ, keys):
    """The payload. `keys` are raw public keys by their kid."""
    head, payload, signature = jws.split(".")
    told = json.loads(decode(head))
    assert set(told) == {"alg", "kid", "typ"} and told["alg"] == "Ed25519" and told["typ"] == typ, told
    Ed25519PublicKey.from_public_bytes(keys[told["kid"]]).verify(decode(signature), f"{head}.{payload}".encode())
    return json.loads(decode(payload))


def seal(key, kid, message):
    ephemeral = X25519PrivateKey.generate()
    head = encode(compact({"alg": "ECDH-ES", "enc": "A256GCM", "kid": kid,
                           "epk": {"kty": "OKP", "crv": "X25519", "x": encode(raw(ephemeral.public_key()))}}))
    secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(key))
    other_info = (7).to_bytes(4, "big") + b"A256GCM" + bytes(4) + bytes(4) + (256).to_bytes(4, "big")
    content_key = hashlib.sha256((1).to_bytes(4, "big") + secret + other_info).digest()
    iv = os.urandom(12)
    sealed = AESGCM(content_key).encrypt(iv, message, head.encode())
    return f"{head}..{encode(iv)}.{encode(sealed[:-16])}.{encode(sealed[-16:])}"


class Client:
    def __init__(self, url, ca_file, manifest, exchanges):
        self.host = url.removeprefix("https://")
        self.tls = ssl.create_default_context(cafile=ca_file)
        self.exchanges = exchanges
        self.manifest = json.loads(decode(manifest.split(".")[1]))  # it came from its publisher
        self.device = Ed25519PrivateKey.generate()
        self.trust()

    def exchange(self, method, target, headers=None, body=None):
        connection = http.client.HTTPSConnection(self.host, context=self.tls)
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        text = response.read().decode()
        with open(self.exchanges, "a", encoding="utf-8") as file:
            file.write(json.dumps({"method": method, "target": target, "request_body": body or "",
                                   "request_headers": {n.lower(): v for n, v in (headers or {}).items()},
                                   "status": response.status, "content_type": response.getheader("Content-Type"),
                                   "body": text}) + "\n")
        return response.status, json.loads(text)

    def trust(self):
        _, bundle = self.exchange("GET", "/.well-known/latchkey")
        root = decode(self.manifest["root"])
        for link in bundle["root_chain"]:
            kid = thumbprint("Ed25519", root)
            if json.loads(decode(link.split(".")[0]))["kid"] == kid:
                root = decode(verify(link, "latchkey-root+jws", {kid: root})["new_root"])
        self.key_set = verify(bundle["key_set"], "latchkey-keyset+jws", {thumbprint("Ed25519", root): root})
        self.keys = {key["kid"]: decode(key["key"]) for key in self.key_set["signing_keys"]}

    def challenge(self):
        nonce = encode(os.urandom(24))
        _, answer = self.exchange("GET", f"/v1/time?nonce={nonce}")
        assert verify(answer["challenge"], "latchkey-challenge+jws", self.keys)["nonce"] == nonce
        return answer["challenge"]

    def ask(self, method, path, message):
        publisher = self.manifest["publisher"]
        sealed = seal(decode(self.key_set["seal_key"]), self.key_set["seal_kid"], compact(message))
        body = compact({"publisher": publisher, "sealed": sealed}).decode()
        nonce, idempotency_key = encode(os.urandom(24)), encode(os.urandom(18))
        proof = sign(self.device, "latchkey-request+jws",
                     {"method": method, "path": path, "publisher": publisher, "challenge": self.challenge(),
                      "body_sha256": encode(hashlib.sha256(body.encode()).digest()), "idempotency_key": idempotency_key,
                      "nonce": nonce})
        status, answer = self.exchange(method, path, {
            "Content-Type": "application/json", "Latchkey-Protocol": "1", "Latchkey-Request": proof,
            "Latchkey-Device": encode(raw(self.device.public_key())), "Idempotency-Key": idempotency_key}, body)
        print(method, path.split("/lic_")[0], status, answer.get("code", ""), answer.get("detail", ""))
        reply = verify(answer["reply"], "latchkey-reply+jws", self.keys)
        assert reply["nonce"] == nonce and reply["status"] == status
        assert reply["request_hash"] == encode(hashlib.sha256(proof.encode()).digest())
        return reply["body"]

    def fingerprint(self, components):
        salt = decode(self.manifest["salt"])
        return {"salt_id": self.manifest["salt_id"],
                "evidence": [{"kind": kind, "quality": "good",
                              "digest": hmac.new(salt, f"{kind}\0{value}".encode(), hashlib.sha256).digest()[:16].hex()}
                             for kind, value in components.items()]}


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    url, ca_file, manifest, key, exchanges = sys.argv[1:]
    with open(manifest, encoding="utf-8") as file:
        client = Client(url, ca_file, file.read().strip(), exchanges)
    product = client.manifest["product"]
    machine = client.fingerprint({"board_serial": "/5TR8W21/CN7220021Q00AB/", "disk": "S5GXNX0T123456"})
    client.ask("POST", "/v1/rearms", {"product": product, "fingerprint": machine, "platform": "linux", "lab": False,
                                      "rearms_used": 1, "grace": {"kind": "extended", "frozen": False, "used_s": 3600}})
    activation = {"product": product, "product_key": key, "fingerprint": machine, "max_count": 1, "platform": "linux"}
    client.ask("POST", "/v1/activations/preview", activation)
    given = client.ask("POST", "/v1/activations", activation)
    license = verify(given["license"], "latchkey-license+jws", client.keys)
    assert verify(given["receipt"], "latchkey-receipt+jws", client.keys)["license"] == license["id"]
    renewed = client.ask("POST", f"/v1/licenses/{license['id']}/renew",
                         {"product": product, "lease_sequence": license["lease_sequence"], "fingerprint": machine,
                          "platform": "linux"})
    assert verify(renewed["license"], "latchkey-license+jws", client.keys)["lease_sequence"] > license["lease_sequence"]
    client.ask("DELETE", f"/v1/licenses/{license['id']}", {"product": product})


if __name__ == "__main__":
    main()
