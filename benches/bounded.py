#!/usr/bin/env python3
"""Scans input that is made to be slow or large, in growing sizes, and prints what it costs.

Usage: benches/bounded.py [--leakstop FILE] [--runs N] [--gigabyte] [KIND…]

Prints a table in Markdown: for each kind the processor time at 1, 2, 4 and 8 units, the most memory at 1 and 8, and
how time grew from 4 to 8 units: 2 is linear. --gigabyte adds lines of 1 GB, read from a pipe. Ends with status 1 if
some kind grew by more than 2.5, or took more memory than it may. Everything is made at run time in a temporary folder. Needs git and
/usr/bin/time.
"""

import argparse
import base64
import gzip
import io
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import zipfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAKSTOP = os.path.join(ROOT, "target", "release", "leakstop")
MIB = 1 << 20
# Memory that a scan may take whatever it reads: two threads with a window each, unpackers, libgit2.
MEMORY = 300
KEEN = 0.05


class Kind:
    """A kind of input: its name, its unit, and how to make `units` of it in a folder."""

    def __init__(self, name, unit, make, command=("scan", "."), memory=MEMORY, growth=2.5):
        self.name, self.unit, self.make = name, unit, make
        self.command, self.memory, self.growth = command, memory, growth


def text(part):
    """A file of `units` MiB of one part."""
    def make(folder, units):
        size = units * MIB
        with open(os.path.join(folder, "f"), "wb") as out:
            whole = part * (size // len(part) + 1)
            out.write(whole[:size])
    return make


def binary(content):
    """A file of bytes that `content` makes for so many units."""
    def make(folder, units):
        with open(os.path.join(folder, "f"), "wb") as out:
            out.write(content(units))
    return make


def words(size, seed=1):
    """Random words: nothing repeats in a way that helps."""
    draw = random.Random(seed)
    known = ["".join(draw.choices("etaoinshrdlu", k=draw.randint(2, 9))) for _ in range(5000)]
    return " ".join(draw.choices(known, k=size // 6 + 1)).encode()[:size]


def keywords():
    """The keywords of all rules, as the rules' files spell them."""
    found = set()
    folder = os.path.join(ROOT, "rules")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".toml"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                for line in file:
                    if line.startswith("keywords"):
                        found.update(re.findall(r'"([^"]+)"', line))
    return " ".join(sorted(found)).encode() + b" "


def encoded(times):
    """Text in base64, that again in base64, and so on."""
    def content(units):
        whole = words(units * MIB * 3**times // 4**times)
        for _ in range(times):
            whole = base64.b64encode(whole)
        return whole + b"\n"
    return content


def blobs(one):
    """As many copies of one encoded value as fill the units, a line each."""
    def content(units):
        line = b'x = "' + one + b'"\n'
        return line * (units * MIB // len(line))
    return content


def packed(size):
    """Zeros, compressed."""
    return gzip.compress(bytes(size), 9)


def gzip_bomb(units):
    """A stream that unpacks to a thousand times its size: `units` times 64 MiB."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        for _ in range(units * 64):
            file.write(bytes(MIB))
    return out.getvalue()


def flat_zip(units):
    """An archive of `units` times 1000 entries of 1 MiB of zeros each."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        zeros = bytes(MIB)
        for number in range(units * 64):
            file.writestr(f"e{number}", zeros)
    return out.getvalue()


def many_entries(units):
    """An archive of `units` times 20,000 entries that hold nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for number in range(units * 20000):
            file.writestr(zipfile.ZipInfo(f"e{number}"), b"x")
    return out.getvalue()


def nested_zip(units):
    """Archives of four archives of four …, 6 deep, 256 in all; each holds `units` MiB of zeros."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(units * MIB))
    whole = inner.getvalue()
    for level in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            for number in range(4 if level < 4 else 1):
                file.writestr(f"{level}-{number}.zip", whole)
        whole = out.getvalue()
    return whole


def overlapping_zip(units):
    """Every entry's bytes are the headers and bytes of all that follow: each is stored, quoting the next."""
    body = zlib.compress(bytes(units * MIB), 9)[2:-4]
    def header(name, method, size):
        fields = b"\x14\0\0\0" + method.to_bytes(2, "little") + bytes(4) + bytes(4)
        sizes = size.to_bytes(4, "little") * 2
        return b"PK\x03\x04" + fields + sizes + len(name).to_bytes(2, "little") + bytes(2) + name
    whole = header(b"kernel", 8, len(body)) + body
    for number in range(200):
        whole = header(b"%d" % number, 0, len(whole)) + whole
    return whole + b"PK\x05\x06" + bytes(18)


def git(folder, *arguments, feed=None):
    """Runs git in a folder that knows no settings of this machine."""
    environment = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", HOME=folder, GIT_CONFIG_GLOBAL=os.devnull)
    done = subprocess.run(["git", *arguments], cwd=folder, input=feed, env=environment, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode().strip()


WHO = b"committer A <a@example.com> 1700000000 +0000\ndata 1\nm\n"


def deep_trees(folder, units):
    """`units` times 2,000 folders inside each other, made without writing them to disk."""
    git(folder, "init", "-q", "--bare", ".")
    path = b"d/" * (units * 2000) + b"f"
    git(folder, "fast-import", "--quiet",
        feed=b"commit refs/heads/main\n" + WHO + b"M 100644 inline " + path + b"\ndata 2\nx\n\n")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")


def wide_trees(folder, units):
    """One folder of `units` times 10,000 files, in three commits."""
    git(folder, "init", "-q", "--bare", ".")
    feed = [b"blob\nmark :1\ndata 2\nx\n\n"]
    for commit in range(3):
        feed.append(b"commit refs/heads/main\n" + WHO)
        names = range(units * 10000) if commit == 0 else range(commit)
        feed.extend(b"M 100644 :1 n%d-%d\n" % (name, commit) for name in names)
    git(folder, "fast-import", "--quiet", feed=b"".join(feed))
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")


def chain(folder, units):
    """A file of `units` times 500 versions in chains of deltas as long as git makes them: 4,095."""
    git(folder, "init", "-q", "--bare", ".")
    draw = random.Random(2)
    lines = [words(60, n) for n in range(400)]
    feed = []
    for version in range(units * 500):
        lines[draw.randrange(len(lines))] = words(60, version + 1000)
        whole = b"\n".join(lines)
        feed.append(b"commit refs/heads/main\n" + WHO + b"M 100644 inline f\ndata %d\n" % len(whole))
        feed.append(whole + b"\n")
    git(folder, "fast-import", "--quiet", "--depth=4095", feed=b"".join(feed))
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")


def loops(folder, units):
    """Folders with links to themselves, to their parents and to each other; FIFOs; a link to a device."""
    for number in range(units * 1000):
        inner = os.path.join(folder, f"d{number}")
        os.mkdir(inner)
        os.symlink("..", os.path.join(inner, "up"))
        os.symlink(".", os.path.join(inner, "self"))
        os.symlink(f"../d{number + 1}", os.path.join(inner, "next"))
        os.symlink("/dev/zero", os.path.join(inner, "zero"))
        os.mkfifo(os.path.join(inner, "fifo"))
        with open(os.path.join(inner, "f"), "w", encoding="utf-8") as out:
            out.write("x\n")


def deep_folders(folder, units):
    """`units` times 250 folders inside each other."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(units * 250):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def findings(head, tail):
    """Nothing but findings, `units` MiB of them: a value of its own in each line."""
    alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

    def make(folder, units):
        draw = random.Random(3)
        with open(os.path.join(folder, "f"), "w", encoding="utf-8") as out:
            written = 0
            while written < units * MIB:
                written += out.write(head + "".join(draw.choices(alphabet, k=24)) + tail)
    return make


ONE = base64.b64encode(packed(MIB))
KINDS = [
    Kind("a long line", "MiB", binary(lambda units: words(units * MIB))),
    Kind("quotes", "MiB", text(b"\"'`")),
    Kind("one quote that never ends", "MiB", binary(lambda units: b'x = "' + words(units * MIB))),
    Kind("nesting", "MiB", text(b'{"key":[(')),
    Kind("every keyword, again and again", "MiB", text(keywords())),
    Kind("`password=`", "MiB", text(b"password=")),
    Kind("`AKIA`", "MiB", text(b"AKIA")),
    Kind("one letter", "MiB", text(b"a")),
    Kind("one letter, zeros", "MiB", text(b"\0")),
    Kind("backslashes", "MiB", text(b"\\")),
    Kind("percent signs", "MiB", text(b"%41%")),
    Kind("literals joined", "MiB", text(b"'q8Zx7Lk2' + ")),
    Kind("base64", "MiB", binary(encoded(1))),
    Kind("base64 of base64, 4 deep", "MiB", binary(encoded(4))),
    Kind("base64 of base64, 8 deep", "MiB", binary(encoded(8))),
    Kind("decode bombs: gzip in base64, 1 MiB of zeros each", "MiB", binary(blobs(ONE))),
    Kind("gzip bomb", "64 MiB", binary(gzip_bomb)),
    Kind("gzip bomb in gzip", "64 MiB", binary(lambda units: gzip.compress(gzip_bomb(units), 9))),
    Kind("zip bomb, flat", "64 MiB", binary(flat_zip)),
    Kind("zip bomb, nested 6 deep", "256 MiB", binary(nested_zip)),
    Kind("zip bomb, overlapping entries", "200 MiB", binary(overlapping_zip)),
    Kind("zip of many entries", "20,000", binary(many_entries)),
    # The system follows the whole path for each; it ends at 4,096 bytes.
    Kind("folders inside each other", "250", deep_folders, growth=5.5),
    Kind("links, FIFOs and devices", "5,000", loops),
    Kind("trees inside each other, history", "2,000", deep_trees, ("history",)),
    Kind("one huge tree, history", "10,000", wide_trees, ("history",)),
    Kind("one chain of deltas, history", "500", chain, ("history",)),
    Kind("nothing but findings", "MiB", findings("pass" + "word = '", "'\n"), memory=None),
    Kind("findings of a rule for some paths", "MiB", findings("h:5432:d:u:", "\n"), memory=None),
]
GIGABYTE = [
    ("1 GB of one letter", lambda: [b"a" * MIB] * 1000),
    ("1 GB of `password=` on one line", lambda: [b"password=" * (MIB // 9)] * 1000),
    ("1 GB of words on one line", lambda: [words(MIB)] * 1000),
]


def cost(command, folder, feed=None):
    """Processor seconds and MiB of memory of one run; its status must be one that a scan has."""
    with tempfile.NamedTemporaryFile("r") as told:
        # What is started from here would be charged with the memory of this program.
        timed = ["/usr/bin/time", "-q", "-o", told.name, "-f", "%U %S %M", *command]
        with subprocess.Popen(timed, cwd=folder, stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            for piece in feed or []:
                process.stdin.write(piece)
            if feed:
                process.stdin.close()
            process.wait()
        if process.returncode not in (0, 1, 2):
            raise SystemExit(f"{command} ended with {process.returncode}")
        user, system, memory = told.read().split()
    return float(user) + float(system), float(memory) / 1024


def measure(kind, leakstop, times):
    """Times at 1, 2, 4 and 8 units, the least of some, and memory, the most of them."""
    rows = []
    for units in (1, 2, 4, 8):
        with tempfile.TemporaryDirectory() as folder:
            try:
                kind.make(folder, units)
                command = [leakstop, *kind.command, "--no-progress"]
                runs = [cost(command, folder) for _ in range(times)]
            finally:
                # Deeper than Python goes.
                subprocess.run(["find", folder, "-mindepth", "1", "-delete"], check=True)
        rows.append((min(run[0] for run in runs), max(run[1] for run in runs)))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--leakstop", default=LEAKSTOP)
    parser.add_argument("--runs", type=int, default=3, help="runs of each size")
    parser.add_argument("--gigabyte", action="store_true")
    parser.add_argument("kinds", nargs="*", help="words of the names of kinds; all without")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    leakstop = os.path.abspath(options.leakstop)
    chosen = [k for k in KINDS if not options.kinds or any(word in k.name for word in options.kinds)]
    print("| input | unit | 1 | 2 | 4 | 8 units: ms | 4 to 8 | MiB of memory at 1 | at 8 |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    failed = []
    for kind in chosen:
        rows = measure(kind, leakstop, options.runs)
        times = [row[0] for row in rows]
        growth = times[3] / max(times[2], KEEN)
        columns = " | ".join(f"{1000 * time:.0f}" for time in times)
        print(f"| {kind.name} | {kind.unit} | {columns} | {growth:.1f} | {rows[0][1]:.0f} | {rows[3][1]:.0f} |",
              flush=True)
        if growth > kind.growth or (kind.memory and rows[3][1] > kind.memory):
            failed.append(kind.name)
    for name, feed in GIGABYTE if options.gigabyte else []:
        time, memory = cost([leakstop, "stdin", "--no-progress"], ROOT, feed())
        print(f"| {name} | 1 GB | {1000 * time:.0f} | | | | | {memory:.0f} | |", flush=True)
        if memory > MEMORY:
            failed.append(name)
    if failed:
        print("not bounded: " + ", ".join(failed), file=sys.stderr)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
