"""A key server and an agent of this build in a directory of their own, for as long as a `with` lasts."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

PRODUCTS = (("draw", "Contoso Draw", "ai-cloud"), ("office", "Contoso Office", "action-pack"),
            ("cad", "Contoso CAD", "competency"))
START_SECONDS = 30


def cpu_of_process(pid):
    """CPU seconds of a live process, all threads, finer than a tick."""
    total = 0
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


def free_port():
    """One that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for_port(port):
    """Until somebody listens there."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nobody listens on port {port}")


class Agent:
    """A started latchkeyd; `ready_cpu` is what it had used when it said READY."""

    def __init__(self, binary, config, directory):
        address = str(directory / "notify.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(address)
            notify.settimeout(START_SECONDS)
            log = open(directory / "agent.log", "ab")
            start = time.monotonic()
            self.process = subprocess.Popen([binary, "run", "--config", str(config)], stdout=log, stderr=log,
                                            env=dict(os.environ, NOTIFY_SOCKET=address))
            log.close()
            while b"READY=1" not in notify.recv(4096):
                pass
        self.ready_cpu = cpu_of_process(self.process.pid)
        self.ready_seconds = time.monotonic() - start
        os.unlink(address)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=START_SECONDS)


class World:
    def __init__(self, binaries):
        self.binaries = pathlib.Path(binaries)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-bench-"))
        self.socket = str(self.directory / "agent.sock")
        self.config = self.directory / "agent.toml"
        self.keyserver = None
        self.agent = None

    def program(self, name):
        return str(self.binaries / name)

    def run(self, *argv):
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)} exited {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def admin(self, *arguments):
        return json.loads(self.run(self.program("latchkey-keyserver"), "admin", "--data", str(self.directory / "keyserver"),
                                   *arguments, "--json") or "null")

    def __enter__(self):
        try:
            url = self.start_keyserver()
            keys = self.make_products()
            self.write_config(url)
            self.start_agent()
            for product, key_file in keys.items():
                self.run(self.program("latchkey"), "activate", "--product", product, "--key-file", key_file,
                         "--accept-count", "--socket", self.socket)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.agent:
            self.agent.stop()
        if self.keyserver:
            self.keyserver.terminate()
            self.keyserver.wait(timeout=START_SECONDS)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start_keyserver(self):
        self.keyserver = subprocess.Popen(
            [self.program("latchkey-keyserver"), "serve", "--data", str(self.directory / "keyserver"),
             "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.keyserver.stdout:
            if line.startswith("listening "):
                return line.split()[1]
        raise RuntimeError("the key server ended before it listened")

    def make_products(self):
        """{product id: file with a key for it}"""
        manifests = self.directory / "products.d"
        manifests.mkdir()
        keys = {}
        for product, name, program in PRODUCTS:
            self.admin("product", "add", "--id", product, "--name", name)
            entitlement = self.admin("entitlement", "add", "--product", product, "--program", program, "--organization",
                                     "contoso", "--quantity", "10", "--activations", "10")
            entitlement_id = entitlement.get("id") or entitlement["entitlement"]["id"]
            key = self.admin("key", "issue", "--entitlement", entitlement_id)["key"]
            keys[product] = str(self.directory / f"{product}.key")
            pathlib.Path(keys[product]).write_text(key)
            self.run(self.program("latchkey-keyserver"), "admin", "--data", str(self.directory / "keyserver"), "product",
                     "export", product, "-o", str(manifests / f"{product}.jws"))
        return keys

    def write_config(self, url):
        place = self.directory
        self.config.write_text(
            f'[agent]\nephemeral = "allow"\n[keyserver]\nurl = "{url}"\nca_file = "{place}/keyserver/ca.pem"\n'
            f'[organization]\nid = "contoso"\nlocation = "headquarters"\ncountry = "DE"\n'
            f'[paths]\nstate = "{place}/state"\nanchor = "{place}/anchor"\nsocket = "{self.socket}"\n'
            f'products = "{place}/products.d"\ninbox = "{place}/inbox"\n')

    def start_agent(self):
        self.agent = Agent(self.program("latchkeyd"), self.config, self.directory)
        return self.agent
