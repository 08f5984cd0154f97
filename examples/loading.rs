//! Loads files of other systems into a database and says what became of each line:
//! `cargo run --example loading -- crm.stitchline fixtures/contact-centre/*`.
//!
//! Loading a file again changes nothing: every input has a key.

use std::collections::BTreeMap;
use stitchline::{
    Engine, Input, Policy,
    engine::Outcome,
    ingest::{Item, Options, Reader},
};

/// Inputs are committed in groups of this many: each group is one write to disk.
const GROUP: usize = 1000;

fn main() -> stitchline::Result<()> {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        println!("usage: loading DATABASE FILE…");
        return Ok(());
    };
    // Phone numbers in national form count as British where their record names no country.
    let policy = Policy { default_region: Some("GB".into()), ..Policy::default() };
    let engine = Engine::open_with(path, policy)?;
    for file in args {
        let reader = match Reader::open(&file, engine.normalizer(), Options::default()) {
            Ok(reader) => reader,
            Err(error) => {
                println!("{file}: passed over: {error}");
                continue;
            }
        };
        let format = reader.format();
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut group: Vec<Input> = Vec::with_capacity(GROUP);
        for item in reader {
            match item {
                Item::Input(input) => group.push(input),
                Item::Rejected(rejected) => {
                    println!("{rejected}");
                    *counts.entry("rejected").or_default() += 1;
                }
            }
            if group.len() == GROUP {
                commit(&engine, std::mem::take(&mut group), &mut counts)?;
            }
        }
        commit(&engine, group, &mut counts)?;
        println!("{file}: {format}, {counts:?}");
    }
    let stats = engine.stats()?;
    println!("{} customers, {} interactions", stats.customers, stats.interactions);
    Ok(())
}

fn commit(engine: &Engine, group: Vec<Input>, counts: &mut BTreeMap<&str, u64>) -> stitchline::Result<()> {
    for outcome in engine.ingest_all(group)? {
        let what = match outcome {
            Ok(Outcome::Accepted) => "accepted",
            Ok(Outcome::Duplicate) => "there already",
            Ok(Outcome::Superseded) => "older than what is known",
            Ok(Outcome::Erased) => "of somebody who was erased",
            Err(_) => "rejected",
        };
        *counts.entry(what).or_default() += 1;
    }
    Ok(())
}
