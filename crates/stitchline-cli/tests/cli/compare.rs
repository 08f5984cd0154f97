//! `compare`: each strategy a line, and one that fails does not stop the others.

use crate::program::Bench;
use std::path::Path;

#[test]
fn strategies_side_by_side() {
    let bench = Bench::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/splink");
    let rows = std::fs::read_to_string(root.join("people.csv")).unwrap();
    // Rows of one surname and birth date stand for the truth here.
    let mut lines = rows.lines();
    let mut data = format!("{},truth\n", lines.next().unwrap());
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        data.push_str(&format!("{line},{}{}\n", fields[2], fields[4]));
    }
    bench.write("people.csv", &data);
    // Who has the truth has the best clusters.
    bench.write("theirs.csv", &data);
    let html = bench.path("strategies.html");
    let html = html.to_str().unwrap();
    std::fs::copy(root.join("rich/model.json"), bench.path("splink.json")).unwrap();
    let plan = bench.write(
        "strategies.toml",
        "data = [\"people.csv\"]\ntruth = \"truth\"\nid = \"unique_id\"\n[[strategy]]\nname = \"plain\"\n\
         [[strategy]]\nname = \"missing\"\nspec = \"none.toml\"\n\
         [[strategy]]\nname = \"components\"\nclustering = \"components\"\nthreshold = 0.9\n\
         [[strategy]]\nname = \"theirs\"\nclusters = \"theirs.csv\"\ncolumns = [\"unique_id\", \"truth\"]\n\
         [[strategy]]\nname = \"imported\"\nsplink = \"splink.json\"\nclustering = \"components\"\nthreshold = 0.95\n",
    );
    let run = bench.run(&["compare", &plan, "--json", "--report", html]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("strategy \"missing\" failed") && run.err.contains("none.toml"), "{}", run.err);
    let runs: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let names: Vec<&str> = runs.as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["plain", "components", "theirs", "imported"]);
    assert_eq!(runs[2]["quality"]["pairwise"]["f1"], 1.0);
    assert!(std::fs::read_to_string(html).unwrap().contains("components"));
    for run in runs.as_array().unwrap().iter().filter(|run| run["name"] != "theirs") {
        assert_eq!(run["quality"]["records"], 400);
        assert!(run["candidates"].as_u64().unwrap() > 0);
        assert!(run["phases"].as_array().unwrap().len() > 4);
    }
    assert!(bench.run(&["compare", &plan]).out.contains("CPU seconds by phase"));
    // Rows that cannot be taken are told, once for all strategies.
    bench.write("people.csv", &format!("{data}too,few\n"));
    let good = std::fs::read_to_string(&plan).unwrap().replacen(
        "[[strategy]]\nname = \"missing\"\nspec = \"none.toml\"\n",
        "",
        1,
    );
    let plan = bench.write("strategies.toml", &good);
    let run = bench.run(&["compare", &plan]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert_eq!(run.out.matches("people.csv:402: has 2 fields").count(), 1, "{}", run.out);
    assert_eq!(run.out.matches("1 row left out").count(), 1, "{}", run.out);
    let run = bench.run(&["compare", &plan, "--json"]);
    let runs: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &runs[0]["rejected"]), (3, &1.into()));
    let bad = bench.write("bad.toml", "data = 1\n");
    assert_eq!(bench.run(&["compare", &bad]).code, 1);
}

#[test]
fn clusters_that_do_not_fit_and_clusterings_that_cannot_be() {
    let bench = Bench::new();
    let rows = "id,name,surname,dob,truth\n";
    let people = [
        "Ann,Lee,1980-02-03,x",
        "Anne,Lee,1980-02-03,x",
        "Bob,Stone,1971-12-30,y",
        "Carol,Brook,1966-06-06,z",
    ];
    let data: String = (1..).zip(people).map(|(id, row)| format!("{id},{row}\n")).collect();
    bench.write("people.csv", &format!("{rows}{data}"));
    let fails = |more: &str, strategy: &str, said: &[&str]| {
        let text = format!(
            "data = [\"people.csv\"]\ntruth = \"truth\"\n{more}[[strategy]]\nname = \"s\"\n{strategy}"
        );
        let run = bench.run(&["compare", &bench.write("plan.toml", &text)]);
        assert_eq!(run.code, 1, "{} {}", run.out, run.err);
        said.iter().for_each(|said| assert!(run.err.contains(said), "{said}: {}", run.err));
    };
    let clusters = "clusters = \"theirs.csv\"\n";
    bench.write("theirs.csv", "id,customer_id\n1,a\n2,a\n1,b\n");
    fails("", clusters, &["theirs.csv:4: id: the same id as in", "theirs.csv:2;"]);
    bench.write("theirs.csv", "id,customer_id\n1,a\n\n77,a\n78,a\n");
    fails("", clusters, &["theirs.csv:4: id: no row of the data has this id; so it is in 2 rows"]);
    bench.write("theirs.csv", "id,cluster\n1,a\n");
    fails("", clusters, &["theirs.csv: there is no column \"customer_id\"", "`columns`"]);
    bench.write("theirs.csv", "id,customer_id\n1,a\n,a\n");
    fails("", clusters, &["theirs.csv:3: id: has no id"]);
    fails("", "clustering = \"best_links\"\n", &["clustering: all rows are of one source"]);
    fails("", "threshold = 1.5\n", &["threshold: 1.5 is out of range"]);
    fails("threads = 0\n", "", &["threads: is a number from 1 on"]);

    // A row without a cluster is one of its own, and not with the others that have none.
    bench.write("theirs.csv", "id,customer_id\n1,a\n2,a\n3,\n4,\n");
    let plan =
        "data = [\"people.csv\"]\ntruth = \"truth\"\n[[strategy]]\nname = \"s\"\nclusters = \"theirs.csv\"\n";
    let runs = bench.run(&["compare", &bench.write("plan.toml", plan), "--json"]).json();
    assert_eq!((&runs[0]["quality"]["pairwise"]["f1"], &runs[0]["unclustered"]), (&1.0.into(), &2.into()));
    let told = bench.run(&["compare", &bench.write("plan.toml", plan)]).out;
    assert!(
        told.contains("Of s, 2 rows have no cluster in its file; each counts as one of its own."),
        "{told}"
    );
    let other = "[[strategy]]\nname = \"s\"\n";
    let run = bench.run(&["compare", &bench.write("plan.toml", &format!("{plan}{other}"))]);
    assert!(run.code == 1 && run.err.contains("two strategies are named \"s\"; rename one"), "{}", run.err);
    let wrong = plan.replace("\"truth\"", "\"no\"") + &other.replace("\"s\"", "\"t\"");
    let run = bench.run(&["compare", &bench.write("plan.toml", &wrong)]);
    assert!(run.err.contains("strategy \"t\" failed as \"s\" did\n"), "{}", run.err);

    // Ids are unique within a source.
    bench.write("shop.csv", &format!("{rows}1,Bob,Stone,1971-12-30,y\n"));
    bench.write("people.csv", &format!("{rows}{data}"));
    let plan = plan.replace("[\"people.csv\"]", "[\"people.csv\", \"shop.csv\"]");
    let run = bench.run(&["compare", &bench.write("plan.toml", &plan)]);
    assert!(run.err.contains("several sources of the data have the same id"), "{}", run.err);
    bench.write("theirs.csv", "source,id,customer_id\npeople,1,a\npeople,2,a\npeople,3,b\nshop,1,b\n");
    let runs = bench.run(&["compare", &bench.write("plan.toml", &plan), "--json"]).json();
    assert_eq!(runs[0]["quality"]["pairwise"]["f1"], 1.0);
}
