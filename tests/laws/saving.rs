//! A checkpoint is saved beside the writer: others write, erase and close meanwhile, and nothing is lost. Who waits for
//! the writer gets an answer, whatever happens to it.

#![allow(clippy::unwrap_used, reason = "a helper of tests may end a test")]

use crate::{answers::answers, inputs::at, shelf::Shelf};
use std::{ops::ControlFlow, sync::mpsc, thread, time::Duration};
use stitchline::{
    Engine, ErrorKind, Identifier, Input, Policy, Record, RecordKey,
    store::{Store, Table, Write},
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

/// Where the writer panics, all who wait get an answer, what was acknowledged stays, and nothing more is taken.
#[test]
fn who_waits_for_a_writer_that_panics_gets_an_answer() {
    let shelf = Shelf::new(false);
    let engine = open(&shelf);
    shelf.hold_writers(true);
    let other = engine.clone();
    let first = beside(move || _ = other.ingest(record(0)).unwrap());
    shelf.wait_for_writer();
    shelf.break_writers();
    // Those come to wait while the first one commits, and are one group.
    let (answered, answers) = mpsc::channel();
    for number in 1..4 {
        let (engine, answered) = (engine.clone(), answered.clone());
        thread::spawn(move || {
            answered.send(engine.ingest(record(number)).map_err(|error| error.kind())).unwrap()
        });
    }
    thread::sleep(SOON);
    shelf.hold_writers(false);
    first.recv_timeout(LONG).unwrap();
    for _ in 0..3 {
        assert_eq!(answers.recv_timeout(LONG).unwrap(), Err(ErrorKind::Storage));
    }
    let refused = engine.ingest(record(4)).unwrap_err();
    assert!(refused.reason().contains("close and open it again"), "{refused}");
    assert_eq!(engine.stats().unwrap().stated_records, 1);
    drop(engine);
    assert_eq!(open(&shelf).stats().unwrap().stated_records, 1);
}

/// Every row of the tables that hold checkpoints and what tells of them.
fn rows_of_checkpoint(shelf: &Shelf) -> Vec<Write<'static>> {
    let mut rows = Vec::new();
    for table in [Table::Checkpoint, Table::Meta] {
        let take = &mut |key, value: &[u8]| {
            // The second setting is the header of the checkpoint.
            if table == Table::Checkpoint || key == 2 {
                rows.push(Write::set(table, key, value.to_vec()));
            }
            Ok(ControlFlow::Continue(()))
        };
        shelf.scan(table, 0, take).unwrap();
    }
    assert!(rows.len() > 1);
    rows
}

fn copy(shelf: &Shelf) -> Shelf {
    let copy = Shelf::new(true);
    for table in Table::ALL {
        let take = &mut |key, value: &[u8]| {
            copy.commit(&[Write::set(table, key, value.to_vec())])?;
            Ok(ControlFlow::Continue(()))
        };
        shelf.scan(table, 0, take).unwrap();
    }
    copy
}

/// A checkpoint of another log, of the same policy and length, is not taken for that of this one.
#[test]
fn a_checkpoint_of_another_log_is_not_read() {
    let fed = |shelf: &Shelf, numbers: std::ops::Range<usize>| {
        let engine = open(shelf);
        engine.ingest_all_at(numbers.map(record).collect(), at(100)).unwrap();
        engine.checkpoint().unwrap();
        let answers = answers(&engine);
        drop(engine);
        answers
    };
    // Of another store, of which the last input is the same.
    let (other, own) = (Shelf::new(true), Shelf::new(true));
    fed(&other, 0..1);
    fed(&other, 5..6);
    fed(&own, 1..2);
    let expected = fed(&own, 5..6);
    own.commit(&rows_of_checkpoint(&other)).unwrap();
    assert_eq!(answers(&open(&own)), expected, "that of another store");

    // Of a copy that went on otherwise.
    let backup = copy(&own);
    fed(&backup, 10..11);
    let expected = fed(&own, 11..12);
    own.commit(&rows_of_checkpoint(&backup)).unwrap();
    assert_eq!(answers(&open(&own)), expected, "that of a copy");

    // Of this store, from before an erasure.
    let before = rows_of_checkpoint(&own);
    let engine = open(&own);
    engine.erase(RecordKey::new("crm", "r1"), "steward").unwrap();
    let expected = answers(&engine);
    drop(engine);
    own.commit(&before).unwrap();
    assert_eq!(answers(&open(&own)), expected, "that of before an erasure");
}

/// A log that was begun without a name gets one with its checkpoint.
#[test]
fn a_log_without_a_name_gets_one() {
    const NAME: u64 = 5;
    let shelf = Shelf::new(true);
    drop(open(&shelf));
    shelf.commit(&[Write::remove(Table::Meta, NAME)]).unwrap();
    let engine = open(&shelf);
    engine.ingest(record(0)).unwrap();
    drop(engine);
    assert!(shelf.get(Table::Meta, NAME).unwrap().is_some());
    shelf.replayed();
    drop(open(&shelf));
    assert_eq!(shelf.replayed(), 0, "its checkpoint is read");
}

/// A checkpoint of this log is read, also in a copy of the store: nothing is derived anew.
#[test]
fn a_checkpoint_of_this_log_is_read() {
    let shelf = Shelf::new(true);
    let engine = open(&shelf);
    engine.ingest_all(vec![record(0), record(1)]).unwrap();
    let expected = answers(&engine);
    drop(engine);
    let copied = copy(&shelf);
    let engine = open(&copied);
    assert_eq!((copied.replayed(), answers(&engine)), (0, expected));
    // Without a checkpoint, all is.
    for row in rows_of_checkpoint(&shelf) {
        shelf.commit(&[Write::remove(row.table, row.key)]).unwrap();
    }
    shelf.replayed();
    drop(open(&shelf));
    assert_eq!(shelf.replayed(), 2);
}
