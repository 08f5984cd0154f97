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
    let bad = bench.write("bad.toml", "data = 1\n");
    assert_eq!(bench.run(&["compare", &bad]).code, 1);
}
