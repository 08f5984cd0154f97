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
    let linked = bench.run(&["evaluate", &clusters, &truth, "--between-sources", "--json"]).json();
    assert_eq!(linked["pairs"]["false_negatives"], 2);
    let said = bench.run(&["evaluate", &clusters, &truth]).good();
    assert!(said.contains("pairs of records     0.3333  0.2500  0.2857"), "{said}");
    let parted = bench.write("parted.csv", "id,true_id\n1,x\n2,x\n3,\n4,\n");
    let args = ["evaluate", &clusters, &parted];
    let said = bench.run(&args).good();
    assert!(
        said.contains("2 records of the truth have no true cluster; each counts as one of its own."),
        "{said}"
    );
    let report = bench.run(&[&args[..], &["--json"]].concat()).json();
    assert_eq!((&report["rows_without_truth"], &report["pairs"]["false_positives"]), (&2.into(), &2.into()));
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
    fails(&[&twice, &good], "twice.csv:3: id: the same id as in ");
    fails(&[&twice, &good], "twice.csv:2; each stands there once");
    fails(&[&short, &good], "short.csv:3");
    fails(&[&bad, &good], "there is no column \"customer_id\"");
    fails(&["none.csv", &good], "none.csv");
}

#[test]
fn mistakes_are_those_of_the_clusters_and_not_of_single_scores() {
    let bench = Bench::new();
    // Rows 1 and 3 score low and are one customer through 2, as they should; 4 and 5 are parted although linked.
    let clusters = bench.write("clusters.csv", "id,customer_id\n1,a\n2,a\n3,a\n4,b\n5,c\n6,d\n7,d\n");
    let truth = bench.write("truth.csv", "id,true_id\n1,x\n2,x\n3,x\n4,y\n5,y\n6,z\n7,w\n");
    let pairs =
        bench.write("pairs.csv", "id_l,id_r,match_weight\n1,2,9\n2,3,8\n1,3,-4\n4,5,6\n6,7,7\n5,6,3\n");
    let args = ["evaluate", &clusters, &truth, "--pairs", &pairs, "--threshold", "2"];
    let errors = bench.run(&[&args[..], &["--json"]].concat()).json()["scored_pairs"]["errors"].clone();
    assert_eq!(errors["counts"], serde_json::json!([1, 1, 0, 0]));
    let said = bench.run(&args).good();
    let (_, mistakes) = said.split_once("Worst mistakes of the clusters\n").unwrap();
    let lines: Vec<&str> = mistakes.lines().take(4).collect();
    let expected = [
        "  two customers joined, 1 pair:",
        "    6 and 7  +7.00 bits",
        "  one customer parted, the link refused, 1 pair:",
        "    4 and 5  +6.00 bits",
    ];
    assert_eq!(lines, expected, "{said}");
}

#[test]
fn scored_pairs_are_looked_at_over_every_threshold() {
    let bench = Bench::new();
    // Ids are unique within a source only.
    let clusters = bench.write(
        "clusters.csv",
        "source,id,customer_id\ncrm,1,a\nweb,1,a\ncrm,2,b\nweb,2,c\ncrm,3,d\nweb,3,d\n",
    );
    let truth =
        bench.write("truth.csv", "source,id,true_id\ncrm,1,x\nweb,1,x\ncrm,2,y\nweb,2,y\ncrm,3,z\nweb,3,\n");
    let pairs = bench.write(
        "pairs.csv",
        "source_l,id_l,source_r,id_r,match_weight\ncrm,1,web,1,9.5\ncrm,2,web,2,-1.0\ncrm,3,web,3,4.25\n",
    );
    let html = bench.path("quality.html");
    let args = ["evaluate", &clusters, &truth, "--pairs", &pairs, "--report", html.to_str().unwrap()];
    let report = bench.run(&[&args[..], &["--json"]].concat()).json();
    assert_eq!((&report["pairs"]["true_positives"], &report["missing"]), (&1.into(), &0.into()));
    let scored = &report["scored_pairs"];
    // The least weight of a pair in one cluster.
    assert_eq!(scored["at_threshold"]["threshold"], 4.25);
    assert_eq!(scored["errors"]["counts"], serde_json::json!([1, 0, 1, 0]));
    assert_eq!(scored["recall"], 1.0);
    assert!(scored["calibration"]["brier"].as_f64().unwrap() > 0.0);
    let said = bench.run(&args).good();
    assert!(said.contains("crm/3 and web/3  +4.25 bits"), "{said}");
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(page.contains("crm/2 and web/2") && page.contains("Calibration") && !page.contains("<script"));
    let at = bench.run(&[&args[..], &["--threshold", "-2", "--json"]].concat()).json();
    assert_eq!(at["scored_pairs"]["at_threshold"]["measures"]["recall"], 1.0);
}
