#!/usr/bin/env python3
"""Times a scan with all rules beside one with a hundred of them, on trees of one's own.

Usage: benches/rules.py [--runs N] [--leakstop PROGRAM] TREE...

The hundred are spread over the list of rules, and the judges of generic credentials, which every scan has, are among
them. Prints for each tree the least user time of N runs on one thread of either, which take turns, and their ratio.
Where a repository's own settings would choose rules they are left out.
"""

import argparse
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JUDGES = ["generic-password", "generic-secret"]


def user(command):
    """User time of a command."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"failed: {' '.join(command)[:200]}")
    return usage.ru_utime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--leakstop", default=os.path.join(ROOT, "target", "release", "leakstop"))
    parser.add_argument("trees", nargs="+")
    options = parser.parse_args()
    listed = subprocess.run([options.leakstop, "rules", "list", "--format", "json"], check=True, stdout=subprocess.PIPE)
    ids = [rule["id"] for rule in json.loads(listed.stdout)["rules"]]
    hundred = sorted({*ids[:: max(len(ids) // 98, 1)][:98], *JUDGES})
    scan = [options.leakstop, "scan", "--no-repo-config", "--threads", "1", "--format", "json"]
    print(f"| tree | {len(ids)} rules, s | {len(hundred)} rules, s | ratio |")
    print("| --- | --- | --- | --- |")
    for tree in options.trees:
        times = [
            (user([*scan, tree]), user([*scan, "--rules", ",".join(hundred), tree]))
            for _ in range(options.runs)
        ]
        own, few = (min(pair[side] for pair in times) for side in range(2))
        print(f"| {os.path.basename(os.path.abspath(tree))} | {own:.3f} | {few:.3f} | {own / few:.3f} |", flush=True)


if __name__ == "__main__":
    main()
