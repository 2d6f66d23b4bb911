#!/usr/bin/env python3
"""Counts the words of source trees: what people write, as opposed to what machines draw at random.

usage: words.py FOLDER... (run from the repository's root)

In: folders of source code and documentation, the more varied the better. Out, below src/detect/generic/tables/:
  words.txt     the words that most folders and files use, sorted, one a line
  trigrams.bin  for each two letters what the third one costs, in sixteenths of a bit: 27 x 27 x 27 bytes,
                where letter 0 is the edge of a word

Both are counts over all of the text; no file is quoted. The tables are read by src/detect/generic/words.rs.
"""

import collections
import math
import os
import re
import sys

WORDS = 8000
SHORTEST, LONGEST = 3, 16
LETTERS = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
TEXT = {
    "c", "h", "cc", "cpp", "hpp", "cs", "java", "kt", "scala", "js", "jsx", "ts", "tsx", "vue", "py", "rb", "rs",
    "go", "swift", "m", "php", "pl", "lua", "ex", "exs", "erl", "hs", "sh", "md", "rst", "txt", "adoc", "yml",
    "yaml", "toml", "ini", "cfg", "properties", "tf", "sql", "html",
}
LARGEST = 200_000


def files(folder):
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in {".git", "node_modules", "vendor", "target"})
        for name in sorted(names):
            path = os.path.join(base, name)
            if name.rsplit(".", 1)[-1].lower() in TEXT and os.path.isfile(path) and os.path.getsize(path) < LARGEST:
                yield path


def words_of(path):
    with open(path, "rb") as text:
        return {word.decode().lower() for word in LETTERS.findall(text.read()) if len(word) <= LONGEST}


def count(folders):
    """How many files use each word, no folder counting for more than a hundredth of its files each."""
    total, spread = collections.Counter(), collections.Counter()
    for folder in folders:
        seen = collections.Counter()
        number = 0
        for path in files(folder):
            number += 1
            seen.update(words_of(path))
        for word, times in seen.items():
            if times > 1:
                total[word] += times / max(number, 1)
                spread[word] += 1
        print(f"{folder}: {number} files, {len(seen)} words", file=sys.stderr)
    return total, spread


def trigrams(total):
    """Costs in sixteenths of a bit, smoothed, of each letter after two others."""
    counts = [1] * 27**3
    for word, weight in total.items():
        letters = [0, 0] + [ord(c) - 96 for c in word] + [0]
        times = 1 + int(math.log2(1 + weight * 10_000))
        for a, b, c in zip(letters, letters[1:], letters[2:]):
            counts[(a * 27 + b) * 27 + c] += times
    table = bytearray()
    for pair in range(27 * 27):
        row = counts[pair * 27 : pair * 27 + 27]
        whole = sum(row)
        table += bytes(min(255, round(-math.log2(c / whole) * 16)) for c in row)
    return bytes(table)


def main():
    folders = sys.argv[1:]
    if not folders:
        sys.exit(__doc__)
    total, spread = count(folders)
    wide = {w: t for w, t in total.items() if spread[w] >= min(3, len(folders))}
    common = sorted((w for w in wide if len(w) >= SHORTEST), key=lambda w: (-spread[w], -wide[w], w))[:WORDS]
    target = "src/detect/generic/tables"
    os.makedirs(target, exist_ok=True)
    with open(f"{target}/words.txt", "w") as out:
        out.write("".join(f"{word}\n" for word in sorted(common)))
    with open(f"{target}/trigrams.bin", "wb") as out:
        out.write(trigrams(wide))


main()
