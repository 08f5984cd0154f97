//! The change feed: who follows it knows the customers.

use crate::answers::{Mirror, customers, equal, ingest, law, memory};
use std::collections::BTreeMap;
use stitchline::CustomerId;

/// After every batch a mirror that follows the feed has the engine's customers.
#[test]
fn a_mirror_of_the_feed_has_the_same_customers() {
    law("feed", 500, 50, |scenario| {
        let engine = memory(scenario);
        let mut mirror = Mirror::default();
        for (number, batch) in scenario.batches.iter().enumerate() {
            ingest(&engine, batch)?;
            mirror.follow(&engine)?;
            let customers = customers(&engine);
            equal!(mirror.customers, customers.keys().copied().collect(), "customers after batch {number}");
            let known: BTreeMap<CustomerId, u64> =
                mirror.sizes.keys().map(|id| (*id, customers[id].len() as u64)).collect();
            equal!(mirror.sizes, known, "sizes after batch {number}");
        }
        Ok(())
    });
}
