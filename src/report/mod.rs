//! One page that shows a linkage to people: HTML with all its styles and pictures inside, nothing fetched.
//!
//! What comes in is a [`Report`], plain data that anybody can fill; parts that are empty are left out. What goes out is
//! a page for light and dark screens, wide and narrow, whose pictures all stand beside their figures. Every text is
//! escaped, also against control characters and marks that turn the direction of writing.
//!
//! ```
//! use stitchline::report::{Report, Step, Waterfall};
//!
//! let mut report = Report::new("customers.csv");
//! report.fact("customers", "1,204");
//! report.pairs.push(Waterfall {
//!     title: "A-1 and B-7".into(),
//!     steps: vec![
//!         Step::new("prior", -12.0),
//!         Step::new("surname", 9.5).level("equal").values("lee", "lee"),
//!         Step::new("birth date", 8.0).level("one digit differs").values("1980-12-31", "1980-12-30"),
//!     ],
//!     ..Waterfall::default()
//! });
//! let page = report.to_html();
//! assert!(page.starts_with("<!doctype html>") && page.contains("one digit differs"));
//! assert!(!page.contains("<script"));
//! ```

mod bars;
mod curves;
mod html;
mod linkage;
mod page;
mod strategies;

use crate::evaluate::{Blocking, Calibration, Measures, Point};

/// What the page shows. All weights are in bits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// What was linked: the page's heading.
    pub title: String,
    /// Headline figures: what, and how much.
    pub facts: Vec<(String, String)>,
    /// Chosen pairs with their evidence.
    pub pairs: Vec<Waterfall>,
    /// The model: each comparison with its levels.
    pub comparisons: Vec<Comparison>,
    /// How many pairs have which weight.
    pub histogram: Option<Histogram>,
    /// Precision and recall over the threshold, in order of threshold.
    pub curve: Vec<Point>,
    /// Whether `curve` is what the model expects, without a truth.
    pub expected: bool,
    /// Probabilities against the truth.
    pub calibration: Option<Calibration>,
    /// The threshold in use.
    pub threshold: Option<f64>,
    /// Blocking rules in their order.
    pub blocking: Vec<Rule>,
    /// How many clusters have so many records.
    pub cluster_sizes: Vec<(u32, u64)>,
    /// How many true clusters have so many records; empty without a truth.
    pub true_sizes: Vec<(u32, u64)>,
    /// How close the clusters are to the truth: the name of each measure with its values.
    pub quality: Vec<(String, Measures)>,
    /// The worst mistakes: a heading and pairs with their evidence.
    pub mistakes: Vec<(String, Vec<Waterfall>)>,
    /// Work by phase.
    pub phases: Vec<Phase>,
    /// The spec in use, as it can be saved and run again.
    pub spec: String,
    /// Strategies side by side.
    pub strategies: Vec<Strategy>,
    /// What the reader should know: warnings of training and the like.
    pub notes: Vec<String>,
}

/// A pair and what speaks for and against it, in the order in which it is added up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waterfall {
    /// Which records.
    pub title: String,
    /// The prior first, then each comparison.
    pub steps: Vec<Step>,
    /// What became of it, where there is more to tell.
    pub note: String,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Step {
    /// What was compared.
    pub name: String,
    /// The level that the values reached.
    pub level: String,
    /// The two values as compared.
    pub values: Option<(String, String)>,
    /// What it adds.
    pub bits: f64,
}

impl Step {
    /// A piece of evidence.
    pub fn new(name: impl Into<String>, bits: f64) -> Self {
        Step { name: name.into(), bits, ..Step::default() }
    }

    /// Names the level.
    #[must_use]
    pub fn level(mut self, level: impl Into<String>) -> Self {
        self.level = level.into();
        self
    }

    /// Shows the values.
    #[must_use]
    pub fn values(mut self, a: impl Into<String>, b: impl Into<String>) -> Self {
        self.values = Some((a.into(), b.into()));
        self
    }
}

/// A comparison of the model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// What is compared.
    pub name: String,
    /// Its levels, the closest first.
    pub levels: Vec<LevelParameters>,
}

/// A level of a comparison with its probabilities.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LevelParameters {
    /// What reaches the level.
    pub label: String,
    /// The probability of the level among pairs of one customer; none for null or where it is not known.
    pub m: Option<f64>,
    /// The probability of the level among pairs of two.
    pub u: Option<f64>,
}

impl LevelParameters {
    /// log2 of m over u; none where either is not known or not above 0.
    pub fn bits(&self) -> Option<f64> {
        let (m, u) = (self.m?, self.u?);
        (m > 0.0 && u > 0.0).then(|| (m / u).log2())
    }
}

/// Counts of pairs in ranges of weight of equal width.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// Where the first range begins.
    pub from: f64,
    /// The width of each range.
    pub width: f64,
    /// Pairs in each range.
    pub pairs: Vec<u64>,
    /// How many of them are true; empty without a truth.
    pub true_pairs: Vec<u64>,
    /// Candidate pairs of less weight, which were not kept.
    pub below: u64,
}

impl Histogram {
    /// Counts weights in ranges of a width, which must be above 0; weights beyond 200 ranges are left out. O(n).
    pub fn of(weights: impl Iterator<Item = f64> + Clone, width: f64) -> Self {
        let width = if width.is_finite() && width > 0.0 { width } else { 1.0 };
        let bin = |weight: f64| (weight / width).floor();
        let usual = weights.filter(|weight| weight.is_finite());
        let (low, high) = usual
            .clone()
            .map(bin)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), bin| (low.min(bin), high.max(bin)));
        if low > high {
            return Histogram { width, ..Histogram::default() };
        }
        let mut pairs = vec![0; (high - low + 1.0).min(200.0) as usize];
        for weight in usual {
            if let Some(count) = pairs.get_mut((bin(weight) - low) as usize) {
                *count += 1;
            }
        }
        Histogram { from: low * width, width, pairs, ..Histogram::default() }
    }
}

/// A blocking rule and what it gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rule {
    /// The rule in words.
    pub name: String,
    /// Pairs that no rule before it gave.
    pub pairs: u64,
    /// What they add to recall; none without a truth.
    pub marginal_recall: Option<f64>,
    /// Records in its largest block, where it is known.
    pub largest_block: Option<u64>,
}

/// A phase of the work.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Phase {
    /// What was done.
    pub name: String,
    /// Processor time of all threads, in seconds.
    pub cpu_seconds: f64,
    /// Time by the clock, in seconds.
    pub wall_seconds: f64,
    /// The most memory of the process up to the end of the phase, in bytes; 0 where it is not known.
    pub peak_bytes: u64,
}

/// A strategy and what it came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Strategy {
    /// What it is called.
    pub name: String,
    /// Pairs of records in its clusters against the truth.
    pub pairwise: Option<Measures>,
    /// B-cubed F1 of its clusters.
    pub b_cubed: Option<f64>,
    /// Candidate pairs.
    pub candidates: Option<u64>,
    /// Work by phase.
    pub phases: Vec<Phase>,
    /// Candidate pairs for each second of processor time of blocking and scoring.
    pub pairs_a_second: Option<f64>,
    /// The most memory, in bytes.
    pub peak_bytes: Option<u64>,
}

impl Report {
    /// An empty report.
    pub fn new(title: impl Into<String>) -> Self {
        Report { title: title.into(), ..Report::default() }
    }

    /// Adds a headline figure.
    pub fn fact(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.facts.push((what.into(), value.into()));
    }

    /// Adds blocking rules by their names and yields.
    pub fn blocking_of(&mut self, names: &[String], blocking: &Blocking) {
        let rule = |(name, rule): (&String, &crate::evaluate::RuleYield)| Rule {
            name: name.clone(),
            pairs: rule.pairs,
            marginal_recall: Some(rule.marginal_recall),
            largest_block: None,
        };
        self.blocking.extend(names.iter().zip(&blocking.rules).map(rule));
    }

    /// The page. O(size of the report).
    pub fn to_html(&self) -> String {
        page::render(self)
    }
}

#[cfg(test)]
mod tests;
