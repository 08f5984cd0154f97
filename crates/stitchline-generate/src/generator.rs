//! The run: household after household until the size is reached, each handed to the sink at once.

use crate::model::{Interaction, Source};
use crate::people::{Person, household};
use crate::registry::Registry;
use crate::rng::Rng;
use crate::sink::Sink;
use crate::summary::Summary;
use crate::time::Stamp;
use crate::{Config, Size, browsing, cloudevents, conversations, ids, records};
use std::io;

/// Generates a world one household at a time; remembers only what uniqueness and re-use need.
///
/// # Example
/// ```
/// use stitchline_generate::{Config, Generator, Size};
///
/// let config = Config { size: Size::Customers(200), ..Config::default() };
/// let mut generator = Generator::new(&config);
/// while generator.household(&mut ())? {}
/// assert!(generator.summary().customers >= 200);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Generator {
    config: Config,
    registry: Registry,
    summary: Summary,
}

impl Generator {
    /// A generator at its beginning.
    pub fn new(config: &Config) -> Self {
        let summary = Summary { seed: config.seed, ..Summary::default() };
        Self { config: config.clone(), registry: Registry::default(), summary }
    }

    /// Generates all households that are left and returns what the whole run contained.
    pub fn households(&mut self, sink: &mut dyn Sink) -> io::Result<Summary> {
        while self.household(sink)? {}
        Ok(self.summary.clone())
    }

    /// Generates the next household; false, and nothing generated, when the size is reached.
    pub fn household(&mut self, sink: &mut dyn Sink) -> io::Result<bool> {
        let done = match self.config.size {
            Size::Records(n) => self.summary.records >= n,
            Size::Customers(n) => self.summary.customers >= n,
        };
        if done {
            return Ok(false);
        }
        self.summary.households += 1;
        let number = self.summary.households;
        let members = household(number, &self.config, &mut self.registry, &mut self.summary);
        self.summary.employers = self.registry.employers();
        // One sequence of random numbers per kind, so that more of one kind changes nothing of another.
        let mut rng = [2, 3, 4, 5].map(|purpose| Rng::stream(self.config.seed, number, purpose));
        for p in &members {
            sink.customer(&p.customer)?;
            let crm_ids = self.records(p, &mut rng[0], sink)?;
            let (config, summary) = (&self.config, &mut self.summary);
            browsing::events(p, &crm_ids, config, &mut rng[1], summary, sink)?;
            conversations::conversations(p, &crm_ids, config, &mut rng[2], summary, sink)?;
            cloudevents::events(p, &crm_ids, config, &mut rng[3], summary, sink)?;
        }
        Ok(true)
    }

    /// What has been generated so far.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The records of a customer with the contacts in which they were made; returns the ids of those of the CRM.
    fn records(&mut self, p: &Person, rng: &mut Rng, sink: &mut dyn Sink) -> io::Result<Vec<String>> {
        let (seed, count) = (self.config.seed, records::count(rng));
        let mut crm_ids = Vec::new();
        for i in 0..count {
            let id = format!("r{}", ids::scrambled(self.summary.records + i, 3, seed));
            let record = records::record(p, id, &self.config, &mut self.summary, rng);
            sink.record(&record)?;
            let id = self.interaction_id();
            sink.interaction(&records::interaction(&record, id, rng))?;
            if record.source == Source::Crm {
                crm_ids.push(record.id);
            }
        }
        self.summary.cluster(count);
        if let Some(user) = &p.user_id
            && rng.chance(0.5)
        {
            sink.interaction(&Interaction {
                id: self.interaction_id(),
                channel: "chat",
                direction: "inbound",
                started_at: Stamp(p.moment(rng)),
                duration_s: 5 + rng.exponential(300.0) as u32,
                id_type: "user_id",
                id_value: user.clone(),
                true_id: p.true_id().to_owned(),
            })?;
        }
        Ok(crm_ids)
    }

    fn interaction_id(&mut self) -> String {
        self.summary.interactions += 1;
        format!("i{}", ids::scrambled(self.summary.interactions, 4, self.config.seed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::tests::{Everything, run};

    fn generated(config: &Config) -> (Everything, Summary) {
        let mut all = Everything::default();
        let summary = Generator::new(config).households(&mut all).unwrap();
        (all, summary)
    }

    #[test]
    fn a_run_can_be_repeated_and_taken_in_steps() {
        let (all, summary) = run();
        let config = Config { size: Size::Customers(3_000), ..Config::default() };
        let (mut steps, mut generator) = (Everything::default(), Generator::new(&config));
        while generator.household(&mut steps).unwrap() {}
        assert!(steps == all && *generator.summary() == summary);
        assert!((3_000..3_005).contains(&summary.customers));
        assert!(!generator.household(&mut steps).unwrap(), "it stays at its end");
    }

    #[test]
    fn a_longer_run_begins_like_a_shorter_one() {
        let config = |n| Config { size: Size::Records(n), ..Config::default() };
        let (short, long) = (generated(&config(500)).0, generated(&config(2_000)).0);
        assert_eq!(long.records[..short.records.len()], short.records);
    }

    #[test]
    fn extremes_are_possible() {
        assert_eq!(generated(&Config { size: Size::Records(0), ..Config::default() }).1.households, 0);
        let config = Config {
            size: Size::Records(2_000),
            noise: 50.0,
            events_per_customer: 40.0,
            conversations_per_customer: 10.0,
            cloud_events_per_customer: 10.0,
            ..Config::default()
        };
        let summary = generated(&config).1;
        let mean = summary.web_events as f64 / summary.customers as f64;
        assert!((35.0..45.0).contains(&mean), "{mean}");
    }
}
