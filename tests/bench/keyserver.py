"""The key server under load: P8 (its CPU to a bare handshake's and to nginx's), P9 (group commit on a slow disk).

Each figure is taken round by round beside its yardstick in the same run. CPU is the server's alone, read off /proc; the clients
and what they sign beforehand are not in it.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import postgres
import world

ROUNDS = 9
CLIENTS = 8
REQUESTS = 400
SLOW_DISK_US = 2000
SLOW_CLIENTS = 32
IDLE_CONNECTIONS = 10000


class KeyServer:
    """A `latchkey-keyserver serve` of this build with a key that is never used up."""

    def __init__(self, binary, directory, database=None, environment=None):
        self.binary = binary
        self.data = pathlib.Path(directory) / "keyserver"
        self.more = ["--database", database] if database else []
        self.process = subprocess.Popen(
            [binary, "serve", "--data", str(self.data), "--listen", "127.0.0.1:0", "--log-level", "error", *self.more],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, **(environment or {})))
        for line in self.process.stdout:
            if line.startswith("listening "):
                self.port = line.split()[1].rsplit(":", 1)[1]
                break
        else:
            raise RuntimeError("the key server ended before it listened")
        self.admin("product", "add", "--id", "draw", "--name", "Contoso Draw")
        entitlement = self.admin("entitlement", "add", "--product", "draw", "--program", "ai-cloud", "--organization",
                                 "contoso", "--quantity", "1000000", "--activations", "1000000")
        key = self.admin("key", "issue", "--entitlement", entitlement.get("id") or entitlement["entitlement"]["id"])
        self.key_file = self.data.parent / "key"
        self.key_file.write_text(key["key"])
        self.manifest = self.data.parent / "draw.jws"
        subprocess.run([binary, "admin", "--data", str(self.data), "product", "export", "draw", "-o", str(self.manifest)],
                       check=True, stdout=subprocess.DEVNULL)

    def admin(self, *words):
        done = subprocess.run([self.binary, "admin", "--data", str(self.data), *self.more, *words, "--json"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    @property
    def ca(self):
        return str(self.data / "ca.pem")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Load:
    """One run of bench-load against a server: {"requests", "errors", "seconds", "p50_ms", "p99_ms", "cpu_us"}."""

    def __init__(self, tool):
        self.tool = tool

    def __call__(self, mode, port, ca, pids, clients=CLIENTS, requests=REQUESTS, more=()):
        client = subprocess.Popen([self.tool, mode, str(port), ca, str(clients), str(requests), *map(str, more)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if client.stdout.readline() != "ready\n":
            raise RuntimeError(f"bench-load {mode} did not get ready")
        before = sum(map(world.cpu_of_process, pids))
        out, _ = client.communicate("\n")
        if client.returncode != 0:
            raise RuntimeError(f"bench-load {mode} failed")
        figures = json.loads(out)
        figures["cpu_us"] = (sum(map(world.cpu_of_process, pids)) - before) * 1e6 / figures["requests"]
        if figures["errors"]:
            raise RuntimeError(f"bench-load {mode}: {figures['errors']} errors")
        return figures

    def ask(self, server, mode, **how):
        return self(mode, server.port, server.ca, [server.process.pid], more=(server.manifest, server.key_file), **how)


class Nginx:
    """A static file over the same certificate, one worker; None where nginx is not installed."""

    CONF = """worker_processes 1; pid {0}/nginx.pid; error_log /dev/null; daemon off;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {0}; proxy_temp_path {0}; fastcgi_temp_path {0}; uwsgi_temp_path {0}; scgi_temp_path {0};
  server {{ listen 127.0.0.1:{1} ssl; ssl_certificate {2}/server.pem; ssl_certificate_key {2}/server.key; ssl_protocols TLSv1.3;
    root {0}/www; }} }}
"""

    def __init__(self, directory, data):
        self.port = world.free_port()
        (directory / "www").mkdir()
        (directory / "www/index.html").write_text("x" * 1024)
        for place in (directory.parent, directory, directory / "www"):  # its worker is another user
            place.chmod(0o755)
        conf = directory / "nginx.conf"
        conf.write_text(self.CONF.format(directory, self.port, data))
        self.process = subprocess.Popen(["nginx", "-c", str(conf)], stderr=subprocess.DEVNULL)
        world.wait_for_port(self.port)
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        self.pids = [int(pid) for pid in pathlib.Path(children).read_text().split()]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Measurement:
    def __init__(self, bench):
        self.bench = bench
        self.binary = str(bench.build / "bin/latchkey-keyserver")
        self.load = Load(bench.tool("bench-load"))

    def directory(self):
        return pathlib.Path(tempfile.mkdtemp(prefix="server-", dir=self.bench.scratch))

    def run(self):
        with postgres.Cluster() as cluster:
            self.handshakes(cluster)
        self.slow_disk()
        self.idle()
        self.candidates()

    # --- P8 ---------------------------------------------------------------------------------------------------

    def handshakes(self, cluster):
        servers = {"SQLite": KeyServer(self.binary, self.directory())}
        if cluster:
            servers["PostgreSQL"] = KeyServer(self.binary, self.directory(), cluster.database())
        data = servers["SQLite"].data
        floor = subprocess.Popen([self.bench.tool("bench-tls"), str(data / "server.pem"), str(data / "server.key")],
                                 stdout=subprocess.PIPE, text=True)
        port = int(floor.stdout.readline())
        nginx = Nginx(self.directory(), data) if shutil.which("nginx") else None
        seen, crypto = {}, []
        try:
            for _ in range(ROUNDS):
                def note(name, figures):
                    seen.setdefault(name, []).append(figures)
                crypto.append(self.bench.google("activation_cryptography")["activation_cryptography"] / 1000)
                note("floor", self.load("handshake", port, servers["SQLite"].ca, [floor.pid], clients=1))
                if nginx:
                    note("nginx", self.load("get", nginx.port, servers["SQLite"].ca, nginx.pids))
                for name, server in servers.items():
                    for mode in ("activate", "preview", "renew", "keep"):
                        note((name, mode), self.load.ask(server, mode))
        finally:
            for process in [floor, *servers.values(), *([nginx] if nginx else [])]:
                (process.terminate if process is floor else process.stop)()
            floor.wait()
        self.tell(seen, servers, nginx, crypto)

    def tell(self, seen, servers, nginx, crypto):
        def median(name, figure):
            return statistics.median(figures[figure] for figures in seen[name])

        def to(name, yardstick):
            return statistics.median(a["cpu_us"] / b["cpu_us"] for a, b in zip(seen[name], seen[yardstick]))

        for name in servers:
            for mode, what in (("activate", "activation on a new connection"), ("preview", "preview on a new connection"),
                               ("renew", "renewal on a new connection"),
                               ("keep", "activation on a kept connection")):
                key = (name, mode)
                rate = statistics.median(f["requests"] / f["seconds"] for f in seen[key])
                text = (f"{name}: {what} ({median(key, 'cpu_us'):.0f} us; {rate:,.0f}/s beside {CLIENTS} clients, p50 "
                        f"{median(key, 'p50_ms'):.1f} ms, p99 {median(key, 'p99_ms'):.1f} ms)")
                if mode == "activate":
                    self.bench.at_most("P8", f"{text}, CPU to a bare handshake ({median('floor', 'cpu_us'):.0f} us)", 1.8,
                                       to(key, "floor"))
                    needed = statistics.median(a["cpu_us"] / (b["cpu_us"] + c)
                                               for a, b, c in zip(seen[key], seen["floor"], crypto))
                    self.bench.row("P8", f"{name}: the same to a bare handshake and the signatures that the protocol asks for "
                                         f"({median('floor', 'cpu_us') + statistics.median(crypto):.0f} us)", "", f"{needed:.2f}x")
                    if nginx:
                        self.bench.at_most("P8", f"{name}: the same to nginx and a static file ({median('nginx', 'cpu_us'):.0f} "
                                                 "us)", 1.4, to(key, "nginx"))
                else:
                    self.bench.row("P8", text, "", f"{to(key, 'floor'):.2f}x")

    # --- P12: the search for the machine that asks --------------------------------------------------------------

    def candidates(self):
        found = {}
        for machines in (1000, 1000000):
            run = subprocess.run([self.bench.tool("bench-candidates"), self.directory(), str(machines), "4000"],
                                 capture_output=True, text=True, check=True)
            found[machines] = json.loads(run.stdout)
        few, many = found[1000], found[1000000]
        self.bench.at_most("P12", f"candidates among 1,000,000 machines of a key, p99 ({many['p99_us']:.0f} us, p50 "
                                  f"{many['p50_us']:.0f} us) to 1,000 ({few['p99_us']:.0f} us)", 2,
                           many["p99_us"] / few["p99_us"])

    # --- many connections that do nothing -----------------------------------------------------------------------

    def idle(self):
        server = KeyServer(self.binary, self.directory())
        tool = self.bench.tool("bench-load")
        try:
            before = self.bench.memory(server.process.pid)["Rss"]
            alone = self.load.ask(server, "activate")
            holder = subprocess.Popen([tool, "idle", server.port, server.ca, "1", str(IDLE_CONNECTIONS)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            if holder.stdout.readline() != "ready\n":
                raise RuntimeError("the idle connections were not held")
            each = (self.bench.memory(server.process.pid)["Rss"] - before) / IDLE_CONNECTIONS
            among = self.load.ask(server, "activate")
            holder.communicate("")
        finally:
            server.stop()
        self.bench.row("P8", f"{IDLE_CONNECTIONS:,} idle connections, memory of each", "", f"{each:.0f} kB")
        self.bench.row("P8", "CPU of an activation among them to one alone", "", f"{among['cpu_us'] / alone['cpu_us']:.2f}x")

    # --- P9 ---------------------------------------------------------------------------------------------------

    def slow_disk(self):
        """Throughput of SLOW_CLIENTS kept connections: grouped, one at a time, and with no disk to wait for."""
        shim = {"LD_PRELOAD": self.bench.tool("bench-slow-disk.so"), "SLOW_DISK_US": str(SLOW_DISK_US)}
        slow = KeyServer(self.binary, self.directory(), environment=shim)
        memory = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-bench-", dir="/dev/shm"))
        fast = KeyServer(self.binary, memory)
        grouped, bare = [], []
        try:
            for _ in range(ROUNDS):
                rates = {}
                for name, server, clients, requests in (("one", slow, 1, 60), ("all", slow, SLOW_CLIENTS, 800),
                                                        ("memory", fast, SLOW_CLIENTS, 800)):
                    figures = self.load.ask(server, "keep", clients=clients, requests=requests)
                    rates[name] = figures["requests"] / figures["seconds"]
                grouped.append(rates["all"] / rates["one"])
                bare.append(rates["all"] / rates["memory"])
        finally:
            slow.stop()
            fast.stop()
            shutil.rmtree(memory, ignore_errors=True)
        self.bench.at_least("P9", f"disk of {SLOW_DISK_US / 1000:g} ms, {SLOW_CLIENTS} clients to one: group commit to single "
                                  "commits", 8, statistics.median(grouped))
        self.bench.at_least("P9", "the same to a database in memory", 0.7, statistics.median(bare))
