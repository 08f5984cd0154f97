//! Blocking: which pairs of rows are compared at all. Rules come in; pairs go out in chunks, each pair once, and never
//! all of them in memory.
//!
//! A [`BlockingRule`] is a conjunction of [`Key`]s: rows that have all of them in common are a block, and the pairs
//! within a block are candidates. A pair that several rules give is produced by the first of them. A block of more
//! rows than the limit is split by further keys; what is too large even then is left out of its rule and reported. A rule
//! with a window takes rows that are near each other in the order of its keys instead (sorted neighbourhood).

mod alike;
mod alone;
mod group;
mod key;
mod pairs;
mod partners;
mod plan;
mod text;
mod values;
mod window;

#[cfg(test)]
mod tests;

pub use key::{Key, Part};
pub use pairs::Between;
pub(crate) use pairs::ordered;
pub use plan::{Blocking, Planner, RuleReport};

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Rows that share all these keys are compared. Where keys give several values, a row has each combination of them, and
/// is in the block of each.
///
/// ```
/// use stitchline::block::{Between, Blocking, BlockingRule};
/// use stitchline::table::{ColumnSpec, Kind, RawTable, Table};
///
/// let mut raw = RawTable::new(["surname", "born"])?;
/// for (id, name, born) in [("1", "lee", "1980-01-02"), ("2", "lee", "1980-03-04"), ("3", "lee", "1971-01-02")] {
///     raw.push("crm", id, &[name, born])?;
/// }
/// let columns = [ColumnSpec::new("surname", Kind::FamilyName), ColumnSpec::new("born", Kind::Date)];
/// let table = Table::prepare(raw, &columns)?;
/// let rule = BlockingRule::on(["surname", "year(born)"])?;
/// let blocking = Blocking::plan(&table, &[rule], &[], 100, Between::All)?;
/// assert_eq!(blocking.all_pairs(), [(0, 1)]);
///
/// // Sorted by day of birth, each with the next: 1971, 1980 in January, 1980 in March.
/// let rule = BlockingRule::on(["born"])?.within(2);
/// let blocking = Blocking::plan(&table, &[rule], &[], 100, Between::All)?;
/// assert_eq!(blocking.all_pairs(), [(0, 1), (0, 2)]);
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockingRule {
    /// The keys; a row that lacks one of them is in no block of this rule.
    pub keys: Vec<Key>,
    /// Whether the keys may stand in each other's place, as given and family names do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unordered: bool,
    /// Blocks of more rows are split; the limit of all rules where none is given. Of a rule that gives much by chance
    /// small blocks are worth the most: what a row has in common with few others is telling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest: Option<usize>,
    /// Sorted neighbourhood (Hernández and Stolfo 1995) instead of blocks: rows are sorted by the text of the first key,
    /// where that is equal by the next one, and in the end by their place in the order of keys (source, id); each is
    /// compared with those before and after it among so many rows, itself counted. 2 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// Whether [`Dedupe`](crate::link::Dedupe) trains without the pairs that no other rule gives. So it should of
    /// rules whose pairs are mostly of strangers: what these have in common by chance would be taken for a customer's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untrained: bool,
    /// Whether [`Dedupe`](crate::link::Dedupe) only trains on its pairs, which are no candidates where no other rule gives them.
    /// So it is of a chosen rule whose pairs turned out not to be worth comparing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscored: bool,
}

/// What is said of a limit to blocks that leaves no pair.
pub(crate) const SMALLEST: &str =
    "a block has 2 rows at least; say up to how many rows of a block are all compared";

/// Rows of a window; of more, blocks do better.
const WINDOWS: RangeInclusive<usize> = 2..=1000;

impl BlockingRule {
    /// A rule of these keys.
    pub fn new(keys: Vec<Key>) -> Self {
        BlockingRule {
            keys,
            unordered: false,
            largest: None,
            window: None,
            untrained: false,
            unscored: false,
        }
    }

    /// The same keys in whatever order their values stand.
    #[must_use]
    pub fn unordered(mut self) -> Self {
        self.unordered = true;
        self
    }

    /// With a limit of its own.
    #[must_use]
    pub fn of_blocks_up_to(mut self, rows: usize) -> Self {
        self.largest = Some(rows);
        self
    }

    /// Of rows that are this near in the order of the keys: [`BlockingRule::window`].
    #[must_use]
    pub fn within(mut self, rows: usize) -> Self {
        self.window = Some(rows);
        self
    }

    /// Of which training makes no use: [`BlockingRule::untrained`].
    #[must_use]
    pub fn untrained(mut self) -> Self {
        self.untrained = true;
        self
    }

    /// On whose pairs training alone looks: [`BlockingRule::unscored`].
    #[must_use]
    pub fn unscored(mut self) -> Self {
        self.unscored = true;
        self
    }

    /// A rule of keys as text.
    ///
    /// # Errors
    /// Where a key cannot be understood.
    pub fn on<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> Result<Self> {
        let keys: Result<Vec<Key>> = keys.into_iter().map(|key| key.as_ref().parse()).collect();
        Ok(BlockingRule::new(keys?))
    }

    /// The keys, joined by `+`, or by `&` where their order does not count; with the window where there is one.
    pub fn name(&self) -> String {
        let with = if self.unordered { " & " } else { " + " };
        let keys = self.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(with);
        self.window.map_or(keys.clone(), |rows| format!("{keys} within {rows} rows"))
    }

    /// Whether what is set goes together.
    ///
    /// # Errors
    /// Names the rule.
    pub(crate) fn check(&self) -> Result<()> {
        self.fault().map_err(|(_, error)| error)
    }

    /// As [`BlockingRule::check`], with the field at fault.
    pub(crate) fn fault(&self) -> Result<(), (&'static str, Error)> {
        let rule = |error: Error| error.in_field(format!("blocking rule `{}`", self.name()));
        let fault = |field, what: String| Err((field, rule(Error::invalid(what))));
        if self.keys.is_empty() {
            return fault("keys", "a blocking rule has no key".into());
        }
        self.keys.iter().try_for_each(Key::check).map_err(|error| ("keys", rule(error)))?;
        // Twice adds nothing but combinations of values, of which few count.
        let twice = |at: usize| self.keys[..at].iter().any(|own| own.is(&self.keys[at]));
        if let Some(at) = (0..self.keys.len()).find(|&at| twice(at)) {
            let key = &self.keys[at];
            return fault(
                "keys",
                format!("the key `{key}` stands there twice, which asks for nothing more: leave one out"),
            );
        }
        if self.untrained && self.unscored {
            return fault("unscored", "is neither trained on nor scored: leave it out".into());
        }
        if self.largest.is_some_and(|rows| rows < 2) {
            return Err(("largest", rule(Error::invalid(SMALLEST).in_field("largest"))));
        }
        let Some(window) = self.window else { return Ok(()) };
        let fault = |what| fault("window", what);
        if !WINDOWS.contains(&window) {
            return fault(format!(
                "a window of {window} rows: it has {} to {}, the row itself among them; leave `window` out to compare \
                 rows of equal keys",
                WINDOWS.start(),
                WINDOWS.end()
            ));
        }
        if self.unordered {
            return fault("rows are sorted by keys in their order: leave out `unordered` or `window`".into());
        }
        if self.largest.is_some() {
            return fault("a window has no blocks to limit: leave out `largest` or `window`".into());
        }
        match self.keys.iter().find(|key| !key.sorts()) {
            Some(key) => fault(format!(
                "rows cannot be sorted by `{key}`, since it has several values or none that is text: take a column or \
                 what is made of one, or leave out `window`"
            )),
            None => Ok(()),
        }
    }
}
