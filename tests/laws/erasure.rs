//! Erasure and retention: what goes leaves no byte and no trace in the answers, and what stays answers as before.

use crate::{
    answers::{Answers, answers, customers, ensure, equal, ingest, ingest_at, law, memory},
    ids::Notes,
    inputs::{Scenario, Shuffle, at},
    shelf::Shelf,
};
use std::{cell::Cell, collections::BTreeSet, ops::ControlFlow};
use stitchline::{
    CustomerId, Engine, Identifier, Input, RecordKey,
    engine::Outcome,
    store::{Store, Table},
};

/// Whether any stored value holds these bytes.
fn holds(store: &impl Store, text: &str) -> bool {
    Table::ALL.into_iter().any(|table| {
        let mut found = false;
        let mut look = |_: u64, value: &[u8]| {
            found |= value.windows(text.len()).any(|window| window == text.as_bytes());
            Ok(ControlFlow::Continue(()))
        };
        store.scan(table, 0, &mut look).expect("the store can be read");
        found
    })
}

/// Identifiers of a customer that no other customer has.
fn alone(engine: &Engine, id: CustomerId) -> Vec<Identifier> {
    let held = engine.profile(id).expect("the customer is there").identifiers;
    let own = held.into_iter().map(|one| one.identifier).filter(|one| !one.is_fact());
    let others: BTreeSet<Identifier> = customers(engine)
        .keys()
        .filter(|other| **other != id)
        .flat_map(|&other| engine.profile(other).expect("the customer is there").identifiers)
        .map(|one| one.identifier)
        .collect();
    // A record's own name is of whoever the record is.
    let named: BTreeSet<Identifier> = customers(engine)
        .into_iter()
        .filter(|(other, _)| *other != id)
        .flat_map(|(_, records)| records)
        .map(|key| Identifier::record(&key))
        .collect();
    own.filter(|one| !others.contains(one) && !named.contains(one)).collect()
}

fn victim(engine: &Engine, scenario: &Scenario) -> Option<(CustomerId, BTreeSet<RecordKey>)> {
    let customers: Vec<_> = customers(engine).into_iter().collect();
    let at = Shuffle(scenario.seed).below(customers.len().max(1));
    customers.into_iter().nth(at)
}

#[test]
fn what_is_erased_is_gone_and_stays_away() {
    let (erasures, refused) = (Cell::new(0), Cell::new(0));
    law("erasure", 300, 40, |scenario| {
        let shelf = Shelf::new(true);
        let engine = Engine::with_store(shelf.clone(), Some(scenario.policy.clone())).expect("it opens");
        for batch in &scenario.batches {
            ingest(&engine, batch)?;
        }
        let Some((id, records)) = victim(&engine, scenario) else { return Ok(()) };
        let gone = alone(&engine, id);
        let others: Vec<CustomerId> = customers(&engine).into_keys().filter(|other| *other != id).collect();
        let done = engine.erase(id, "dpo").expect("the customer is there");
        erasures.set(erasures.get() + 1);
        equal!(engine.receipts(), vec![done.receipt.clone()], "the receipt stays");
        let left = answers(&engine);
        let ids: BTreeSet<CustomerId> = left.timelines.keys().copied().collect();
        ensure!(!ids.contains(&id), "the customer is gone");
        for key in &records {
            ensure!(!left.records.contains_key(key), "record {key} is gone");
        }
        for one in &gone {
            ensure!(
                engine.resolve(one).expect("it can be read").candidates().is_empty(),
                "{one} is nobody's"
            );
        }
        for other in others {
            let now = engine.customer(other).expect("it can be read");
            ensure!(!now.candidates().iter().any(|one| one.id == id), "no id leads to who was erased");
        }
        // Values of the pools are short, so those are looked for that are long enough not to be there by chance.
        for one in gone.iter().filter(|one| one.value().len() > 6) {
            let mentioned = done.receipt.mentions > 0;
            ensure!(mentioned || !holds(&shelf, one.value()), "the store still holds {one}");
        }
        // Everything again: what was erased is not taken, and nothing changes.
        let mut taken: Vec<Vec<Input>> = Vec::new();
        for batch in &scenario.batches {
            let outcomes = ingest(&engine, batch)?;
            let kept =
                |(input, outcome): (&Input, &Outcome)| (*outcome != Outcome::Erased).then(|| input.clone());
            taken.push(batch.iter().zip(&outcomes).filter_map(kept).collect());
            refused.set(refused.get() + outcomes.iter().filter(|one| **one == Outcome::Erased).count());
        }
        equal!(left, answers(&engine), "after the same inputs came again");
        // It is what there would be had the rest come alone.
        let fresh = memory(scenario);
        for batch in &taken {
            ingest(&fresh, batch)?;
        }
        equal!(left, answers(&fresh), "the rest alone");
        drop(engine);
        let again = Engine::with_store(shelf, None).expect("it opens");
        equal!(left, answers(&again), "after opening again");
        Ok(())
    });
    assert!(erasures.get() > 200 && refused.get() > 300, "{} and {}", erasures.get(), refused.get());
}

/// What an engine on that scenario answers, its last batches left out.
fn all(
    engine: &Engine,
    scenario: &Scenario,
    from: usize,
) -> Result<Answers, proptest::test_runner::TestCaseError> {
    for (number, batch) in scenario.batches.iter().enumerate().skip(from) {
        ingest_at(engine, batch, at(10_000 + number as i64))?;
    }
    Ok(answers(engine))
}

#[test]
fn a_compaction_changes_no_answer_as_now_known() {
    let removed = Cell::new(0);
    law("retention", 300, 50, |scenario| {
        let shelf = Shelf::new(true);
        let engine = Engine::with_store(shelf.clone(), Some(scenario.policy.clone())).expect("it opens");
        let half = scenario.batches.len() / 2;
        let mut notes = Notes::default();
        for (number, batch) in scenario.batches.iter().enumerate().take(half) {
            ingest_at(&engine, batch, at(10_000 + number as i64))?;
            notes.take(&engine, scenario.policy.project);
        }
        let before = answers(&engine);
        let horizon = at(10_000 + Shuffle(scenario.seed).below(half.max(1)) as i64);
        let done = engine.compact_before(horizon).expect("it can be compacted");
        removed.set(removed.get() + done.removed);
        equal!(before, answers(&engine), "after the compaction");
        notes.check(&engine, "after the compaction")?;
        // As of a time from the horizon on it is as exact as before.
        let full = memory(scenario);
        for (number, batch) in scenario.batches.iter().enumerate().take(half) {
            ingest_at(&full, batch, at(10_000 + number as i64))?;
        }
        for one in crate::inputs::all_identifiers() {
            let as_of = |engine: &Engine| engine.resolve_as_of(one, horizon).expect("it is kept");
            equal!(as_of(&engine), as_of(&full), "{one} as of the horizon");
            let earlier = engine.resolve_as_of(one, at(9_999));
            ensure!(earlier.is_err() || half == 0, "an earlier time is refused");
        }
        let again = Engine::with_store(shelf.clone(), None).expect("it opens");
        equal!(before, answers(&again), "after opening again");
        drop(again);
        // What comes later is decided alike, also where it is late.
        equal!(all(&engine, scenario, 0)?, all(&full, scenario, 0)?, "after everything came");
        Ok(())
    });
    assert!(removed.get() > 20, "only {} inputs were removed", removed.get());
}

/// The process ends, or the store fails, between the decision to erase and the end of the bytes.
#[test]
fn an_erasure_that_was_cut_off_is_finished_on_opening() {
    let email = Identifier::email("ann.lee@example.com").expect("an address");
    for silently in [false, true] {
        let shelf = Shelf::failing(true, u32::MAX, silently);
        let engine = Engine::with_store(shelf.clone(), None).expect("it opens");
        engine
            .ingest(stitchline::Record::new("crm", "C-1", at(0)).identified_by(email.clone()))
            .expect("taken");
        assert!(holds(&shelf, email.value()));
        // The deletions and the marks are committed, the new content is not.
        shelf.fail_commits_after(1);
        engine.erase(&email, "dpo").expect_err("the store failed");
        drop(engine);
        shelf.heal();
        let engine = Engine::with_store(shelf.clone(), None).expect("it opens");
        assert_eq!(engine.receipts().len(), 1);
        assert!(!holds(&shelf, email.value()), "the store still holds the address");
        let again = stitchline::Record::new("crm", "C-1", at(0)).identified_by(email.clone());
        assert_eq!(engine.ingest(again).expect("it is told"), Outcome::Erased);
    }
}
