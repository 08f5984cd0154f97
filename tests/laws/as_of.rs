//! L5: as known at a time is what an engine answers that was only given what had arrived by then.

use crate::{
    answers::{answers, customers, ensure, equal, ingest_at, law, memory, timeline},
    inputs::{Shuffle, at},
};
use std::collections::BTreeSet;
use stitchline::{CustomerId, RecordKey};

#[test]
fn as_known_at_a_time_equals_an_engine_of_that_time() {
    law("as_of", 400, 40, |scenario| {
        if scenario.batches.is_empty() {
            return Ok(());
        }
        let arrivals: Vec<_> = (0..).map(|number| at(100 + number)).take(scenario.batches.len()).collect();
        let engine = memory(scenario);
        let (mut ids, mut keys) = (BTreeSet::<CustomerId>::new(), BTreeSet::<RecordKey>::new());
        for (batch, &arrived) in scenario.batches.iter().zip(&arrivals) {
            ingest_at(&engine, batch, arrived)?;
            let customers = customers(&engine);
            ids.extend(customers.keys());
            keys.extend(customers.into_values().flatten());
        }
        let mut random = Shuffle(scenario.seed);
        for _ in 0..3 {
            let until = random.below(arrivals.len());
            let when = arrivals[until].plus_micros([0, 1, 1_000_000][random.below(3)]);
            let earlier = memory(scenario);
            for (batch, &arrived) in scenario.batches.iter().zip(&arrivals).take(until + 1) {
                ingest_at(&earlier, batch, arrived)?;
            }
            let then = answers(&earlier);
            for (identifier, expected) in &then.identifiers {
                let answer = engine.resolve_as_of(identifier, when).expect("the store can be read");
                equal!(answer, *expected, "who had {identifier} after batch {until}");
            }
            for key in keys.iter().chain(then.parties.keys()) {
                let answer = engine.customer_of_as_of(key, when).expect("the store can be read");
                let expected = earlier.customer_of(key).expect("the store can be read");
                equal!(answer, expected, "whose {key} was after batch {until}");
            }
            for (id, expected) in &then.timelines {
                equal!(timeline(&engine, *id, Some(when)), *expected, "timeline of {id} after batch {until}");
                let summary = engine.timeline(*id).as_of(when).summary().expect("the customer was there");
                equal!(summary, then.summaries[id], "summary of {id} after batch {until}");
                let with = engine.timeline(*id).as_of(when).with_members().page(1000);
                let expected = earlier.timeline(*id).with_members().page(1000);
                let (with, expected) = (with.expect("it was there"), expected.expect("it is there"));
                equal!(with.items, expected.items, "timeline of {id} and its members after batch {until}");
            }
            // Ids handed out later, or earlier and gone by then.
            for id in ids.iter().filter(|id| !then.timelines.contains_key(id)) {
                let page = |engine: &stitchline::Engine, as_of| {
                    let request = engine.timeline(*id).oldest_first();
                    let request = if as_of { request.as_of(when) } else { request };
                    request.page(1000).map(|page| page.items).map_err(|error| error.kind())
                };
                let (answer, expected) = (page(&engine, true), page(&earlier, false));
                ensure!(
                    answer == expected,
                    "the timeline of {id}, no id then, after batch {until}:\n{answer:#?}\n{expected:#?}"
                );
            }
        }
        Ok(())
    });
}

/// A timeline with members holds what is on the customer's own and on those of its stated members, and nothing else
/// where all of them are customers.
#[test]
fn a_timeline_with_members_is_theirs_together() {
    law("members", 200, 40, |scenario| {
        let engine = memory(scenario);
        for batch in &scenario.batches {
            ingest_at(&engine, batch, at(100))?;
        }
        let keys = |items: Vec<stitchline::engine::Item>| -> BTreeSet<String> {
            let key = |item: &stitchline::engine::Item| item.interaction().map(|one| one.key.to_string());
            items.iter().map(key).collect::<Result<_, _>>().expect("the store can be read")
        };
        let own = |id: CustomerId| keys(engine.timeline(id).page(1000).expect("it is there").items);
        for id in customers(&engine).into_keys() {
            let with = engine.timeline(id).with_members().page(1000).expect("it is there").items;
            let count = with.len();
            let with = keys(with);
            equal!(with.len(), count, "nothing is on it twice");
            let mut members = engine.profile(id).expect("it is there").relations;
            members.retain(|tie| !tie.member);
            let of_customers = members.iter().filter_map(|tie| tie.customer);
            let expected: BTreeSet<String> = own(id).into_iter().chain(of_customers.flat_map(own)).collect();
            if members.iter().all(|tie| tie.customer.is_some()) {
                equal!(with, expected, "timeline of {id} and its members");
            } else {
                ensure!(
                    with.is_superset(&expected),
                    "timeline of {id} and its members: {with:?}, {expected:?}"
                );
            }
        }
        Ok(())
    });
}

/// Before anything arrived, nobody was known.
#[test]
fn before_the_first_input_nobody_was_known() {
    law("as_of_none", 50, 10, |scenario| {
        let engine = memory(scenario);
        for batch in &scenario.batches {
            ingest_at(&engine, batch, at(100))?;
        }
        for identifier in crate::inputs::all_identifiers() {
            let answer = engine.resolve_as_of(identifier, at(99)).expect("the store can be read");
            equal!(
                answer,
                stitchline::engine::Resolution::Nobody,
                "who had {identifier} before anything arrived"
            );
        }
        Ok(())
    });
}
