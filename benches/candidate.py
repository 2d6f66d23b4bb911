#!/usr/bin/env python3
"""Measures what a candidate for a generic credential costs a scan.

Usage: benches/candidate.py [--lines N] [--runs N] [LEAKSTOP...]

Scans a file of N lines `db_password_1 = "…"` and the same file with another word in place of `password`, on one thread
and for certain findings only, so that nothing is reported. Prints, for each build named, the least time of each and
their difference in microseconds a line; for further builds also how it compares with the first. Runs of all builds
take turns. Works offline.
"""

import argparse
import os
import random
import resource
import string
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAKSTOP = os.path.join(ROOT, "target", "release", "leakstop")
LETTERS = string.ascii_letters + string.digits


def write(path, word, lines):
    """The file in which `word` names each value."""
    draw = random.Random(7)
    with open(path, "w", encoding="ascii") as file:
        for number in range(lines):
            value = "".join(draw.choices(LETTERS, k=8 + number % 17))
            file.write(f'db_{word}_{number} = "{value}"\n')


def cost(leakstop, path):
    """Seconds of the processor that a scan takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [leakstop, "scan", "--threads", "1", "--min-confidence", "certain", "--no-repo-config", path]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("leakstop", nargs="*", default=[LEAKSTOP])
    options = parser.parse_args()
    builds = [os.path.abspath(build) for build in options.leakstop]
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("with.txt", "without.txt")]
        for path, word in zip(files, ("password", "puzzword")):
            write(path, word, options.lines)
        least = {}
        for _ in range(options.runs):
            for build in builds:
                for path in files:
                    least[build, path] = min(least.get((build, path), float("inf")), cost(build, path))
    first = None
    for build, name in zip(builds, options.leakstop):
        with_, without = (least[build, path] for path in files)
        each = (with_ - without) * 1e6 / options.lines
        first = first or each
        print(f"{name}: {with_:.3f} s with, {without:.3f} s without: {each:.2f} µs a candidate, {each / first:.2f} of the first")


if __name__ == "__main__":
    main()
