//! Generated data through the program, compared with its truth.

use crate::program::Bench;
use std::collections::HashMap;

/// Pairs of records that are together in one grouping, by (source, id).
fn pairs(groups: &HashMap<String, Vec<(String, String)>>) -> u64 {
    groups.values().map(|group| (group.len() * (group.len() - 1) / 2) as u64).sum()
}

/// Reads `source,id,group`; rows without a group are left out.
fn groups(csv: &str) -> HashMap<String, Vec<(String, String)>> {
    let mut groups: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for line in csv.lines().skip(1) {
        let [source, id, group] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        if !group.is_empty() {
            groups.entry(group.to_owned()).or_default().push((source.to_owned(), id.to_owned()));
        }
    }
    groups
}

#[test]
fn generated_data_is_stitched_precisely() {
    let bench = Bench::new();
    let data = bench.path("data");
    let folder = data.to_str().unwrap();
    let text = bench.run(&["generate", "--records", "2000", "--seed", "1", "--output", folder]).good();
    assert!(text.contains("Next: stitchline ingest"), "{text}");

    let report = bench.run(&["ingest", folder, "--json"]).json();
    let read: Vec<&str> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["file"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    let expected =
        ["cloudevents.jsonl", "genesys.jsonl", "interactions.csv", "records_blind.csv", "segment.jsonl"];
    assert_eq!(read, expected);

    let truth = groups(&std::fs::read_to_string(data.join("truth_records.csv")).unwrap());
    let of: HashMap<&(String, String), &String> =
        truth.iter().flat_map(|(id, group)| group.iter().map(move |record| (record, id))).collect();
    let mut found = groups(&bench.run(&["export", "--records"]).good());
    // Organisations that web events name are records as well, but no people's.
    found.values_mut().for_each(|group| group.retain(|record| of.contains_key(record)));
    found.retain(|_, group| !group.is_empty());
    assert_eq!(found.values().map(Vec::len).sum::<usize>(), of.len(), "every record is somebody's");
    let mut right = 0u64;
    for group in found.values() {
        for (i, a) in group.iter().enumerate() {
            right += group[..i].iter().filter(|b| of[a] == of[b]).count() as u64;
        }
    }
    let precision = right as f64 / pairs(&found) as f64;
    let recall = right as f64 / pairs(&truth) as f64;
    println!("precision {precision:.3}, recall {recall:.3}");
    assert!(precision >= 0.9, "precision {precision:.3}, recall {recall:.3}");
    assert!(recall >= 0.5, "precision {precision:.3}, recall {recall:.3}");

    let contacts = bench.run(&["export", "--interactions"]).good();
    let truth = std::fs::read_to_string(data.join("truth_interactions.csv")).unwrap();
    let keys = |csv: &str| -> std::collections::BTreeSet<String> {
        csv.lines().skip(1).map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
    };
    assert_eq!(keys(&contacts), keys(&truth), "every contact is there under the source's own id");
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let bench = Bench::new();
    let make = |name: &str| {
        let folder = bench.path(name);
        bench
            .run(&["generate", "--customers", "50", "--seed", "7", "--output", folder.to_str().unwrap()])
            .good();
        std::fs::read(folder.join("segment.jsonl")).unwrap()
    };
    assert_eq!(make("a"), make("b"));
}
