//! `convert`: rows keep their text, models their scores.

use crate::program::Bench;
use std::path::Path;

fn splink(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/splink")
        .join(name)
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn rows_go_to_and_fro() {
    let bench = Bench::new();
    let text = "Kunde,name,note\n7,\"Lee, Ann\",\"says \"\"hi\"\"\"\n8,Jürgen,\n";
    let (csv, lines, back) = (bench.write("a.csv", text), bench.path("a.jsonl"), bench.path("b.csv"));
    let (lines, back) = (lines.to_str().unwrap(), back.to_str().unwrap());
    let said = bench.run(&["convert", &csv, "--output", lines]).good();
    assert!(said.contains("2 rows of 3 columns"), "{said}");
    let first = std::fs::read_to_string(lines).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(first, r#"{"Kunde":"7","name":"Lee, Ann","note":"says \"hi\""}"#);
    bench.run(&["convert", lines, "--output", back]).good();
    assert_eq!(std::fs::read_to_string(back).unwrap(), text);
}

#[test]
fn senzing_records_become_rows() {
    let bench = Bench::new();
    let text = r#"{"DATA_SOURCE":"C","RECORD_ID":"1","FEATURES":[{"NAME_FIRST":"Ann"},{"PHONE_NUMBER":"1"},{"PHONE_NUMBER":"2"}],"AMOUNT":"5"}"#;
    let file = bench.write("c.jsonl", text);
    let rows = bench.run(&["convert", &file, "--output", "-"]).good();
    assert_eq!(rows, "AMOUNT,DATA_SOURCE,NAME_FIRST,PHONE_NUMBER,PHONE_NUMBER_2,RECORD_ID\n5,C,Ann,1,2,1\n");
}

#[test]
fn models_of_splink_become_ours_and_go_back() {
    let bench = Bench::new();
    let path = |name: &str| bench.path(name).to_str().unwrap().to_owned();
    let (model, spec, again) = (path("model.json"), path("spec.toml"), path("again.json"));
    bench.run(&["convert", &splink("rich/model.json"), "--output", &model, "--save-spec", &spec]).good();
    let said = bench.run(&["convert", &model, "--spec", &spec, "--output", &again]).good();
    assert!(!said.contains("note: "), "{said}");
    // A limit that Splink has not is told of beside the result.
    let text = std::fs::read_to_string(&spec).unwrap();
    let limited =
        bench.write("limited.toml", &text.replacen("largest_block = 2147483648", "largest_block = 50", 1));
    let said = bench.run(&["convert", &model, "--spec", &limited, "--output", &path("limited.json")]).good();
    assert!(said.contains("note: Splink has no limit to blocks: those of more than 50 rows"), "{said}");
    let run = bench.run(&["convert", &model, "--spec", &limited, "--output", "-"]);
    assert!(run.err.starts_with("note: Splink has no limit to blocks"), "{}", run.err);
    assert_eq!(run.good(), std::fs::read_to_string(&again).unwrap());
    let people = splink("people.csv");
    let links = |more: &[&str]| {
        let pairs = path("pairs.csv");
        let mut args = vec!["dedupe", &people, "--id", "unique_id", "--threads", "1", "--pairs", &pairs];
        args.extend(more);
        bench.run(&args).good();
        std::fs::read_to_string(&pairs).unwrap()
    };
    // Also with conditions that none of our tests expresses.
    let theirs = links(&["--model", &splink("rich/model.json")]);
    assert!(theirs.lines().count() > 50);
    assert_eq!(theirs, links(&["--model", &model, "--spec", &spec]));
    assert_eq!(theirs, links(&["--model", &again]));
    let shown = bench.run(&["model", "show", &again]).good();
    assert!(shown.contains("One pair of rows in"), "{shown}");

    let prepared = path("prepared.csv");
    bench.run(&["convert", &people, "--spec", &spec, "--output", &prepared]).good();
    assert_eq!(std::fs::read_to_string(&prepared).unwrap().lines().count(), 401);
    let run = bench.run(&["convert", &model, "--output", &again]);
    assert_eq!((run.code, run.err.contains("--spec")), (2, true), "{}", run.err);
    let run = bench.run(&["train", &people, "--save-model", &model, "--save-spec", &spec, "--threads", "1"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = bench.run(&["convert", &model, "--spec", &spec, "--output", &again]);
    assert_eq!(run.code, 1);
    // All that stands in the way at once, and what to do.
    assert!(
        run.err.contains("model.json: ") && run.err.contains(" things cannot be carried over to Splink:\n- ")
    );
    for said in [
        "--no-relatives",
        "\n- comparison `",
        "train anew",
        "\n- blocking rule `",
        "take the rule out of the spec",
    ] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
    assert!(run.err.contains(&format!("stitchline train FILE --spec {spec} --no-relatives")), "{}", run.err);
}
