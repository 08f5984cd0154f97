//! Linkage in bulk from the command line.

use crate::program::Bench;
use std::process::Output;

const PEOPLE: &str = "id,first_name,surname,dob,email,city,truth
1,Ann,Lee,1980-02-03,ann.lee@example.com,London,x
2,Anne,Lee,1980-02-03,ann.lee@example.com,London,x
3,Bob,Stone,1971-12-30,bob@example.com,Leeds,y
4,Robert,Stone,1971-12-30,bob@example.com,Leeds,y
5,Carol,Brook,1966-06-06,carol@example.org,York,z
6,Dave,Hill,1955-05-05,dave@example.org,Bath,w
seven,too,few
";

fn run(bench: &Bench, line: &str) -> Output {
    std::process::Command::new(assert_cmd::cargo::cargo_bin!("stitchline"))
        .args(line.split(' '))
        .current_dir(bench.folder.path())
        .output()
        .unwrap()
}

#[test]
fn customers_come_out_of_a_file() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    let line = "dedupe people.csv --ignore truth --threads 2 --output clusters.csv --pairs pairs.csv --save-spec \
                people.toml --save-model model.json";
    let output = run(&bench, line);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("people.csv:8: has 3 fields"));
    let clusters = std::fs::read_to_string(bench.path("clusters.csv")).unwrap();
    let of = |id: &str| clusters.lines().find_map(|line| line.strip_prefix(&format!("{id},"))).unwrap();
    assert_eq!(of("1"), of("2"));
    assert_eq!(of("3"), of("4"));
    assert_ne!(of("1"), of("5"));
    assert_eq!(clusters.lines().count(), 7);
    let spec = std::fs::read_to_string(bench.path("people.toml")).unwrap();
    assert!(!spec.contains("truth"));

    let again =
        "dedupe people.csv --ignore truth --spec people.toml --model model.json --output again.csv --json";
    let output = run(&bench, again);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["counts"]["rows"], 6);
    assert_eq!(std::fs::read_to_string(bench.path("again.csv")).unwrap(), clusters);
    let shown = run(&bench, "model show model.json");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("given name"));
    let explained = run(&bench, "score people.csv --spec people.toml --model model.json --explain 1 2");
    assert!(String::from_utf8_lossy(&explained.stdout).contains("total"));
}

#[test]
fn failures_name_the_file_and_what_to_do() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    std::fs::write(bench.path("raw.csv"), "1,ann@example.com\n2,bob@example.com\n").unwrap();
    std::fs::write(bench.path("old.json"), "{\"version\": 999}").unwrap();
    for (line, expected) in [
        ("dedupe nowhere.csv", "nowhere.csv"),
        ("dedupe raw.csv", "raw.csv: line 1 looks like data"),
        ("dedupe people.csv --id number", "there is no column `number`; there are: id, first_name"),
        ("dedupe people.csv --model old.json", "model of version 999"),
        ("train people.csv", "--save-model"),
        ("score people.csv", "--model"),
    ] {
        let output = run(&bench, line);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|code| code == 1 || code == 2), "{line}: {error}");
        assert!(error.contains(expected), "{line}: {error}");
    }
}
