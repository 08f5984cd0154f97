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
    std::fs::write(bench.path("names.csv"), "1,Ann,Lee,London\n2,Bob,Ford,Leeds\n3,Eve,Hill,Bath\n").unwrap();
    std::fs::write(bench.path("old.json"), "{\"version\": 999}").unwrap();
    std::fs::write(bench.path("array.json"), "[\n  {\"id\": 1},\n  {\"id\": 2}\n]\n").unwrap();
    let bad = "# Too sure.\nthreshold = 1.5\ncolumns = []\nblocking = []\ncomparisons = []\n";
    std::fs::write(bench.path("bad.toml"), bad).unwrap();
    for (line, expected) in [
        ("dedupe nowhere.csv", "nowhere.csv"),
        ("dedupe raw.csv", "raw.csv: line 1 looks like data"),
        ("dedupe names.csv", "the first line looks like a row, since there are given names in it"),
        ("dedupe array.json", "array.json: is a JSON array; one object a line is expected"),
        ("dedupe people.csv --id number", "there is no column `number`; there are: id, first_name"),
        ("dedupe people.csv --model old.json", "model of version 999"),
        ("train people.csv", "--save-model"),
        ("score people.csv", "--model"),
        ("dedupe .", ". is a folder\nName the files in it, such as ./*.csv."),
        ("dedupe people.csv --threads 0", "--threads"),
        ("dedupe people.csv --output a.csv.gz", "a.csv.gz: no .gz files are written"),
        ("dedupe people.csv --output a.Parquet", "rows as CSV (.csv) or JSON lines (.jsonl)"),
        ("dedupe people.csv --pairs a.json", "Name it .csv, or .jsonl for JSON lines"),
        ("dedupe people.csv --refused a.tsv", "not written as .tsv"),
        ("dedupe people.csv --save-model model.json.gz", "no .gz files are written"),
        ("convert people.csv --output a.xlsx", "no .xlsx files are written"),
        ("dedupe people.csv --report a.txt", "a.txt: a report is not written as .txt\nIt is a page of HTML"),
        ("evaluate people.csv people.csv --report a.pdf", "a report is not written as .pdf"),
        ("evaluate people.csv people.csv --report -", "--report names a file: standard output has"),
        ("compare people.toml --report -", "--report names a file: standard output has"),
        ("ingest people.csv --db a.stitchline --rejects -", "--rejects names a file: standard output has"),
        ("replay people.csv --rejects -", "--rejects names a file: standard output has"),
        ("dedupe people.csv --threshold 2", "--threshold"),
        (
            "dedupe people.csv --spec bad.toml",
            "bad.toml: threshold: 1.5 is out of range: 0 to 1 is expected (line 2, column 13)",
        ),
    ] {
        let output = run(&bench, line);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|code| code == 1 || code == 2), "{line}: {error}");
        assert!(error.contains(expected), "{line}: {error}");
        assert!(line.starts_with("ingest") || !error.contains("ingest"), "{line}: {error}");
    }
    let made = std::fs::read_dir(bench.folder.path()).unwrap().count();
    assert_eq!(made, 6, "nothing is written by a run that fails");
}

#[test]
fn who_asks_for_no_output_is_told_that_there_is_none() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    let says = |line: &str| {
        let out = String::from_utf8(run(&bench, line).stdout).unwrap();
        out.contains("The customers were written nowhere: --output FILE")
    };
    assert!(says("dedupe people.csv --ignore truth --save-spec people.toml --save-model people.json"));
    for line in [
        "dedupe people.csv --ignore truth --json",
        "dedupe people.csv --ignore truth --output clusters.csv",
        "dedupe people.csv --ignore truth --assertions words.jsonl",
        "train people.csv --ignore truth --save-model people.json",
        "score people.csv --spec people.toml --model people.json --pairs pairs.csv",
        "dedupe people.csv --ignore truth --print-spec",
    ] {
        assert!(!says(line), "{line}");
    }
    assert!(says("score people.csv --spec people.toml --model people.json"));
}

#[test]
fn explanations_say_what_became_of_the_pair() {
    let bench = Bench::new();
    let people = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/splink/people.csv");
    std::fs::copy(people, bench.path("people.csv")).unwrap();
    let told = |line: &str| String::from_utf8(run(&bench, line).stdout).unwrap();
    let json = |line: &str| -> serde_json::Value { serde_json::from_str(&told(line)).unwrap() };
    let summary = json("dedupe people.csv --refused refused.jsonl --pairs pairs.jsonl --json");
    assert_eq!(summary["above"], 0.25);
    assert!(told("dedupe people.csv").contains("A link that joins more than two rows needs 0.25 bits more."));
    let lines = |name: &str| -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(bench.path(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let ids = |pair: &serde_json::Value| {
        format!("{} {}", pair["id_l"].as_str().unwrap(), pair["id_r"].as_str().unwrap())
    };

    // Above the threshold, and below what is needed of a link of more than two rows.
    let threshold = summary["calibration"]["threshold"].as_f64().unwrap();
    let refused = lines("refused.jsonl");
    let pair = refused.iter().find(|pair| pair["match_weight"].as_f64().unwrap() < threshold + 0.25).unwrap();
    let line = format!("dedupe people.csv --explain {}", ids(pair));
    let text = told(&line);
    let needs = format!(
        "  It is at or above the threshold of {threshold:+.2} bits. A link that joins more than two rows needs {:+.2}.\n",
        threshold + 0.25
    );
    assert!(text.contains(&needs) && text.contains("  Refused: "), "{text}");
    assert!(text.ends_with("  The two rows are two customers.\n"), "{text}");
    let own = json(&format!("{line} --json"));
    assert_eq!((&own["same_customer"], &own["threshold"]), (&false.into(), &threshold.into()));
    let needed = own["needed_above_two"].as_f64().unwrap();
    assert!(
        (needed - threshold - 0.25).abs() < 1e-9 && own["total"].is_f64() && own["refused"].is_string(),
        "{own}"
    );

    let pairs = lines("pairs.jsonl");
    let pair = pairs.iter().find(|pair| pair["same_customer"] == true).unwrap();
    let text = told(&format!("dedupe people.csv --explain {}", ids(pair)));
    assert!(text.ends_with("  The two rows are one customer.\n"), "{text}");

    // Whatever the threshold, what weighs less than is kept is no link, and rows of one source may not be compared.
    let line = "dedupe people.csv --threshold 0 --explain";
    let far = (1..60)
        .map(|at| told(&format!("{line} 0 {at}")))
        .find(|text| text.contains("total") && text.contains("No link: "));
    let far = far.unwrap();
    let ends = "  No link: pairs of less than -5.00 bits are not kept.\n  The two rows are two customers.\n";
    assert!(far.ends_with(ends), "{far}");
    let text = std::fs::read_to_string(bench.path("people.csv")).unwrap();
    std::fs::write(bench.path("web.csv"), text).unwrap();
    let line = "link people.csv web.csv --threshold 0 --explain people/0 people/1";
    let same = told(line);
    assert!(same.contains("  No link: rows of one source are not compared with each other.\n"), "{same}");
    let same = json(&format!("{line} --json"));
    assert_eq!(same["unseen"], "rows of one source are not compared with each other");
}

#[test]
fn long_rules_stay_within_a_screen() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    run(&bench, "dedupe people.csv --ignore truth --save-spec people.toml");
    let spec = std::fs::read_to_string(bench.path("people.toml")).unwrap();
    let long = "[[blocking]]\nkeys = [\"prefix(surname, 3)\", \"words(first_name) | words(surname) | words(local_part(email))\", \
                \"year(dob)\"]\n\n[[comparisons]]";
    let spec = spec.replacen("[[comparisons]]", long, 1);
    std::fs::write(bench.path("long.toml"), spec).unwrap();
    let output = run(&bench, "dedupe people.csv --truth truth --spec long.toml");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("pairs in blocks") && said.contains("compared once"), "{said} {output:?}");
    let from = said.find("Blocking rules").unwrap();
    assert!(said[from..].contains("words(local_part(email))"), "{said}");
    let widest = said[from..].lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{widest}: {said}");
}

#[test]
fn a_spec_that_is_saved_gives_the_same_again() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    let first = run(&bench, "dedupe people.csv --ignore truth --print-spec");
    std::fs::write(bench.path("people.toml"), &first.stdout).unwrap();
    let again = run(&bench, "dedupe people.csv --spec people.toml --print-spec");
    assert_eq!(String::from_utf8_lossy(&first.stdout), String::from_utf8_lossy(&again.stdout));
    run(&bench, "dedupe people.csv --ignore truth --save-model one.json --output one.csv");
    run(&bench, "dedupe people.csv --spec people.toml --save-model two.json --output two.csv");
    let text = |name: &str| std::fs::read_to_string(bench.path(name)).unwrap();
    assert_eq!((text("one.csv"), text("one.json")), (text("two.csv"), text("two.json")));
}

#[test]
fn refused_links_go_to_a_file() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    let line =
        "dedupe people.csv --ignore truth --save-spec people.toml --save-model people.json --refused no.csv";
    assert!(String::from_utf8_lossy(&run(&bench, line).stdout).contains("links refused"));
    let text = |name: &str| std::fs::read_to_string(bench.path(name)).unwrap();
    assert_eq!(text("no.csv").lines().count(), 1);
    // Rows of one file, of which a customer may have but one; that file alone has nothing to link then.
    std::fs::write(bench.path("one.toml"), format!("one_per_source = true\n{}", text("people.toml")))
        .unwrap();
    let output = run(&bench, "dedupe people.csv --spec one.toml --model people.json --refused refused.csv");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("with one.toml: one_per_source: all rows are of one source"), "{error}");
    assert_eq!(output.status.code(), Some(1));
    let web = "id,first_name,surname,dob,email,city,truth\n1,Eve,Marsh,1990-09-09,eve@example.net,Hull,v\n";
    std::fs::write(bench.path("web.csv"), web).unwrap();
    let line = "dedupe people.csv web.csv --spec one.toml --model people.json --refused refused.csv";
    assert!(String::from_utf8_lossy(&run(&bench, line).stdout).contains("links refused                 2"));
    let refused = text("refused.csv");
    let mut lines = refused.lines();
    assert_eq!(
        lines.next(),
        Some(
            "source_l,id_l,source_r,id_r,match_weight,match_probability,refused_by,against_l,against_r,total_weight,reason"
        )
    );
    for (line, (a, b)) in lines.zip([("1", "2"), ("3", "4")]) {
        assert!(line.starts_with(&format!("people,{a},people,{b},")), "{line}");
        let says = format!(
            ",one_per_source,people/{a},people/{b},,together they would have several rows of people (people/{a} and \
             people/{b}); one customer has at most 1"
        );
        assert!(line.ends_with(&says), "{line}");
    }
    assert_eq!(refused.lines().count(), 3);
    let line = "score people.csv web.csv --spec one.toml --model people.json --explain people/2 people/1";
    assert!(String::from_utf8_lossy(&run(&bench, line).stdout).contains("Refused: together they would have"));
    run(
        &bench,
        "dedupe people.csv web.csv --spec one.toml --model people.json --refused refused.jsonl --report page.html",
    );
    let first: serde_json::Value =
        serde_json::from_str(text("refused.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!((&first["refused_by"], &first["against_r"]), (&"one_per_source".into(), &"people/2".into()));
    assert!(text("page.html").contains("several rows of people (people/1 and people/2)"));
}

#[test]
fn json_lines_say_what_csv_says() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    let line = "dedupe people.csv --ignore truth --all-pairs --levels";
    run(&bench, &format!("{line} --output a.csv --pairs ap.csv"));
    run(&bench, &format!("{line} --output a.jsonl --pairs ap.jsonl"));
    // An end that says nothing of the form.
    run(&bench, &format!("{line} --output a.csv.tmp --pairs ap"));
    let text = |name: &str| std::fs::read_to_string(bench.path(name)).unwrap();
    let rows: Vec<serde_json::Value> =
        text("a.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((text("a.csv.tmp"), text("ap")), (text("a.csv"), text("ap.csv")));
    let first = text("a.csv").lines().nth(1).unwrap().to_owned();
    assert_eq!(
        format!("{},{}", rows[0]["id"].as_str().unwrap(), rows[0]["customer_id"].as_str().unwrap()),
        first
    );
    assert_eq!(rows.len() + 1, text("a.csv").lines().count());
    let pairs: Vec<serde_json::Value> =
        text("ap.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let own = pairs.iter().find(|pair| pair["id_l"] == "1" && pair["id_r"] == "2").unwrap();
    assert_eq!((&own["same_customer"], &own["email"]), (&true.into(), &"equal".into()), "{own}");
    assert!(own["match_weight"].is_f64() && own["match_probability"].as_f64().unwrap() > 0.5);
    assert_eq!(pairs.len() + 1, text("ap.csv").lines().count());
}

#[test]
fn the_truth_is_measured_against_and_never_seen() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    run(&bench, "dedupe people.csv --ignore truth --output unseen.csv --save-spec unseen.toml");
    let line = "dedupe people.csv --truth truth --output seen.csv --save-spec seen.toml --report report.html --explain 1 2";
    let output = run(&bench, line);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Against the truth") && said.contains("pairs of rows in clusters"), "{said}");
    let text = |name: &str| std::fs::read_to_string(bench.path(name)).unwrap();
    assert_eq!((text("seen.csv"), text("seen.toml")), (text("unseen.csv"), text("unseen.toml")));
    let page = text("report.html");
    for part in [
        "1 and 2",
        "ann.lee@example.com",
        "Precision and recall",
        "Match weights",
        "Cluster sizes",
        "Blocking",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for fetched in ["http:", "https:", "src=", "url(", "<script", "@import", "<link"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
    let expected = run(&bench, "dedupe people.csv --ignore truth --report expected.html --json");
    let report: serde_json::Value = serde_json::from_slice(&expected.stdout).unwrap();
    assert!(report["quality"].is_null() && report["phases"][0]["peak_memory_bytes"].as_u64().unwrap() > 0);
    assert!(text("expected.html").contains("Expected precision and recall"));
    // Without the truth nobody knows which rule gave a pair first.
    assert!(text("expected.html").contains("pairs in blocks") && page.contains("new pairs"));
    let measured = run(&bench, "dedupe people.csv --truth truth --json");
    let report: serde_json::Value = serde_json::from_slice(&measured.stdout).unwrap();
    assert_eq!(report["quality"]["blocking"]["recall"], 1.0);
    let missing = run(&bench, "dedupe people.csv --truth nothing");
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no column \"nothing\" for the truth"));
}

#[test]
fn where_standard_output_is_the_results_all_else_is_said_beside_it() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    for (line, first) in [
        ("dedupe people.csv --ignore truth --output -", "id,customer_id"),
        ("dedupe people.csv --ignore truth --output - --json", "{\"id\":\"1\",\"customer_id\":"),
        ("dedupe people.csv --ignore truth --pairs -", "id_l,id_r,match_weight,"),
        ("dedupe people.csv --ignore truth --refused -", "id_l,id_r,match_weight,"),
        ("dedupe people.csv --ignore truth --assertions -", "{\"type\":\"assertion\","),
        ("dedupe people.csv --ignore truth --save-spec - --output all.csv", "clustering = "),
        ("dedupe people.csv --ignore truth --report -", "<!doctype html>"),
        ("train people.csv --ignore truth --save-model -", "{"),
        ("dedupe people.csv --ignore truth --print-spec", "clustering = "),
        ("dedupe people.csv --ignore truth --explain 1 2", "  "),
        ("dedupe people.csv --ignore truth --explain 1 2 --json", "{"),
        ("convert people.csv --output -", "id,first_name,"),
        ("convert people.csv --output - --json", "{\"id\":\"1\",\"first_name\":"),
    ] {
        let output = run(&bench, line);
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert_eq!(output.status.code(), Some(3), "{line}: {err}");
        assert!(out.starts_with(first), "{line}: {out}");
        assert!(!out.contains("row left out") && !out.contains("peak MB"), "{line}: {out}");
        let told = err.contains("people.csv:8: has 3 fields") && err.contains("1 row left out\n");
        assert!(told, "{line}: {err}");
    }
    assert!(!bench.path("-").exists());
    for (line, says) in [
        ("dedupe people.csv --output - --pairs -", "--output and --pairs both name standard output"),
        ("dedupe people.csv --print-spec --output a.csv", "--print-spec prints and writes nothing else"),
        ("dedupe people.csv --explain 1 2 --pairs a.csv", "so --pairs cannot be given"),
        ("convert people.csv --output - --save-spec -", "both name standard output"),
    ] {
        let output = run(&bench, line);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(text(output.stderr).contains(says), "{line}");
    }
}

#[test]
fn a_spec_that_compares_otherwise_than_the_model_is_refused() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    run(&bench, "train people.csv --ignore truth --save-spec spec.toml --save-model model.json");
    let spec = std::fs::read_to_string(bench.path("spec.toml")).unwrap();
    let (head, comparisons) = spec.split_at(spec.find("[[comparisons]]").unwrap());
    let end = comparisons.rfind("[[comparisons]]").unwrap();
    let edited = [
        ("dropped", format!("{head}{}", &comparisons[..end]), "the model has it, and the spec has not"),
        ("renamed", spec.replace("\"given name\"", "\"first name\""), "the model has no such comparison"),
        ("changed", spec.replacen("personal = true\n", "", 1), "the model has another of this name"),
        ("none", head.to_owned(), ""),
        ("as_it_was", spec.clone(), ""),
    ];
    let mut written = Vec::new();
    for (name, text, says) in edited {
        assert!(name == "as_it_was" || text != spec, "{name}");
        std::fs::write(bench.path("edited.toml"), text).unwrap();
        let line = "dedupe people.csv --spec edited.toml --model model.json --output -";
        let output = run(&bench, line);
        let err = String::from_utf8(output.stderr).unwrap();
        if says.is_empty() {
            assert_eq!(output.status.code(), Some(3), "{name}: {err}");
            written.push(output.stdout);
        } else {
            assert_eq!(output.status.code(), Some(1), "{name}");
            let whole =
                err.contains("with edited.toml: comparison `") && err.contains("train anew by this spec");
            assert!(whole && err.contains(says), "{name}: {err}");
        }
    }
    assert_eq!(written[0], written[1]);
    // Nothing to train.
    std::fs::write(bench.path("edited.toml"), head).unwrap();
    let output = run(&bench, "dedupe people.csv --spec edited.toml");
    assert!(String::from_utf8(output.stderr).unwrap().contains("there is no comparison"));
}

#[test]
fn two_files_may_call_their_columns_by_different_names() {
    let bench = Bench::new();
    let people =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/splink/people.csv"));
    let people = people.unwrap();
    let (header, rows) = people.split_once('\n').unwrap();
    let half = |odd: bool| {
        let rows = rows.lines().enumerate().filter(|(at, _)| (at % 2 == 1) == odd).map(|(_, row)| row);
        rows.map(|row| format!("{row}\n")).collect::<String>()
    };
    let theirs = header
        .replace("unique_id", "number")
        .replace("first_name", "Vorname")
        .replace("surname", "Nachname")
        .replace("dob", "birth date");
    assert_eq!(theirs.matches("Vorname").count() + theirs.matches("Nachname").count(), 2, "{theirs}");
    std::fs::write(bench.path("crm.csv"), format!("{header}\n{}", half(false))).unwrap();
    std::fs::write(bench.path("web.csv"), format!("{header}\n{}", half(true))).unwrap();
    let run_on = |line: &str| {
        let output = run(&bench, line);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let alike = run_on("dedupe crm.csv web.csv --output -");
    std::fs::write(bench.path("web.csv"), format!("{theirs}\n{}", half(true))).unwrap();
    let output = run(&bench, "dedupe crm.csv web.csv");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("web.csv: some files have a column of ids and some have none"), "{error}");
    let run_on = |line: &str| run_on(&format!("{line} --id unique_id --id number"));
    let said = run_on("dedupe crm.csv web.csv --save-spec spec.toml --save-model model.json");
    assert!(said.contains("it is the same as surname") && !said.contains("it is not compared"), "{said}");
    let spec = std::fs::read_to_string(bench.path("spec.toml")).unwrap();
    assert!(spec.contains("[same]") && spec.contains("surname = [\"Nachname\"]"), "{spec}");
    assert_eq!(run_on("dedupe crm.csv web.csv --output -"), alike);
    assert_eq!(run_on("dedupe crm.csv web.csv --spec spec.toml --output -"), alike);
    assert_eq!(run_on("dedupe crm.csv web.csv --spec spec.toml --model model.json --output -"), alike);
    let prepared = run_on("convert crm.csv web.csv --spec spec.toml --output -");
    let empty = prepared.lines().filter(|line| line.split(',').nth(2) == Some("")).count();
    assert!(empty < prepared.lines().count() / 3, "{empty}");
}

#[test]
fn rows_without_ids_are_known_by_their_number_in_their_file() {
    let bench = Bench::new();
    let crm =
        "first_name,last_name,email\nAnn,Lee,ann@x.org\nbroken\nBob,Stone,bob@x.org\nAnn,Lee,ann@x.org\n";
    std::fs::write(bench.path("crm.csv"), crm).unwrap();
    std::fs::write(
        bench.path("web.csv"),
        "first_name,last_name,email\nBob,Stone,bob@x.org\nZoe,Fox,zoe@x.org\n",
    )
    .unwrap();
    let told = |line: &str| {
        let out = String::from_utf8(run(&bench, line).stdout).unwrap();
        let mut rows: Vec<String> = out.lines().skip(1).map(str::to_owned).collect();
        rows.sort_unstable();
        rows
    };
    let rows = told("dedupe crm.csv web.csv --output -");
    let keys: Vec<&str> = rows.iter().map(|row| row.rsplit_once(',').unwrap().0).collect();
    // The row that is left out has a number as well.
    assert_eq!(keys, ["crm,1", "crm,3", "crm,4", "web,1", "web,2"]);
    assert_eq!(told("dedupe web.csv crm.csv --output -"), rows);
    let words = run(&bench, "dedupe crm.csv web.csv --assertions words.jsonl");
    assert!(String::from_utf8_lossy(&words.stderr).contains("Name it with --id."));
    assert!(!bench.path("words.jsonl").exists());
}

#[test]
fn a_file_of_rows_given_for_another_is_not_shown() {
    let bench = Bench::new();
    std::fs::write(bench.path("people.csv"), PEOPLE).unwrap();
    let row = "{\"id\":\"1\",\"name\":\"Ann Lee\",\"email\":\"ann.lee@example.com\"}\n";
    std::fs::write(bench.path("rows.jsonl"), row.repeat(3)).unwrap();
    std::fs::write(bench.path("bare.csv"), "1,Ann,Lee,ann.lee@example.com\n2,Bob,Ford,bob@example.com\n")
        .unwrap();
    std::fs::write(bench.path("text.json"), "{\"version\": 1, \"prior\": \"Ann Lee\"}").unwrap();
    std::fs::write(bench.path("text.toml"), "threshold = 'Ann Lee'\n").unwrap();
    for line in [
        "dedupe people.csv --model text.json",
        "dedupe people.csv --spec text.toml",
        "ingest people.csv --policy text.toml --db own.stitchline",
        "ingest people.csv --policy bare.csv --db own.stitchline",
        "dedupe people.csv --spec rows.jsonl",
        "dedupe people.csv --spec bare.csv",
        "compare rows.jsonl",
        "compare bare.csv",
        "dedupe people.csv --model rows.jsonl",
    ] {
        let output = run(&bench, line);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(
            ["rows.jsonl", "bare.csv", "text."].iter().any(|name| error.contains(name)),
            "{line}: {error}"
        );
        assert!(!error.contains("Lee") && !error.contains("example.com"), "{line}: {error}");
    }
}
