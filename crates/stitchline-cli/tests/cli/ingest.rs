use crate::program::{Bench, contact_centre};
use serde_json::Value;

#[test]
fn rejected_lines_are_told_and_written_and_the_rest_goes_on() {
    let bench = Bench::new();
    let rejects = bench.path("rejects.jsonl");
    let run = bench.run(&["ingest", &contact_centre(), "--rejects", rejects.to_str().unwrap()]);
    assert_eq!(run.code, 3);
    assert!(run.out.contains("line 20: has 5 fields where the header has 13"), "{}", run.out);
    assert!(run.out.contains("5 lines were rejected; the reasons are in"), "{}", run.out);
    assert!(run.out.contains("README.md (the name is not that of a data file)"), "{}", run.out);
    let text = std::fs::read_to_string(rejects).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut places: Vec<(String, u64)> = lines
        .iter()
        .map(|one| {
            let file = one["file"].as_str().unwrap().rsplit('/').next().unwrap();
            (file.to_owned(), one["line"].as_u64().unwrap())
        })
        .collect();
    places.sort();
    let expected = [
        ("crm.csv", 20),
        ("genesys.jsonl", 16),
        ("mail.jsonl", 10),
        ("segment.jsonl", 22),
        ("segment.jsonl", 33),
    ];
    assert_eq!(places, expected.map(|(file, line)| (file.to_owned(), line)));
}

#[test]
fn the_same_files_again_are_duplicates() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["ingest", &contact_centre(), "--json"]);
    assert_eq!(run.code, 3);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    // Of an organisation that is described twice, the earlier description is superseded by the later one.
    for file in report["files"].as_array().unwrap() {
        assert_eq!(
            (file["accepted"].as_u64(), file["superseded"].as_u64() <= Some(1)),
            (Some(0), true),
            "{file}"
        );
        assert!(file["duplicates"].as_u64().unwrap() > 0);
    }
    assert_eq!(report["stats"]["interactions"], 59);
}

#[test]
fn good_files_exit_with_0() {
    let bench = Bench::new();
    let file = bench.write("people.csv", "Kd_Nr;Vorname;Nachname;tel2\n7;Ann;Lee;020 7946 0123\n");
    let args = ["ingest", &file, "--map", "Kd_Nr=crm", "--map", "tel2=phone", "--default-region", "GB"];
    bench.run(&args).good();
    assert!(bench.run(&["customer", "02079460123"]).good().starts_with("Ann Lee"));
}

#[test]
fn a_mapped_column_need_not_be_in_every_file() {
    let bench = Bench::new();
    let east = bench.write("east.csv", "Kd_Nr;Mail\n7;ann.lee@example.com\n");
    let west = bench.write("west.csv", "id,email\n1,ann.lee@example.com\n");
    let text = bench.run(&["ingest", &east, &west, "--map", "Kd_Nr=crm", "--map", "Mail=email"]).good();
    assert!(text.contains("has no column \"Kd_Nr\", which --map names"), "{text}");
    assert_eq!(bench.run(&["customer", "crm:7", "--json"]).json()["profile"]["records"][1]["source"], "west");

    // From standard input as well, which can be read only once.
    let rows = "Kd_Nr;Mail\n8;bob.ray@example.com\n";
    bench.run_with(&["ingest", "-", "--map", "Kd_Nr=crm"], rows).good();
    assert_eq!(bench.run(&["customer", "crm:8", "--json"]).json()["answer"], "one");
}

#[test]
fn a_mapped_column_that_no_file_has_is_told_before_anything_is_read() {
    let bench = Bench::new();
    let people = bench.write("people.csv", "id,email\n1,ann.lee@example.com\n");
    let events = bench.write("events.jsonl", "{}\n");
    let run = bench.run(&["ingest", &people, &events, "--map", "e-mial=email"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(
        run.err.contains("no CSV file has a column \"e-mial\"") && run.err.contains("are email, id."),
        "{}",
        run.err
    );
    assert!(!bench.path("test.stitchline").exists(), "no database was made");

    // What an earlier run rejected stays where this one fails.
    let rejects = bench.write("rejects.jsonl", "earlier\n");
    bench.run(&["ingest", &people, "--map", "e-mial=email", "--rejects", &rejects]);
    assert_eq!(std::fs::read_to_string(&rejects).unwrap(), "earlier\n");

    // A first line that is no header may be somebody's.
    let bare = bench.write("bare.csv", "Ann,Lee,Leeds\nBob,Ray,York\n");
    let run = bench.run(&["ingest", &bare, "--map", "mail=email"]);
    assert!(run.code == 1 && run.err.contains("is the first line a header?"), "{}", run.err);
    assert!(!run.err.contains("Lee"), "{}", run.err);
}

#[test]
fn a_day_without_rows_is_no_failure_of_the_mapping() {
    let bench = Bench::new();
    let empty = bench.write("people.csv", "");
    let record = r#"{"type":"record","source":"crm","id":"1","observed_at":"2026-01-01T00:00:00Z","identifiers":["crm:1"]}"#;
    let events = bench.write("events.jsonl", record);
    let text = bench.run(&["ingest", &empty, &events, "--map", "Kd_Nr=crm"]).good();
    assert!(text.contains("--map is of no use here"), "{text}");
    assert_eq!(bench.run(&["stats", "--json"]).json()["stated_records"], 1);
}

#[cfg(unix)]
#[test]
fn a_mapping_takes_nothing_from_pipes() {
    let bench = Bench::new();
    let rows = "Kd_Nr;Mail\n8;bob.ray@example.com\n";
    let people = bench.write("people.csv", "id,email\n1,ann.lee@example.com\n");
    let map = ["--map", "Kd_Nr=crm", "--map", "Mail=email"];
    let args = ["ingest", &people, "/dev/stdin", map[0], map[1], map[2], map[3]];
    bench.run_with(&args, rows).good();
    assert_eq!(bench.run(&["customer", "crm:8", "--json"]).json()["answer"], "one");

    // Opened once: who writes to it would wait for ever at a second reader.
    let pipe = bench.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, "Kd_Nr;Mail\n9;eve.fox@example.com\n")
    });
    let args = ["ingest", pipe.to_str().unwrap(), map[0], map[1], map[2], map[3], "--source", "crm"];
    let text = bench.run(&args).good();
    writer.join().unwrap().unwrap();
    assert!(text.contains("csv"), "{text}");
    assert_eq!(bench.run(&["customer", "crm:9", "--json"]).json()["answer"], "one");
}

#[test]
fn records_without_a_date_show_none() {
    let bench = Bench::new();
    let file = bench.write("people.csv", "id,name,email\n1,Ann Lee,ann.lee@example.com\n");
    bench.run(&["ingest", &file]).good();
    let card = bench.run(&["customer", "ann.lee@example.com"]).good();
    assert!(card.contains("  no dates, 1 record of 1 source"), "{card}");
    assert!(card.contains("no date  "), "{card}");
    let profile = bench.run(&["customer", "ann.lee@example.com", "--json"]).json()["profile"].clone();
    assert_eq!((&profile["first"], &profile["records"][0]["last"]), (&Value::Null, &Value::Null));

    // Said when it was, a later reading holds.
    let later = bench.write("people.csv", "id,name,email\n1,Ann Lea,ann.lee@example.com\n");
    bench.run(&["ingest", &later, "--undated", "2026-03-01"]).good();
    let card = bench.run(&["customer", "ann.lee@example.com"]).good();
    assert!(
        card.starts_with("Ann Lea") && card.contains("2026-03-01 00:00 to 2026-03-01 00:00 UTC"),
        "{card}"
    );
}

#[test]
fn a_file_that_is_not_understood_fails_and_the_others_are_read() {
    let bench = Bench::new();
    let letter = bench.write("letter.txt", "Dear Sir or Madam\n");
    let people = bench.write("people.csv", "id,email\n1,ann.lee@example.com\n");
    let run = bench.run(&["ingest", &letter, &people]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("the format is not recognised; name it"), "{}", run.out);
    assert_eq!(bench.run(&["stats", "--json"]).json()["customers"], 1);
}

#[test]
fn standard_input_is_read() {
    let bench = Bench::new();
    let event = r#"{"type":"page","messageId":"m1","anonymousId":"c-81","timestamp":"2026-03-01T10:02:00Z"}"#;
    bench.run_with(&["ingest", "-"], event).good();
    assert_eq!(bench.run(&["stats", "--json"]).json()["interactions"], 1);
}

#[test]
fn usage_is_told_with_2() {
    let bench = Bench::new();
    let file = bench.write("a.csv", "id,email\n");
    for args in [
        &["ingest"][..],
        &["ingest", &file, "--format", "word"],
        &["ingest", &file, "--map", "a=nothing-known"],
        &["ingest", &file, "--default-region", "Atlantis"],
        &["export"],
        &["frobnicate"],
    ] {
        let run = bench.run(args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.err);
        assert!(!run.err.is_empty());
    }
}

#[test]
fn missing_files_and_databases_say_what_to_do() {
    let bench = Bench::new();
    let run = bench.run(&["ingest", "/nonexistent/a.csv"]);
    assert_eq!((run.code, run.err.contains("there is no file or folder")), (1, true), "{}", run.err);
    let run = bench.run(&["stats"]);
    assert_eq!((run.code, run.err.contains("stitchline ingest FILE")), (1, true), "{}", run.err);
    assert!(!bench.path("test.stitchline").exists(), "asking makes no database");
    std::fs::write(bench.path("test.stitchline"), "this is no database").unwrap();
    let run = bench.run(&["stats"]);
    assert_eq!((run.code, run.err.contains("no stitchline database")), (1, true), "{}", run.err);
}

#[test]
fn replay_lists_the_customers_that_result() {
    let bench = Bench::new();
    let lines = concat!(
        r#"{"type":"record","source":"crm","id":"1","observed_at":"2026-01-01T00:00:00Z","identifiers":["email:ann@example.com"]}"#,
        "\n",
        r#"{"type":"record","source":"shop","id":"2","observed_at":"2026-01-02T00:00:00Z","identifiers":["email:ann@example.com"]}"#,
        "\n",
        r#"{"type":"record","source":"shop","id":"3","observed_at":"2026-01-03T00:00:00Z","identifiers":["email:bob@example.com"]}"#,
        "\n",
    );
    let file = bench.write("case.jsonl", lines);
    let replayed = bench.run(&["replay", &file, "--json"]).json();
    let records: Vec<usize> = replayed["customers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["records"].as_array().unwrap().len())
        .collect();
    assert_eq!((records.len(), records.iter().sum::<usize>()), (2, 3));
    let text = bench.run(&["replay", &file]).good();
    assert!(text.contains("2 customers out of 3 records"), "{text}");
}

#[test]
fn a_policy_is_checked_shown_and_used() {
    let bench = Bench::new();
    let policy =
        bench.write("policy.toml", "default_region = \"GB\"\n[namespaces.loyalty]\nweight_bits = 30.0\n");
    assert!(bench.run(&["policy", "check", &policy]).good().contains("the policy is valid"));
    let wrong = bench.write("wrong.toml", "default_region = \"GB\"\nlink_bitz = 3\n");
    let run = bench.run(&["policy", "check", &wrong]);
    assert_eq!((run.code, run.err.contains("line 2")), (1, true), "{}", run.err);
    let file = bench.write("a.csv", "id,phone\n1,020 7946 0123\n");
    bench.run(&["ingest", &file, "--policy", &policy]).good();
    let database = bench.path("test.stitchline");
    let shown = bench.run(&["policy", "show", "--db", database.to_str().unwrap(), "--json"]).json();
    assert_eq!(shown["default_region"], "GB");
    assert!(bench.run(&["policy", "show"]).good().contains("[namespaces.phone]"));
}

#[test]
fn the_truth_in_a_file_is_never_looked_at() {
    let bench = Bench::new();
    let file = bench.write("records.csv", "id,email,true_id\n1,ann@example.com,P1\n2,bob@example.com,P1\n");
    bench.run(&["ingest", &file]).good();
    let card = bench.run(&["customer", "ann@example.com", "--json"]).good();
    assert!(!card.contains("true_id") && !card.contains("P1"), "{card}");
    assert_eq!(bench.run(&["stats", "--json"]).json()["customers"], 2);
}

#[test]
fn an_earlier_version_is_superseded() {
    let bench = Bench::new();
    let file = |name: &str, day: u8| {
        bench.write(name, &format!("id,email,city,updated_at\n1,ann@example.com,Leeds{day},2026-01-0{day}\n"))
    };
    let (later, earlier) = (file("later.csv", 2), file("earlier.csv", 1));
    bench.run(&["ingest", &later, "--source", "crm"]).good();
    let report = bench.run(&["ingest", &earlier, "--source", "crm", "--json"]).json();
    assert_eq!(report["files"][0]["superseded"], 1);
    assert_eq!(bench.run(&["customer", "crm/1", "--json"]).json()["profile"]["attributes"]["city"], "Leeds2");
}

#[test]
fn a_correction_with_the_same_end_holds_where_it_is_said_to_be_later() {
    let conversation = |code: &str| {
        format!(
            r#"{{"conversationId":"g1","conversationStart":"2026-03-02T15:00:00Z","conversationEnd":"2026-03-02T15:10:00Z","participants":[{{"purpose":"customer","sessions":[{{"mediaType":"voice","direction":"inbound","ani":"tel:+442079460123","segments":[{{"wrapUpCode":"{code}"}}]}}]}}]}}"#
        )
    };
    // One of the two orders needs help, whichever the bytes favour.
    for (first, second) in [("billing", "sales"), ("sales", "billing")] {
        let bench = Bench::new();
        bench.run(&["ingest", &bench.write("first.jsonl", &conversation(first))]).good();
        let later = bench.write("second.jsonl", &conversation(second));
        bench.run(&["ingest", &later, "--observed-at", "2026-03-03"]).good();
        let page = bench.run(&["timeline", "phone:+442079460123", "--json"]).json();
        assert_eq!(page["items"][0]["outcome"], second);
        // What comes without it is earlier then.
        let report =
            bench.run(&["ingest", &bench.write("third.jsonl", &conversation(first)), "--json"]).json();
        assert_eq!(report["files"][0]["superseded"], 1);
        // So does a second correction, whichever that is.
        let third = bench.write("third.jsonl", &conversation(first));
        bench.run(&["ingest", &third, "--observed-at", "2026-03-03T08:00:00Z"]).good();
        let page = bench.run(&["timeline", "phone:+442079460123", "--json"]).json();
        assert_eq!(page["items"][0]["outcome"], first);
        // A file cannot tell of what had not ended; at the same time as its end no correction would be the later one.
        let run = bench.run(&["ingest", &third, "--observed-at", "2026-03-02"]);
        assert!(run.code == 3 && run.out.contains("observed_at: ended after"), "{}", run.out);
        let run = bench.run(&["ingest", &third, "--observed-at", "2200-01-01"]);
        assert!(run.code == 2 && run.err.contains("is in the future"), "{}", run.err);

        // Nor does a time of observation bring back who was erased.
        bench.run(&["erase", "phone:+442079460123", "--by", "dpo", "--yes"]).good();
        let later = stitchline::Timestamp::now().plus_micros(60_000_000).to_string();
        let report = bench.run(&["ingest", &third, "--observed-at", &later, "--json"]).json();
        assert_eq!(report["files"][0]["erased"], 1);
        assert_eq!(bench.run(&["customer", "phone:+442079460123", "--json"]).json()["answer"], "nobody");
    }
}

#[test]
fn a_time_of_observation_holds_for_relations_too() {
    let bench = Bench::new();
    let record = |role: &str| {
        format!(
            r#"{{"DATA_SOURCE":"REF","RECORD_ID":"1","FEATURES":[{{"NAME_FULL":"Ann Lee"}},{{"EMAIL_ADDRESS":"ann@example.com"}},{{"REL_POINTER_DOMAIN":"REF","REL_POINTER_KEY":"2","REL_POINTER_ROLE":"{role}"}}]}}"#
        )
    };
    for (first, second) in [("clerk", "owner"), ("owner", "clerk")] {
        let bench_of = |role: &str, day: &str| {
            let file = bench.write("senzing.jsonl", &record(role));
            bench.run(&["ingest", &file, "--observed-at", day]).good();
            bench.run(&["customer", "ann@example.com", "--json"]).good()
        };
        let day = if first == "clerk" { ["2026-03-01", "2026-03-02"] } else { ["2026-03-03", "2026-03-04"] };
        bench_of(first, day[0]);
        let card = bench_of(second, day[1]);
        assert!(card.contains(&format!("\"role\": \"{second}\"")), "{card}");
    }
}

#[test]
fn what_is_committed_at_once_is_bounded_by_bytes() {
    let bench = Bench::new();
    let note = "x".repeat(1_000_000);
    let line = |number: usize| {
        format!(
            r#"{{"type":"record","source":"crm","id":"{number}","observed_at":"2026-01-01T00:00:00Z","identifiers":["crm:{number}"],"attributes":{{"note":"{note}"}}}}"#
        )
    };
    // Above 64 MiB together: two commits, and so two times of arrival.
    let lines: Vec<String> = (0..70).map(line).collect();
    bench.run(&["ingest", &bench.write("large.jsonl", &lines.join("\n"))]).good();
    let changes = bench.run(&["changes", "--json"]).json_lines();
    let times: std::collections::BTreeSet<&str> =
        changes.iter().map(|change| change["at"].as_str().unwrap()).collect();
    assert_eq!((changes.len(), times.len()), (70, 2));
}
