//! Reading: who has an identifier, and the newest of a timeline.

use crate::world::{interactions, quantile, scaled};
use std::time::{Duration, Instant};
use stitchline::{CustomerId, Engine, Identifier, Input, Policy};

pub(crate) fn run() {
    let n = scaled(1_000_000);
    let events = interactions(1, n);
    let identifiers: Vec<Identifier> = events
        .iter()
        .step_by(7)
        .filter_map(|event| match event {
            Input::Interaction(interaction) => {
                interaction.participants.first().map(|customer| customer.claims[0].identifier.clone())
            }
            _ => None,
        })
        .collect();
    let memory = Engine::in_memory(Policy::default()).unwrap();
    memory.ingest_all(events.clone()).unwrap();
    measure("memory", &memory, &identifiers);
    let folder = tempfile::tempdir_in(".").unwrap();
    let path = folder.path().join("bench.stitchline");
    Engine::open(&path).unwrap().ingest_all(events).unwrap();
    let embedded = Engine::open(&path).unwrap();
    measure("embedded", &embedded, &identifiers);
}

fn measure(store: &str, engine: &Engine, identifiers: &[Identifier]) {
    // Shuffled by a stride, so that no two in a row are neighbours.
    let count = identifiers.len();
    let picks: Vec<&Identifier> = (0..scaled(100_000)).map(|i| &identifiers[i * 7919 % count]).collect();
    let mut ids: Vec<CustomerId> = Vec::new();
    let mut times: Vec<Duration> = Vec::with_capacity(picks.len());
    for identifier in &picks {
        let start = Instant::now();
        let answer = engine.resolve(identifier).unwrap();
        times.push(start.elapsed());
        assert!(!answer.candidates().is_empty() || !engine.unresolved(1).unwrap().is_empty());
        ids.extend(answer.customer());
    }
    report(store, "resolve", &mut times);
    for (round, contents) in [("first", false), ("again", false), ("with all contents decoded", true)] {
        let mut times: Vec<Duration> = Vec::new();
        for id in ids.iter().take(20_000) {
            let start = Instant::now();
            let page = engine.timeline(*id).newest_first().page(50).unwrap();
            let items = page.items.iter().take(if contents { usize::MAX } else { 0 });
            let decoded = items.filter(|item| item.interaction().is_ok()).count();
            times.push(start.elapsed());
            assert!(!contents || decoded == page.items.len());
            assert!(page.items.windows(2).all(|pair| pair[0].start() >= pair[1].start()));
        }
        report(store, &format!("newest 50, {round}"), &mut times);
    }
}

fn report(store: &str, what: &str, times: &mut [Duration]) {
    times.sort();
    let [half, most, worst] = [0.5, 0.99, 1.0].map(|share| quantile(times, share));
    println!("{store}, {what}: p50 {half:?}, p99 {most:?}, max {worst:?}");
}
