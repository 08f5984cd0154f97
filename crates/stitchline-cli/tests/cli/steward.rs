use crate::program::Bench;

const BY: [&str; 2] = ["--by", "steward@example.com"];

fn id(bench: &Bench, reference: &str) -> String {
    bench.run(&["customer", reference, "--json"]).json()["id"].as_str().unwrap().to_owned()
}

fn say(bench: &Bench, verb: &str, a: &str, b: &str) -> String {
    bench.run(&[verb, a, b, BY[0], BY[1]]).good()
}

#[test]
fn same_joins_and_retract_gives_the_ids_back() {
    let bench = Bench::contact_centre();
    let (bob, carol) = (id(&bench, "crm/C-2001"), id(&bench, "crm/C-2002"));
    assert_ne!(bob, carol);
    let text = say(&bench, "same", "crm/C-2001", "crm/C-2002");
    assert!(text.contains("They are one customer"), "{text}");
    assert_eq!(id(&bench, &carol), id(&bench, &bob), "both ids lead to the customer");
    say(&bench, "retract", "crm/C-2001", "crm/C-2002");
    assert_eq!((id(&bench, "crm/C-2001"), id(&bench, "crm/C-2002")), (bob, carol));
}

#[test]
fn different_parts_what_evidence_joined() {
    let bench = Bench::contact_centre();
    say(&bench, "different", "crm/C-1001", "login:u-ann");
    assert_ne!(id(&bench, "crm/C-1001"), id(&bench, "login:u-ann"));
    say(&bench, "retract", "crm/C-1001", "login:u-ann");
    assert_eq!(id(&bench, "crm/C-1001"), id(&bench, "login:u-ann"));
}

#[test]
fn a_shared_identifier_names_no_record() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["same", "020 7946 0188", "crm/C-1001", BY[0], BY[1]]);
    assert_eq!((run.code, run.err.contains("any of several customers")), (1, true), "{}", run.err);
    let run = bench.run(&["same", "crm/C-1001", "crm/none", BY[0], BY[1]]);
    assert_eq!(
        (run.code, run.err.contains("\"crm/none\": there is no such record")),
        (1, true),
        "{}",
        run.err
    );
}

#[test]
fn an_identifier_of_the_same_record_is_told_with_what_to_do() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["different", "crm/C-1001", "crm:C-1001", BY[0], BY[1]]);
    assert!(run.code == 1 && run.err.contains("is the same record as the first"), "{}", run.err);
    assert!(run.err.contains("Name two records"), "{}", run.err);
}

#[test]
fn records_and_interactions_are_deleted() {
    let bench = Bench::contact_centre();
    let text = bench.run(&["delete", "crm/C-5001"]).good();
    assert!(text.contains("is there no more"), "{text}");
    bench.run(&["delete", "/mail/gateway/mail-1", "--interaction"]).good();
    let page = bench.run(&["timeline", "ann.lee@example.com", "--channel", "email", "--json"]).json();
    assert_eq!(page["items"].as_array().unwrap().len(), 0);
    let run = bench.run(&["delete", "crm/C-5001"]);
    assert_eq!((run.code, run.err.contains("there is no record")), (1, true), "{}", run.err);
}

#[test]
fn refusals_are_listed_and_explained() {
    let bench = Bench::contact_centre();
    assert!(!bench.run(&["review", "--json"]).json_lines().is_empty());
    assert!(!bench.run(&["review"]).good().is_empty());
    let text = bench.run(&["explain", "crm/C-2001", "crm/C-2002"]).good();
    assert!(text.contains("+442079460188"), "{text}");
    assert!(bench.run(&["explain", "crm/C-1001", "login:u-ann", "--json"]).json().is_object());
}

#[test]
fn a_person_is_erased_to_the_last_byte_and_stays_away() {
    let bench = Bench::contact_centre();
    let ann = id(&bench, "crm/C-1001");
    let bob = id(&bench, "crm/C-2001");
    let run = bench.run(&["erase", "crm/C-1001", "--by", "dpo"]);
    assert_eq!((run.code, run.err.contains("--yes")), (2, true), "{}", run.err);
    assert_eq!(id(&bench, "crm/C-1001"), ann, "it only told whom it would erase");
    let file = |needle: &str| {
        let bytes = std::fs::read(bench.path("test.stitchline")).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    };
    let own =
        ["ann.lee@example.com", "+447911123456", "u-ann", "A-70011", "3f1c9a52-8a0e-4e7b-9d53-0c6a41c7a001"];
    assert!(own.iter().all(|value| file(value)));
    let done = bench.run(&["erase", "crm/C-1001", "--by", "dpo", "--yes", "--json"]).json();
    assert_eq!(done["receipt"]["customer"], ann);
    assert!(done["receipt"]["interactions"].as_u64().unwrap() >= 18, "{done}");
    // A call that is nobody's holds her number as text; it is told, and for a person to take away.
    assert_eq!(done["mentioned_in"], serde_json::json!(["interaction genesys/flow-0014"]), "{done}");
    bench.run(&["delete", "genesys/flow-0014", "--interaction"]).good();
    bench.run(&["compact", "--before", "2100-01-01T00:00:00Z"]).good();
    for value in own {
        assert!(!file(value), "the file still holds {value}");
        assert!(!done.to_string().contains(value), "the receipt shows {value}");
    }
    assert_eq!(id(&bench, "crm/C-2001"), bob, "others stay");
    // The same files again bring nothing of hers back.
    let again = bench.run(&["ingest", &crate::program::contact_centre()]);
    assert!(again.out.contains("not taken: older than the erasure"), "{}", again.out);
    let run = bench.run(&["customer", &ann]);
    assert!(run.out.contains("obody") || run.err.contains("obody"), "{}{}", run.out, run.err);
    assert!(own.iter().all(|value| !file(value)));
    let stats = bench.run(&["stats", "--json"]).json();
    assert_eq!(stats["receipts"][0], done["receipt"]);
}

#[test]
fn a_compaction_takes_deleted_content_out() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["compact"]);
    assert_eq!((run.code, run.err.contains("keeps everything")), (1, true), "{}", run.err);
    bench.run(&["delete", "crm/C-5001"]).good();
    let before = bench.run(&["export", "--records", "--output", "-"]).good();
    let text = bench.run(&["compact", "--before", "2100-01-01T00:00:00Z"]).good();
    assert!(text.contains("taken out") && text.contains("are refused from now on"), "{text}");
    assert_eq!(bench.run(&["export", "--records", "--output", "-"]).good(), before);
    let run = bench.run(&["timeline", "crm/C-1001", "--as-of", "2020-01-01T00:00:00Z"]);
    assert_eq!((run.code, run.err.contains("no longer kept")), (1, true), "{}", run.err);
}
