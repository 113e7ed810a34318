#!/usr/bin/env python3
"""usage: bench.py BUILD_DIRECTORY [agent|keyserver]: measures this build against its yardsticks and prints goal, measured, met.

Rows whose yardstick or program is missing say so and are not judged. Goals: docs/performance.md.
"""
import json
import lzma
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import keyserver
import ratio
import world

ROUNDS = 11
SETTLE_SECONDS = 10
IDLE_SECONDS = 60
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


class Bench:
    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.latchkey = str(self.build / "bin/latchkey")
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-bench-"))
        self.rows = []

    def tool(self, name):
        return str(self.build / "bench" / name)

    def row(self, rule, what, goal, measured, met=None):
        self.rows.append((rule, what, goal, measured, {True: "yes", False: "NO", None: "-"}[met]))
        print(".", end="", file=sys.stderr, flush=True)

    def at_most(self, rule, what, limit, measured, unit="x"):
        self.row(rule, what, f"<= {limit:g}{unit}", f"{measured:.2f}{unit}" if isinstance(measured, float) else
                 f"{measured}{unit}", measured <= limit)

    def at_least(self, rule, what, limit, measured, unit="x"):
        self.row(rule, what, f">= {limit:,g}{unit}", f"{measured:,.1f}{unit}", measured >= limit)

    # --- P1, P2: the fingerprint ------------------------------------------------------------------------------

    def files_read(self):
        """What `hwid capture` opens, as a list for the yardstick to read barely."""
        trace = self.scratch / "trace"
        subprocess.run(["strace", "-f", "-y", "-e", "trace=openat", "-o", str(trace), self.latchkey, "hwid", "capture"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        files = []
        for line in trace.read_text().splitlines():
            found = re.search(r'openat\((?:AT_FDCWD|\d+)(?:<([^>]*)>)?, "([^"]*)", ([A-Z_|]*)', line)
            if not found or "O_PATH" in found[3]:
                continue
            files.append(found[2] if found[2].startswith("/") else f"{found[1]}/{found[2]}")
        listing = self.scratch / "files"
        listing.write_text("\n".join(files) + "\n")
        return str(listing)

    def google(self, pattern):
        """{name: CPU nanoseconds} of the Google Benchmarks that match."""
        run = subprocess.run([self.tool("latchkey-bench"), f"--benchmark_filter={pattern}", "--benchmark_format=json",
                              "--benchmark_min_time=0.1"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
        return {b["name"].split("/")[0]: b["cpu_time"] for b in json.loads(run.stdout)["benchmarks"]}

    def fingerprint(self):
        listing = self.files_read()
        ratios, figures = [], []
        for _ in range(ROUNDS):
            bare = float(subprocess.check_output([self.tool("bench-files"), listing, "500"]))
            ours = self.google("fingerprint_this_machine")["fingerprint_this_machine"] / 1000
            ratios.append(ours / bare)
            figures.append((ours, bare))
        ours, bare = (statistics.median(column) for column in zip(*figures))
        self.at_most("P1", f"fingerprint, warm ({ours:.0f} us; bare reading {bare:.0f} us)", 2, statistics.median(ratios))
        capture = {"read": [self.tool("bench-files"), listing], "capture": [self.latchkey, "hwid", "capture"]}
        times = ratio.measure(capture, ROUNDS)
        self.at_most("P2", "hwid capture, cold process, to bare reading", 1.5, ratio.ratio(times, "capture", "read"))
        for other, limit in (("lshw", 50), ("facter", 200)):
            if not shutil.which(other):
                self.row("P2", f"hwid capture, less CPU than {other}", f">= {limit}x", f"{other} is not installed")
                continue
            times = ratio.measure({"capture": capture["capture"], other: [other]}, 9, 1)
            self.at_least("P2", f"hwid capture, less CPU than {other}", limit, ratio.ratio(times, other, "capture"))

    # --- P3: status and check ---------------------------------------------------------------------------------

    def calls(self, argv):
        """(system calls, execs) of one run."""
        counts = self.scratch / "counts"
        subprocess.run(["strace", "-f", "-c", "-o", str(counts), *argv], stdout=subprocess.DEVNULL)
        found = {"execve": 0}
        for line in counts.read_text().splitlines():
            columns = line.split()
            if len(columns) >= 5 and columns[3].isdigit():
                found[columns[-1]] = int(columns[3])
        total = found.pop("total", None) or sum(found.values())
        return total, found["execve"]

    def redis(self):
        """A redis-server on a socket of its own, or None."""
        if not shutil.which("redis-server") or not shutil.which("redis-cli"):
            return None, None
        address = str(self.scratch / "redis.sock")
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", address, "--save", "", "--dir",
                                   str(self.scratch)], stdout=subprocess.DEVNULL)
        while not pathlib.Path(address).exists():
            time.sleep(0.05)
        return server, address

    def status(self, socket):
        commands = {"true": ["/bin/true"],
                    "status": [self.latchkey, "status", "--socket", socket],
                    "check": [self.latchkey, "check", "--socket", socket],
                    "curl": ["curl", "-s", "--unix-socket", socket, "http://localhost/v1/status"]}
        server, address = self.redis()
        if server:
            commands["redis-cli"] = ["redis-cli", "-s", address, "ping"]
        try:
            times = ratio.measure(commands, ROUNDS, wanted_exit=(0, 1, 2))
        finally:
            if server:
                server.terminate()
                server.wait()
        for verb in ("status", "check"):
            milliseconds = statistics.median(times[verb]) * 1e3
            self.at_most("P3", f"{verb} to /bin/true ({milliseconds:.2f} ms)", 2, ratio.ratio(times, verb, "true"))
            self.at_least("P3", f"{verb} below curl --unix-socket", 8, ratio.ratio(times, "curl", verb))
            if server:
                self.at_least("P3", f"{verb} below redis-cli ping", 4, ratio.ratio(times, "redis-cli", verb))
            total, execs = self.calls(commands[verb])
            self.at_most("P3", f"{verb}: system calls", 40, total, "")
            self.at_most("P3", f"{verb}: exec", 1, execs, "")

    # --- P5 to P7: license check, idle, start -----------------------------------------------------------------

    def license_check(self):
        ratios = []
        for _ in range(ROUNDS):
            figures = self.google("(jws|ed25519)_verify")
            ratios.append(figures["jws_verify"] / figures["ed25519_verify"])
        self.at_most("P5", "license check, uncached, to a bare Ed25519 verify", 1.2, statistics.median(ratios))

    def skeleton(self):
        address = self.scratch / "skeleton.sock"
        address.unlink(missing_ok=True)
        process = subprocess.Popen([self.tool("bench-skeleton"), str(address)], stdout=subprocess.PIPE)
        process.stdout.readline()
        return process

    @staticmethod
    def memory(pid):
        """{"Pss": kB, "Anonymous": kB, ...}"""
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        return {line.split(":")[0]: int(line.split()[1]) for line in lines}

    @staticmethod
    def wakeups(pid):
        return sum(int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", (thread / "status").read_text(), re.M)[1])
                   for thread in pathlib.Path(f"/proc/{pid}/task").iterdir())

    def idle(self, place):
        pid = place.agent.process.pid
        time.sleep(SETTLE_SECONDS)
        before = self.wakeups(pid)
        time.sleep(IDLE_SECONDS)
        per_minute = (self.wakeups(pid) - before) * 60 / IDLE_SECONDS
        self.at_most("P6", f"idle agent, wake-ups a minute (over {IDLE_SECONDS} s)", 0, per_minute, "")
        yardstick = self.skeleton()
        try:
            ours, bare = self.memory(pid), self.memory(yardstick.pid)
        finally:
            yardstick.terminate()
            yardstick.wait()
        self.at_most("P6", f"idle agent, anonymous memory to the bare skeleton ({ours['Anonymous']} kB; "
                           f"{bare['Anonymous']} kB)", 2, ours["Anonymous"] / bare["Anonymous"])
        sshd = subprocess.run(["pgrep", "-o", "-x", "sshd"], capture_output=True, text=True).stdout.split()
        what = f"idle agent, PSS to sshd ({ours['Pss']} kB)"
        if sshd:
            self.at_most("P6", what, 1.3, ours["Pss"] / self.memory(sshd[0])["Pss"])
        else:
            self.row("P6", what, "<= 1.3x", "no sshd runs here")

    def start(self, place):
        ratios, milliseconds = [], []
        place.agent.stop()
        for _ in range(ROUNDS):
            yardstick = self.skeleton()
            bare = world.cpu_of_process(yardstick.pid)
            yardstick.terminate()
            yardstick.wait()
            agent = place.start_agent()
            ratios.append(agent.ready_cpu / bare)
            milliseconds.append(agent.ready_seconds * 1e3)
            agent.stop()
        place.start_agent()
        self.at_most("P7", f"agent start to READY, CPU to the skeleton's ({statistics.median(milliseconds):.0f} ms wall)",
                     1.5, statistics.median(ratios))

    # --- P11, P13 ---------------------------------------------------------------------------------------------

    def peak_memory(self, pairs):
        """kB that comparing the pairs of a file takes at most, read off the live process after nearly all of them."""
        process = subprocess.Popen([self.latchkey, "hwid", "compare", "--pairs", "-", "--brief"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.stdin.write(pairs.read_bytes())
        process.stdin.flush()
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        process.stdin.close()
        process.wait()
        return int(re.search(r"VmHWM:\s*(\d+)", status)[1])

    def pairs(self):
        machines = [json.loads(path.read_text()) for path in sorted((REPOSITORY / "tests/machines").glob("*.json"))]
        lines = [json.dumps({"id": f"{i}-{j}", "before": a, "after": b})
                 for i, a in enumerate(machines) for j, b in enumerate(machines)]
        speeds, memories = [], {}
        for count in (2000, 20000):
            path = self.scratch / f"pairs-{count}"
            with open(path, "w") as out:
                out.writelines(lines[i % len(lines)] + "\n" for i in range(count))
            memories[count] = self.peak_memory(path)
            argv = [self.latchkey, "hwid", "compare", "--pairs", str(path), "--brief"]
            speeds = [count / ratio.cpu_seconds(argv, (0,)) * 60 for _ in range(9)]
        self.at_least("P11", "hwid compare --pairs, pairs a minute on a core", 100000, statistics.median(speeds), "")
        self.at_most("P11", f"its memory at 20,000 lines to that at 2,000 ({memories[20000]} kB)", 1.1,
                     memories[20000] / memories[2000])

    def sizes(self):
        compressed = 0
        names = ("latchkey", "latchkeyd", "latchkey-service")
        present = [self.build / "bin" / name for name in names if (self.build / "bin" / name).exists()]
        for binary in present:
            stripped = self.scratch / binary.name
            subprocess.run(["strip", "-o", str(stripped), str(binary)], check=True)
            compressed += len(lzma.compress(stripped.read_bytes(), preset=9))
        self.at_most("P13", " + ".join(p.name for p in present) + ", stripped, xz", 4.0, compressed / 1e6, " MB")
        text = pathlib.Path(self.latchkey).read_bytes()
        linked = [name for name, mark in (("OpenSSL", b"OpenSSL 3"), ("SQLite", b"SQLite format 3")) if mark in text]
        self.row("P13", "the CLI links neither OpenSSL nor SQLite", "neither", ", ".join(linked) or "neither", not linked)

    def agent(self):
        self.fingerprint()
        self.license_check()
        self.pairs()
        self.sizes()
        if (self.build / "bin/latchkeyd").exists():
            with world.World(self.build / "bin") as place:
                self.status(place.socket)
                self.idle(place)
                self.start(place)
        else:
            self.row("P3", "status and check", "", "latchkeyd is not built")

    def run(self, parts):
        try:
            if "agent" in parts:
                self.agent()
            if "keyserver" in parts:
                keyserver.Measurement(self).run()
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)
        print(file=sys.stderr)

    def table(self):
        heads = ("", "what", "goal", "measured", "met")
        rows = [heads, *sorted(self.rows, key=lambda row: int(row[0][1:]))]  # stable: as they came within a rule
        widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parts = sys.argv[2:] or ["agent", "keyserver"]
    if len(sys.argv) < 2 or set(parts) - {"agent", "keyserver"}:
        sys.exit(__doc__)
    bench = Bench(sys.argv[1])
    bench.run(parts)
    bench.table()


if __name__ == "__main__":
    main()
