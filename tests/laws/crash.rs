//! L7: closed or killed at any moment, it reopens with every acknowledged write and nothing half-applied.

use crate::{
    answers::{Answers, Mirror, Verdict, answers, customers, ensure, equal, ingest, ingest_at, law, memory},
    inputs::{Scenario, Shuffle, at},
    shelf::Shelf,
};
use std::collections::BTreeMap;
use stitchline::{
    CustomerId, Engine, ErrorKind, Identifier, Input, Interaction, Namespace, Policy, Record,
    engine::{Change, Resolution},
};

fn on(shelf: &Shelf, scenario: &Scenario) -> stitchline::Result<Engine> {
    Engine::with_store(shelf.clone(), Some(scenario.policy.clone()))
}

/// What must survive: the answers, the feed, and where all ids ever handed out lead.
fn everything(engine: &Engine, ids: &[CustomerId]) -> (Answers, Vec<Change>, Vec<Resolution>) {
    let feed = engine.changes(0, usize::MAX).expect("the store can be read");
    let lead = ids.iter().map(|&id| engine.customer(id).expect("the store can be read")).collect();
    (answers(engine), feed, lead)
}

/// Closed and opened again after any batch, with checkpoints or without, it is as if it had never been closed.
#[test]
fn reopened_equals_never_closed() {
    law("reopen", 300, 40, |scenario| {
        let mut random = Shuffle(scenario.seed);
        let shelf = Shelf::new(random.below(2) == 0);
        let mut closed = on(&shelf, scenario).expect("the store can be read");
        let open = memory(scenario);
        let mut ids: Vec<CustomerId> = Vec::new();
        for (batch, arrived) in scenario.batches.iter().zip((100..).map(at)) {
            ingest_at(&closed, batch, arrived)?;
            ingest_at(&open, batch, arrived)?;
            ids.extend(customers(&open).keys());
            match random.below(4) {
                0 => closed.checkpoint().expect("the store can be written"),
                1 => {
                    drop(closed);
                    closed = on(&shelf, scenario).expect("the store can be read");
                    equal!(everything(&closed, &ids), everything(&open, &ids), "just reopened");
                }
                _ => {}
            }
        }
        equal!(everything(&closed, &ids), everything(&open, &ids), "before the end");
        drop(closed);
        let closed = on(&shelf, scenario).expect("the store can be read");
        equal!(everything(&closed, &ids), everything(&open, &ids), "at the end");
        Ok(())
    });
}

/// A copy of the file taken while it is open is what a crash leaves.
#[test]
fn a_copy_of_an_open_file_reopens() {
    let folder = crate::stores::folder();
    let number = std::cell::Cell::new(0);
    law("copy", 60, 30, |scenario| {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.stitchline", number.get()));
        let copy = path.with_extension("copy");
        let engine = Engine::open_with(&path, scenario.policy.clone()).expect("the file can be made");
        for (batch, arrived) in scenario.batches.iter().zip((100..).map(at)) {
            ingest_at(&engine, batch, arrived)?;
        }
        std::fs::copy(&path, &copy).expect("the file can be copied");
        let again = Engine::open(&copy).expect("the copy can be opened");
        equal!(everything(&again, &[]), everything(&engine, &[]), "a copy of the open file");
        drop((again, engine));
        std::fs::remove_file(&path).and(std::fs::remove_file(&copy)).expect("the files are there");
        Ok(())
    });
}

/// Ingests until the store fails; gives the number of batches acknowledged.
fn until_failure(engine: &Engine, scenario: &Scenario, random: &mut Shuffle) -> Result<usize, String> {
    for (number, batch) in scenario.batches.iter().enumerate() {
        match engine.ingest_all_at(batch.clone(), at(100 + number as i64)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Storage => return Ok(number),
            Err(error) => return Err(error.to_string()),
        }
        if random.below(3) == 0 {
            // A checkpoint may fail without harm.
            let _ = engine.checkpoint();
        }
    }
    Ok(scenario.batches.len())
}

fn fed(scenario: &Scenario, batches: usize) -> Result<Engine, proptest::test_runner::TestCaseError> {
    let engine = memory(scenario);
    for (batch, arrived) in scenario.batches.iter().zip((100..).map(at)).take(batches) {
        ingest_at(&engine, batch, arrived)?;
    }
    Ok(engine)
}

/// The engine, and what a new one finds, are what was acknowledged; both go on from there.
fn goes_on(scenario: &Scenario, shelf: &Shelf, engine: Option<Engine>, acknowledged: usize) -> Verdict {
    let expected = everything(&fed(scenario, acknowledged)?, &[]);
    if let Some(engine) = engine {
        equal!(
            everything(&engine, &[]),
            expected,
            "the engine whose store failed after {acknowledged} batches"
        );
        let all = scenario.batches.iter().zip((100..).map(at));
        for (batch, arrived) in all.skip(acknowledged) {
            ingest_at(&engine, batch, arrived)?;
        }
        let all = everything(&fed(scenario, scenario.batches.len())?, &[]);
        equal!(everything(&engine, &[]), all, "gone on after {acknowledged} batches");
        drop(engine);
        let again = on(shelf, scenario).expect("the store can be read");
        equal!(everything(&again, &[]), all, "reopened after going on after {acknowledged} batches");
    } else {
        let again = on(shelf, scenario).expect("the store can be read");
        equal!(everything(&again, &[]), expected, "reopened after {acknowledged} batches");
    }
    Ok(())
}

/// Every commit in turn fails, without being applied or being applied without saying so.
#[test]
fn any_commit_may_fail() {
    law("commits", 200, 16, |scenario| {
        for applies_silently in [false, true] {
            for commits in 0.. {
                let mut random = Shuffle(scenario.seed ^ commits);
                let shelf = Shelf::failing(random.below(2) == 0, commits as u32, applies_silently);
                let Ok(engine) = on(&shelf, scenario) else {
                    shelf.heal();
                    goes_on(scenario, &shelf, None, 0)?;
                    continue;
                };
                let acknowledged = until_failure(&engine, scenario, &mut random);
                let acknowledged = acknowledged.map_err(proptest::test_runner::TestCaseError::fail)?;
                shelf.heal();
                if random.below(2) == 0 {
                    goes_on(scenario, &shelf, Some(engine), acknowledged)?;
                } else {
                    std::mem::forget(engine);
                    goes_on(scenario, &shelf, None, acknowledged)?;
                }
                if acknowledged == scenario.batches.len() {
                    break;
                }
            }
        }
        Ok(())
    });
}

/// Reads fail at any point of an ingest: what was not acknowledged has left no trace.
#[test]
fn any_read_may_fail() {
    law("reads", 200, 24, |scenario| {
        let mut random = Shuffle(scenario.seed);
        let shelf = Shelf::new(false);
        let engine = on(&shelf, scenario).expect("the store can be read");
        let mut mirror = Mirror::default();
        for (number, batch) in scenario.batches.iter().enumerate() {
            loop {
                shelf.fail_reads_after(random.below(4) as u32);
                let taken = engine.ingest_all_at(batch.clone(), at(100 + number as i64));
                shelf.heal();
                match taken {
                    Ok(_) => break,
                    Err(error) => ensure!(error.kind() == ErrorKind::Storage, "{error}"),
                }
                if random.below(3) == 0 {
                    equal!(
                        everything(&engine, &[]),
                        everything(&fed(scenario, number)?, &[]),
                        "after a failure"
                    );
                }
                if random.below(3) == 0 {
                    ingest_at(&engine, batch, at(100 + number as i64))?;
                    break;
                }
            }
            mirror.follow(&engine)?;
        }
        goes_on(scenario, &shelf, Some(engine), scenario.batches.len())
    });
}

/// A store that fails a commit and then cannot say what it kept: nothing more is taken until it is opened again.
#[test]
fn a_lost_store_takes_nothing_until_reopened() {
    for applies_silently in [false, true] {
        let shelf = Shelf::failing(false, 2, applies_silently);
        let engine = Engine::with_store(shelf.clone(), Some(Policy::default())).unwrap();
        let record = |id: &str| Record::new("crm", id, at(0));
        engine.ingest(record("r1")).unwrap();
        shelf.fail_reads_after(0);
        assert_eq!(engine.ingest(record("r2")).unwrap_err().kind(), ErrorKind::Storage);
        shelf.heal();
        assert_eq!(engine.ingest(record("r3")).unwrap_err().kind(), ErrorKind::Storage);
        assert_eq!(customers(&engine).len(), 1);
        drop(engine);
        let engine = Engine::with_store(shelf, None).unwrap();
        assert_eq!(customers(&engine).len(), if applies_silently { 2 } else { 1 });
        engine.ingest(record("r3")).unwrap();
    }
}

/// A batch that fails leaves no rules of namespaces that only it named.
#[test]
fn a_failed_batch_leaves_no_namespace_behind() {
    let call = |id: &str, namespace: &str, when: i64| -> Input {
        let namespace = Namespace::new(namespace).unwrap();
        Interaction::new("web", id, at(when))
            .identified_by(Identifier::opaque(namespace, "v1").unwrap())
            .into()
    };
    let mut policy = Policy::default();
    policy.namespaces.entry("strong".to_owned()).or_default().weight_bits = 40.0;
    policy.namespaces.entry("never".to_owned()).or_default().weight_bits = 0.0;
    let shelf = Shelf::new(false);
    let engine = Engine::with_store(shelf.clone(), Some(policy.clone())).unwrap();
    engine.ingest(call("i1", "cookie", 0)).unwrap();
    shelf.fail_reads_after(0);
    // The later version of the first interaction makes the engine read the earlier one.
    let failed = engine.ingest_all(vec![call("i2", "never", 0), call("i1", "cookie", 1)]);
    assert!(failed.is_err());
    shelf.heal();
    let batch = [call("i3", "strong", 0)];
    ingest(&engine, &batch).unwrap();
    let fresh = Engine::in_memory(policy).unwrap();
    ingest(&fresh, &[call("i1", "cookie", 0)]).unwrap();
    ingest(&fresh, &batch).unwrap();
    let both: BTreeMap<_, _> = [("after", answers(&engine)), ("fresh", answers(&fresh))].into();
    assert_eq!(both["after"], both["fresh"]);
}
