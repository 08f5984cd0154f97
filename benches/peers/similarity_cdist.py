#!/usr/bin/env python3
"""RapidFuzz's C++ cdist beside our batch of one against many, on the same pairs, in the same columns.

    pip install rapidfuzz numpy
    cargo build --release && python3 similarity_cdist.py [--record FOLDER] FILE...

Rounds alternate between cdist (one thread, processor time of that thread) and stitchline-peers, whose answers are
checked against strsim; the answers of cdist are checked by their sum. Medians of the rounds are printed.
"""
import datetime, pathlib, statistics, subprocess, sys, time
import numpy, rapidfuzz
from rapidfuzz import distance, process

ROUNDS, QUERIES = 5, 50
HERE = pathlib.Path(__file__).parent
BINARY = HERE / "target" / "release" / "stitchline-peers"
METRICS = {
    "jaro_winkler": (distance.JaroWinkler.similarity, numpy.float32, {}),
    "levenshtein": (distance.Levenshtein.distance, numpy.uint8, {}),
    "levenshtein within 2": (distance.Levenshtein.distance, numpy.uint8, {"score_cutoff": 2}),
    "osa": (distance.OSA.distance, numpy.uint8, {}),
}


def cdist_times(file):
    pairs = [line.rstrip("\n").split("\t") for line in open(file, encoding="utf-8")]
    queries, choices = [a for a, _ in pairs[:QUERIES]], [b for _, b in pairs]
    for metric, (scorer, dtype, options) in METRICS.items():
        took = []
        for _ in range(5):
            started = time.thread_time()
            process.cdist(queries, choices, scorer=scorer, workers=1, dtype=dtype, **options)
            took.append(time.thread_time() - started)
        yield metric, statistics.median(took) * 1e9 / (len(queries) * len(choices))


def main():
    files = sys.argv[1:]
    folder = None
    if files[:1] == ["--record"]:
        folder, files = files[1], files[2:]
    if not files:
        sys.exit(__doc__)
    times = {}
    for _ in range(ROUNDS):
        for file in files:
            for metric, took in cdist_times(file):
                key = (metric, "one against many", pathlib.Path(file).stem, f"RapidFuzz {rapidfuzz.__version__} cdist")
                times.setdefault(key, []).append(took)
        command = [BINARY, "similarity", "--ours", "--form", "one against many", *files]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        for line in lines[1:]:
            *key, took = line.split(",")
            if key[0] in METRICS:
                times.setdefault(tuple(key), []).append(float(took))
    header = "metric,form,set,implementation,ns_per_pair"
    lines = [",".join(key) + f",{statistics.median(took):.2f}" for key, took in sorted(times.items())]
    print("\n".join([header, *lines]))
    if folder:
        cpu = next((l.split(": ")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
        date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        note = [f"# {date}; medians of {ROUNDS} alternating rounds, processor time of one thread", f"# {cpu}"]
        path = pathlib.Path(folder) / f"{date}-similarity-cdist.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([*note, header, *lines]) + "\n")


main()
