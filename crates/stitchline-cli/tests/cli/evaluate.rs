//! `evaluate`: figures, and what it says of files that it cannot take.

use crate::program::Bench;

#[test]
fn figures() {
    let bench = Bench::new();
    let clusters = bench.write("clusters.csv", "id,customer_id\n1,a\n2,a\n3,a\n4,b\n9,z\n");
    let truth = bench.write("truth.csv", "\u{feff}true_id,source,id\nx,p,1\nx,q,2\ny,p,3\ny,q,4\ny,q,5\n");
    let report = bench.run(&["evaluate", &clusters, &truth, "--json"]).json();
    assert_eq!(report["pairs"]["true_positives"], 1);
    assert_eq!(report["pairs"]["false_positives"], 2);
    assert_eq!(report["pairs"]["false_negatives"], 3);
    assert_eq!((&report["missing"], &report["unknown_ids"]), (&1.into(), &1.into()));
    let linked = bench.run(&["evaluate", &clusters, &truth, "--truth-source", "source", "--json"]).json();
    assert_eq!(linked["pairs"]["false_negatives"], 2);
    let said = bench.run(&["evaluate", &clusters, &truth]).good();
    assert!(said.contains("pairs of records     0.3333  0.2500  0.2857"), "{said}");
    let lines = "{\"id\":1,\"customer_id\":\"a\"}\n\n{\"id\":\"2\",\"customer_id\":\"a\"}\n";
    let clusters = bench.write("clusters.jsonl", lines);
    assert_eq!(bench.run(&["evaluate", &clusters, &truth, "--json"]).json()["missing"], 3);
}

#[test]
fn files_that_do_not_fit() {
    let bench = Bench::new();
    let good = bench.write("good.csv", "id,customer_id,true_id\n1,a,x\n");
    let twice = bench.write("twice.csv", "id,customer_id\n1,a\n1,b\n");
    let short = bench.write("short.csv", "id,customer_id\n1,a\n2\n");
    let bad = bench.write("bad.jsonl", "{\"id\":1}\n");
    let fails = |args: &[&str], said: &str| {
        let run = bench.run(&[&["evaluate"], args].concat());
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.err.contains(said), "{}", run.err);
    };
    fails(&[&good, &good, "--truth-id", "key"], "there is no column \"key\"");
    fails(&[&good, &good, "--truth-id", "key"], "with --truth-id");
    fails(&[&twice, &good], "row 2");
    fails(&[&short, &good], "line 3");
    fails(&[&bad, &good], "line 1");
    fails(&["none.csv", &good], "none.csv");
}
