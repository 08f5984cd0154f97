//! Rows of any bytes become a table or a reason why not, twice the same, and a table that is small enough is linked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::{
    link::Dedupe,
    model::TrainOptions,
    table::{RawTable, ReadOptions, RejectedRow, TableReader},
};

fn read(data: &[u8], keys: bool) -> Option<(RawTable, Vec<RejectedRow>)> {
    // A column to ignore must be there.
    let ignore = data.windows(7).any(|some| some == b"true_id").then(|| "true_id".into()).into_iter().collect();
    let options = ReadOptions { ignore, keys, max_line_bytes: 4096, ..ReadOptions::default() };
    let mut reader = TableReader::new(options);
    reader.read(data, "fuzz.csv").ok()?;
    reader.finish().ok()
}

fn shape(table: &RawTable) -> Vec<(&str, Vec<&str>)> {
    let texts = |cells: &[u32], at: usize| cells.iter().map(|cell| table.columns()[at].values.text(*cell)).collect();
    table.columns().iter().enumerate().map(|(at, own)| (own.name.as_str(), texts(&own.cells, at))).collect()
}

fuzz_target!(|data: &[u8]| {
    let plain = read(data, false);
    let Some((table, rejected)) = read(data, true) else { return };
    let (again, same) = read(data, true).expect("it was taken before");
    assert_eq!((shape(&table), &rejected), (shape(&again), &same), "another reading gives something else");
    assert!(table.find("true_id").is_none(), "an ignored column was looked at");
    assert!(table.columns().iter().all(|column| column.cells.len() == table.len()));
    assert!(rejected.iter().all(|row| !row.reason.is_empty() && row.line > 0));
    if let Some((plain, _)) = plain {
        assert!(plain.len() >= table.len(), "a row without an id is one all the same");
    }
    if table.len() > 40 || table.columns().len() > 12 {
        return;
    }
    let train = TrainOptions { random_pairs: 200, candidate_pairs: 200, ..TrainOptions::default() };
    if let Ok(linked) = Dedupe::of(table).train(train).run() {
        assert!(linked.clusters().all(|(row, first)| first <= row && linked.cluster(first) == first));
        linked.spec.to_toml().expect("a spec that was chosen can be written");
        linked.model.check().expect("a model that was trained is one");
    }
});
