#!/usr/bin/env python3
"""Times a scan with all rules beside one with a hundred of them, on trees of one's own.

Usage: benches/rules.py [--runs N] [--leakstop PROGRAM] TREE...

The hundred are spread over the list of rules. The judges of generic credentials, which every scan has, are among them,
and so are the rules that find something in the tree: both sides report the same, and what is compared is what the
others cost by being there. Prints for each tree the least user time of N runs on one thread of either, which take turns, and their ratio;
then the same of the processor's time in all. Some systems count the one in steps of some milliseconds, and the other
exactly. Where a repository's own settings would choose rules they are left out.
"""

import argparse
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JUDGES = ["generic-password", "generic-secret"]


def times(command):
    """User time of a command, and its time of the processor in all."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"failed: {' '.join(command)[:200]}")
    return usage.ru_utime, usage.ru_utime + usage.ru_stime


def finders(command):
    """The rules that find something, and the judges."""
    found = subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout
    return {finding["rule_id"] for finding in json.loads(found)["findings"]} | set(JUDGES)


def choice(ids, needed):
    """A hundred rules: those needed, and others spread over the list."""
    others = [rule for rule in ids if rule not in needed]
    more = max(100 - len(needed), 0)
    return sorted(needed | set(others[:: max(len(others) // max(more, 1), 1)][:more]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--leakstop", default=os.path.join(ROOT, "target", "release", "leakstop"))
    parser.add_argument("trees", nargs="+")
    options = parser.parse_args()
    listed = subprocess.run([options.leakstop, "rules", "list", "--format", "json"], check=True, stdout=subprocess.PIPE)
    ids = [rule["id"] for rule in json.loads(listed.stdout)["rules"]]
    scan = [options.leakstop, "scan", "--no-repo-config", "--threads", "1", "--format", "json"]
    sides = [f"{len(ids)} rules, s", "100 rules, s"]
    print(f"| tree | {sides[0]} | {sides[1]} | ratio | {sides[0]} in all | {sides[1]} in all | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    sums = [0.0] * 4
    for tree in options.trees:
        chosen = ",".join(choice(ids, finders([*scan, tree])))
        runs = [
            (*times([*scan, tree]), *times([*scan, "--rules", chosen, tree]))
            for _ in range(options.runs)
        ]
        least = [min(run[at] for run in runs) for at in range(4)]
        sums = [total + one for total, one in zip(sums, least)]
        show(os.path.basename(os.path.abspath(tree)), least)
    if len(options.trees) > 1:
        show("all", sums)


def show(name, least):
    """A row: least times of all rules, in user time and in all, then those of a hundred."""
    user, whole, few, whole_few = least
    row = f"{user:.3f} | {few:.3f} | {user / few:.3f} | {whole:.3f} | {whole_few:.3f} | {whole / whole_few:.3f}"
    print(f"| {name} | {row} |", flush=True)


if __name__ == "__main__":
    main()
