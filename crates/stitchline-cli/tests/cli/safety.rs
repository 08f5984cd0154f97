//! What a command must never do: destroy what it reads, lose ids, or say that something was done which was not.

use crate::program::Bench;

const ANN: &str = r#"{"type":"record","source":"crm","id":"1","observed_at":"2026-03-01T10:00:00Z","identifiers":["email:ann.lee@q-corp.com"],"attributes":{"name":"Ann Lee"}}
{"type":"record","source":"crm","id":"2","observed_at":"2026-03-01T10:00:00Z","identifiers":["email:bob.ray@q-corp.com"],"attributes":{"name":"Bob Ray"}}
"#;

fn customer(bench: &Bench, reference: &str) -> String {
    bench.run(&["customer", reference, "--json"]).json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let bench = Bench::new();
    let input = bench.write("in.jsonl", ANN);
    bench.run(&["ingest", &input]).good();
    let database = bench.path("test.stitchline").to_str().unwrap().to_owned();
    let refused = |args: &[&str], what: &str| {
        let run = bench.run(args);
        assert_eq!(run.code, 1, "{args:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(what) && run.err.contains("nothing was written"), "{args:?}: {}", run.err);
    };
    refused(&["export", "--records", "--output", &database], "is the database");
    refused(&["ingest", &input, "--rejects", &database], "is the database");
    let around = bench.path(".").join("in.jsonl").to_str().unwrap().to_owned();
    refused(&["ingest", &input, "--rejects", &around], "is read by this command");
    let folder = bench.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let (inside, rejects) = (folder.join("in.jsonl"), folder.join("rejects.jsonl"));
    std::fs::write(&inside, format!("{ANN}no JSON\n")).unwrap();
    let (folder, inside) = (folder.to_str().unwrap(), inside.to_str().unwrap());
    refused(&["ingest", folder, "--rejects", inside], "is read by this command");
    for _ in 0..2 {
        let run = bench.run(&["ingest", folder, "--rejects", rejects.to_str().unwrap()]);
        assert_eq!((run.code, run.out.contains("rejects.jsonl  ")), (3, false), "{}{}", run.out, run.err);
    }
    let run = bench.run(&["ingest", folder]);
    assert!(run.code == 3 && run.out.contains("what an earlier run rejected"), "{}{}", run.out, run.err);
    #[cfg(unix)]
    {
        let (symbolic, hard) = (bench.path("symbolic"), bench.path("hard"));
        std::os::unix::fs::symlink(&input, &symbolic).unwrap();
        std::fs::hard_link(&input, &hard).unwrap();
        for link in [symbolic, hard] {
            refused(&["ingest", &input, "--rejects", link.to_str().unwrap()], "is read by this command");
        }
    }
    let people = "id,name,born\n1,Ann Lee,1980-01-02\n2,Ann Lee,1980-01-02\n3,Bob Ray,1970-05-06\n";
    let rows = bench.write("people.csv", people);
    refused(&["dedupe", &rows, "--id", "id", "--output", &rows], "is read by this command");
    let both = bench.path("both.csv").to_str().unwrap().to_owned();
    let run = bench.run(&["dedupe", &rows, "--id", "id", "--output", &both, "--pairs", &both]);
    assert!(run.code == 2 && run.err.contains("--output and --pairs both name one file"), "{}", run.err);
    assert!(!bench.path("both.csv").exists());
    // The same by another name is found when it is written.
    #[cfg(unix)]
    {
        let around = bench.path("around.csv");
        std::os::unix::fs::symlink(&both, &around).unwrap();
        let args = ["dedupe", &rows, "--id", "id", "--output", &both, "--pairs", around.to_str().unwrap()];
        refused(&args, "is already written by this command");
    }
    assert_eq!(std::fs::read_to_string(&rows).unwrap(), people);
    assert_eq!(std::fs::read_to_string(&input).unwrap(), ANN);
    assert!(bench.run(&["stats"]).good().contains("2 customers"));
}

#[test]
fn a_policy_that_names_no_project_keeps_the_ids() {
    let bench = Bench::new();
    let input = bench.write("in.jsonl", ANN);
    let own = "project = \"6f1c1f6e-3f0d-4b7e-9a53-2d5d3d1c0a11\"\ndefault_region = \"GB\"\n";
    let own = bench.write("own.toml", own);
    bench.run(&["ingest", &input, "--policy", &own]).good();
    let id = customer(&bench, "crm/1");
    let part = bench.write("part.toml", "[namespaces.phone]\nsharing_limit = 6\n");
    bench.run(&["ingest", &input, "--policy", &part]).good();
    assert_eq!(customer(&bench, "crm/1"), id);
    let phone = r#"{"type":"record","source":"crm","id":"3","observed_at":"2026-03-01T10:00:00Z","identifiers":["phone:020 7946 0123"]}"#;
    bench.run(&["ingest", &bench.write("phone.jsonl", phone)]).good();
    assert_eq!(customer(&bench, "phone:+442079460123"), customer(&bench, "crm/3"), "the region is kept too");
    let other = bench.write("other.toml", "project = \"0e8b8c9e-70a9-4b3f-8d5e-1f2a3b4c5d6e\"\n");
    let run = bench.run(&["ingest", &input, "--policy", &other]);
    assert_eq!((run.code, run.err.contains("follow from its project")), (1, true), "{}", run.err);
    assert_eq!(customer(&bench, &id), id);
}

#[test]
fn files_whose_names_begin_alike_are_two_sources() {
    let bench = Bench::new();
    for (name, person) in [("crm.east.csv", "ann.lee@q-corp.com"), ("crm.west.CSV", "bea.moe@q-corp.com")] {
        bench.write(name, &format!("id,email\n1,{person}\n"));
    }
    bench.run(&["ingest", bench.folder.path().to_str().unwrap()]).good();
    assert_ne!(customer(&bench, "crm.east/1"), customer(&bench, "crm.west/1"));
}

#[test]
fn a_word_goes_before_one_that_is_dated_later() {
    let bench = Bench::new();
    let later = r#"{"type":"assertion","a":{"source":"crm","id":"1"},"b":{"source":"crm","id":"2"},"verdict":"different","by":"x","at":"2099-01-01T00:00:00Z"}"#;
    bench.run(&["ingest", &bench.write("in.jsonl", &format!("{ANN}{later}\n"))]).good();
    let text = bench.run(&["same", "crm/1", "crm/2", "--by", "me"]).good();
    assert!(text.contains("They are one customer"), "{text}");
    bench.run(&["retract", "crm/1", "crm/2", "--by", "me"]).good();
    assert_ne!(customer(&bench, "crm/1"), customer(&bench, "crm/2"));
}

#[test]
fn a_refusal_names_the_pair_that_was_said_to_be_different() {
    let bench = Bench::new();
    let record = |id: u8| {
        format!(
            r#"{{"type":"record","source":"a","id":"{id}","observed_at":"2026-03-0{id}T10:00:00Z","identifiers":["email:p{id}@q-corp.com"]}}"#
        )
    };
    let said = |a: u8, b: u8, verdict: &str| {
        format!(
            r#"{{"type":"assertion","a":{{"source":"a","id":"{a}"}},"b":{{"source":"a","id":"{b}"}},"verdict":"{verdict}","by":"x","at":"2026-04-01T00:00:00Z"}}"#
        )
    };
    let lines =
        [record(1), record(2), record(3), said(1, 2, "same"), said(1, 3, "different"), said(2, 3, "same")];
    bench.run(&["ingest", &bench.write("in.jsonl", &lines.join("\n"))]).good();
    let text = bench.run(&["explain", "a/2", "a/3"]).good();
    assert!(text.contains("a/1 and a/3 are different"), "{text}");
    assert!(text.contains("of x on a/1 and a/3"), "{text}");
}

#[test]
fn a_file_without_a_header_is_not_read_as_if_it_had_one() {
    let bench = Bench::new();
    let file = bench.write("nohdr.csv", "1,a@q-corp.com,+442079460123\n2,b@q-corp.com,+442079460124\n");
    let run = bench.run(&["ingest", &file]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.out.contains("line 1 looks like data"), "{}", run.out);
}

#[test]
fn names_of_now_do_not_head_a_timeline_of_earlier() {
    let bench = Bench::new();
    bench.run(&["ingest", &bench.write("in.jsonl", ANN)]).good();
    let now = stitchline::Timestamp::now().to_string();
    bench
        .run(&[
            "ingest",
            &bench.write("later.jsonl", &ANN.replace("03-01T10", "03-02T10").replace("Ann Lee", "Zoe Later")),
        ])
        .good();
    let text = bench.run(&["timeline", "crm/1", "--as-of", &now]).good();
    assert!(!text.contains("Zoe") && text.contains("as known at"), "{text}");
}

#[test]
fn an_identifier_that_several_share_is_not_explained_as_one_of_them() {
    let bench = Bench::contact_centre();
    let run = bench.run(&["explain", "020 7946 0188", "crm/C-2002"]);
    assert_eq!((run.code, run.err.contains("any of several customers")), (1, true), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn who_may_read_the_file_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.run(&["ingest", &bench.write("in.jsonl", ANN)]).good();
    let path = bench.path("test.stitchline");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    bench.run(&["compact", "--before", "2026-01-01"]).good();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
