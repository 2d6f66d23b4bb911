#!/usr/bin/env python3
"""Puts passwords that people would choose where labelled lines hold random letters.

usage: people.py LABELLED.jsonl.gz > PEOPLE.jsonl

In: labelled lines, whose real values were replaced by random letters of the same form. Out: the same lines for real
passwords, with values made of words, numbers and marks. Without them a model would learn that a
password is never made of words.
"""

import gzip
import json
import random
import sys

MARKS = "!@#$%&*?.-_+="
LEET = str.maketrans("aeios", "43105")


def words():
    with open("src/detect/generic/tables/words.txt") as lines:
        common = [w for w in lines.read().split() if 4 <= len(w) <= 9]
    plain = {"password", "secret", "token", "string", "value", "default", "example", "test", "user", "null", "none"}
    return [w for w in common if w not in plain]


def password(rng, pool):
    word, other = rng.choice(pool), rng.choice(pool)
    number = rng.choice([str(rng.randrange(10)), str(rng.randrange(10, 100)), str(rng.randrange(100, 1000)), str(rng.randrange(1950, 2030))])
    mark = rng.choice(MARKS)
    forms = [
        word + number,
        word.title() + number,
        word.title() + mark + number,
        word.title() + number + mark,
        word + mark + other + number,
        word[:4].title() + other + number + mark,
        word.translate(LEET) + number,
        word.title().translate(LEET) + mark,
        number + word.title() + mark,
        word + other + number,
        word.upper()[:5] + mark + number + other[:3],
        word.title() + other.title() + number + mark,
    ]
    return rng.choice(forms)


def main():
    rng = random.Random(7)
    pool = words()
    with gzip.open(sys.argv[1], "rt") as lines:
        for line in lines:
            record = json.loads(line)
            value = record["value"]
            text = record["text"]
            if record["label"] != "T" or not value or "Password" not in record["category"] or value not in "\n".join(text):
                continue
            made = password(rng, pool)
            record["text"] = [part.replace(value, made) for part in text]
            record["value"] = made
            print(json.dumps(record))


main()
