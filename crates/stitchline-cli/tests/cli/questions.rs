use crate::program::Bench;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::Read,
    process::{Command, Stdio},
};

#[test]
fn a_customer_by_any_reference() {
    let bench = Bench::contact_centre();
    let card = bench.run(&["customer", "crm/C-1001", "--json"]).json();
    assert_eq!((card["answer"].as_str(), card["profile"]["name"].as_str()), (Some("one"), Some("Ann Lee")));
    let id = card["id"].as_str().unwrap();
    for reference in [
        id,
        "ann.lee@example.com",
        " Ann.Lee@EXAMPLE.com",
        "07911 123456",
        "+44 7911 123456",
        "phone:07911 123456",
        "crm:C-1001",
        "login:u-ann",
        "cookie:3f1c9a52-8a0e-4e7b-9d53-0c6a41c7a001",
        "record:crm/C-1001",
    ] {
        assert_eq!(bench.run(&["customer", reference, "--json"]).json()["id"], id, "{reference}");
    }
}

#[test]
fn the_card_is_text_without_colour() {
    let bench = Bench::contact_centre();
    let card = bench.run(&["customer", "ann.lee@example.com"]).good();
    for part in
        ["Ann Lee  ", "Identifiers", "+447911123456", "authenticated", "Channels", "in person", "crm/C-1001"]
    {
        assert!(card.contains(part), "{part}: {card}");
    }
    assert!(!card.contains('\x1b'));
    assert!(card.lines().all(|line| line.trim_end() == line));
}

#[test]
fn several_candidates_and_nobody_are_answers() {
    let bench = Bench::contact_centre();
    let landline = bench.run(&["customer", "020 7946 0188", "--json"]).json();
    assert_eq!((landline["answer"].as_str(), landline["reason"].as_str()), (Some("several"), Some("shared")));
    let names: BTreeSet<&str> =
        landline["candidates"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, BTreeSet::from(["Bob Stone", "Carol Stone"]));
    assert!(bench.run(&["customer", "020 7946 0188"]).good().contains("Several customers share it"));
    assert_eq!(bench.run(&["customer", "zoe.unknown@example.com", "--json"]).json()["answer"], "nobody");
}

#[test]
fn what_is_no_reference_says_what_one_is() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["customer", "Ann"]);
    assert_eq!((run.code, run.err.contains("A REF is one of")), (2, true), "{}", run.err);
    let run = bench.run(&["customer", "phone:12"]);
    assert_eq!((run.code, run.err.contains("is not usable as phone")), (1, true), "{}", run.err);
}

#[test]
fn a_timeline_is_filtered_and_paged() {
    let bench = Bench::contact_centre();
    let ids = |args: &[&str]| -> Vec<String> {
        let mut all = vec!["timeline", "ann.lee@example.com", "--json"];
        all.extend(args);
        let page = bench.run(&all).json();
        let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
        page["items"].as_array().unwrap().iter().map(id).collect()
    };
    let all = ids(&[]);
    assert_eq!((all.len(), all[0].as_str()), (18, "call-0013"));
    assert_eq!(ids(&["--channel", "voice,email"]), ["call-0013", "mail-1"]);
    assert_eq!(ids(&["--kind", "screen"]), ["seg-0014"]);
    assert_eq!(ids(&["--direction", "outbound"]), ["seg-0010"]);
    assert_eq!(ids(&["--from", "2026-03-02", "--until", "2026-03-02T08:40:00Z"]), ["mail-1"]);
    assert_eq!(ids(&["--oldest-first", "--limit", "1"]), ["v-1"]);
    let mut paged = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut args = vec!["timeline", "ann.lee@example.com", "--limit", "5", "--json"];
        if let Some(cursor) = &cursor {
            args.extend(["--after", cursor]);
        }
        let page = bench.run(&args).json();
        let items = page["items"].as_array().unwrap().clone();
        paged.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(paged, all);
    let text = bench.run(&["timeline", "ann.lee@example.com", "--limit", "2"]).good();
    assert!(text.contains("  2026-03-02 08:55:00  voice  in  conversation"), "{text}");
    assert!(text.contains("More: --after "), "{text}");
}

#[test]
fn a_timeline_of_an_account_is_that_of_its_members() {
    let bench = Bench::contact_centre();
    assert!(bench.run(&["customer", "segment/group/acme"]).good().starts_with("Acme Ltd"));
    assert!(bench.run(&["timeline", "segment/group/acme"]).good().contains("nothing that fits"));
    let text = bench.run(&["timeline", "segment/group/acme", "--members"]).good();
    for member in ["login:u-dev", "login:u-erin"] {
        let own = bench.run(&["timeline", member, "--json"]).json();
        for item in own["items"].as_array().unwrap() {
            let key = format!("{}/{}", item["source"].as_str().unwrap(), item["id"].as_str().unwrap());
            assert!(text.contains(&key), "{key} is not in {text}");
        }
    }
    assert!(text.contains("  with Dev "), "{text}");
}

#[test]
fn a_timeline_of_several_or_nobody_fails_with_what_to_do() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["timeline", "020 7946 0188"]);
    assert_eq!((run.code, run.err.contains("Ask for one of them")), (1, true), "{}", run.err);
    assert!(!run.err.contains("Stone"), "no names that were not typed");
    let run = bench.run(&["timeline", "ann.lee@example.com", "--as-of", "2020-01-01"]);
    assert_eq!((run.code, run.err.contains("as known at")), (1, true), "{}", run.err);
}

#[test]
fn unresolved_interactions_have_candidates() {
    let bench = Bench::contact_centre();
    let all = bench.run(&["unresolved", "--json"]).json_lines();
    let call = all.iter().find(|one| one["id"] == "call-0002").unwrap();
    assert_eq!(call["candidates"]["candidates"].as_array().unwrap().len(), 2);
    assert!(!all.iter().any(|one| one["id"] == "call-0001"));
    assert!(bench.run(&["unresolved"]).good().contains("genesys/call-0002"));
}

#[test]
fn changes_are_numbered_without_gaps() {
    let bench = Bench::contact_centre();
    let all = bench.run(&["changes", "--json"]).json_lines();
    let numbers: Vec<u64> = all.iter().map(|one| one["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    let some = bench.run(&["changes", "--from", "3", "--limit", "2", "--json"]).json_lines();
    assert_eq!(some, all[3..5]);
    assert!(bench.run(&["changes", "--limit", "2"]).good().contains("Go on with --from 2"));
}

#[test]
fn the_feed_and_the_counts_agree() {
    let bench = Bench::contact_centre();
    let mut alive = BTreeSet::new();
    let ids = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    };
    for change in bench.run(&["changes", "--json", "--limit", "1000"]).json_lines() {
        let id = change["id"].as_str().unwrap_or_default().to_owned();
        match change["change"].as_str().unwrap() {
            "created" => assert!(alive.insert(id), "created twice"),
            "grown" | "shrunk" => assert!(alive.contains(&id)),
            "merged" => {
                ids(&change["from"]).iter().for_each(|from| assert!(alive.remove(from)));
                alive.insert(id);
            }
            "split" => {
                assert!(alive.remove(&id));
                alive.extend(ids(&change["into"]));
            }
            "renamed" => {
                alive.remove(change["from"].as_str().unwrap());
                alive.insert(change["to"].as_str().unwrap().to_owned());
            }
            "removed" => assert!(alive.remove(&id)),
            other => panic!("{other}"),
        }
    }
    let stats = bench.run(&["stats", "--json"]).json();
    assert_eq!(stats["customers"].as_u64().unwrap(), alive.len() as u64);
    let sizes = stats["customers_by_records"].as_object().unwrap();
    assert_eq!(sizes.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), alive.len() as u64);
}

#[test]
fn exports_have_the_sources_own_ids() {
    let bench = Bench::contact_centre();
    let csv = bench.run(&["export", "--records"]).good();
    assert!(csv.starts_with("source,record_id,customer_id\n"), "{csv}");
    assert!(csv.contains("\ncrm,C-1001,") && !csv.contains('~'), "{csv}");
    assert!(bench.run(&["export", "--records", "--implied"]).good().contains(",~"));
    let file = bench.path("contacts.jsonl");
    let text = bench.run(&["export", "--interactions", "--output", file.to_str().unwrap()]).good();
    assert!(text.contains("rows of interactions"), "{text}");
    let rows: Vec<Value> = std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |id: &str| -> Vec<&Value> { rows.iter().filter(|row| row["interaction_id"] == id).collect() };
    assert!(of("call-0002")[0]["customer_id"].is_null());
    assert_eq!(of("conf-0012").len(), 2, "a row for each customer");
    let ann = bench.run(&["customer", "crm/C-1001", "--json"]).json();
    assert_eq!(of("seg-0001")[0]["customer_id"], ann["id"]);
}

#[test]
fn who_reads_no_further_ends_it_quietly() {
    let bench = Bench::contact_centre();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("stitchline"))
        .args(["changes", "--limit", "1000", "--db"])
        .arg(bench.path("test.stitchline"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn as_of_answers_what_was_known_then() {
    let bench = Bench::new();
    let chat = r#"{"type":"interaction","source":"chat","id":"1","start":"2026-03-01T10:00:00Z","participants":[{"identifiers":["email:ann@example.com"]}]}"#;
    bench.run_with(&["ingest", "-"], chat).good();
    let then = stitchline::Timestamp::now().to_string();
    std::thread::sleep(std::time::Duration::from_millis(5));
    bench.run_with(&["ingest", "-"], &chat.replace("\"1\"", "\"2\"")).good();
    let count = |args: &[&str]| {
        let page = bench.run(&[&["timeline", "ann@example.com", "--json"], args].concat()).json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((count(&["--as-of", &then]), count(&[])), (1, 2));
}

#[test]
fn reasons_as_of_are_those_of_then() {
    let bench = Bench::new();
    let record = |id: &str, email: &str| {
        format!(
            r#"{{"type":"record","source":"crm","id":"{id}","observed_at":"2026-03-01T10:00:00Z","identifiers":["email:{email}","phone:+442079460123"]}}"#
        )
    };
    let before = stitchline::Timestamp::now().to_string();
    std::thread::sleep(std::time::Duration::from_millis(5));
    bench.run_with(&["ingest", "-"], &record("1", "ann@example.com")).good();
    bench.run_with(&["ingest", "-"], &record("2", "ann.lee@example.com")).good();
    let then = stitchline::Timestamp::now().to_string();
    std::thread::sleep(std::time::Duration::from_millis(5));
    bench.run(&["different", "crm/1", "crm/2", "--by", "me"]).good();
    let verdict = |args: &[&str]| {
        let why = bench.run(&[&["explain", "crm/1", "ann.lee@example.com", "--json"], args].concat()).json();
        why["verdict"]["answer"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(&["--as-of", &then]), "same_customer");
    assert_eq!(verdict(&[]), "different_customers");
    let run = bench.run(&["explain", "crm/1", "crm/2", "--as-of", &before]);
    assert_eq!((run.code, run.err.contains("as known at")), (1, true), "{}", run.err);
}

#[test]
fn as_of_finds_what_is_there_no_more() {
    let bench = Bench::new();
    let record = |source: &str, id: &str, email: &str| {
        format!(
            "{{\"type\":\"record\",\"source\":\"{source}\",\"id\":\"{id}\",\"observed_at\":\"2026-03-01T10:00:00Z\",\"identifiers\":[\"email:{email}\"]}}\n"
        )
    };
    // A record and an interaction of the same key, and a source with slashes.
    let call = "{\"type\":\"interaction\",\"source\":\"crm\",\"id\":\"1\",\"start\":\"2026-03-01T10:00:00Z\",\"participants\":[{\"identifiers\":[\"email:bob@example.com\"]}]}\n";
    let inputs =
        [record("crm", "1", "ann@example.com"), record("/mail/gw", "9", "ann@example.com"), call.into()];
    bench.run_with(&["ingest", "-"], &inputs.concat()).good();
    let id = bench.run(&["customer", "crm/1", "--json"]).json()["id"].as_str().unwrap().to_owned();
    let then = stitchline::Timestamp::now().to_string();
    std::thread::sleep(std::time::Duration::from_millis(5));
    bench.run(&["delete", "crm/1"]).good();
    bench.run(&["delete", "/mail/gw/9"]).good();

    for reference in ["crm/1", "/mail/gw/9", &id] {
        let why = bench.run(&["explain", reference, "ann@example.com", "--as-of", &then, "--json"]).json();
        assert_eq!(why["verdict"]["answer"], "same_customer", "{reference}");
        let page = bench.run(&["timeline", reference, "--as-of", &then, "--json"]).json();
        assert_eq!(page["customer"], id, "{reference}");
    }
    // Now only the interaction has that key.
    let run = bench.run(&["explain", "crm/1", "bob@example.com"]);
    assert!(run.code == 1 && run.err.contains("is an interaction"), "{}", run.err);
    let run = bench.run(&["explain", "bob@example.com", "crm/none", "--as-of", &then]);
    assert!(
        run.code == 1
            && run.err.contains("\"crm/none\": there is no such record, as known at")
            && run.err.contains("without --as-of"),
        "{}",
        run.err
    );
    // Withdrawn is not erased. What was one customer with a record goes with it.
    for reference in ["crm/1", "/mail/gw/9"] {
        let run = bench.run(&["erase", reference, "--by", "dpo"]);
        assert!(run.err.contains("this would erase"), "{reference}: {}", run.err);
    }
    let done = bench.run(&["erase", "/mail/gw/9", "--by", "dpo", "--yes", "--json"]).json();
    assert!(done["receipt"]["inputs"].as_u64() >= Some(2), "{done}");
    let done = bench.run(&["erase", "crm/1", "--by", "dpo", "--yes"]);
    assert!(done.code == 0 || done.err.contains("is an interaction"), "{}", done.err);
    let file = std::fs::read(bench.path("test.stitchline")).unwrap();
    assert!(!file.windows(15).any(|window| window == b"ann@example.com"));
    assert_eq!(bench.run(&["customer", "bob@example.com", "--json"]).json()["answer"], "one");
}

#[test]
fn what_is_largest_is_listed() {
    let bench = Bench::contact_centre();
    let event = |number: usize| {
        format!(
            "{{\"type\":\"identify\",\"messageId\":\"big{number}\",\"anonymousId\":\"big-{number}\",\"timestamp\":\"2026-03-01T10:02:00Z\",\"traits\":{{\"email\":\"nobody.special@example.com\"}}}}\n"
        )
    };
    let events: String = (0..300).map(event).collect();
    bench.run_with(&["ingest", "-"], &events).good();
    let stats = bench.run(&["stats", "--json"]).json();
    let largest = &stats["largest"]["customers"][0];
    let id = bench.run(&["customer", "nobody.special@example.com", "--json"]).json()["id"].clone();
    assert_eq!((&largest["id"], largest["records"].as_u64()), (&id, stats["largest_customer"].as_u64()));
    let carried = &stats["largest"]["most_carried"][0];
    assert_eq!(
        (carried["identifier"].as_str(), carried["records"].as_u64(), carried["parties"].as_u64()),
        (Some("email:nobody.special@example.com"), Some(300), Some(1))
    );
    // Reports of ingestion are kept and sent around; no identifier is in them.
    let report = bench.run_with(&["ingest", "-", "--json"], &events).good();
    assert!(!report.contains("nobody.special"), "{report}");
    let near = stats["largest"]["nearest_limit"].as_array().unwrap();
    let left = |one: &Value| one["limit"].as_u64().unwrap() - one["parties"].as_u64().unwrap();
    assert!(near.windows(2).all(|pair| left(&pair[0]) <= left(&pair[1])), "{near:?}");
    let landline = near.iter().find(|one| one["identifier"] == "phone:+442079460188").unwrap();
    assert_eq!((landline["parties"].as_u64(), landline["limit"].as_u64()), (Some(2), Some(5)));
    let text = bench.run(&["stats"]).good();
    for part in [
        "Largest customers",
        "Identifiers that most records carry",
        "300 records",
        "1 party told apart, of at most 5",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn no_source_sends_control_characters_to_the_terminal() {
    let bench = Bench::new();
    let file = bench
        .write("a.csv", "id,email,first_name,note\n1,ann@example.com,A\x1b]0;x\x07nn,\x1b[31mred\u{202e}\n");
    bench.run(&["ingest", &file]).good();
    let card = bench.run(&["customer", "ann@example.com"]).good();
    assert!(card.contains("red") && !card.contains(['\x1b', '\x07', '\u{202e}']), "{card:?}");
}
