//! How rare values are: of a column's values as they stand, or of what lists hold.

use super::score::{frequency, millibits};
use crate::{
    compare::{Level, Test, each_word},
    table::{Column, Table},
};

/// -log2 of the share of rows that have a value, in thousandths.
#[derive(Debug)]
pub(super) struct Rareness {
    /// Of each value of the column by its number, or of each value that lists of the column hold.
    pub(super) values: Vec<i32>,
    /// Of lists: the values of each, in order.
    lists: Option<Vec<Box<[u32]>>>,
}

/// Whether a level is adjusted by the frequency of what two lists have in common.
pub(super) fn is_of_lists(level: &Level) -> bool {
    matches!(level.test, Test::SharedWords(_))
}

/// How many rows have each value that lists of a column hold, and the lists.
fn listed(column: &Column) -> (Vec<u32>, Vec<Box<[u32]>>) {
    let (known, lists) = each_word(column.values());
    let mut counts = vec![0u32; known.len()];
    for (list, &rows) in lists.iter().zip(column.counts()) {
        list.iter().for_each(|&value| counts[value as usize] += rows);
    }
    (counts, lists)
}

/// Values of fewer rows are looked up.
const SELDOM: u32 = 256;

impl Rareness {
    /// For a level that is adjusted by the column of that place, as if there were `unseen` rows more with values of their own.
    pub(super) fn new(table: &Table, column: usize, level: &Level, unseen: u32) -> Self {
        let column = &table.columns()[column];
        let filled = column.filled().max(1) as f64 + f64::from(unseen);
        let rarity = |count: u32| millibits(-frequency(level, count, filled).log2());
        // Most values are of few rows.
        let seldom: Vec<i32> = (0..SELDOM).map(rarity).collect();
        let rare = |counts: &[u32]| {
            counts
                .iter()
                .map(|&count| seldom.get(count as usize).copied().unwrap_or_else(|| rarity(count)))
                .collect()
        };
        if is_of_lists(level) {
            let (counts, lists) = listed(column);
            return Rareness { values: rare(&counts), lists: Some(lists) };
        }
        Rareness { values: rare(column.counts()), lists: None }
    }

    /// Of each value by its number; none where it is of what lists hold.
    pub(super) fn of_values(&self) -> Option<&[i32]> {
        self.lists.is_none().then_some(&self.values)
    }

    /// Of two values that are equal or alike: of the more frequent one. Of two lists: of the rarest value that both
    /// hold; none where there is none.
    #[inline]
    pub(super) fn of(&self, x: u32, y: u32) -> Option<i32> {
        let value = |at: u32| self.values[at as usize];
        let Some(lists) = &self.lists else {
            return Some(if x == y { value(x) } else { value(x).min(value(y)) });
        };
        let (a, b) = (&lists[x as usize], &lists[y as usize]);
        a.iter().filter(|own| b.binary_search(own).is_ok()).map(|&own| value(own)).max()
    }
}

/// How often two rows at random have the same value, of those that have one; of lists, the sum over what they hold. Where no
/// two have, half a pair has. As if there were `unseen` rows more with values of their own.
pub(super) fn collision(table: &Table, level: &Level, unseen: u32) -> Option<f64> {
    let column = &table.columns()[table.find(level.term_frequency.as_ref()?)?];
    let filled = column.filled() as f64 + f64::from(unseen);
    let lists;
    let counts = if is_of_lists(level) {
        lists = listed(column).0;
        lists.iter()
    } else {
        column.counts().iter()
    };
    let counts = counts.skip(1);
    let same: f64 = match level.term_frequency_own {
        0 => counts.map(|&c| f64::from(c) * (f64::from(c) - 1.0)).sum(),
        _ => counts.map(|&c| f64::from(c) * frequency(level, c, filled) * filled).sum(),
    };
    (filled > 1.0).then(|| (same.max(1.0) / (filled * (filled - 1.0))).clamp(super::FLOOR, 1.0))
}
