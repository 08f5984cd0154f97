#!/usr/bin/env python3
"""Splink beside stitchline with Splink's own model and blocking rules, on one thread each.

    pip install splink==5.0.0 duckdb==2.0.0
    cargo build --release && benches/peers/splink_side_by_side.py DATA.csv OUT [--runs 3] [--record FOLDER]

DATA has the columns unique_id true_id first_name surname dob email phone street city postcode. Splink trains and saves
its model to OUT/model.json; then blocking, scoring and clustering are timed in turns, each run in a process of its own:
Splink's from its saved model, and `stitchline dedupe --model`. Processor seconds and peak memory are medians of the
runs; accuracy is that of the clusters, pairwise, of Splink at the probability .95 and at the best of several
thresholds by the truth, of stitchline at what it takes for a model of Splink where nothing is asked for, .95 too.
"""
import argparse, datetime, json, os, pathlib, resource, statistics, subprocess, sys

import splink_people as people
import duckdb, splink
from splink import Linker, SettingsCreator, block_on

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
THRESHOLDS = (0, 2, 4, 6, 8, 10, 12, 15)


def train(data, out):
    con, api = people.load(data)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=people.comparisons(),
        blocking_rules_to_generate_predictions=people.rules(),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = Linker(api.register("src"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("email", "dob"), block_on("phone", "dob"), block_on("first_name", "surname", "dob"),
         block_on("first_name", "surname", "postcode")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("dob"), block_on("email")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=2e6)
    linker.misc.save_model_to_json(f"{out}/model.json", overwrite=True)


def run_splink(data, out):
    con, api = people.load(data)
    linker = Linker(api.register("src"), f"{out}/model.json")
    spent = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    begun = spent()
    pairs = linker.inference.predict(threshold_match_weight=-8)
    scored = spent()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.95)
    ended = spent()
    count = linker.inference.compute_blocked_pairs_for_predict().physical_name
    figures = dict(
        block_and_score=scored - begun, cluster=ended - scored,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        pairs=con.execute(f"select count(*) from {count}").fetchall()[0][0],
        f1=pairwise(con, clusters.physical_name), best=0.0,
    )
    for bits in THRESHOLDS:
        made = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_weight=bits)
        figures["best"] = max(figures["best"], pairwise(con, made.physical_name))
    print(json.dumps(figures))


def pairwise(con, clusters):
    pairs = lambda by, source: con.execute(
        f"select sum(n * (n - 1) // 2) from (select count(*) n from {source} group by {by})").fetchall()[0][0]
    # Clusters come with the columns of the data.
    found, right = pairs("cluster_id", clusters), pairs("cluster_id, true_id", clusters)
    true = pairs("true_id", "src")
    return float(2 * right / (found + true))


def run_ours(data, out):
    command = [ROOT / "target/release/stitchline", "dedupe", data, "--model", f"{out}/model.json", "--truth", "true_id",
               "--threads", "1", "--output", f"{out}/clusters.csv", "--json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    cpu = {phase["phase"]: phase["cpu_seconds"] for phase in report["phases"]}
    memory = max(phase["peak_memory_bytes"] / 1e6 for phase in report["phases"] if phase["phase"] in ("block", "score", "cluster"))
    return dict(block_and_score=cpu["block"] + cpu.get("train", 0) + cpu["score"], cluster=cpu["cluster"], memory=memory,
                pairs=report["counts"]["candidates"], f1=report["quality"]["clusters"]["pairwise"]["f1"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--record")
    parser.add_argument("--only-splink", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_splink:
        return run_splink(asked.data, asked.out)
    os.makedirs(asked.out, exist_ok=True)
    train(asked.data, asked.out)
    theirs, ours = [], []
    for _ in range(asked.runs):
        command = [sys.executable, __file__, asked.data, asked.out, "--only-splink"]
        theirs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]))
        ours.append(run_ours(asked.data, asked.out))
    median = lambda runs, name: statistics.median(run[name] for run in runs)
    lines = ["figure,splink,stitchline,ratio"]
    for name in ("block_and_score", "cluster", "memory", "pairs", "f1"):
        a, b = median(theirs, name), median(ours, name)
        lines.append(f"{name},{a:.4g},{b:.4g},{b / a:.3f}")
    total = [sum(median(runs, name) for name in ("block_and_score", "cluster")) for runs in (theirs, ours)]
    lines.append(f"block score and cluster,{total[0]:.4g},{total[1]:.4g},{total[1] / total[0]:.3f}")
    lines.append(f"f1 at Splink's best threshold by the truth,{median(theirs, 'best'):.4g},,")
    print("\n".join(lines))
    if asked.record:
        cpu = next((l.split(": ")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
        about = f"# {cpu}; Splink {splink.__version__}, DuckDB {duckdb.__version__}; {pathlib.Path(asked.data).name}, {asked.runs} runs"
        path = pathlib.Path(asked.record) / f"{datetime.date.today()}-splink.csv"
        path.write_text("\n".join([about, *lines]) + "\n")


if __name__ == "__main__":
    main()
