//! L1 and L2: the set of inputs decides, and what is taken back was never there.

use crate::{
    answers::{agree, answers, customers, equal, ingest, law, memory},
    inputs::{RECORDS, Scenario, Shuffle, all_identifiers, at},
    oracle::Oracle,
};
use std::collections::BTreeSet;
use stitchline::{
    Assertion, Engine, Identifier, Input, InteractionKey, Policy, Record, RecordKey, Timestamp, Verdict,
    engine::Reference, explain::Guard,
};

fn fed(scenario: &Scenario, batches: &[Vec<Input>]) -> Result<Engine, proptest::test_runner::TestCaseError> {
    let engine = memory(scenario);
    for batch in batches {
        ingest(&engine, batch)?;
    }
    Ok(engine)
}

/// Every refusal, and why any two of records, identifiers and customers are one or not, in words and in full.
fn reasons(engine: &Engine) -> Vec<String> {
    let refusals = engine.refusals(1000).expect("the store can be read");
    let mut reasons: Vec<String> =
        refusals.iter().map(|refusal| format!("{refusal:#?}\n{refusal}")).collect();
    let parties: Vec<Reference> = RECORDS
        .iter()
        .map(Reference::from)
        .chain(all_identifiers().step_by(3).map(Reference::from))
        .chain(customers(engine).into_keys().map(Reference::from))
        .collect();
    for (place, a) in parties.iter().enumerate() {
        for b in &parties[..place] {
            reasons.push(match engine.explain(a.clone(), b.clone()) {
                Ok(why) => format!("{a} and {b}: {why:#?}\n{why}"),
                Err(error) => format!("{a} and {b}: {error}"),
            });
        }
    }
    reasons
}

/// L1 of the reasons: any order and batching gives the same refusals and explanations, in the same order.
#[test]
fn order_does_not_matter_to_reasons() {
    law("reasons", 300, 40, |scenario| {
        let first = reasons(&fed(scenario, &scenario.batches)?);
        let mut random = Shuffle(scenario.seed);
        let mut inputs = scenario.inputs();
        random.shuffle(&mut inputs);
        equal!(first, reasons(&fed(scenario, &random.batches(inputs))?), "another order");
        Ok(())
    });
}

/// Facts that speak against a link are told in one order, whichever was stated first of all.
#[test]
fn conflicts_are_told_in_one_order() {
    let (name, birth) = (
        |given: &str| Identifier::name(given, "Stone").expect("a name"),
        |year: u8| Identifier::birth(&format!("19{year}-05-06"), false).expect("a date"),
    );
    let record = |id: &str, claims: &[Identifier]| -> Input {
        let record = Record::new("crm", id, at(0));
        claims.iter().cloned().fold(record, Record::identified_by).into()
    };
    let landline = Identifier::phone("+442079460188").expect("a number");
    let pair = [
        record("1", &[landline.clone(), name("Bob"), birth(70)]),
        record("2", &[landline, name("Carol"), birth(80)]),
    ];
    let told = |first: Identifier| {
        let engine = Engine::in_memory(Policy::default()).expect("the policy is valid");
        for input in [&[record("0", &[first])], &pair[..]].concat() {
            engine.ingest(input).expect("it is taken");
        }
        let refusals = engine.refusals(10).expect("the store can be read");
        let guards: Vec<_> = refusals.into_iter().map(|refusal| refusal.guard).collect();
        assert!(matches!(&guards[..], [Guard::Weight { against, .. }] if against.len() == 2), "{guards:?}");
        guards
    };
    assert_eq!(told(name("Zoe")), told(birth(90)));
}

/// Words that part two customers are told in one order, whichever record was there first.
#[test]
fn words_are_told_in_one_order() {
    let key = |id: &str| RecordKey { source: "crm".into(), id: id.into() };
    let record = |id: &str| -> Input { Record::new("crm", id, at(0)).into() };
    let word = |a: &str, b: &str, verdict| -> Input {
        Assertion { a: key(a), b: key(b), verdict, by: "steward".into(), at: at(1), note: None }.into()
    };
    let words = [
        word("1", "2", Verdict::Same),
        word("1", "3", Verdict::Different),
        word("2", "3", Verdict::Different),
    ];
    let told = |order: [usize; 3]| {
        let engine = Engine::in_memory(Policy::default()).expect("the policy is valid");
        let records = ["1", "2", "3"].map(record);
        for input in order.map(|at| words[at].clone()).into_iter().chain(order.map(|at| records[at].clone()))
        {
            engine.ingest(input).expect("it is taken");
        }
        [("1", "3"), ("3", "1")].map(|(a, b)| {
            let why = engine.explain(key(a), key(b)).expect("both are there");
            assert_eq!(why.what_would_change.len(), 2, "{why}");
            why.what_would_change
        })
    };
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(told([0, 1, 2]), told(order), "{order:?}");
    }
}

/// After every batch the engine answers what follows from the inputs so far.
#[test]
fn every_answer_follows_from_the_inputs() {
    law("oracle", 500, 40, |scenario| {
        let engine = memory(scenario);
        let mut known: Vec<Input> = Vec::new();
        for (number, batch) in scenario.batches.iter().enumerate() {
            ingest(&engine, batch)?;
            known.extend(batch.iter().cloned());
            let oracle = Oracle::new(&scenario.policy, &known);
            agree(&engine, &oracle, &format!("after batch {number}"))?;
        }
        Ok(())
    });
}

/// L1: any order, any batching, any retry of the same inputs gives the same answers and the same ids.
#[test]
fn order_batches_and_retries_do_not_matter() {
    law("order", 400, 50, |scenario| {
        let first = answers(&fed(scenario, &scenario.batches)?);
        let mut random = Shuffle(scenario.seed);
        let mut inputs = scenario.inputs();
        let retried = (0..random.below(inputs.len())).map(|_| inputs[random.below(inputs.len())].clone());
        let retried: Vec<Input> = retried.collect();
        inputs.extend(retried);
        random.shuffle(&mut inputs);
        let shuffled = random.batches(inputs.clone());
        equal!(first, answers(&fed(scenario, &shuffled)?), "another order");
        equal!(first, answers(&fed(scenario, &[inputs])?), "all at once");
        Ok(())
    });
}

/// L2: withdrawing records and interactions and retracting words leaves what there would be had they never come.
#[test]
fn what_is_withdrawn_was_never_there() {
    law("retraction", 400, 50, |scenario| {
        let mut random = Shuffle(scenario.seed);
        let records: BTreeSet<&RecordKey> = RECORDS.iter().filter(|_| random.below(3) == 0).collect();
        let inputs = scenario.inputs();
        let mut interactions: BTreeSet<&InteractionKey> = BTreeSet::new();
        let mut pairs: BTreeSet<BTreeSet<&RecordKey>> = BTreeSet::new();
        for input in &inputs {
            match input {
                Input::Interaction(one) if random.below(3) == 0 => _ = interactions.insert(&one.key),
                Input::Assertion(word) if random.below(3) == 0 => _ = pairs.insert([&word.a, &word.b].into()),
                _ => {}
            }
        }
        let at = Timestamp::MAX;
        let mut undo: Vec<Input> =
            records.iter().map(|&key| Input::DeleteRecord { key: key.clone(), at }).collect();
        undo.extend(interactions.iter().map(|&key| Input::DeleteInteraction { key: key.clone(), at }));
        undo.extend(pairs.iter().map(|pair| {
            let mut pair = pair.iter().map(|&key| key.clone());
            let (a, b) = (pair.next().expect("two records"), pair.next().expect("two records"));
            let word = Assertion { a, b, verdict: Verdict::Retracted, by: "undo".into(), at, note: None };
            Input::Assertion(word)
        }));
        let left = |input: &&Input| match input {
            Input::Record(one) => !records.contains(&one.key),
            Input::DeleteRecord { key, .. } => !records.contains(key),
            Input::Interaction(one) => !interactions.contains(&one.key),
            Input::DeleteInteraction { key, .. } => !interactions.contains(key),
            Input::Assertion(word) => !pairs.contains(&BTreeSet::from([&word.a, &word.b])),
            _ => true,
        };
        let left: Vec<Input> = inputs.iter().filter(left).cloned().collect();
        let batches: Vec<Vec<Input>> = [scenario.batches.clone(), random.batches(undo)].concat();
        equal!(
            answers(&fed(scenario, &batches)?),
            answers(&fed(scenario, &[left])?),
            "taken back or never there"
        );
        Ok(())
    });
}
