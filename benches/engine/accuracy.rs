//! Accuracy on generated records: identifiers, names and dates of birth as guards, nothing fuzzy.

use crate::world::{cpu, scaled};
use std::{collections::HashMap, path::PathBuf};
use stitchline::{Engine, Identifier, Input, Policy, Record};

/// Folders come from STITCHLINE_DATA (colon-separated, each with a records.csv), or are generated.
pub(crate) fn run() {
    if let Ok(folders) = std::env::var("STITCHLINE_DATA") {
        folders.split(':').for_each(|folder| evaluate(&PathBuf::from(folder)));
        return;
    }
    for records in [10_000, 1_000_000].map(scaled) {
        let folder = tempfile::tempdir_in(".").unwrap();
        let size = stitchline_generate::Size::Records(records as u64);
        let config =
            stitchline_generate::Config { seed: 1, size, events_per_customer: 0.0, ..Default::default() };
        stitchline_generate::write_folder(&config, folder.path()).unwrap();
        evaluate(folder.path());
    }
}

fn evaluate(folder: &std::path::Path) {
    let mut truth: HashMap<String, String> = HashMap::new();
    let mut inputs: Vec<Input> = Vec::new();
    let policy = match std::env::var("STITCHLINE_POLICY") {
        Ok(path) => Policy::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap(),
        Err(_) => Policy::default(),
    };
    let engine = Engine::in_memory(policy).unwrap();
    let normalizer = engine.normalizer();
    let mut reader = csv::Reader::from_path(folder.join("records.csv")).unwrap();
    for row in reader.deserialize::<HashMap<String, String>>() {
        let row = row.unwrap();
        truth.insert(row["id"].clone(), row["true_id"].clone());
        let mut record = Record::new(&row["source"], &row["id"], row["updated_at"].parse().unwrap());
        let ids = [
            normalizer.email(&row["email"]).ok(),
            normalizer.phone(&row["phone"], Some(&row["country"])).ok(),
        ];
        let facts = [
            Identifier::name(&row["first_name"], &row["surname"]),
            Identifier::birth(&row["dob"], row["country"] == "US"),
        ];
        for identifier in ids.into_iter().chain(facts).flatten() {
            record = record.identified_by(identifier);
        }
        inputs.push(record.into());
    }
    let count = inputs.len();
    let (_, time) = cpu(|| engine.ingest_all(inputs).unwrap());
    let mut both: HashMap<(String, String), u64> = HashMap::new();
    let (mut found, mut true_sizes): (HashMap<String, u64>, HashMap<String, u64>) = Default::default();
    engine
        .export_records(|record| {
            let cluster =
                record.customer.map_or_else(|| format!("alone {}", record.key), |id| id.to_string());
            let person = truth[&record.key.id].clone();
            *found.entry(cluster.clone()).or_default() += 1;
            *true_sizes.entry(person.clone()).or_default() += 1;
            *both.entry((cluster, person)).or_default() += 1;
            Ok(())
        })
        .unwrap();
    let pairs = |sizes: &mut dyn Iterator<Item = &u64>| sizes.map(|n| n * (n - 1) / 2).sum::<u64>() as f64;
    let right = pairs(&mut both.values());
    let (precision, recall) = (right / pairs(&mut found.values()), right / pairs(&mut true_sizes.values()));
    let mut largest: Vec<u64> = found.values().copied().collect();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    largest.truncate(3);
    println!(
        "{count} records: pairwise precision {precision:.4}, recall {recall:.4}, F1 {:.4}; largest {largest:?}; {:.2} CPU s",
        2.0 * precision * recall / (precision + recall),
        time.as_secs_f64()
    );
}
