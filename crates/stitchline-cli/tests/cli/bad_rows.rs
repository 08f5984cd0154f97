//! Rows, specs and models that cannot be linked as they are: a message that says where and what to do, never a hang,
//! a panic or a row that goes in silence. Files are in `fixtures/bad-input/linkage`.

use crate::program::{Bench, Run};
use std::path::Path;

fn fixture(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bad-input/linkage");
    root.join(name).to_str().unwrap().to_owned()
}

fn dedupe(bench: &Bench, file: &str, more: &[&str]) -> Run {
    let mut args = vec!["dedupe", file, "--threads", "1"];
    args.extend(more);
    bench.run(&args)
}

#[test]
fn what_stops_a_run_is_said_with_file_line_and_what_to_do() {
    let bench = Bench::new();
    let good = fixture("all-null.csv");
    let (spec, model) = (
        |name: &str| ["--spec".to_owned(), fixture(name)],
        |name: &str| ["--model".to_owned(), fixture(name)],
    );
    for (file, more, said) in [
        ("nothing-to-compare.csv", None, &["no column can be compared"][..]),
        ("duplicate-ids.csv", None, &["duplicate-ids.csv:4", "duplicate-ids.csv:8", "same id"]),
        ("no-header.csv", None, &["no-header.csv", "line 1 looks like data"]),
        ("header-only.csv", None, &["fewer than two rows"]),
        ("one-row.csv", None, &["fewer than two rows"]),
        ("latin1.csv", None, &["3 rows left out", "latin1.csv:2: first_name: is not valid UTF-8"]),
        ("utf16.csv", None, &["utf16.csv", "UTF-16", "convert it to UTF-8"]),
        ("two-columns-of-one-name.csv", None, &["two columns are named `name`", "rename one"]),
        ("none.csv", None, &["none.csv"]),
        (
            "all-null.csv",
            Some(spec("absent-column.toml")),
            &["absent-column.toml", "no column `nickname`", "first_name"],
        ),
        ("all-null.csv", Some(spec("unknown-word.toml")), &["unknown-word.toml", "line 1", "blokcing"]),
        ("all-null.csv", Some(spec("unknown-test.toml")), &["unknown-test.toml", "line 9", "telepathy"]),
        (
            "all-null.csv",
            Some(model("other-version.json")),
            &["other-version.json", "version 999", "train it anew"],
        ),
        ("all-null.csv", Some(model("no-model.json")), &["no-model.json", "no `version`"]),
        (
            "all-null.csv",
            Some(model("probability.json")),
            &["comparison `surname`", "not above 0 and at most 1"],
        ),
        (
            "all-null.csv",
            Some(model("absent-column.json")),
            &["comparison `nickname`", "no column `nickname`"],
        ),
    ] {
        let more: Vec<&str> = more.iter().flatten().map(String::as_str).collect();
        let run = dedupe(&bench, &fixture(file), &more);
        assert_eq!(run.code, 1, "{file} {more:?}: {}{}", run.out, run.err);
        for part in said {
            assert!(run.err.contains(part), "{file} {more:?}: {part}: {}", run.err);
        }
        assert!(!run.err.contains("1980-02-03"), "{}", run.err);
    }
    let run = bench.run(&["link", &good]);
    assert_eq!((run.code, run.err.contains("of one source")), (1, true), "{}", run.err);
    let run = dedupe(&bench, &good, &["--ignore", "emial"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("no column `emial` to ignore; there are: ") && run.err.contains("email"),
        "{}",
        run.err
    );
    let run = dedupe(&bench, &good, &["--ignore", "email", "--threshold", "7"]);
    assert_eq!((run.code, run.err.contains("--threshold")), (2, true), "{}", run.err);
}

#[test]
fn columns_that_say_nothing_are_left_out_and_listed() {
    let bench = Bench::new();
    for (file, column, note) in [
        ("all-null.csv", "email", "it has no value"),
        ("one-value.csv", "country", "it has one value in every row"),
    ] {
        let report = dedupe(&bench, &fixture(file), &["--json"]).json();
        let own =
            report["recognised"].as_array().unwrap().iter().find(|own| own["column"] == column).unwrap();
        assert!(own["note"].as_str().unwrap().contains(note), "{own}");
        assert_eq!(
            (&report["counts"]["rows"], &report["counts"]["customers"]),
            (&6.into(), &4.into()),
            "{report}"
        );
    }
    // Numbers of the rows, under whatever name, say nothing; those of which a party has one do.
    for (name, is_left_out) in
        [("Kundennummer", true), ("c9", true), ("cust_ref", true), ("passport_number", false)]
    {
        let mut text = format!("{name},first_name,surname,email\n");
        for at in 0..60 {
            let (given, family) = (["Ann", "Bob", "Carol"][at / 2 % 3], at / 2);
            let number =
                if name == "cust_ref" { format!("C{:05}", at * 7) } else { (1000 + at * 7).to_string() };
            text += &format!("{number},{given},Stone{family},p{family}@example.com\n");
        }
        let file = bench.write("numbers.csv", &text);
        let report = dedupe(&bench, &file, &["--json"]).json();
        let own = report["recognised"].as_array().unwrap().iter().find(|own| own["column"] == name).unwrap();
        assert_eq!(
            own["note"].as_str().is_some_and(|note| note.contains("another value")),
            is_left_out,
            "{own}"
        );
    }
}

#[test]
fn rows_that_cannot_be_taken_are_said_and_the_rest_goes_on() {
    let bench = Bench::new();
    for (file, rows, line, reason) in [
        ("mixed-encodings.csv", 7, 8, "first_name: is not valid UTF-8; convert"),
        ("unclosed-quote.csv", 2, 3, "has a quote that is not closed; double"),
        ("not-json.jsonl", 2, 2, "is not JSON"),
    ] {
        let run = dedupe(&bench, &fixture(file), &[]);
        assert_eq!(run.code, 3, "{file}: {}{}", run.out, run.err);
        assert!(run.out.contains(&format!("{file}:{line}: {reason}")), "{file}: {}", run.out);
        let report = dedupe(&bench, &fixture(file), &["--json"]);
        let report: serde_json::Value = serde_json::from_str(&report.out).unwrap();
        assert_eq!(report["counts"]["rows"], rows, "{file}");
    }
}

#[test]
fn a_field_of_50_mb_is_one_row_left_out() {
    let bench = Bench::new();
    let mut text = String::from("id,first_name,surname,dob\n1,Ann,Lee,1980-02-03\n2,");
    text.push_str(&"x".repeat(50 << 20));
    text.push_str(",Lee,1980-02-03\n3,Ann,Lee,1980-02-03\n");
    let file = bench.write("large.csv", &text);
    let run = dedupe(&bench, &file, &[]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(
        run.out.contains("large.csv:3: is longer than a line may be (16 MiB); cut"),
        "{}",
        &run.out[..400]
    );
}

#[test]
fn blocks_of_all_rows_are_split_or_left_out_and_counted() {
    let bench = Bench::new();
    let rows: String = (0..500).map(|id| format!("{id},GB,name{}\n", id / 2)).collect();
    let file = bench.write("people.csv", &format!("id,country,surname\n{rows}"));
    let spec = fixture("one-block.toml");
    let run = dedupe(&bench, &file, &["--spec", &spec]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("1 block with 124,750 pairs left out"), "{}", run.out);
    assert!(run.out.contains("warning:"), "nothing to train on is said: {}", run.out);
    let split = std::fs::read_to_string(&spec)
        .unwrap()
        .replace("largest_block = 10", "largest_block = 10\nsplit_by = [\"surname\"]");
    let split = bench.write("split.toml", &split);
    let report = dedupe(&bench, &file, &["--spec", &split, "--json"]).json();
    assert_eq!(report["counts"]["candidates"], 250);
    // More pairs than can be compared are refused before they are.
    let rows: String = (0..500_000).map(|id| format!("{id},GB,name{}\n", id / 2)).collect();
    let file = bench.write("many.csv", &format!("id,country,surname\n{rows}"));
    let all = bench.write("all.toml", &std::fs::read_to_string(&spec).unwrap().replace("= 10", "= 1000000"));
    let run = dedupe(&bench, &file, &["--spec", &all]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.err.contains("blocking rule `country`") && run.err.contains("largest_block"), "{}", run.err);
}
