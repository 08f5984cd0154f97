//! A checkpoint is saved beside the writer: others write, erase and close meanwhile, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "the store that waits is part of the tests")]

use crate::{answers::answers, inputs::at};
use std::{
    ops::ControlFlow,
    sync::{Arc, Condvar, Mutex, mpsc},
    thread,
    time::Duration,
};
use stitchline::{
    Engine, Identifier, Input, Policy, Record, RecordKey, Result,
    store::{MemoryStore, Store, Table, Write},
};

/// A store that holds up whoever saves a checkpoint, until it is told not to.
#[derive(Clone, Default)]
struct Gate(Arc<Inside>);

#[derive(Default)]
struct Inside {
    store: MemoryStore,
    /// Whether the gate is shut, and whether somebody waits at it.
    shut: Mutex<(bool, bool)>,
    moved: Condvar,
}

impl Gate {
    fn set(&self, shut: bool) {
        self.0.shut.lock().unwrap().0 = shut;
        self.0.moved.notify_all();
    }

    /// Waits until somebody is held up.
    fn wait_for_saver(&self) {
        let seen = self.0.shut.lock().unwrap();
        drop(self.0.moved.wait_while(seen, |(_, waits)| !*waits).unwrap());
    }

    fn checkpoint(&self) -> Vec<u8> {
        let mut all = Vec::new();
        let take = &mut |_, part: &[u8]| {
            all.extend_from_slice(part);
            Ok(ControlFlow::Continue(()))
        };
        self.scan(Table::Checkpoint, 0, take).unwrap();
        all
    }
}

impl Store for Gate {
    fn commit(&self, writes: &[Write<'_>]) -> Result<()> {
        if writes.iter().any(|write| write.table == Table::Checkpoint) {
            let mut seen = self.0.shut.lock().unwrap();
            seen.1 = true;
            self.0.moved.notify_all();
            self.0.moved.wait_while(seen, |(shut, _)| *shut).unwrap().1 = false;
        }
        self.0.store.commit(writes)
    }

    fn replace(
        &self,
        fill: &mut dyn FnMut(&mut dyn FnMut(&[Write<'_>]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        self.0.store.replace(fill)
    }

    fn read(
        &self,
        table: Table,
        keys: &[u64],
        take: &mut dyn FnMut(u64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        self.0.store.read(table, keys, take)
    }

    fn scan(
        &self,
        table: Table,
        from: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.0.store.scan(table, from, take)
    }

    fn is_durable(&self) -> bool {
        true
    }
}

fn open(gate: &Gate) -> Engine {
    Engine::with_store(gate.clone(), Some(Policy::default())).unwrap()
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
    let gate = Gate::default();
    let engine = open(&gate);
    gate.set(true);
    engine.ingest_all((0..250_000).map(record).collect()).unwrap();
    gate.wait_for_saver();
    for number in 250_000..250_010 {
        engine.ingest(record(number)).unwrap();
    }
    let latest = RecordKey::new("crm", "r250009");
    assert!(engine.customer_of(&latest).unwrap().customer().is_some());
    assert!(gate.checkpoint().is_empty());
    gate.set(false);
    engine.checkpoint().unwrap();
    assert!(!gate.checkpoint().is_empty());
    std::mem::forget(engine);
    assert_eq!(open(&gate).stats().unwrap().stated_records, 250_010);
}

/// Who asks for a checkpoint gets one of what there is by then, also where an earlier one is being saved.
#[test]
fn a_checkpoint_holds_what_came_before_it_was_asked_for() {
    let gate = Gate::default();
    let engine = open(&gate);
    gate.set(true);
    engine.ingest(record(0)).unwrap();
    let other = engine.clone();
    let first = beside(move || other.checkpoint().unwrap());
    gate.wait_for_saver();
    engine.ingest(record(1)).unwrap();
    let other = engine.clone();
    let second = beside(move || other.checkpoint().unwrap());
    gate.set(false);
    first.recv_timeout(LONG).unwrap();
    second.recv_timeout(LONG).unwrap();
    let saved = gate.checkpoint();
    assert!(saved.windows(8).any(|text| text == b"member-1"));
}

/// Closing waits for the checkpoint that is being saved, and saves what came since.
#[test]
fn closed_while_a_checkpoint_is_saved() {
    let gate = Gate::default();
    let engine = open(&gate);
    gate.set(true);
    engine.ingest(record(0)).unwrap();
    let other = engine.clone();
    let saved = beside(move || other.checkpoint().unwrap());
    gate.wait_for_saver();
    engine.ingest(record(1)).unwrap();
    let expected = answers(&engine);
    let closed = beside(move || drop(engine));
    assert!(saved.recv_timeout(SOON).is_err());
    gate.set(false);
    saved.recv_timeout(LONG).unwrap();
    closed.recv_timeout(LONG).unwrap();
    assert_eq!(Arc::strong_count(&gate.0), 1, "nobody is at work on the store");
    assert_eq!(answers(&open(&gate)), expected);
}

/// An erasure waits for the checkpoint that is being saved: nothing of it is left.
#[test]
fn erased_while_a_checkpoint_is_saved() {
    let gate = Gate::default();
    let engine = open(&gate);
    gate.set(true);
    engine.ingest_all(vec![record(0), record(1)]).unwrap();
    let other = engine.clone();
    let saved = beside(move || other.checkpoint().unwrap());
    gate.wait_for_saver();
    let other = engine.clone();
    let erased = beside(move || _ = other.erase(RecordKey::new("crm", "r0"), "steward").unwrap());
    assert!(erased.recv_timeout(SOON).is_err());
    gate.set(false);
    erased.recv_timeout(LONG).unwrap();
    saved.recv_timeout(LONG).unwrap();
    engine.checkpoint().unwrap();
    let left = gate.checkpoint();
    assert!(left.windows(8).any(|text| text == b"member-1"));
    assert!(!left.windows(8).any(|text| text == b"member-0"));
    let expected = answers(&engine);
    drop(engine);
    assert_eq!(answers(&open(&gate)), expected);
}
