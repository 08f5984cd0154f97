//! What an engine answers, in a form that can be compared with another engine or with the oracle.

use crate::{
    inputs::{RECORDS, Scenario, all_identifiers},
    oracle::{Oracle, Who},
};
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};
use stitchline::{
    CustomerId, Engine, Identifier, Input, Interaction, InteractionKey, RecordKey, Timestamp,
    engine::{ChangeKind, ChannelSummary, Largest, Outcome, Profile, Resolution},
};

pub(crate) type Verdict = Result<(), TestCaseError>;

/// Fails a case with a text.
macro_rules! ensure {
    ($condition:expr, $($text:tt)*) => {
        if !$condition {
            return Err(proptest::test_runner::TestCaseError::fail(format!($($text)*)));
        }
    };
}
pub(crate) use ensure;

/// Fails a case where two values differ.
macro_rules! equal {
    ($left:expr, $right:expr, $($text:tt)*) => {
        let (left, right) = (&$left, &$right);
        if left != right {
            let what = format!($($text)*);
            return Err(proptest::test_runner::TestCaseError::fail($crate::answers::difference(&what, left, right)));
        }
    };
}
pub(crate) use equal;

/// Tells the lines in which two values differ.
pub(crate) fn difference<L: Debug, R: Debug>(what: &str, left: &L, right: &R) -> String {
    let (left, right) = (format!("{left:#?}"), format!("{right:#?}"));
    let (left, right): (Vec<&str>, Vec<&str>) = (left.lines().collect(), right.lines().collect());
    let same = left.iter().zip(&right).take_while(|(l, r)| l == r).count();
    let rest = left.len().min(right.len()) - same;
    let tail = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(l, r)| l == r).count();
    let part = |lines: &[&str]| -> String {
        let (from, to) = (same.saturating_sub(6), (lines.len() - tail + 3).min(lines.len()).min(same + 40));
        lines[from..to].join("\n")
    };
    format!("{what}\n--- left\n{}\n--- right\n{}", part(&left), part(&right))
}

/// Runs a law on random scenarios. A failing one is made small, printed, and written where the command line can
/// replay it.
pub(crate) fn law(name: &str, cases: u32, most: usize, check: impl Fn(&Scenario) -> Verdict) {
    let asked = std::env::var("STITCHLINE_CASES").ok().and_then(|text| text.parse().ok());
    let config = Config {
        cases: asked.unwrap_or(cases),
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&crate::inputs::scenario(most), |scenario| check(&scenario));
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, scenario)) => {
            let (reason, scenario) = smallest(reason.to_string(), scenario, &check);
            let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
            let (inputs, policy) =
                (folder.join(format!("{name}.jsonl")), folder.join(format!("{name}.toml")));
            std::fs::write(&inputs, scenario.lines()).expect("the folder can be written");
            std::fs::write(&policy, scenario.policy.to_toml()).expect("the folder can be written");
            panic!(
                "{name}: {reason}\n\n{scenario:?}\nThe inputs are in {}, the policy is in {}.",
                inputs.display(),
                policy.display()
            );
        }
        Err(TestError::Abort(reason)) => panic!("{name}: {reason}"),
    }
}

/// Leaves out inputs one by one as long as what is left fails.
fn smallest(
    mut reason: String,
    mut scenario: Scenario,
    check: &impl Fn(&Scenario) -> Verdict,
) -> (String, Scenario) {
    let mut place = 0;
    while place < scenario.batches.iter().map(Vec::len).sum() {
        let mut less = scenario.clone();
        let mut at = place;
        for batch in &mut less.batches {
            if at < batch.len() {
                batch.remove(at);
                break;
            }
            at -= batch.len();
        }
        less.batches.retain(|batch| !batch.is_empty());
        let failed = if less.batches.is_empty() { Ok(()) } else { check(&less) };
        match failed {
            Ok(()) => place += 1,
            Err(error) => {
                reason = error.to_string();
                scenario = less;
            }
        }
    }
    (reason, scenario)
}

pub(crate) fn memory(scenario: &Scenario) -> Engine {
    Engine::in_memory(scenario.policy.clone()).expect("the policy is valid")
}

/// Ingests a batch; every generated input can be taken.
pub(crate) fn ingest(engine: &Engine, batch: &[Input]) -> Result<Vec<Outcome>, TestCaseError> {
    let taken = engine.ingest_all(batch.to_vec()).map_err(|error| TestCaseError::fail(error.to_string()))?;
    taken.into_iter().map(|one| one.map_err(|error| TestCaseError::fail(error.to_string()))).collect()
}

/// As [`ingest`], with a time of arrival.
pub(crate) fn ingest_at(engine: &Engine, batch: &[Input], arrived: Timestamp) -> Verdict {
    let taken = engine.ingest_all_at(batch.to_vec(), arrived);
    let taken = taken.map_err(|error| TestCaseError::fail(error.to_string()))?;
    let failed = taken.into_iter().find_map(Result::err);
    failed.map_or(Ok(()), |error| Err(TestCaseError::fail(error.to_string())))
}

/// A timeline: interactions earliest first, and the record on which each hangs.
pub(crate) type Items = Vec<(Interaction, RecordKey)>;

/// Everything that an engine answers about the inputs it holds, whatever came before.
#[derive(Debug, PartialEq)]
pub(crate) struct Answers {
    pub(crate) records: BTreeMap<RecordKey, (bool, Option<CustomerId>)>,
    pub(crate) interactions: BTreeMap<InteractionKey, Vec<CustomerId>>,
    pub(crate) timelines: BTreeMap<CustomerId, Items>,
    pub(crate) summaries: BTreeMap<CustomerId, Vec<ChannelSummary>>,
    pub(crate) identifiers: BTreeMap<Identifier, Resolution>,
    /// Who has two identifiers together.
    pub(crate) together: Vec<Resolution>,
    pub(crate) parties: BTreeMap<RecordKey, Resolution>,
    pub(crate) profiles: BTreeMap<CustomerId, Profile>,
    pub(crate) unresolved: Vec<(InteractionKey, Resolution)>,
    /// Stated, implied and unresolved records, interactions, customers, the largest customer, and sizes.
    pub(crate) counts: (u64, u64, u64, u64, u64, u64),
    pub(crate) sizes: BTreeMap<u64, u64>,
    /// The largest customers, the identifiers that most carry, and those nearest to their limit.
    pub(crate) largest: Largest,
    pub(crate) refusals: u64,
}

pub(crate) fn answers(engine: &Engine) -> Answers {
    let mut records = BTreeMap::new();
    let take = |one: stitchline::engine::ExportedRecord| {
        records.insert(one.key, (one.implied, one.customer));
        Ok(())
    };
    engine.export_records(take).expect("the store can be read");
    let mut interactions = BTreeMap::new();
    let take = |one: stitchline::engine::ExportedInteraction| {
        interactions.insert(one.key, one.customers);
        Ok(())
    };
    engine.export_interactions(take).expect("the store can be read");
    let ids: BTreeSet<CustomerId> = records.values().filter_map(|(_, customer)| *customer).collect();
    let keys: BTreeSet<&RecordKey> = RECORDS.iter().chain(records.keys()).collect();
    let stats = engine.stats().expect("the store can be read");
    let largest = engine.largest().expect("the store can be read");
    let unresolved = engine.unresolved(1000).expect("the store can be read");
    Answers {
        timelines: ids.iter().map(|&id| (id, timeline(engine, id, None))).collect(),
        summaries: ids
            .iter()
            .map(|&id| (id, engine.timeline(id).summary().expect("the customer is there")))
            .collect(),
        identifiers: all_identifiers()
            .map(|one| (one.clone(), engine.resolve(one).expect("the store can be read")))
            .collect(),
        together: all_identifiers()
            .zip(all_identifiers().skip(3))
            .map(|(a, b)| engine.resolve_all(&[a.clone(), b.clone()]).expect("the store can be read"))
            .collect(),
        profiles: ids.iter().map(|&id| (id, engine.profile(id).expect("the customer is there"))).collect(),
        parties: keys
            .into_iter()
            .map(|key| (key.clone(), engine.customer_of(key).expect("the store can be read")))
            .collect(),
        unresolved: unresolved.into_iter().map(|one| (one.interaction.key, one.candidates)).collect(),
        counts: (
            stats.stated_records,
            stats.implied_records,
            stats.unresolved_records,
            stats.interactions,
            stats.customers,
            stats.largest_customer,
        ),
        sizes: stats.customers_by_records,
        largest,
        refusals: stats.records_with_refusals,
        records,
        interactions,
    }
}

/// A customer's whole timeline, earliest first.
pub(crate) fn timeline(engine: &Engine, id: CustomerId, as_of: Option<Timestamp>) -> Items {
    let mut request = engine.timeline(id).oldest_first();
    if let Some(at) = as_of {
        request = request.as_of(at);
    }
    let page = request.page(1000).expect("the customer is there");
    let whole = |item: &stitchline::engine::Item| {
        (item.interaction().expect("it decodes").clone(), item.record().clone())
    };
    page.items.iter().map(whole).collect()
}

/// An answer without its probabilities.
pub(crate) fn who(resolution: &Resolution) -> Who {
    match resolution {
        Resolution::One(candidate) => Who::One(candidate.id),
        Resolution::Several { candidates, .. } => Who::Several(candidates.iter().map(|c| c.id).collect()),
        Resolution::Nobody => Who::Nobody,
    }
}

/// The engine answers what follows from the inputs.
pub(crate) fn agree(engine: &Engine, oracle: &Oracle, when: &str) -> Verdict {
    let answers = answers(engine);
    let records: BTreeMap<_, _> = oracle
        .parties
        .iter()
        .map(|party| (party.key.clone(), (party.implied, oracle.customer_of(&party.key))))
        .collect();
    equal!(answers.records, records, "records and customers, {when}");
    equal!(answers.counts.4, oracle.customers.len() as u64, "the count of customers, {when}");
    equal!(answers.counts.2, oracle.unresolved.len() as u64, "the count of unresolved records, {when}");
    equal!(answers.counts.3, oracle.interactions.len() as u64, "the count of interactions, {when}");
    let stated = oracle.parties.iter().filter(|party| !party.implied).count() as u64;
    let implied = oracle.parties.len() as u64 - stated;
    equal!((answers.counts.0, answers.counts.1), (stated, implied), "the counts of records, {when}");
    equal!(answers.largest, oracle.largest(), "what is largest, {when}");
    for (identifier, resolution) in &answers.identifiers {
        equal!(who(resolution), oracle.resolve(identifier), "who has {identifier}, {when}");
    }
    for (key, resolution) in &answers.parties {
        equal!(who(resolution), oracle.resolve_record(key), "whose {key} is, {when}");
    }
    for id in oracle.customers.keys() {
        equal!(answers.timelines[id], oracle.timeline(*id), "the timeline of {id}, {when}");
    }
    let mut unresolved = Vec::new();
    for interaction in &oracle.interactions {
        let customers: Vec<CustomerId> = oracle.customers_on(interaction).into_iter().collect();
        equal!(answers.interactions[&interaction.key], customers, "whose {} is, {when}", interaction.key);
        if customers.is_empty() {
            unresolved.push((interaction.start, interaction.key.clone()));
        }
    }
    unresolved.sort_unstable_by(|a, b| b.cmp(a));
    let keys: Vec<_> = answers.unresolved.iter().map(|(key, _)| key.clone()).collect();
    equal!(keys, unresolved.into_iter().map(|(_, key)| key).collect::<Vec<_>>(), "what is nobody's, {when}");
    Ok(())
}

/// The customers of an engine by the records that they have.
pub(crate) fn customers(engine: &Engine) -> BTreeMap<CustomerId, BTreeSet<RecordKey>> {
    let mut customers: BTreeMap<CustomerId, BTreeSet<RecordKey>> = BTreeMap::new();
    let take = |one: stitchline::engine::ExportedRecord| {
        if let Some(id) = one.customer {
            customers.entry(id).or_default().insert(one.key);
        }
        Ok(())
    };
    engine.export_records(take).expect("the store can be read");
    customers
}

/// Follows the change feed, as a system does that keeps customers' ids.
#[derive(Debug, Default)]
pub(crate) struct Mirror {
    pub(crate) customers: BTreeSet<CustomerId>,
    /// The number of records, where the feed has told it since the customer last merged or was split.
    pub(crate) sizes: BTreeMap<CustomerId, u64>,
    next: u64,
}

impl Mirror {
    /// Takes what is new in the feed, a few entries at a time.
    pub(crate) fn follow(&mut self, engine: &Engine) -> Verdict {
        loop {
            let page = engine.changes(self.next, 3).expect("the store can be read");
            if page.is_empty() {
                return Ok(());
            }
            for change in page {
                equal!(change.sequence, self.next, "the feed has no gaps");
                self.next += 1;
                self.apply(&change.kind)?;
            }
        }
    }

    fn apply(&mut self, change: &ChangeKind) -> Verdict {
        match change {
            ChangeKind::Created { id, records } => {
                ensure!(self.customers.insert(*id), "{id} is created twice");
                self.sizes.insert(*id, *records);
            }
            ChangeKind::Grown { id, records } | ChangeKind::Shrunk { id, records } => {
                ensure!(self.customers.contains(id), "{id} has other records but is not there");
                self.sizes.insert(*id, *records);
            }
            ChangeKind::Merged { id, from } => {
                for one in from {
                    self.customers.remove(one);
                    self.sizes.remove(one);
                }
                self.customers.insert(*id);
                self.sizes.remove(id);
            }
            ChangeKind::Split { id, into } => {
                self.customers.remove(id);
                self.sizes.remove(id);
                self.customers.extend(into);
                into.iter().for_each(|one| _ = self.sizes.remove(one));
            }
            ChangeKind::Renamed { from, to } => {
                ensure!(self.customers.remove(from), "{from} is renamed but not there");
                ensure!(self.customers.insert(*to), "{from} is renamed to {to}, which is there");
                if let Some(size) = self.sizes.remove(from) {
                    self.sizes.insert(*to, size);
                }
            }
            ChangeKind::Removed { id } => {
                ensure!(self.customers.remove(id), "{id} is removed but not there");
                self.sizes.remove(id);
            }
            _ => {}
        }
        Ok(())
    }
}
