//! L4: every id ever handed out still leads to the customers it stood for, and undoing a merge restores both ids.

use crate::{
    answers::{answers, customers, ensure, equal, ingest, law, memory, who},
    inputs::{Scenario, Shuffle, at},
    oracle::Who,
};
use std::collections::{BTreeMap, BTreeSet};
use stitchline::{
    Assertion, CustomerId, Engine, Identifier, Input, Interaction, Record, RecordKey, Verdict,
    engine::ExportedRecord,
};

/// What a caller knows who wrote down every id that was handed out.
#[derive(Default)]
pub(crate) struct Notes {
    /// The founding record of each id.
    pub(crate) founders: BTreeMap<CustomerId, RecordKey>,
    /// The other records of a record's customer when the record went.
    with: BTreeMap<RecordKey, BTreeSet<RecordKey>>,
    before: BTreeMap<CustomerId, BTreeSet<RecordKey>>,
    /// Records that identified nobody, and the records of the customers to whom they led.
    led: BTreeMap<RecordKey, BTreeSet<RecordKey>>,
    /// How many ids lead on from a record that identified nobody when it went.
    pub(crate) unresolved: usize,
}

impl Notes {
    /// Notes what there is after a batch.
    pub(crate) fn take(&mut self, engine: &Engine, project: uuid::Uuid) {
        let customers = customers(engine);
        let present = present(engine);
        for (id, records) in &customers {
            let founder = records.iter().find(|key| CustomerId::founded_by(project, key) == *id);
            self.founders.insert(*id, founder.expect("the founder is a member").clone());
        }
        for records in self.before.values() {
            for gone in records.iter().filter(|key| !present.contains(key)) {
                let others = records.iter().filter(|key| *key != gone).cloned();
                self.with.entry(gone.clone()).or_default().extend(others);
            }
        }
        for (gone, others) in self.led.iter().filter(|(key, _)| !present.contains(key)) {
            self.with.entry(gone.clone()).or_default().extend(others.iter().cloned());
            self.unresolved += usize::from(self.founders.values().any(|founder| founder == gone));
        }
        self.led.clear();
        let resolved: BTreeSet<&RecordKey> = customers.values().flatten().collect();
        for key in present.iter().filter(|key| !resolved.contains(key)) {
            let answer = engine.customer_of(key).expect("the store can be read");
            let led = answer.candidates().iter().filter_map(|one| customers.get(&one.id)).flatten();
            self.led.insert(key.clone(), led.cloned().collect());
        }
        self.before = customers;
    }

    /// The records that are there of those for whom an id stood.
    fn heirs(&self, founder: &RecordKey, present: &BTreeSet<RecordKey>) -> BTreeSet<RecordKey> {
        let (mut open, mut seen, mut heirs) = (vec![founder], BTreeSet::new(), BTreeSet::new());
        while let Some(key) = open.pop() {
            if present.contains(key) {
                heirs.insert(key.clone());
            } else if seen.insert(key) {
                open.extend(self.with.get(key).into_iter().flatten());
            }
        }
        heirs
    }

    /// Every id noted leads where it should.
    pub(crate) fn check(&self, engine: &Engine, when: &str) -> crate::answers::Verdict {
        let present = present(engine);
        for (id, founder) in &self.founders {
            let answer = who(&engine.customer(*id).expect("the store can be read"));
            if present.contains(founder) {
                let now = who(&engine.customer_of(founder).expect("the store can be read"));
                equal!(answer, now, "the id of {founder}, which is there, {when}");
                continue;
            }
            let mut heirs = BTreeSet::new();
            for key in self.heirs(founder, &present) {
                heirs.extend(engine.customer_of(&key).expect("the store can be read").customer());
            }
            let expected = match heirs.len() {
                0 => Who::Nobody,
                1 => Who::One(heirs.into_iter().next().expect("there is one")),
                _ => Who::Several(heirs),
            };
            equal!(answer, expected, "the id of {founder}, which went, {when}");
        }
        Ok(())
    }
}

fn present(engine: &Engine) -> BTreeSet<RecordKey> {
    let mut present = BTreeSet::new();
    let take = |one: ExportedRecord| {
        present.insert(one.key);
        Ok(())
    };
    engine.export_records(take).expect("the store can be read");
    present
}

#[test]
fn every_id_ever_handed_out_leads_on() {
    let unresolved = std::cell::Cell::new(0);
    law("ids", 500, 50, |scenario| {
        let engine = memory(scenario);
        let mut notes = Notes::default();
        for (number, batch) in scenario.batches.iter().enumerate() {
            ingest(&engine, batch)?;
            notes.take(&engine, scenario.policy.project);
            notes.check(&engine, &format!("after batch {number}"))?;
        }
        unresolved.set(unresolved.get() + notes.unresolved);
        Ok(())
    });
    assert!(unresolved.get() > 0, "no founder went while it identified nobody");
}

/// What ties two customers, and what unties them.
fn bridges(
    scenario: &Scenario,
    a: (&RecordKey, Option<Identifier>),
    b: (&RecordKey, Option<Identifier>),
) -> Vec<(Input, Input)> {
    let word = |verdict, when| {
        let (a, b) = (a.0.clone(), b.0.clone());
        Input::Assertion(Assertion { a, b, verdict, by: "steward".into(), at: at(when), note: None })
    };
    let mut bridges = Vec::new();
    let said = |input: &Input| match input {
        Input::Assertion(one) => BTreeSet::from([&one.a, &one.b]) == BTreeSet::from([a.0, b.0]),
        _ => false,
    };
    if !scenario.batches.iter().flatten().any(said) {
        bridges.push((word(Verdict::Same, 1000), word(Verdict::Retracted, 1001)));
    }
    if let (Some(left), Some(right)) = (a.1, b.1) {
        let record =
            Record::new("bridge", "b", at(-5)).identified_by(left.clone()).identified_by(right.clone());
        let gone = Input::DeleteRecord { key: record.key.clone(), at: at(1000) };
        bridges.push((record.into(), gone));
        let call = Interaction::new("bridge", "b", at(20)).identified_by(left).identified_by(right);
        let gone = Input::DeleteInteraction { key: call.key.clone(), at: at(1000) };
        bridges.push((call.into(), gone));
    }
    bridges
}

/// A merge that is undone leaves everything as it was, and in between both ids lead to the one customer.
#[test]
fn undoing_a_merge_restores_both_ids() {
    let merges = std::cell::Cell::new(0);
    law("undo", 400, 30, |scenario| {
        let engine = memory(scenario);
        for batch in &scenario.batches {
            ingest(&engine, batch)?;
        }
        let before = answers(&engine);
        let mut notes = Notes::default();
        notes.take(&engine, scenario.policy.project);
        let founders: Vec<_> = notes.founders.into_iter().collect();
        if founders.len() < 2 {
            return Ok(());
        }
        let mut random = Shuffle(scenario.seed);
        let first = random.below(founders.len());
        let second = (first + 1 + random.below(founders.len() - 1)) % founders.len();
        let ((id_a, a), (id_b, b)) = (&founders[first], &founders[second]);
        let identifier = |id: CustomerId| -> Option<Identifier> {
            let held = engine.profile(id).expect("the customer is there").identifiers;
            held.into_iter().map(|one| one.identifier).find(|one| !one.is_fact())
        };
        for (tie, untie) in bridges(scenario, (a, identifier(*id_a)), (b, identifier(*id_b))) {
            ingest(&engine, &[tie])?;
            let (now_a, now_b) = (engine.customer(*id_a), engine.customer(*id_b));
            let (now_a, now_b) = (now_a.expect("can be read"), now_b.expect("can be read"));
            let of = |key| engine.customer_of(key).expect("can be read").customer();
            if of(a).is_some() && of(a) == of(b) {
                merges.set(merges.get() + 1);
                ensure!(
                    now_a.customer() == of(a) && now_b.customer() == of(a),
                    "both ids lead to the merged one"
                );
            }
            ingest(&engine, &[untie])?;
            equal!(before, answers(&engine), "after tying and untying {a} and {b}");
        }
        Ok(())
    });
    assert!(merges.get() > 100, "only {} merges", merges.get());
}
