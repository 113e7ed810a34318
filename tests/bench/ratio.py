#!/usr/bin/env python3
"""Commands side by side: only a ratio of CPU times of the same run means anything on a shared machine.

usage: ratio.py [--rounds N] [--repeat N] label=command...

Every round runs each command in turn (`repeat` times, summed), so that a neighbour's noise hits all of them; a command's
ratio is the median over the rounds of its CPU time to the first command's.
"""
import argparse
import os
import shlex
import statistics


def cpu_seconds(argv, wanted_exit=None):
    """CPU time of one run with nothing on its standard streams."""
    null = os.open(os.devnull, os.O_RDWR)
    try:
        streams = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=streams)
    finally:
        os.close(null)
    _, status, usage = os.wait4(pid, 0)
    if wanted_exit is not None and os.waitstatus_to_exitcode(status) not in wanted_exit:
        raise RuntimeError(f"{shlex.join(argv)} exited {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def measure(commands, rounds=15, repeat=5, wanted_exit=None):
    """{label: [CPU seconds of one run, by round]} of {label: argv}; one unmeasured round warms up."""
    times = {label: [] for label in commands}
    for round_number in range(rounds + 1):
        for label, argv in commands.items():
            total = sum(cpu_seconds(argv, wanted_exit) for _ in range(repeat))
            if round_number > 0:
                times[label].append(total / repeat)
    return times


def ratio(times, label, yardstick):
    """The median over the rounds of label's time to yardstick's."""
    return statistics.median(a / b for a, b in zip(times[label], times[yardstick]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("commands", nargs="+", metavar="label=command")
    options = parser.parse_args()
    commands = {label: shlex.split(line) for label, line in (c.split("=", 1) for c in options.commands)}
    times = measure(commands, options.rounds, options.repeat)
    first = next(iter(commands))
    print(f"{'command':20} {'CPU ms':>8} {'lowest':>8} {'ratio':>7}")
    for label in commands:
        milliseconds = [t * 1e3 for t in times[label]]
        print(f"{label:20} {statistics.median(milliseconds):8.2f} {min(milliseconds):8.2f} {ratio(times, label, first):7.2f}")


if __name__ == "__main__":
    main()
