#!/usr/bin/env python3
"""Scores of Splink beside those of the same model imported here.

  pip install splink==5.0.0 duckdb==2.0.0
  benches/peers/splink_scores.py DATA.csv OUT [--compare]

Trains Splink on DATA (columns unique_id first_name surname dob email phone street city postcode, and what else there
is), and writes OUT/model.json and OUT/scores.csv with every candidate pair's match weight. --compare then runs
`cargo run --release --example splink_scores`, which scores the same pairs and prints the greatest difference.
"""
import argparse, csv, os, subprocess, sys, time

import splink_people as people
import duckdb, splink
import splink.comparison_library as cl
import splink.comparison_level_library as cll
from splink import ColumnExpression, Linker, SettingsCreator, block_on

p = argparse.ArgumentParser()
p.add_argument("data")
p.add_argument("out")
p.add_argument("--compare", action="store_true")
p.add_argument("--rich", action="store_true", help="comparisons of every kind, for small data")
a = p.parse_args()
con, api = people.load(a.data)
comparisons, rules = people.comparisons(), people.rules()
if a.rich:
    comparisons = [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="full_name"),
        cl.DateOfBirthComparison("dob", input_is_string=True, datetime_format="%Y-%m-%d"),
        cl.EmailComparison("email").configure(**people.ADJUSTED),
        cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
        cl.JaccardAtThresholds("street", [0.9, 0.7]),
        cl.JaroAtThresholds(ColumnExpression("city").lower().substr(1, 6), [0.9]),
        cl.PostcodeComparison("postcode"),
        cl.CustomComparison(output_column_name="house", comparison_levels=[
            cll.NullLevel("house"), cll.ExactMatchLevel("house", term_frequency_adjustments=True).configure(
                tf_adjustment_weight=0.5, tf_minimum_u_value=0.02),
            cll.LevenshteinLevel("house", 1),
            cll.ElseLevel()]),
    ]
if a.rich:
    rules += [block_on("dob"), block_on("city"), block_on("substr(surname,1,3)")]
settings = SettingsCreator(link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules,
                           retain_intermediate_calculation_columns=False, retain_matching_columns=False)
linker = Linker(api.register("src"), settings)
linker.training.estimate_probability_two_random_records_match(
    [block_on("email", "dob"), block_on("first_name", "surname", "dob")], recall=0.8)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
for rule in (block_on("dob"), block_on("email"), block_on("postcode")):
    linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
os.makedirs(a.out, exist_ok=True)
linker.misc.save_model_to_json(f"{a.out}/model.json", overwrite=True)
# As the file has it: levels that were never seen in training have other values in the session that trained.
linker = Linker(people.DuckDBAPI(con).register("src"), f"{a.out}/model.json")
begun = time.process_time()
pairs = linker.inference.predict(threshold_match_weight=-1000)
spent = time.process_time() - begun
rows = con.execute(f"select unique_id_l, unique_id_r, match_weight from {pairs.physical_name} order by 1, 2").fetchall()
with open(f"{a.out}/scores.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["id_l", "id_r", "match_weight"])
    w.writerows((l, r, repr(s)) for l, r, s in rows)
print(f"Splink {splink.__version__}, DuckDB {duckdb.__version__}: {len(rows)} pairs in {spent:.2f} CPU s (blocking and scoring)")
if a.compare:
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    command = ["cargo", "run", "-q", "--release", "--example", "splink_scores", "--", os.path.abspath(a.data),
               os.path.abspath(f"{a.out}/model.json"), os.path.abspath(f"{a.out}/scores.csv")]
    sys.exit(subprocess.run(command, cwd=root).returncode)
