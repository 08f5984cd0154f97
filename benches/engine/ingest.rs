//! Ingesting: into memory, parsed already, and durably.

use crate::world::{cpu, interactions, per_second, quantile, scaled};
use cpu_time::ProcessTime;
use std::time::Instant;
use stitchline::{
    Engine, Policy,
    ingest::{Format, Item, Options, Reader},
    store::EmbeddedStore,
};

const GROUP: usize = 65_536;

/// One pass into memory, for profilers.
pub(crate) fn once() {
    let n = std::env::var("STITCHLINE_EVENTS").map_or_else(|_| scaled(300_000), |n| n.parse().unwrap());
    let events = interactions(1, n);
    let engine = Engine::in_memory(Policy::default()).unwrap();
    let (_, time) = cpu(|| engine.ingest_all(events).unwrap());
    println!("memory, parsed, {n} events: {}", per_second(n, time));
}

pub(crate) fn run() {
    let mut each = Vec::new();
    for n in [10_000, 1_000_000].map(scaled) {
        let events = interactions(1, n);
        let mut times = Vec::new();
        // Small sizes repeat, so that the clock's grain and the first touch of memory do not show.
        for _ in 0..if n < 100_000 { 21 } else { 3 } {
            let engine = Engine::in_memory(Policy::default()).unwrap();
            let copy = events.clone();
            let (outcomes, time) = cpu(|| engine.ingest_all(copy).unwrap());
            assert!(outcomes.iter().all(|outcome| outcome.is_ok()));
            assert_eq!(engine.stats().unwrap().interactions, n as u64);
            times.push(time);
        }
        times.sort();
        let median = times[times.len() / 2];
        println!("memory, parsed, {n} events: {}", per_second(n, median));
        each.push(median.as_secs_f64() / n as f64);
    }
    println!("cost per event, the larger against the smaller: {:.2} times", each[1] / each[0]);

    from_text(scaled(1_000_000));

    let n = scaled(1_000_000);
    for (label, batch) in [("groups of 65,536", GROUP), ("groups of 1,000", 1000)] {
        let mut events = interactions(1, n);
        let folder = tempfile::tempdir_in(".").unwrap();
        let engine = Engine::with_store(
            EmbeddedStore::open(folder.path().join("bench.stitchline")).unwrap(),
            Some(Policy::default()),
        )
        .unwrap();
        let wall = Instant::now();
        let mut calls = Vec::new();
        // Of the whole process: a checkpoint is written beside the writer.
        let start = ProcessTime::now();
        while !events.is_empty() {
            let rest = events.split_off(batch.min(events.len()));
            let call = Instant::now();
            let outcomes = engine.ingest_all(std::mem::replace(&mut events, rest)).unwrap();
            calls.push(call.elapsed());
            outcomes.into_iter().for_each(|outcome| _ = outcome.unwrap());
        }
        let time = start.elapsed();
        println!("embedded, {label}: {}; wall {}", per_second(n, time), per_second(n, wall.elapsed()));
        calls.sort();
        let [half, most, worst] = [0.5, 0.99, 1.0].map(|share| quantile(&calls, share));
        println!("embedded, {label}, a call by the clock: p50 {half:?}, p99 {most:?}, max {worst:?}");
        assert_eq!(engine.stats().unwrap().interactions, n as u64);
    }
}

/// From the library's own lines in memory.
fn from_text(n: usize) {
    let mut lines = Vec::new();
    for input in interactions(1, n) {
        serde_json::to_writer(&mut lines, &input).unwrap();
        lines.push(b'\n');
    }
    let engine = Engine::in_memory(Policy::default()).unwrap();
    let options = Options { format: Some(Format::Stitchline), ..Options::default() };
    let ((), time) = cpu(|| {
        let mut group = Vec::with_capacity(GROUP);
        let take = |group: &mut Vec<_>| {
            for outcome in engine.ingest_all(std::mem::take(group)).unwrap() {
                outcome.unwrap();
            }
        };
        for item in Reader::new(lines.as_slice(), "events.jsonl", engine.normalizer(), options).unwrap() {
            match item {
                Item::Input(input) => group.push(input),
                Item::Rejected(rejected) => panic!("{rejected}"),
            }
            if group.len() == GROUP {
                take(&mut group);
            }
        }
        take(&mut group);
    });
    assert_eq!(engine.stats().unwrap().interactions, n as u64);
    println!("memory, from JSONL of {} bytes a line, {n} events: {}", lines.len() / n, per_second(n, time));
}
