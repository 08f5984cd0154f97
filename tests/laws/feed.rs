//! The change feed: who follows it knows the customers.

use crate::{
    answers::{Mirror, Verdict, customers, equal, ingest, law, memory},
    inputs::Shuffle,
    shelf::Shelf,
};
use std::collections::BTreeMap;
use stitchline::{CustomerId, Engine, Exclusive, Policy};

/// After every batch a mirror that follows the feed has the engine's customers.
#[test]
fn a_mirror_of_the_feed_has_the_same_customers() {
    law("feed", 500, 50, |scenario| {
        let engine = memory(scenario);
        let mut mirror = Mirror::default();
        for (number, batch) in scenario.batches.iter().enumerate() {
            ingest(&engine, batch)?;
            follows(&mut mirror, &engine, &format!("after batch {number}"))?;
        }
        Ok(())
    });
}

fn follows(mirror: &mut Mirror, engine: &Engine, when: &str) -> Verdict {
    mirror.follow(engine)?;
    let customers = customers(engine);
    equal!(mirror.customers, customers.keys().copied().collect(), "customers {when}");
    let known: BTreeMap<CustomerId, u64> =
        mirror.sizes.keys().map(|id| (*id, customers[id].len() as u64)).collect();
    equal!(mirror.sizes, known, "sizes {when}");
    let counted = engine.stats().expect("the store can be read").customers;
    equal!(counted, customers.len() as u64, "the count of customers {when}");
    Ok(())
}

/// Another policy for the same store.
fn changed(policy: &Policy, random: &mut Shuffle) -> Policy {
    let mut policy = policy.clone();
    for (name, own) in &mut policy.namespaces {
        if !matches!(name.as_str(), "name" | "birth") && random.below(2) == 0 {
            own.weight_bits = [0.0, 16.0, 26.0, 36.0][random.below(4)];
            own.sharing_limit = 1 + random.below(4) as u32;
            own.exclusive = (random.below(3) == 0).then_some(Exclusive { most: 1, within_days: None });
        }
    }
    policy
}

/// A mirror goes on where the store is opened under another policy, with a checkpoint or without.
#[test]
fn a_mirror_follows_over_a_change_of_policy() {
    law("feed_policy", 300, 40, |scenario| {
        let mut random = Shuffle(scenario.seed);
        let shelf = Shelf::new(random.below(2) == 0);
        let mut policy = scenario.policy.clone();
        let mut mirror = Mirror::default();
        for (number, batch) in scenario.batches.iter().enumerate() {
            let engine = Engine::with_store(shelf.clone(), Some(policy.clone())).expect("it can be opened");
            follows(&mut mirror, &engine, &format!("when opened before batch {number}"))?;
            ingest(&engine, batch)?;
            follows(&mut mirror, &engine, &format!("after batch {number}"))?;
            drop(engine);
            if random.below(2) == 0 {
                policy = changed(&policy, &mut random);
            }
        }
        Ok(())
    });
}
