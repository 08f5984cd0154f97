//! Erasing one customer: the whole log is read twice and written once, and decided anew.

use crate::world::{interactions, scaled};
use cpu_time::ProcessTime;
use std::time::Instant;
use stitchline::{Engine, ErrorKind, Input};

pub(crate) fn run() {
    let n = scaled(1_000_000);
    let folder = tempfile::tempdir_in(".").unwrap();
    let engine = Engine::open(folder.path().join("erase.stitchline")).unwrap();
    let events = interactions(1, n);
    let identifiers: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Input::Interaction(one) => Some(one.participants.first()?.claims.first()?.identifier.clone()),
            _ => None,
        })
        .collect();
    engine.ingest_all(events).unwrap();
    engine.checkpoint().unwrap();
    let who = |one| engine.resolve(one).unwrap().customer();
    let id = identifiers.iter().skip(n / 2).find_map(who).unwrap();
    let before = engine.stats().unwrap().interactions;
    let (start, cpu) = (Instant::now(), ProcessTime::now());
    let erasure = engine.erase(id, "bench").unwrap();
    println!(
        "one customer, {} records and interactions, among {n} events: {:?}, {:?} of CPU time",
        erasure.receipt.records + erasure.receipt.interactions,
        start.elapsed(),
        cpu.elapsed()
    );
    assert_eq!(engine.stats().unwrap().interactions, before - erasure.receipt.interactions);
    assert_eq!(engine.profile(id).unwrap_err().kind(), ErrorKind::NotFound);
}
