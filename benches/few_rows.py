#!/usr/bin/env python3
"""How well files of few rows are linked: samples of a labelled file, each deduplicated by itself without configuration.

    cargo build --release
    benches/few_rows.py DATA.csv --truth COLUMN [--samples 60] [-- --id ID --source SOURCE …]

Of each size half of the samples hold one customer of several rows (at most half of the sample, at least two) among rows of
others, half hold customers of several rows alone. A third of each has two customers who have a value in common that few rows
have, such as relatives at one address, or namesakes. Printed are precision, recall and F1 of the pairs in clusters, the pairs
of all samples of a size counted together. The same samples each time.
"""
import argparse, collections, csv, json, pathlib, random, subprocess, sys, tempfile

BINARY = pathlib.Path(__file__).resolve().parent.parent / "target/release/stitchline"
SIZES = (3, 4, 6, 10, 20, 50)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("data")
    parser.add_argument("--truth", required=True)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--binary", default=BINARY)
    given, options = sys.argv[1:], []
    if "--" in given:
        given, options = given[: given.index("--")], given[given.index("--") + 1 :]
    args = parser.parse_args(given)
    with open(args.data, newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    truth = head.index(args.truth)
    customers, holders = collections.defaultdict(list), collections.defaultdict(set)
    for row in rows:
        customers[row[truth]].append(row)
        for column, value in enumerate(row):
            if value and column != truth:
                holders[column, value].add(row[truth])
    several = sorted(key for key, own in customers.items() if len(own) > 1)
    every = sorted(customers)
    common = [sorted(own) for key, own in sorted(holders.items()) if 2 <= len(own) <= 3]
    chance = random.Random(20261127)
    print("rows  precision  recall  F1     true, wrong and missed pairs")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "sample.csv"
        for size in SIZES:
            sums = [0, 0, 0]
            for number in range(args.samples):
                chosen = list(chance.choice(common)[:2]) if common and number % 3 == 0 else []
                chosen = chosen or [chance.choice(several)]
                others = every if number % 2 else several
                sample, seen = [], set()
                while len(sample) < size and len(seen) < len(others):
                    key = chosen.pop() if chosen else chance.choice(others)
                    if key in seen:
                        continue
                    seen.add(key)
                    own = customers[key]
                    sample += chance.sample(own, min(len(own), max(2, size // 2)))
                with open(path, "w", newline="", encoding="utf-8") as file:
                    csv.writer(file).writerows([head, *sample[:size]])
                command = [args.binary, "dedupe", path, "--truth", args.truth, "--json", *options]
                run = subprocess.run(command, capture_output=True, text=True)
                if run.returncode:
                    sys.exit(run.stderr)
                pairs = json.loads(run.stdout)["quality"]["clusters"]["pairs"]
                for at, kind in enumerate(("true_positives", "false_positives", "false_negatives")):
                    sums[at] += pairs[kind]
            true, wrong, missed = sums
            precision, recall = true / max(true + wrong, 1), true / max(true + missed, 1)
            f1 = 2 * true / max(2 * true + wrong + missed, 1)
            print(f"{size:4}  {precision:9.3f}  {recall:6.3f}  {f1:.3f}  {true:6} {wrong:5} {missed:6}")


main()
