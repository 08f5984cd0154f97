//! A run from rows to customers.

use super::{
    Recognised, auto,
    choose::{self, Asked, Chosen},
    customers,
    score::{self, Scored},
    spec::{Clustering, Spec},
    yields,
};
use crate::{
    block::{Between, Blocking, RuleReport},
    cluster::{self, Edge, Refusal},
    compare::{Comparisons, CustomTest},
    error::{Error, Result},
    model::{Calibration, Model, PairScore, Scorer, TrainOptions, Training, train_on},
    table::{RawTable, Table},
    weight::MatchWeight,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// The most candidates that are compared: some hours of work.
const MOST_CANDIDATES: u64 = 100_000_000_000;

/// The least weight of a pair that is kept.
const KEEP: f64 = -5.0;

/// A run to come.
///
/// ```
/// use stitchline::{link::Dedupe, table::RawTable};
///
/// let mut rows = RawTable::new(["name", "email"])?;
/// rows.push("crm", "1", &["Ann Lee", "ann.lee@example.com"])?;
/// rows.push("crm", "2", &["Bob Stone", "bob@example.com"])?;
/// rows.push("web", "9", &["Ann Lee", "Ann.Lee@example.com"])?;
/// let linked = Dedupe::of(rows).run()?;
/// println!("{}", linked.spec.to_toml()?);
/// for (row, customer) in linked.clusters() {
///     println!("{} is with {}", linked.table.id(row), linked.table.id(customer));
/// }
/// # Ok::<(), stitchline::Error>(())
/// ```
pub struct Dedupe {
    raw: RawTable,
    spec: Option<Spec>,
    model: Option<Model>,
    train: TrainOptions,
    threads: usize,
    candidates_per_row: u64,
    between: Option<Between>,
    clustering: Option<Clustering>,
    threshold: Option<f64>,
    customs: Customs,
    #[allow(clippy::type_complexity)]
    progress: Option<Box<dyn FnMut(&str)>>,
}

impl std::fmt::Debug for Dedupe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dedupe").field("rows", &self.raw.len()).finish_non_exhaustive()
    }
}

/// Time of one phase.
#[derive(Debug, Clone, Serialize)]
pub struct Phase {
    /// What was done.
    pub phase: &'static str,
    /// How long it took by the clock.
    pub wall: Duration,
}

/// What a run counted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// Rows.
    pub rows: u64,
    /// Candidate pairs, each once.
    pub candidates: u64,
    /// Pairs of at least the threshold.
    pub links: u64,
    /// Links refused by the clustering: [`Linked::refused`].
    pub refused: u64,
    /// Customers.
    pub customers: u64,
    /// The rows of the largest customer.
    pub largest: u64,
}

/// A finished run.
#[derive(Debug)]
pub struct Linked {
    /// The prepared rows.
    pub table: Table,
    /// The spec that was used.
    pub spec: Spec,
    /// What the columns were taken for, where no spec was given.
    pub recognised: Vec<Recognised>,
    /// The model that was used.
    pub model: Model,
    /// How it was trained, where it was.
    pub training: Option<Training>,
    /// What each blocking rule gave.
    pub blocking: Vec<RuleReport>,
    /// Scored pairs above the least weight that is kept, in no order that means anything.
    pub edges: Vec<Edge>,
    /// Links that contraction refused, the strongest first, each with what refused it; [`Linked::refused_since`] says it in
    /// words. What was joined later by another link is not among them.
    pub refused: Vec<Refusal>,
    /// The threshold and what the model expects of it.
    pub calibration: Calibration,
    /// How much more than the threshold a link must weigh that joins more than two rows.
    pub above: MatchWeight,
    /// What was counted.
    pub counts: Counts,
    /// How long each phase took.
    pub phases: Vec<Phase>,
    clusters: Vec<u32>,
    customs: Customs,
}

/// Tests given in code, by their names.
#[derive(Clone, Default)]
struct Customs(Vec<(String, Arc<dyn CustomTest>)>);

impl std::fmt::Debug for Customs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Linked {
    /// The least weight of a pair that is kept among the edges; what weighs less is forgotten once it was compared.
    pub fn kept_from(&self) -> MatchWeight {
        MatchWeight::from_bits(KEEP)
    }

    /// Each row with the first row of its customer.
    pub fn clusters(&self) -> impl ExactSizeIterator<Item = (u32, u32)> + '_ {
        self.clusters.iter().enumerate().map(|(row, &first)| (row as u32, first))
    }

    /// The first row of a row's customer.
    pub fn cluster(&self, row: u32) -> u32 {
        self.clusters[row as usize]
    }

    /// The score of two rows with all that it is the sum of. As [`Linked::explain_all`], for one pair.
    ///
    /// # Errors
    /// Where the model was changed to one that the table does not fit.
    pub fn explain(&self, a: u32, b: u32) -> Result<PairScore> {
        Ok(self.explain_all(&[(a, b)])?.remove(0))
    }

    /// The scores of pairs of rows, each with all that it is the sum of. As [`Linked::scored_by`].
    ///
    /// # Errors
    /// Where the model was changed to one that the table does not fit.
    pub fn explain_all(&self, pairs: &[(u32, u32)]) -> Result<Vec<PairScore>> {
        self.scored_by(|scorer| pairs.iter().map(|&(a, b)| scorer.explain(a.min(b), a.max(b))).collect())
    }

    /// Work with the scorer of this run. Binds the comparisons anew, once: O(distinct values).
    ///
    /// # Errors
    /// Where the model was changed to one that the table does not fit.
    pub fn scored_by<R>(&self, work: impl FnOnce(&Scorer<'_>) -> R) -> Result<R> {
        let comparisons = Comparisons::bind_with(&self.table, &self.model.comparisons(), &self.customs.0)?;
        let scorer = Scorer::new(&self.model, &comparisons)?;
        Ok(work(&scorer))
    }

    /// How a row is called: by its id, and by its source as well where there are several.
    pub fn name(&self, row: u32) -> String {
        let table = &self.table;
        match table.source_count() > 1 {
            true => format!("{}/{}", table.source(row), table.id(row)),
            false => table.id(row).to_owned(),
        }
    }

    /// The pairs that hold each customer together: [`cluster::spanning`].
    pub fn joins(&self) -> Vec<Edge> {
        cluster::spanning(&self.clusters, &self.edges)
    }

    /// The row of an id; of several sources with such an id, that of the first.
    pub fn find(&self, id: &str) -> Option<u32> {
        (0..self.table.len() as u32).find(|&row| self.table.id(row) == id)
    }

    /// How many customers have so many rows.
    pub fn sizes(&self) -> BTreeMap<u32, u64> {
        let mut size = vec![0u32; self.clusters.len()];
        self.clusters.iter().for_each(|&first| size[first as usize] += 1);
        let mut sizes = BTreeMap::new();
        size.into_iter().filter(|&size| size > 0).for_each(|size| *sizes.entry(size).or_insert(0) += 1);
        sizes
    }
}

impl Dedupe {
    /// A run over these rows, with everything chosen by itself.
    pub fn of(rows: RawTable) -> Self {
        Dedupe {
            raw: rows,
            spec: None,
            model: None,
            train: TrainOptions::default(),
            threads: 1,
            candidates_per_row: 4,
            between: None,
            clustering: None,
            threshold: None,
            customs: Customs::default(),
            progress: None,
        }
    }

    /// By this spec.
    #[must_use]
    pub fn spec(mut self, spec: Spec) -> Self {
        self.spec = Some(spec);
        self
    }

    /// With this model instead of training one. A spec beside it has the same comparisons or none.
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.model = Some(model);
        self
    }

    /// Trained so.
    #[must_use]
    pub fn train(mut self, options: TrainOptions) -> Self {
        self.train = options;
        self
    }

    /// On so many threads. The result does not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Where rules are chosen: how many candidate pairs a row may have by the looser of them. 4; more find more and
    /// take longer.
    #[must_use]
    pub fn candidates_per_row(mut self, pairs: u64) -> Self {
        self.candidates_per_row = pairs;
        self
    }

    /// Comparing these pairs, whatever the spec says.
    #[must_use]
    pub fn between(mut self, between: Between) -> Self {
        self.between = Some(between);
        self
    }

    /// Clustering so, whatever the spec says.
    #[must_use]
    pub fn clustering(mut self, clustering: Clustering) -> Self {
        self.clustering = Some(clustering);
        self
    }

    /// Linking pairs of at least this probability, whatever the spec says.
    #[must_use]
    pub fn threshold(mut self, probability: f64) -> Self {
        self.threshold = Some(probability);
        self
    }

    /// With a test given in code, for [`Test::Custom`](crate::compare::Test::Custom).
    #[must_use]
    pub fn custom(mut self, name: impl Into<String>, test: impl CustomTest + 'static) -> Self {
        self.customs.0.push((name.into(), Arc::new(test)));
        self
    }

    /// Called with the name of each phase as it begins.
    #[must_use]
    pub fn on_phase(mut self, call: impl FnMut(&str) + 'static) -> Self {
        self.progress = Some(Box::new(call));
        self
    }

    fn asked(&mut self) -> Asked {
        Asked {
            spec: self.spec.take(),
            between: self.between,
            clustering: self.clustering,
            threshold: self.threshold,
            candidates_per_row: self.candidates_per_row,
        }
    }

    /// What would be run by, without running: the prepared rows, the spec, and what the columns were taken for.
    ///
    /// # Errors
    /// As [`Dedupe::run`].
    pub fn plan(mut self) -> Result<(Table, Spec, Vec<Recognised>)> {
        let asked = self.asked();
        let mut chosen = choose::choose(self.raw, asked, self.model.as_ref())?;
        chosen.spec.blocking = chosen.blocking()?.1.all;
        let Chosen { table, spec, recognised, .. } = chosen;
        Ok((table.by_key(), spec, recognised))
    }

    /// Runs.
    ///
    /// # Errors
    /// Where no column can be compared, the spec names columns that are not there or has a number out of range
    /// ([`Spec::check`]), rows have one key or are all of one source where two are needed, or there are fewer than two rows.
    pub fn run(mut self) -> Result<Linked> {
        let mut clock = Clock { progress: self.progress.take(), phases: Vec::new(), began: Instant::now() };
        clock.next("prepare");
        let asked = self.asked();
        let mut chosen = choose::choose(self.raw, asked, self.model.as_ref())?;
        clock.next("block");
        let (mut blocking, mut rules) = chosen.blocking()?;
        let (table, spec) = (&chosen.table, &chosen.spec);
        affordable(&blocking)?;
        clock.next("train");
        let comparisons = Comparisons::bind_with(table, &spec.comparisons, &self.customs.0)?;
        let options = TrainOptions { threads: self.threads, ..self.train.clone() };
        let (model, training) = match self.model.take() {
            Some(model) => (model, None),
            None => {
                if !rules.all.is_empty() && rules.all.iter().all(|rule| rule.untrained) {
                    return Err(Error::invalid(
                        "all rules are `untrained`, so there are no pairs to train on: take it from one, or give a model",
                    )
                    .in_field("blocking"));
                }
                // What the loosest rules give is mostly chance, and tells little of customers.
                let taken = |rule: usize| !rules.all[rule].untrained;
                let mut training = train_on(&spec.comparisons, &comparisons, &blocking, &options, taken)?;
                if chosen.free
                    && let Some(relaxed) = auto::relaxed(&training, table)
                {
                    training = train_on(&relaxed, &comparisons, &blocking, &options, taken)?;
                }
                (training.model.clone(), Some(training))
            }
        };
        clock.next("score");
        let scorer = Scorer::new(&model, &comparisons)?;
        if chosen.free {
            let mut poor = yields::poor(&blocking, &scorer, self.threads);
            rules.covering.iter().for_each(|&rule| poor[rule] = false);
            // The loosest are there for what few pairs of many find.
            let poor = rules.all.iter_mut().zip(poor).filter(|(rule, poor)| *poor && !rule.untrained);
            poor.for_each(|(rule, _)| rule.unscored = true);
        }
        blocking.leave_out(&rules.all.iter().map(|rule| rule.unscored).collect::<Vec<_>>());
        let Scored { mut edges, candidates } =
            score::candidates(&blocking, &scorer, MatchWeight::from_bits(KEEP), self.threads);
        let reports = blocking.reports().to_vec();
        drop(blocking);
        clock.next("cluster");
        let (calibration, above) = customers::threshold(&edges, spec);
        let threshold = (calibration.threshold, above);
        let (clusters, refused) = customers::cluster(table, spec, &mut edges, threshold, &scorer);
        clock.next("");
        let links = edges.iter().filter(|edge| edge.weight >= calibration.threshold).count() as u64;
        drop(scorer);
        drop(comparisons);
        chosen.spec.blocking = rules.all;
        chosen.spec.comparisons = model.comparisons();
        let Chosen { table, spec, recognised, .. } = chosen;
        let table = table.by_key();
        let mut linked = Linked {
            counts: Counts {
                rows: table.len() as u64,
                candidates,
                links,
                refused: refused.len() as u64,
                customers: 0,
                largest: 0,
            },
            table,
            spec,
            recognised,
            model,
            training,
            blocking: reports,
            edges,
            refused,
            calibration,
            above,
            phases: clock.phases,
            clusters,
            customs: self.customs,
        };
        let sizes = linked.sizes();
        linked.counts.customers = sizes.values().sum();
        linked.counts.largest = sizes.keys().next_back().copied().map_or(0, u64::from);
        Ok(linked)
    }
}

/// Whether all candidates can be compared within hours.
fn affordable(blocking: &Blocking<'_>) -> Result<()> {
    let pairs = blocking.pairs_at_most();
    if pairs <= MOST_CANDIDATES {
        return Ok(());
    }
    let worst = blocking.reports().iter().max_by_key(|report| report.pairs);
    let (rule, largest) = worst.map_or(("", 0), |report| (report.rule.as_str(), report.largest));
    Err(Error::invalid(format!(
        "{pairs} candidate pairs are more than can be compared ({MOST_CANDIDATES}); most are of the blocking rule \
         `{rule}`, whose largest block has {largest} rows: add a key to it, or lower `largest_block`"
    ))
    .in_field("blocking"))
}

/// Measures phases.
struct Clock {
    #[allow(clippy::type_complexity)]
    progress: Option<Box<dyn FnMut(&str)>>,
    phases: Vec<Phase>,
    began: Instant,
}

impl Clock {
    fn next(&mut self, phase: &'static str) {
        let now = Instant::now();
        if let Some(last) = self.phases.last_mut() {
            last.wall = now - self.began;
        }
        self.began = now;
        if !phase.is_empty() {
            self.phases.push(Phase { phase, wall: Duration::ZERO });
            if let Some(call) = &mut self.progress {
                call(phase);
            }
        }
    }
}
