//! A checkpoint is saved beside the writer: others write, erase and close meanwhile, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "a helper of tests may end a test")]

use crate::{answers::answers, inputs::at, shelf::Shelf};
use std::{ops::ControlFlow, sync::mpsc, thread, time::Duration};
use stitchline::{
    Engine, Identifier, Input, Policy, Record, RecordKey,
    store::{Store, Table},
};

fn open(shelf: &Shelf) -> Engine {
    Engine::with_store(shelf.clone(), Some(Policy::default())).unwrap()
}

fn checkpoint(shelf: &Shelf) -> Vec<u8> {
    let mut all = Vec::new();
    let take = &mut |_, part: &[u8]| {
        all.extend_from_slice(part);
        Ok(ControlFlow::Continue(()))
    };
    shelf.scan(Table::Checkpoint, 0, take).unwrap();
    all
}

fn record(number: usize) -> Input {
    let login = Identifier::login(&format!("member-{number}")).unwrap();
    Record::new("crm", format!("r{number}"), at(0)).identified_by(login).into()
}

/// Runs on a thread of its own; gives what tells when it has ended.
fn beside(run: impl FnOnce() + Send + 'static) -> mpsc::Receiver<()> {
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        run();
        ended.send(()).unwrap();
    });
    end
}

const SOON: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(60);

/// The checkpoint that falls due on the way does not hold up whoever writes, and is there at the end.
#[test]
fn writes_go_on_while_a_checkpoint_is_saved() {
    let shelf = Shelf::new(true);
    let engine = open(&shelf);
    shelf.hold_savers(true);
    engine.ingest_all((0..250_000).map(record).collect()).unwrap();
    shelf.wait_for_saver();
    for number in 250_000..250_010 {
        engine.ingest(record(number)).unwrap();
    }
    let latest = RecordKey::new("crm", "r250009");
    assert!(engine.customer_of(&latest).unwrap().customer().is_some());
    assert!(checkpoint(&shelf).is_empty());
    shelf.hold_savers(false);
    engine.checkpoint().unwrap();
    assert!(!checkpoint(&shelf).is_empty());
    std::mem::forget(engine);
    assert_eq!(open(&shelf).stats().unwrap().stated_records, 250_010);
}

/// Who asks for a checkpoint gets one of what there is by then, also where an earlier one is being saved.
#[test]
fn a_checkpoint_holds_what_came_before_it_was_asked_for() {
    let shelf = Shelf::new(true);
    let engine = open(&shelf);
    shelf.hold_savers(true);
    engine.ingest(record(0)).unwrap();
    let other = engine.clone();
    let first = beside(move || other.checkpoint().unwrap());
    shelf.wait_for_saver();
    engine.ingest(record(1)).unwrap();
    let other = engine.clone();
    let second = beside(move || other.checkpoint().unwrap());
    shelf.hold_savers(false);
    first.recv_timeout(LONG).unwrap();
    second.recv_timeout(LONG).unwrap();
    let saved = checkpoint(&shelf);
    assert!(saved.windows(8).any(|text| text == b"member-1"));
}

/// Closing waits for the checkpoint that is being saved, and saves what came since.
#[test]
fn closed_while_a_checkpoint_is_saved() {
    let shelf = Shelf::new(true);
    let engine = open(&shelf);
    shelf.hold_savers(true);
    engine.ingest(record(0)).unwrap();
    let other = engine.clone();
    let saved = beside(move || other.checkpoint().unwrap());
    shelf.wait_for_saver();
    engine.ingest(record(1)).unwrap();
    let expected = answers(&engine);
    let closed = beside(move || drop(engine));
    assert!(saved.recv_timeout(SOON).is_err());
    shelf.hold_savers(false);
    saved.recv_timeout(LONG).unwrap();
    closed.recv_timeout(LONG).unwrap();
    assert_eq!(shelf.handles(), 1, "nobody is at work on the store");
    assert_eq!(answers(&open(&shelf)), expected);
}

/// An erasure waits for the checkpoint that is being saved: nothing of it is left.
#[test]
fn erased_while_a_checkpoint_is_saved() {
    let shelf = Shelf::new(true);
    let engine = open(&shelf);
    shelf.hold_savers(true);
    engine.ingest_all(vec![record(0), record(1)]).unwrap();
    let other = engine.clone();
    let saved = beside(move || other.checkpoint().unwrap());
    shelf.wait_for_saver();
    let other = engine.clone();
    let erased = beside(move || _ = other.erase(RecordKey::new("crm", "r0"), "steward").unwrap());
    assert!(erased.recv_timeout(SOON).is_err());
    shelf.hold_savers(false);
    erased.recv_timeout(LONG).unwrap();
    saved.recv_timeout(LONG).unwrap();
    engine.checkpoint().unwrap();
    let left = checkpoint(&shelf);
    assert!(left.windows(8).any(|text| text == b"member-1"));
    assert!(!left.windows(8).any(|text| text == b"member-0"));
    let expected = answers(&engine);
    drop(engine);
    assert_eq!(answers(&open(&shelf)), expected);
}
