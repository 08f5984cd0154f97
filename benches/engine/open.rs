//! Opening a store: after a clean close, and after the process was killed.

use crate::world::{interactions, scaled};
use std::{path::Path, time::Instant};
use stitchline::Engine;

pub(crate) fn run() {
    let n = scaled(1_000_000);
    let folder = tempfile::tempdir_in(".").unwrap();
    let (clean, killed) = (folder.path().join("clean.stitchline"), folder.path().join("killed.stitchline"));
    let fill = |path: &Path| {
        let engine = Engine::open(path).unwrap();
        let mut events = interactions(1, n);
        while !events.is_empty() {
            let rest = events.split_off(events.len().min(1000));
            engine.ingest_all(std::mem::replace(&mut events, rest)).unwrap();
        }
        engine
    };
    let engine = fill(&clean);
    // What a kill leaves behind is what the file holds at that moment.
    std::fs::copy(&clean, &killed).unwrap();
    let before = engine.stats().unwrap();
    drop(engine);
    for (label, path) in [("clean close", &clean), ("kill", &killed)] {
        let start = Instant::now();
        let engine = Engine::open(path).unwrap();
        println!("after a {label}: {:?}", start.elapsed());
        let after = engine.stats().unwrap();
        assert_eq!((after.interactions, after.customers), (before.interactions, before.customers));
    }
}
