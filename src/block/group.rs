//! From the values of rows to blocks: equal values together, what is too large split by further keys.

use super::{
    Key, RuleReport,
    alike::{Alike, Group},
    values::{Entries, Values, pair_count, split},
};
use crate::error::Result;

/// The blocks of one rule.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    rows: Vec<u32>,
    ends: Vec<u32>,
}

impl Blocks {
    /// Room for so many rows in so many blocks.
    pub(super) fn with_room(rows: usize, blocks: usize) -> Self {
        Blocks { rows: vec![0; rows], ends: Vec::with_capacity(blocks) }
    }

    /// Adds a block of so many rows, to be [`put`](Blocks::put) in; gives the place of the first.
    #[inline]
    pub(super) fn add(&mut self, rows: u32) -> usize {
        let from = self.ends.last().copied().unwrap_or(0);
        self.ends.push(from + rows);
        from as usize
    }

    #[inline]
    pub(super) fn put(&mut self, place: usize, row: u32) {
        self.rows[place] = row;
    }

    pub(super) fn block(&self, at: usize) -> &[u32] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.rows[from as usize..self.ends[at] as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|at| self.block(at))
    }

    /// The rows of all blocks, one after the other.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The row at a place among all; that of the first place where there is none.
    #[inline]
    pub(super) fn row(&self, at: usize) -> u32 {
        self.rows[if at < self.rows.len() { at } else { 0 }]
    }

    /// The places of the last rows of blocks.
    pub(super) fn lasts(&self) -> impl Iterator<Item = usize> + '_ {
        self.ends.iter().map(|end| *end as usize - 1)
    }

    /// All rows but the last of each block, with their places.
    pub(super) fn inner(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let mut from = 0;
        self.lasts().flat_map(move |last| {
            let inner = std::mem::replace(&mut from, last + 1)..last;
            inner.clone().zip(self.rows[inner].iter().copied())
        })
    }
}

/// Makes the blocks of two rows and more out of values of rows of which the equal ones are found, in the order of their
/// first rows, so that the rows of one and of the next are near each other where the table's are. `begins` is room that is
/// used again.
pub(super) fn group(
    entries: &Entries,
    alike: &mut Alike,
    values: &mut Values<'_>,
    split_by: &[&Key],
    largest: usize,
    report: &mut RuleReport,
    begins: &mut Vec<u32>,
) -> Result<Blocks> {
    let found = alike.groups.len();
    divide(entries, alike, values, split_by, largest, report)?;
    let fits = |group: &Group| group.size as usize <= largest;
    let (mut rows, mut count) = (0, 0);
    // One more than the number of the group that begins at a place.
    begins.clear();
    begins.resize(entries.keys.len(), 0);
    for (number, group) in (1u32..).zip(&alike.groups).filter(|(_, group)| fits(group)) {
        begins[alike.places(group)[0] as usize] = number;
        rows += group.size as usize;
        count += 1;
        report.count(group.size as usize);
    }
    let mut blocks = Blocks { rows: Vec::with_capacity(rows), ends: Vec::with_capacity(count) };
    for &number in begins.iter().filter(|number| **number != 0) {
        let places = alike.places(&alike.groups[number as usize - 1]);
        blocks.rows.extend(places.iter().map(|&place| entries.row(place as usize)));
        blocks.ends.push(blocks.rows.len() as u32);
    }
    report.blocks = blocks.len() as u64;
    alike.keep(found);
    Ok(blocks)
}

/// Divides groups that are too large by further keys, one after the other: what comes of them is added. What is too large
/// even then is left out.
fn divide(
    entries: &Entries,
    alike: &mut Alike,
    values: &mut Values<'_>,
    split_by: &[&Key],
    largest: usize,
    report: &mut RuleReport,
) -> Result<()> {
    let large_from = |alike: &Alike, from: usize| -> Vec<Group> {
        alike.groups[from..].iter().filter(|group| group.size as usize > largest).copied().collect()
    };
    let mut large = large_from(alike, 0);
    report.split = large.len() as u64;
    let mut keys: Vec<(u32, u32)> = Vec::new();
    for by in split_by {
        if large.is_empty() {
            break;
        }
        let by = values.place(by)?;
        keys.clear();
        for group in &large {
            let key = |place: u32| split(group.key, values.of(entries.row(place as usize), by));
            keys.extend(alike.places(group).iter().map(|&place| (key(place), place)));
        }
        // In the order of rows, of which each has a key once: parts of groups may have met by chance, with a row in both.
        keys.sort_unstable_by_key(|&(key, place)| (entries.row(place as usize), key, place));
        keys.dedup_by_key(|&mut (key, place)| (entries.row(place as usize), key));
        let from = alike.groups.len();
        alike.find_more(keys.iter().copied(), u64::MAX);
        large = large_from(alike, from);
    }
    report.left_out = large.len() as u64;
    report.pairs_left_out = large.iter().map(|group| pair_count(u64::from(group.size))).sum();
    Ok(())
}
