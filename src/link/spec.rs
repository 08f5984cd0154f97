//! The spec of a run: columns, comparisons, blocking rules and clustering as data.

use crate::{
    block::{Between, BlockingRule, Key, SMALLEST},
    compare::{Comparison, Level},
    error::{Error, Result},
    model::Model,
    settings::{from_toml, line_and_column},
    table::{ColumnSpec, RawTable},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// All that a run decides by, but for the model. TOML; see [`Spec::to_toml`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Links with at least this probability; chosen by the expected F1 where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How links become customers.
    #[serde(default)]
    pub clustering: Clustering,
    /// Which pairs count by their sources.
    #[serde(default)]
    pub between: Between,
    /// Whether a customer has at most one row of each source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_per_source: bool,
    /// How much what speaks against a join counts in contraction:
    /// [`ContractOptions::against`](crate::cluster::ContractOptions::against).
    #[serde(default = "against")]
    pub against: f64,
    /// Blocks of more rows are split.
    #[serde(default = "largest_block")]
    pub largest_block: usize,
    /// By what they are split, in this order.
    #[serde(default)]
    pub split_by: Vec<Key>,
    /// Columns of the data that are one, which two files call by different names: each with its other names. Of a row it is
    /// the first of them that has a value; what a file has not is passed over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub same: BTreeMap<String, Vec<String>>,
    /// The columns that are made of those of the data.
    pub columns: Vec<ColumnSpec>,
    /// Which pairs are compared.
    pub blocking: Vec<BlockingRule>,
    /// How pairs are compared. A model brings its own, so that none need stand here where one is given.
    #[serde(default)]
    pub comparisons: Vec<Comparison>,
}

fn against() -> f64 {
    crate::cluster::ContractOptions::default().against
}

fn largest_block() -> usize {
    200
}

/// How links become customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Clustering {
    /// The strongest link first, and each asks what speaks against: [`contract`](crate::cluster::contract()).
    #[default]
    Contraction,
    /// [`components`](crate::cluster::components).
    Components,
    /// [`centres`](crate::cluster::centres).
    Centres,
    /// [`best_links`](crate::cluster::best_links).
    BestLinks,
}

impl Default for Spec {
    fn default() -> Self {
        Spec {
            threshold: None,
            clustering: Clustering::default(),
            between: Between::default(),
            one_per_source: false,
            against: against(),
            largest_block: largest_block(),
            split_by: Vec::new(),
            same: BTreeMap::new(),
            columns: Vec::new(),
            blocking: Vec::new(),
            comparisons: Vec::new(),
        }
    }
}

impl Spec {
    /// A spec out of TOML.
    ///
    /// # Errors
    /// Where the text is no spec, and as [`Spec::check`]; the message has the line and the column.
    pub fn from_toml(text: &str) -> Result<Self> {
        let spec: Spec = from_toml(text).map_err(|error| error.about("is no spec"))?;
        spec.fault().map_err(|fault| match place(text, &fault.path) {
            Some((line, column)) => fault.error.at(format!("line {line}, column {column}")),
            None => fault.error,
        })?;
        Ok(spec)
    }

    /// Whether every number is one that means something.
    ///
    /// # Errors
    /// Names the field at fault.
    pub fn check(&self) -> Result<()> {
        self.fault().map_err(|fault| fault.error)
    }

    fn fault(&self) -> Result<(), Fault> {
        use Step::{Field, Nth};
        let own = |field, error: Error| Fault { path: vec![Field(field)], error: error.in_field(field) };
        if let Some(p) = self.threshold {
            probability(p).map_err(|error| own("threshold", error))?;
        }
        if !self.against.is_finite() || self.against < 0.0 {
            return Err(own("against", Error::invalid("is a number of at least 0")));
        }
        if self.largest_block < 2 {
            return Err(own("largest_block", Error::invalid(SMALLEST)));
        }
        let mut names: Vec<&String> =
            self.same.iter().flat_map(|(name, others)| [name].into_iter().chain(others)).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let error = format!(
                "`{}` stands there twice: a column is the same as one other or as several together",
                pair[0]
            );
            return Err(own("same", Error::invalid(error)));
        }
        for (nth, rule) in self.blocking.iter().enumerate() {
            let path = |field| vec![Field("blocking"), Nth(nth), Field(field)];
            rule.fault().map_err(|(field, error)| Fault { path: path(field), error })?;
        }
        if !self.blocking.is_empty() && self.blocking.iter().all(|rule| rule.unscored) {
            let error = "all rules are `unscored`, so no pair is compared: take it from one";
            return Err(own("blocking", Error::invalid(error)));
        }
        for (nth, comparison) in self.comparisons.iter().enumerate() {
            let about = |error: Error| error.in_field(format!("comparison `{}`", comparison.name));
            let path = vec![Field("comparisons"), Nth(nth)];
            for (at, level) in (1..=u8::MAX).zip(&comparison.levels) {
                let all = [
                    ("m", level.m),
                    ("u", level.u),
                    ("term_frequency_weight", Some(level.term_frequency_weight)),
                    ("term_frequency_minimum", Some(level.term_frequency_minimum)),
                ];
                for (field, p) in all.into_iter().filter_map(|(field, p)| Some((field, p?))) {
                    probability(p).map_err(|error| {
                        let error = error.in_field(field);
                        let error = about(error.in_field(format!("level `{}`", comparison.level_name(at))));
                        let level = [Field("levels"), Nth(usize::from(at) - 1), Field(field)];
                        Fault { path: [&path[..], &level].concat(), error }
                    })?;
                }
            }
            if self.comparisons[..nth].iter().any(|before| before.name == comparison.name) {
                return Err(Fault {
                    path,
                    error: about(Error::invalid("stands there twice: rename one, or take it out")),
                });
            }
            let is_there = |name: &String| self.comparisons.iter().any(|other| other.name == *name);
            if let Some(missing) = comparison.made_of.iter().find(|name| !is_there(name)) {
                let path = [&path[..], &[Field("made_of")]].concat();
                let error = Error::invalid(format!("there is no comparison `{missing}`; take it out"));
                return Err(Fault { path, error: about(error.in_field("made_of")) });
            }
            let sum = |p: fn(&Level) -> Option<f64>| comparison.levels.iter().filter_map(p).sum::<f64>();
            for (field, sum) in [("m", sum(|level| level.m)), ("u", sum(|level| level.u))] {
                // What is left is that of all else; sums are as exact as decimals in binary are.
                if comparison.fixed && sum > 1.0 + 1e-9 {
                    let sum = Error::invalid(format!("the levels add up to {sum}, which is more than 1"));
                    return Err(Fault { path, error: about(sum.in_field(field)) });
                }
            }
        }
        Ok(())
    }

    /// Makes one column of those that are the same: [`Spec::same`]. Before rows are prepared by [`Spec::columns`].
    ///
    /// # Errors
    /// Where none of them is there, and as [`RawTable::unite`].
    pub fn unite(&self, raw: &mut RawTable) -> Result<()> {
        self.same.iter().try_for_each(|(name, others)| {
            if [name].into_iter().chain(others).all(|name| raw.find(name).is_none()) {
                let others = others.join("` or `");
                return Err(
                    Error::invalid(format!("the data has no column `{name}` or `{others}`")).in_field("same")
                );
            }
            raw.unite(name, others)
        })
    }

    /// Whether the comparisons are those of a model, or none.
    ///
    /// # Errors
    /// Names a comparison that differs: what a model was not trained for, it cannot weigh.
    pub(crate) fn fits(&self, model: &Model) -> Result<()> {
        let theirs = model.comparisons();
        let mut own = self.comparisons.iter();
        let differs = own.find_map(|own| match theirs.iter().find(|other| other.name == own.name) {
            Some(other) if other == own => None,
            Some(_) => Some((own, "has another of this name")),
            None => Some((own, "has no such comparison")),
        });
        let missing = || {
            let is_there = |other: &&Comparison| self.comparisons.iter().any(|own| own.name == other.name);
            theirs.iter().find(|other| !is_there(other)).map(|other| (other, "has it, and the spec has not"))
        };
        if let Some((at, what)) = differs.or_else(missing).filter(|_| !self.comparisons.is_empty()) {
            return Err(Error::invalid(format!(
                "the model {what}: train anew by this spec, or take the comparisons out of the spec, so that those of the \
                 model are used"
            ))
            .in_field(format!("comparison `{}`", at.name)));
        }
        Ok(())
    }

    /// The spec as TOML.
    ///
    /// # Errors
    /// Where a part of it cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|error| Error::invalid("the spec cannot be written").because(error))
    }
}

/// What is wrong with a spec, and the way to it.
struct Fault {
    path: Vec<Step>,
    error: Error,
}

/// One step on the way to a value in a spec.
#[derive(Clone, Copy)]
enum Step {
    Field(&'static str),
    Nth(usize),
}

/// The line and the column in which a value of a spec begins.
fn place(text: &str, path: &[Step]) -> Option<(usize, usize)> {
    let table = DeTable::parse(text).ok()?;
    let mut at = table.span();
    let mut value = &DeValue::Table(table.into_inner());
    for step in path {
        let next = match *step {
            Step::Field(name) => value.get(name)?,
            Step::Nth(nth) => value.get(nth)?,
        };
        (at, value) = (next.span(), next.get_ref());
    }
    Some(line_and_column(text, at.start))
}

fn probability(value: f64) -> Result<()> {
    match (0.0..=1.0).contains(&value) {
        true => Ok(()),
        false => Err(Error::invalid(format!("{value} is out of range: 0 to 1 is expected"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Test;

    #[test]
    fn numbers_out_of_range_are_told_by_their_fields() {
        let of = |head: &str, level: &str| {
            let text = format!(
                "{head}\ncolumns = []\n{}[[comparisons]]\nname = \"city\"\ncolumns = [\"city\"]\n\
                 [[comparisons.levels]]\ntest = \"exact\"\n{level}\n",
                if head.starts_with("blocking") { "" } else { "blocking = []\n" }
            );
            Spec::from_toml(&text).map(drop).map_err(|error| error.to_string())
        };
        assert_eq!(of("threshold = 1.0\nlargest_block = 2", "m = 1.0\nu = 0.0"), Ok(()));
        // Expected probabilities are brought to a sum of 1; those that stand are not.
        let both = "m = 0.6\n[[comparisons.levels]]\ntest = \"initial\"\nm = 0.5";
        assert_eq!(of("", both), Ok(()));
        for (head, level, says) in [
            ("threshold = 1.5", "", "threshold: 1.5 is out of range: 0 to 1 is expected"),
            ("threshold = nan", "", "threshold: NaN is out of range"),
            ("same = { phone = [\"tel\"], mobile = [\"tel\"] }", "", "same: `tel` stands there twice"),
            ("largest_block = 0", "", "largest_block: a block has 2 rows at least"),
            ("against = -1.0", "", "against: is a number of at least 0"),
            (
                "blocking = [{ keys = [\"city\"], largest = 0 }]",
                "",
                "blocking rule `city`.largest: a block has 2 rows at least",
            ),
            (
                "blocking = [{ keys = [\"city\"], untrained = true, unscored = true }]",
                "",
                "blocking rule `city`: is neither trained on nor scored",
            ),
            ("blocking = [{ keys = [\"city\"], unscored = true }]", "", "blocking: all rules are `unscored`"),
            (
                "blocking = [{ keys = [\"city\", \"city\"] }]",
                "",
                "blocking rule `city + city`: the key `city` stands there twice",
            ),
            (
                "",
                "[[comparisons]]\nname = \"email\"\ncolumns = [\"email\"]\nmade_of = [\"city\", \"given\"]\nlevels = []",
                "comparison `email`.made_of: there is no comparison `given`",
            ),
            (
                "",
                "[[comparisons]]\nname = \"city\"\ncolumns = [\"town\"]\nlevels = []",
                "comparison `city`: stands there twice",
            ),
            ("", "m = 1.5", "comparison `city`.level `equal`.m: 1.5 is out of range: 0 to 1 is expected"),
            ("", "u = -0.1", "comparison `city`.level `equal`.u: -0.1 is out"),
            ("", "u = nan", "comparison `city`.level `equal`.u: NaN is out"),
            (
                "",
                "term_frequency_weight = 2.0",
                "comparison `city`.level `equal`.term_frequency_weight: 2 is out",
            ),
            (
                "",
                "term_frequency_minimum = -1.0",
                "comparison `city`.level `equal`.term_frequency_minimum: -1 is out",
            ),
        ] {
            let error = of(head, level).unwrap_err();
            assert!(error.starts_with(says), "{head} {level}: {error}");
        }
        // A spec in code has no lines.
        let error = Spec { threshold: Some(1.5), ..Spec::default() }.check().unwrap_err().to_string();
        assert_eq!(error, "threshold: 1.5 is out of range: 0 to 1 is expected");
        let level = |test, m| Level::new(test).expected(m, Some(0.1));
        let city = Comparison::new("city", ["city"]).fixed().level(level(Test::Exact, 0.6));
        let spec = |comparison| Spec { comparisons: vec![comparison], ..Spec::default() };
        assert!(spec(city.clone().level(level(Test::Initial, 0.4))).check().is_ok());
        let error = spec(city.level(level(Test::Initial, 0.5))).check().unwrap_err().to_string();
        assert!(error.starts_with("comparison `city`.m: the levels add up to 1.1"), "{error}");
    }

    #[test]
    fn numbers_out_of_range_are_told_by_line_and_column() {
        let good = "# Über Städte\nthreshold = 0.5\nagainst = 1.0\nlargest_block = 100\ncolumns = []\n\n[[blocking]]\n\
                    keys = [\"city\"]\n\n[[blocking]]\nkeys = [\"name\"]\nlargest = 10\n\n[[blocking]]\n\
                    keys = [\"born\"]\nwindow = 10\n\n[[comparisons]]\nname = \"née\"\ncolumns = [\"city\"]\n\
                    fixed = true\nlevels = [\n    { test = \"exact\", m = 0.5, u = 0.1 },\n    \
                    { label = \"für é\", test = \"initial\", m = 0.25, u = 0.2, term_frequency_weight = 0.5 },\n]\n";
        assert!(Spec::from_toml(good).is_ok());
        for (from, to, line, column) in [
            ("threshold = 0.5", "threshold = 1.5", 2, 13),
            ("against = 1.0", "against = -1.0", 3, 11),
            ("largest_block = 100", "largest_block = 1", 4, 17),
            ("keys = [\"city\"]", "keys = []", 8, 8),
            ("largest = 10", "largest   = 1", 12, 13),
            ("window = 10", "window = 1", 16, 10),
            ("m = 0.5", "m = 5.0", 23, 27),
            ("u = 0.2", "u = -0.2", 24, 56),
            ("weight = 0.5", "weight = 50", 24, 85),
            // Of what adds up no level alone is at fault.
            ("m = 0.5", "m = 0.8", 18, 1),
        ] {
            let error = Spec::from_toml(&good.replacen(from, to, 1)).unwrap_err();
            assert!(error.field().is_some(), "{error}");
            let error = error.to_string();
            assert!(error.ends_with(&format!(" (line {line}, column {column})")), "{to}: {error}");
        }
        // Lines may end as on Windows.
        let error =
            Spec::from_toml(&good.replace('\n', "\r\n").replace("weight = 0.5", "weight = 50")).unwrap_err();
        assert!(error.to_string().ends_with(" (line 24, column 85)"), "{error}");
    }
}
