#!/usr/bin/env python3
"""Trains the model that tells credentials from other values, and says how good it is.

usage: train.py LABELLED.tsv [--people PEOPLE.tsv] [--clean CLEAN.tsv --reviewed REVIEWED.tsv] [--write]
(run from the repository's root)

In: candidates as `cargo run --release --example quality -- … --dump FILE` writes them, of labelled lines and of
well-kept code; of the latter a list of those a person has looked at: place, value, 1 or 0 for a credential or
none, separated by tabs; and those of the lines that people.py makes. What nobody has looked at there counts a little, as no credential. Out: precision and
recall by cross-validation over repositories, a reliability table, and with --write
src/detect/generic/tables/trees.rs.

Needs: numpy, lightgbm.
"""

import argparse
import collections
import math
import random

import lightgbm
import numpy

FOLDS = 10
TREES = 96
UNIT = 1024
# What a candidate of well-kept code counts that nobody has looked at.
UNSEEN = 0.02
# What a made-up password counts.
MADE = 0.5
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 12,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 4.0,
    "max_bin": 255,
    "min_data_in_bin": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}

Record = collections.namedtuple("Record", "number repo label vendor category")
Candidate = collections.namedtuple("Candidate", "record repo on_lines meant vendor value features")


def load(file):
    with open(file, encoding="utf-8") as lines:
        names = next(lines).rstrip("\n").split("\t")[6:]
        records, candidates = {}, []
        for line in lines:
            head, features = line.rstrip("\n").split("\t")[:6], line.rstrip("\n").split("\t")[6:]
            if features:
                numbers = numpy.array(features, dtype=numpy.uint8)
                candidates.append(Candidate(head[0], head[1], head[2] == "1", head[3] == "1", head[4] == "1", head[5], numbers))
            else:
                records[head[0]] = Record(head[0], head[1], head[3], head[4] == "1", head[5])
    return names, records, candidates


def labels(records, candidates):
    """1, 0 or None (not known) for each candidate."""
    out = []
    for c in candidates:
        record = records[c.record]
        if not (c.on_lines and c.meant):
            out.append(None)
        else:
            out.append(int(record.label == "T"))
    return out


def clean_code(candidates, reviewed):
    """Features, marks and weights of well-kept code's candidates."""
    known = {}
    with open(reviewed, encoding="utf-8") as lines:
        for line in lines:
            place, value, mark = line.rstrip("\n").split("\t")
            known[place, value] = int(mark)
    marks = [known.get((c.record, c.value)) for c in candidates]
    weights = [UNSEEN if m is None else 1.0 for m in marks]
    # Whether a test's password is one is a matter of policy: that of the labels counts.
    kept = [i for i, m in enumerate(marks) if m != 1]
    candidates, marks, weights = ([list(column)[i] for i in kept] for column in (candidates, marks, weights))
    return numpy.array([c.features for c in candidates]), numpy.array([m or 0 for m in marks]), numpy.array(weights)


def folds(repos):
    """Repositories in FOLDS groups of like size, none split."""
    sizes = collections.Counter(repos)
    order = sorted(sizes, key=lambda r: (-sizes[r], r))
    load, where = [0] * FOLDS, {}
    for repo in order:
        least = min(range(FOLDS), key=lambda f: load[f])
        where[repo] = least
        load[least] += sizes[repo]
    return where


def fit(rows, marks, weights, seed=1):
    data = lightgbm.Dataset(rows, marks, weight=weights)
    return lightgbm.train({**PARAMETERS, "seed": seed}, data, num_boost_round=TREES)


def joined(rows, marks, clean, people):
    """Labelled candidates, those of well-kept code and those of made-up passwords, each with its weight."""
    x, y, weights = clean
    made = numpy.array([c.features for c in people]).reshape(len(people), rows.shape[1])
    return (
        numpy.concatenate([rows, x, made]),
        numpy.concatenate([marks, y, numpy.ones(len(made))]),
        numpy.concatenate([numpy.ones(len(rows)), weights, numpy.full(len(made), MADE)]),
    )


def table(records, candidates, scores, threshold):
    """Precision and recall over records, bare identifiers left out, as `quality` counts them."""
    best = collections.defaultdict(float)
    for c, score in zip(candidates, scores):
        if c.on_lines and c.meant and not c.vendor:
            best[c.record] = max(best[c.record], score)
    right = wrong = missed = 0
    for record in records.values():
        if record.category == "UUID":
            continue
        hit = record.vendor or best[record.number] >= threshold
        if record.label == "T":
            right, missed = right + hit, missed + (not hit)
        else:
            wrong += hit
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def reliability(marks, scores):
    print("score      candidates  real")
    for low in range(0, 100, 10):
        inside = [m for m, s in zip(marks, scores) if low <= s * 100 < low + 10 or low == 90 and s == 1]
        if inside:
            print(f"{low/100:.1f}-{low/100+0.1:.1f}  {len(inside):10}  {sum(inside)/len(inside):.3f}")


def calibrate(marks, raw):
    """Slope and offset that make held-out logits honest (Platt)."""
    slope, offset = 1.0, 0.0
    marks = numpy.array(marks)
    for _ in range(50):
        p = 1 / (1 + numpy.exp(-(slope * raw + offset)))
        gradient = numpy.array([((p - marks) * raw).sum(), (p - marks).sum()])
        w = p * (1 - p)
        hessian = numpy.array([[(w * raw * raw).sum(), (w * raw).sum()], [(w * raw).sum(), w.sum()]])
        step = numpy.linalg.solve(hessian + 1e-6 * numpy.eye(2), gradient)
        slope, offset = slope - step[0], offset - step[1]
    return slope, offset


def write(model, names, slope, offset, file):
    dump = model.dump_model()
    nodes, leaves, roots = [], [], []

    def place(tree):
        if "leaf_value" in tree:
            leaves.append(max(-32768, min(32767, round(tree["leaf_value"] * slope * UNIT))))
            return -len(leaves)
        at = len(nodes)
        nodes.append(None)
        most = math.floor(tree["threshold"])
        nodes[at] = (tree["split_feature"], most, place(tree["left_child"]), place(tree["right_child"]))
        return at

    for tree in dump["tree_info"]:
        roots.append(place(tree["tree_structure"]))
    with open(file, "w") as out:
        out.write("// Made by training/train.py.\n")
        out.write(f"#[cfg(test)]\nconst TRAINED_ON: &[&str] = &{str(names).replace(chr(39), chr(34))};\n")
        out.write(f"static BASE: i32 = {round(offset * UNIT)};\n")
        out.write(f"static ROOTS: &[i16] = &{roots};\n")
        rows = ",\n".join(f"    n({f}, {m}, {a}, {b})" for f, m, a, b in nodes)
        out.write(f"static NODES: &[Node] = &[\n{rows},\n];\n")
        out.write(f"static LEAVES: &[i16] = &{leaves};\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("labelled")
    parser.add_argument("--clean")
    parser.add_argument("--reviewed")
    parser.add_argument("--people")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--oof")
    options = parser.parse_args()
    random.seed(7)
    names, records, candidates = load(options.labelled)
    marks = labels(records, candidates)
    known = [i for i, m in enumerate(marks) if m is not None]
    rows = numpy.array([candidates[i].features for i in range(len(candidates))])
    clean = numpy.empty((0, rows.shape[1]), dtype=numpy.uint8), numpy.empty(0), numpy.empty(0)
    if options.clean:
        clean = clean_code(load(options.clean)[2], options.reviewed)
    people = [c for c in load(options.people)[2] if c.on_lines and c.meant] if options.people else []
    where = folds([candidates[i].repo for i in known])
    raw = numpy.full(len(candidates), -20.0)
    group = numpy.array([where.get(c.repo, 0) for c in candidates])
    mark = numpy.array([0 if m is None else m for m in marks])
    kept = numpy.zeros(len(candidates), dtype=bool)
    kept[known] = True
    made = []
    for fold in range(FOLDS):
        inside = kept & (group != fold)
        model = fit(*joined(rows[inside], mark[inside], clean, [c for c in people if where.get(c.repo) != fold]))
        out = group == fold
        raw[out] = model.predict(rows[out], raw_score=True)
        inside = numpy.array([c.features for c in people if where.get(c.repo) == fold])
        if len(inside):
            made.extend(model.predict(inside, raw_score=True))
    slope, offset = calibrate([marks[i] for i in known], raw[known])
    scores = 1 / (1 + numpy.exp(-(slope * raw + offset)))
    made = 1 / (1 + numpy.exp(-(slope * numpy.array(made) + offset)))
    reliability([marks[i] for i in known], scores[known])
    print("threshold      P      R     F1")
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        print("%9.2f  %5.3f  %5.3f  %5.3f" % (threshold, *table(records, candidates, scores, threshold)))
    if people:
        found = numpy.mean([m >= 0.7 for m in made])
        print(f"made-up passwords found at 0.7, held out: {found:.3f}")
    if options.oof:
        with open(options.oof, "w") as out:
            for c, m, s in zip(candidates, marks, scores):
                out.write(f"{c.record}\t{s:.3f}\t{m}\t{int(c.on_lines)}\t{int(c.vendor)}\t{c.value}\n")
    if options.write:
        model = fit(*joined(rows[kept], mark[kept], clean, people))
        gains = sorted(zip(model.feature_importance("gain"), names), reverse=True)
        print("weight of the features:", ", ".join(f"{n} {g / gains[0][0]:.2f}" for g, n in gains[:24]))
        write(model, names, slope, offset, "src/detect/generic/tables/trees.rs")


main()
