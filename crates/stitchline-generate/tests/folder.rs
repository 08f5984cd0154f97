//! The files that a run writes: equal for equal configurations, complete in their truth, with every hard case.
#![allow(clippy::unwrap_used)] // the functions that tests share are tests too

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use stitchline_generate::{Config, HARD_CASES, Size, Summary, write_folder};
use tempfile::TempDir;

const FILES: [&str; 11] = [
    "cloudevents.jsonl",
    "customers.csv",
    "genesys.jsonl",
    "interactions.csv",
    "record_tags.csv",
    "records.csv",
    "records_blind.csv",
    "segment.jsonl",
    "stats.json",
    "truth_interactions.csv",
    "truth_records.csv",
];

fn written(config: &Config) -> (TempDir, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let summary = write_folder(config, folder.path()).unwrap();
    (folder, summary)
}

fn small() -> Config {
    Config { size: Size::Records(5_000), ..Config::default() }
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// The lines after the header, each split at the commas; for files without quoted fields.
fn rows(folder: &TempDir, name: &str) -> Vec<Vec<String>> {
    let split = |line: &str| line.split(',').map(str::to_owned).collect();
    read(folder, name).lines().skip(1).map(split).collect()
}

fn json(folder: &TempDir, name: &str) -> Vec<Value> {
    read(folder, name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_independent_run_gives_equal_bytes() {
    let (a, _) = written(&small());
    let (b, _) = written(&small());
    assert_eq!(names(a.path()), FILES);
    for name in FILES {
        assert!(read(&a, name) == read(&b, name), "{name} differs");
    }
    let (other, _) = written(&Config { seed: 2, ..small() });
    assert_ne!(read(&a, "records.csv"), read(&other, "records.csv"));
}

/// The bytes are fixed for ever: a change of this value is a change of every published figure.
#[test]
fn the_bytes_are_the_same_on_every_machine() {
    let (folder, _) = written(&Config { size: Size::Records(1_000), ..Config::default() });
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for name in FILES {
        for byte in read(&folder, name).bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
    assert_eq!(format!("{hash:016x}"), "39658b8da9dcc421");
}

#[test]
fn more_events_change_no_record() {
    let (a, _) = written(&small());
    let (b, _) = written(&Config {
        events_per_customer: 0.0,
        conversations_per_customer: 3.0,
        cloud_events_per_customer: 0.0,
        ..small()
    });
    for name in ["records.csv", "customers.csv", "interactions.csv", "record_tags.csv"] {
        assert!(read(&a, name) == read(&b, name), "{name} differs");
    }
    assert_eq!(read(&b, "segment.jsonl"), "");
    assert_eq!(read(&b, "cloudevents.jsonl"), "");
}

#[test]
fn every_hard_case_occurs_in_five_thousand_records() {
    let (folder, summary) = written(&small());
    assert!((5_000..5_100).contains(&summary.records));
    for name in HARD_CASES {
        assert!(summary.hard_cases[name] > 0, "{name}");
    }
    for tag in [
        "stale",
        "old_name",
        "old_address",
        "landline",
        "switchboard",
        "recycled_phone",
        "family_email",
        "employer_inbox",
        "nickname",
        "initial",
        "typo",
        "ocr",
        "phonetic",
        "swapped_names",
        "one_surname",
        "accents_lost",
        "email_typo",
        "email_case",
        "plus_email",
        "phone_typo",
        "dob_error",
        "city_typo",
        "postcode_typo",
        "junk_phone",
        "junk_email",
        "junk_dob",
        "junk_name",
        "twin",
        "junior",
    ] {
        assert!(summary.record_tags.get(tag).is_some_and(|&n| n > 0), "{tag}");
    }
    assert_eq!(summary.phone_styles.len(), 5);
    let stats: Value = serde_json::from_str(&read(&folder, "stats.json")).unwrap();
    assert_eq!(stats["true_pairs"], summary.true_pairs);
    assert_eq!(stats["hard_cases"]["twins"], summary.hard_cases["twins"]);
}

#[test]
fn the_counts_are_those_of_the_files() {
    let (folder, s) = written(&small());
    let lines = |name: &str| read(&folder, name).lines().count() as u64;
    for name in ["records.csv", "records_blind.csv", "truth_records.csv", "record_tags.csv"] {
        assert_eq!(lines(name), s.records + 1, "{name}");
    }
    assert_eq!(lines("customers.csv"), s.customers + 1);
    assert_eq!(lines("segment.jsonl"), s.web_events);
    assert_eq!(lines("genesys.jsonl"), s.conversations);
    assert_eq!(lines("cloudevents.jsonl"), s.cloud_events);
    assert_eq!(lines("interactions.csv"), s.interactions + 1);
    let contacts = s.web_events + s.conversations + s.cloud_events + s.interactions;
    assert_eq!(lines("truth_interactions.csv"), contacts + 1);

    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows(&folder, "truth_records.csv") {
        *sizes.entry(row[2].clone()).or_default() += 1;
    }
    assert_eq!(sizes.values().map(|n| n * (n - 1) / 2).sum::<u64>(), s.true_pairs);
    assert_eq!(sizes.values().max(), Some(&s.largest_customer));
    let default = Config::default();
    let mean = |n: u64| n as f64 / s.customers as f64;
    assert!((mean(s.web_events) / default.events_per_customer - 1.0).abs() < 0.1);
    assert!((mean(s.conversations) / default.conversations_per_customer - 1.0).abs() < 0.1);
    assert!((mean(s.cloud_events) / default.cloud_events_per_customer - 1.0).abs() < 0.1);
}

#[test]
fn the_truth_knows_every_id_once() {
    let (folder, _) = written(&small());
    let customers: BTreeSet<String> =
        rows(&folder, "customers.csv").into_iter().map(|r| r[0].clone()).collect();
    let mut truth = BTreeSet::new();
    for row in rows(&folder, "truth_interactions.csv") {
        assert!(customers.contains(&row[2]), "{row:?}");
        assert!(truth.insert((row[0].clone(), row[1].clone())), "{row:?} is there twice");
    }
    let mut ids = BTreeSet::new();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut add = |source: String, id: String| assert!(ids.insert((source, id)), "an id occurs twice");
    for e in json(&folder, "segment.jsonl") {
        add("segment".into(), text(&e["messageId"]));
    }
    for c in json(&folder, "genesys.jsonl") {
        add("genesys".into(), text(&c["conversationId"]));
    }
    for e in json(&folder, "cloudevents.jsonl") {
        add(text(&e["source"]), text(&e["id"]));
    }
    for row in rows(&folder, "interactions.csv") {
        add("interactions".into(), row[0].clone());
    }
    assert_eq!(ids, truth);

    let truth: BTreeMap<_, _> = rows(&folder, "truth_records.csv")
        .into_iter()
        .map(|r| ((r[0].clone(), r[1].clone()), r[2].clone()))
        .collect();
    let records = rows(&folder, "records.csv");
    assert_eq!(records.len(), truth.len());
    for r in records {
        assert_eq!(truth[&(r[1].clone(), r[0].clone())], r[r.len() - 1]);
    }
}

#[test]
fn the_truth_is_nowhere_else() {
    let (folder, _) = written(&small());
    let customers: BTreeSet<String> =
        rows(&folder, "customers.csv").into_iter().map(|r| r[0].clone()).collect();
    for name in
        ["records_blind.csv", "segment.jsonl", "genesys.jsonl", "cloudevents.jsonl", "interactions.csv"]
    {
        let text = read(&folder, name);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        assert!(!words.into_iter().any(|w| customers.contains(w)), "{name}");
        assert!(!text.contains("true_id") && !text.contains("trueId"), "{name}");
    }
}

#[test]
fn files_are_in_the_order_of_time() {
    let (folder, _) = written(&small());
    let times = |name: &str, key: &str| -> Vec<String> {
        json(&folder, name).iter().map(|v| v[key].as_str().unwrap().to_owned()).collect()
    };
    assert!(times("segment.jsonl", "receivedAt").is_sorted());
    assert!(!times("segment.jsonl", "timestamp").is_sorted(), "some arrive late");
    assert!(times("genesys.jsonl", "conversationEnd").is_sorted());
    assert!(times("cloudevents.jsonl", "time").is_sorted());
    assert!(rows(&folder, "interactions.csv").is_sorted_by_key(|r| r[3].clone()));
}

#[test]
fn safe_domains_leave_no_other_address() {
    let (folder, _) = written(&small());
    let (real, _) = written(&Config { safe_domains: false, ..small() });
    assert!(read(&real, "records.csv").contains("@gmail.com"));
    for name in FILES {
        let text = read(&folder, name).to_lowercase();
        for word in text.split(|c: char| !(c.is_alphanumeric() || "@.-+_".contains(c))) {
            let Some((_, host)) = word.split_once('@') else { continue };
            // Withheld callers show the address that RFC 3323 gives them, under a reserved domain too.
            assert!(host.ends_with(".example") || host == "anonymous.invalid", "{name}: {word}");
        }
    }
}

#[test]
fn segment_events_have_what_the_specification_asks_for() {
    let (folder, _) = written(&small());
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    let mut chats = BTreeSet::new();
    for e in json(&folder, "segment.jsonl") {
        let kind = e["type"].as_str().unwrap().to_owned();
        assert!(e["anonymousId"].is_string() && e["timestamp"].is_string());
        match kind.as_str() {
            "identify" => assert!(e["userId"].is_string() && e["traits"]["email"].is_string()),
            "alias" => assert!(e["previousId"].is_string() && e["userId"].is_string()),
            "group" => assert!(e["groupId"].is_string()),
            "track" => assert!(e["event"].is_string()),
            _ => assert!(e["name"].is_string()),
        }
        chats.extend(e["event"].as_str().filter(|n| n.starts_with("Live Chat")).map(str::to_owned));
        *kinds.entry(kind).or_default() += 1;
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    assert_eq!(chats.len(), 4, "{chats:?}");
}

#[test]
fn the_centres_own_legs_carry_their_own_numbers() {
    let (folder, _) = written(&small());
    let (mut customers, mut staff) = (BTreeSet::new(), BTreeSet::new());
    let mut media = BTreeSet::new();
    for c in json(&folder, "genesys.jsonl") {
        for (i, p) in c["participants"].as_array().unwrap().iter().enumerate() {
            let purpose = p["purpose"].as_str().unwrap();
            let own = !matches!(purpose, "customer" | "external");
            assert_eq!(own, i > 0, "the customer comes first");
            let s = &p["sessions"][0];
            media.insert(s["mediaType"].as_str().unwrap().to_owned());
            let inbound = s["direction"] == "inbound";
            let of_caller = if own || inbound { "ani" } else { "dnis" };
            let found = [of_caller, "addressFrom"].into_iter().filter_map(|f| s[f].as_str());
            let set = if own { &mut staff } else { &mut customers };
            set.extend(found.map(str::to_owned));
        }
    }
    assert_eq!(media.len(), 4);
    assert!(staff.len() > 50 && customers.len() > 200);
    assert!(customers.is_disjoint(&staff));
}
