//! What is asked by mistake is answered with what is wrong and what to do.

use crate::program::{Bench, Run, contact_centre};

fn fails(run: &Run, code: i32, parts: &[&str]) {
    assert_eq!(run.code, code, "{}{}", run.out, run.err);
    for part in parts {
        assert!(run.err.contains(part), "{part:?} is not in {:?}", run.err);
    }
}

#[test]
fn nobody_is_not_erased() {
    let bench = Bench::contact_centre();
    for yes in [&[][..], &["--yes"]] {
        let erase = |who: &str| bench.run(&[&["erase", who, "--by", "dpo@example.com"], yes].concat());
        fails(&erase("zoe.unknown@example.com"), 1, &["nobody known is", "nothing to erase", "customer"]);
        fails(&erase("crm/none"), 1, &["nobody known is"]);
        fails(&erase("020 7946 0188"), 1, &["may be several customers", "by customer id"]);
    }
    fails(
        &bench.run(&["erase", "crm/C-1001", "--by", "dpo@example.com"]),
        2,
        &["this would erase customer", "records, for good", "--yes"],
    );
    let receipts = bench.run(&["stats", "--json"]).json()["receipts"].clone();
    assert_eq!(receipts.as_array().unwrap().len(), 0);
}

#[test]
fn to_show_nothing_is_no_question() {
    let bench = Bench::contact_centre();
    for verb in [&["unresolved"][..], &["review"], &["changes"], &["timeline", "crm/C-1001"]] {
        fails(&bench.run(&[verb, &["--limit", "0"]].concat()), 2, &["--limit", "shows nothing", "from 1 on"]);
        for other in ["many", "-1"] {
            fails(&bench.run(&[verb, &["--limit", other]].concat()), 2, &["is no number from 1 on"]);
        }
    }
}

#[test]
fn an_interaction_is_no_party() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["explain", "crm/C-1001", "genesys/call-0002"]);
    fails(&run, 1, &["\"genesys/call-0002\" is an interaction", "Ask for one of the records", "genesys/~"]);
    // What it names can be asked for.
    let record = run.err.lines().last().unwrap().trim().to_owned();
    bench.run(&["explain", "crm/C-1001", &record]).good();
    fails(&bench.run(&["customer", "genesys/call-0002"]), 1, &["is an interaction"]);
}

#[test]
fn rejects_name_the_fields_of_the_source() {
    let bench = Bench::new();
    let long = "x".repeat(600);
    let files = [
        (
            "genesys.jsonl",
            r#"{"conversationId":"1","conversationStart":"2026-03-02T15:00:00Z","conversationEnd":"2026-03-02T14:00:00Z"}"#.to_owned(),
            "conversationEnd: is before the start",
        ),
        (
            "page.jsonl",
            format!(r#"{{"conversations":[{{"conversationId":"{long}","conversationStart":"2026-03-02T15:00:00Z"}}]}}"#),
            "conversations.0.conversationId: is longer than 512 bytes",
        ),
        (
            "type.jsonl",
            format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"{long}","time":"2026-03-02T15:00:00Z"}}"#),
            "type: is longer than 512 bytes",
        ),
        (
            "ended.jsonl",
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"a.call","time":"2026-03-02T15:00:00Z","data":{"ended_at":"2026-03-02T14:00:00Z"}}"#.to_owned(),
            "data.ended_at: is before the start",
        ),
        (
            "segment.jsonl",
            format!(r#"{{"type":"page","messageId":"{long}","anonymousId":"c","timestamp":"2026-03-02T15:00:00Z"}}"#),
            "messageId: is longer than 512 bytes",
        ),
        ("senzing.jsonl", format!(r#"{{"DATA_SOURCE":"{long}","RECORD_ID":"1","NAME_FULL":"Ann Lee"}}"#), "DATA_SOURCE: is longer"),
        ("people.csv", format!("Nr;Email\n{long};ann@example.com\n"), "Nr: is longer than 512 bytes"),
        (
            "calls.csv",
            "call_id,start,end_time\n1,2026-03-02T15:00:00Z,2026-03-02T14:00:00Z\n".to_owned(),
            "end_time: is before the start",
        ),
    ];
    for (name, line, reason) in files {
        let mut args = vec!["ingest".to_owned(), bench.write(name, &line)];
        if name == "people.csv" {
            args.extend(["--map".to_owned(), "Nr=id".to_owned()]);
        }
        let run = bench.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.code, 3, "{name}: {}{}", run.out, run.err);
        assert!(run.out.contains(&format!(": {reason}")), "{name}: {}", run.out);
    }
}

#[test]
fn a_damaged_gzip_file_is_told() {
    let bench = Bench::new();
    let whole = std::fs::read(format!("{}/shops.jsonl.gz", contact_centre())).unwrap();
    for (name, part) in [("late.jsonl.gz", whole.len() - 4), ("early.jsonl.gz", 15)] {
        std::fs::write(bench.path(name), &whole[..part]).unwrap();
        let run = bench.run(&["ingest", bench.path(name).to_str().unwrap()]);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        assert!(run.out.contains("the gzip data is damaged or cut off: get the file again"), "{}", run.out);
    }
}

#[test]
fn a_folder_is_no_database() {
    let bench = Bench::new();
    let folder = bench.folder.path().to_str().unwrap().to_owned();
    let people = bench.write("people.csv", "id,email\n1,ann.lee@example.com\n");
    for args in [&["stats"][..], &["ingest", &people], &["ingest", &people, "--default-region", "GB"]] {
        let run = bench.run(&[args, &["--db", &folder]].concat());
        fails(&run, 1, &["is a folder; a database is a file", "crm.stitchline"]);
    }
}
