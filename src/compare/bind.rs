//! Comparisons tied to a table, and the plain way to the level of one pair.

use super::{
    Comparison,
    check::{Ask, Binder, Check},
    feature::Feature,
    sieve::Sieve,
};
use crate::{
    error::{Error, Result},
    table::Table,
};
use std::sync::{Arc, OnceLock};

/// A test written in code. It must depend on nothing but the two rows, and be symmetric.
pub trait CustomTest: Send + Sync {
    /// Whether it holds of two rows of the table.
    fn holds(&self, table: &Table, a: u32, b: u32) -> bool;
}

impl<F: Fn(&Table, u32, u32) -> bool + Send + Sync> CustomTest for F {
    fn holds(&self, table: &Table, a: u32, b: u32) -> bool {
        self(table, a, b)
    }
}

/// Comparisons tied to a table. Shared by threads; each makes a [`Batch`](super::Batch) of its own for many pairs.
pub struct Comparisons<'a> {
    pub(super) table: &'a Table,
    pub(super) features: Vec<Feature>,
    pub(super) bound: Vec<Bound>,
    /// Made when many pairs are compared.
    sieve: OnceLock<Sieve>,
}

/// One comparison.
pub(super) struct Bound {
    pub(super) columns: Vec<usize>,
    pub(super) checks: Vec<Check>,
    /// The level of equal values, where the first test tells it at once.
    pub(super) equal: bool,
    /// Whether nothing but the values of the one column counts.
    pub(super) single: bool,
}

impl std::fmt::Debug for Comparisons<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Comparisons").field("len", &self.bound.len()).finish_non_exhaustive()
    }
}

impl<'a> Comparisons<'a> {
    /// Ties comparisons to a table. What their tests need is worked out once for each distinct value.
    ///
    /// # Errors
    /// Where a comparison has no column or too many levels (250), names a column that the table has not, or has a
    /// bound that makes no sense.
    pub fn bind(table: &'a Table, comparisons: &[Comparison]) -> Result<Self> {
        Self::bind_with(table, comparisons, &[])
    }

    /// [`Comparisons::bind`] with tests given in code by their names.
    ///
    /// # Errors
    /// As [`Comparisons::bind`], and where a named test is not given.
    pub fn bind_with(
        table: &'a Table,
        comparisons: &[Comparison],
        customs: &[(String, Arc<dyn CustomTest>)],
    ) -> Result<Self> {
        let mut binder = Binder { table, features: Vec::new(), customs };
        let mut bound = Vec::with_capacity(comparisons.len());
        for comparison in comparisons {
            let about = |error: Error| error.in_field(format!("comparison `{}`", comparison.name));
            let columns: Vec<usize> = comparison
                .columns
                .iter()
                .map(|name| table.column_of(name))
                .collect::<Result<_>>()
                .map_err(about)?;
            let Some(&main) = columns.first() else {
                return Err(about(Error::invalid("names no column")));
            };
            if columns.len() > 32 {
                return Err(about(Error::invalid("looks at more than 32 columns")));
            }
            if comparison.levels.len() > 250 {
                return Err(about(Error::invalid("has more than 250 levels")));
            }
            let checks: Vec<Check> = comparison
                .levels
                .iter()
                .map(|level| binder.check(&level.test, main))
                .collect::<Result<_>>()
                .map_err(about)?;
            let equal = columns.len() == 1 && checks.first().is_some_and(|check| check.holds_of_equals(main));
            let single = columns.len() == 1 && checks.iter().all(|check| check.only_of(main));
            bound.push(Bound { columns, checks, equal, single });
        }
        let features = binder.features.into_iter().map(|(.., feature)| feature).collect();
        Ok(Comparisons { table, features, bound, sieve: OnceLock::new() })
    }

    /// The number of comparisons.
    pub fn len(&self) -> usize {
        self.bound.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bound.is_empty()
    }

    /// The table.
    pub fn table(&self) -> &'a Table {
        self.table
    }

    pub(super) fn ask(&self) -> Ask<'_> {
        Ask { table: self.table, features: &self.features }
    }

    /// What can be told without comparing text. Made when it is first asked for: O(rows × tests).
    pub(super) fn sieve(&self) -> &Sieve {
        self.sieve.get_or_init(|| Sieve::new(self))
    }

    /// The level of two rows in one comparison: 0 for null, the number of the level from 1, one more for all else.
    pub fn level(&self, comparison: usize, a: u32, b: u32) -> u8 {
        if self.is_null(comparison, a, b) {
            return 0;
        }
        let (bound, ask) = (&self.bound[comparison], self.ask());
        let first = bound.checks.iter().position(|check| check.holds(&ask, a, b));
        first.unwrap_or(bound.checks.len()) as u8 + 1
    }

    /// Whether two rows have nothing to compare in a comparison: [`Comparisons::level`] gives 0. No text is compared.
    pub(crate) fn is_null(&self, comparison: usize, a: u32, b: u32) -> bool {
        let missing =
            |column: &usize| self.table.symbol(a, *column) == 0 || self.table.symbol(b, *column) == 0;
        self.bound[comparison].columns.iter().all(missing)
    }

    /// The levels of two rows in all comparisons. As [`Comparisons::level`]; faster where many pairs were compared
    /// before.
    pub fn levels(&self, a: u32, b: u32, levels: &mut Vec<u8>) {
        levels.clear();
        levels.extend((0..self.bound.len()).map(|at| self.sieved(at, a, b)));
    }

    /// [`Comparisons::level`], faster where many pairs were compared before.
    pub(crate) fn sieved(&self, comparison: usize, a: u32, b: u32) -> u8 {
        let Some(sieve) = self.sieve.get().filter(|sieve| sieve.knows(comparison)) else {
            return self.level(comparison, a, b);
        };
        let (bound, ask) = (&self.bound[comparison], self.ask());
        let mut left = sieve.possible_of(comparison, (a, b));
        // The first possible level whose test holds; the last one needs no asking.
        while !left.is_power_of_two() {
            let level = left.trailing_zeros();
            if bound.checks[level as usize - 1].holds(&ask, a, b) {
                break;
            }
            left &= left - 1;
        }
        left.trailing_zeros() as u8
    }
}
