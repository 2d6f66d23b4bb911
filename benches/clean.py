#!/usr/bin/env python3
"""Scans a folder of source trees that hold next to no secrets, and counts what is reported.

Usage: benches/clean.py [--leakstop FILE] [--verdicts FILE] [--todo FILE] FOLDER

Each folder in FOLDER is one tree. Prints lines and findings by tree, by rule and, once they are reviewed, by
verdict, with false alarms for each million lines; vendors' rules and generic ones apart. Works offline.

FILE of --verdicts has a line for each finding that has been reviewed, with tabs between: tree, path, line,
rule, the first 16 hex digits of the value's SHA-256, and one of `true` (a credential that opens something, or did),
`test` (one of a test or a development set-up), `example` (a made-up one in documentation) and `false` (none).
Findings without a verdict are appended to FILE of --todo in the same form with `?` in place of it, and to that
their text: look at the line, put the verdict, move it over. Keep both out of the repository: --todo holds values.
"""

import argparse
import collections
import hashlib
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LEAKSTOP = os.path.join(ROOT, "target", "release", "leakstop")
VERDICTS = ["true", "test", "example", "false", "?"]
LANGUAGES = {
    "assembler, device trees": "s asm nasm dts dtsi",
    "C, C++, Objective-C": "c h cc cpp cxx hpp hh m mm inl",
    "C#": "cs",
    "Clojure": "clj cljs cljc",
    "Coq, OCaml": "v ml mli mll mly",
    "Crystal": "cr",
    "Dart": "dart",
    "Elixir": "ex exs",
    "Erlang": "erl hrl",
    "Go": "go",
    "Haskell": "hs lhs",
    "HTML, CSS, templates": "html htm css scss less hbs twig jsp erb tpl xhtml svg",
    "Java": "java",
    "JavaScript": "js mjs cjs jsx",
    "Kotlin": "kt kts",
    "Lua": "lua",
    "Nim": "nim",
    "Perl": "pl pm t pod",
    "PHP": "php phtml inc phpt",
    "PowerShell": "ps1 psm1 psd1",
    "prose": "md markdown rst txt adoc tex texi pod xml po",
    "Python": "py pyi pyx",
    "R": "r rd",
    "Racket, Scheme": "rkt scm ss scrbl",
    "Ruby": "rb rake gemspec",
    "Rust": "rs",
    "Scala": "scala sbt",
    "settings and data": "json yaml yml toml ini cfg conf properties tf hcl proto csv",
    "shell": "sh bash zsh fish",
    "SQL": "sql",
    "Swift": "swift",
    "TypeScript": "ts tsx mts cts",
    "Vim script": "vim",
}
BY_SUFFIX = {suffix: name for name, list_ in LANGUAGES.items() for suffix in list_.split()}


def text_lines(tree):
    """Lines of the text files of a tree, by language: files without a NUL in their first 8,000 bytes."""
    lines = collections.Counter()
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                head = file.read(8000)
                if b"\0" in head:
                    continue
                count = head.count(b"\n")
                while block := file.read(1 << 20):
                    count += block.count(b"\n")
            suffix = os.path.splitext(name)[1][1:].lower()
            lines[BY_SUFFIX.get(suffix, "other")] += count
    return lines


def scan(leakstop, tree):
    """The JSON report on a tree: everything of the tree itself, by the rules as they come."""
    command = [leakstop, "-C", tree, "scan", "--no-ignore", "--no-repo-config", "--show-secrets"]
    done = subprocess.run([*command, "--format", "json", "--no-progress"], stdout=subprocess.PIPE)
    if done.returncode not in (0, 1):
        sys.exit(f"{tree}: leakstop ended with {done.returncode}")
    return json.loads(done.stdout)


def key(tree, finding):
    """What a verdict is about."""
    value = hashlib.sha256((finding["secret"] or "").encode()).hexdigest()[:16]
    return (tree, finding["path"], str(finding["start_line"]), finding["rule_id"], value)


def read(path):
    """Verdicts by key."""
    if not path or not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip()]
    return {tuple(row[:5]): row[5] for row in rows}


def is_generic(rule):
    """Whether a rule judges names and values, and knows no vendor's form."""
    return rule.startswith("generic-")


def row(cells):
    """A row of a table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def shown(counts):
    """Counts by verdict, those without one only where there are any."""
    return [counts[v] for v in VERDICTS[:4]] + ([f"{counts['?']} open"] if counts["?"] else [])


def main():
    """Scans, counts, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--leakstop", default=LEAKSTOP)
    parser.add_argument("--verdicts")
    parser.add_argument("--todo")
    parser.add_argument("folder")
    options = parser.parse_args()
    verdicts = read(options.verdicts)
    trees = sorted(entry.name for entry in os.scandir(options.folder) if entry.is_dir())
    languages, rules, todo = collections.Counter(), collections.defaultdict(collections.Counter), []
    total = {False: collections.Counter(), True: collections.Counter()}
    row(["tree", "lines", "vendor: true", "test", "example", "false", "generic: true", "test", "example", "false"])
    row(["---"] * 10)
    for tree in trees:
        path = os.path.join(options.folder, tree)
        lines = text_lines(path)
        languages.update(lines)
        counts = {False: collections.Counter(), True: collections.Counter()}
        for finding in scan(options.leakstop, path)["findings"]:
            verdict = verdicts.get(key(tree, finding), "?")
            counts[is_generic(finding["rule_id"])][verdict] += 1
            rules[finding["rule_id"]][verdict] += 1
            if verdict == "?":
                todo.append((*key(tree, finding), "?", repr(finding["secret"])))
        for kind in (False, True):
            total[kind].update(counts[kind])
        row([tree, f"{sum(lines.values()):,}", *shown(counts[False]), *shown(counts[True])])
    million = sum(languages.values()) / 1e6
    row(["all", f"{sum(languages.values()):,}", *shown(total[False]), *shown(total[True])])
    for kind, name in ((False, "vendors' rules"), (True, "generic rules")):
        if not total[kind]["?"]:
            print(f"\n{name}: {total[kind]['false'] / million:.3f} false for each million lines")
    print()
    row(["rule", *VERDICTS])
    row(["---"] * 6)
    for rule in sorted(rules):
        row([rule, *(rules[rule][v] for v in VERDICTS)])
    print()
    row(["language", "lines"])
    row(["---"] * 2)
    for name, count in languages.most_common():
        row([name, f"{count:,}"])
    if todo and options.todo:
        with open(options.todo, "a", encoding="utf-8") as file:
            file.writelines("\t".join(line) + "\n" for line in todo)
    print(f"\n{len(todo)} findings without a verdict")


if __name__ == "__main__":
    main()
