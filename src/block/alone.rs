//! Blocks of rules of one value that is made of one column: what the column's distinct values tell is not asked of each
//! row.

use super::{
    RuleReport,
    alike::Alike,
    group::Blocks,
    values::{pair_count, single},
};
use crate::table::Table;

/// The distinct values of a column by what a key makes of them.
#[derive(Debug)]
pub(super) struct Alone {
    column: usize,
    /// Of each distinct value the number of its block, from 1 on; 0 where it has none.
    numbers: Vec<u32>,
    /// The rows of each block.
    sizes: Vec<u32>,
    /// The pairs of all blocks.
    pub(super) pairs: u64,
    /// The rows of the largest block.
    pub(super) largest: usize,
}

impl Alone {
    /// The blocks of a column itself, of which each distinct value but the first, which is empty, is in so many rows. As
    /// [`Alone::new`].
    pub(super) fn whole(column: usize, counts: &[u32], most: u64) -> Alone {
        let mut made = Alone::unmade(column, counts.iter().skip(1));
        if made.pairs <= most {
            made.number((0u32..).zip(counts).skip(1), counts.len());
        }
        made
    }

    /// The blocks of a column whose distinct values have these hashes, 0 for none, and are in so many rows each; where they
    /// have more pairs than `most`, only some of the pairs may be counted, and no blocks can be made. O(distinct values).
    pub(super) fn new(column: usize, hashes: &[u64], counts: &[u32], alike: &mut Alike, most: u64) -> Alone {
        let filled = || (0u32..).zip(hashes.iter().zip(counts)).filter(|(_, (hash, _))| **hash != 0);
        // Those of equal values alone may be more.
        let mut made = Alone::unmade(column, filled().map(|(_, (_, count))| count));
        if made.pairs > most {
            return made;
        }
        alike.find(filled().map(|(value, (&hash, _))| (single(hash), value)), u64::MAX);
        made.numbers.resize(hashes.len(), 0);
        for group in &alike.groups {
            let values = alike.places(group);
            made.sizes.push(values.iter().map(|&value| counts[value as usize]).sum());
            values.iter().for_each(|&value| made.numbers[value as usize] = made.sizes.len() as u32);
        }
        made.number(filled().map(|(value, (_, count))| (value, count)), hashes.len());
        made
    }

    /// Without blocks, with the pairs of rows of one value.
    fn unmade<'c>(column: usize, counts: impl Iterator<Item = &'c u32>) -> Alone {
        let pairs = counts.map(|&count| pair_count(u64::from(count))).sum();
        Alone { column, numbers: Vec::new(), sizes: Vec::new(), pairs, largest: 0 }
    }

    /// Numbers the blocks of values that are alone in theirs, and counts.
    fn number<'c>(&mut self, values: impl Iterator<Item = (u32, &'c u32)>, all: usize) {
        self.numbers.resize(all, 0);
        for (value, &count) in values {
            let number = &mut self.numbers[value as usize];
            if *number == 0 && count > 1 {
                self.sizes.push(count);
                *number = self.sizes.len() as u32;
            }
        }
        self.pairs = self.sizes.iter().map(|&size| pair_count(u64::from(size))).sum();
        self.largest = self.sizes.iter().max().map_or(0, |&size| size as usize);
    }

    /// The blocks in the order of their first rows. O(rows).
    pub(super) fn blocks(self, table: &Table, report: &mut RuleReport) -> Blocks {
        self.sizes.iter().for_each(|&size| report.count(size as usize));
        report.blocks = self.sizes.len() as u64;
        let mut blocks =
            Blocks::with_room(self.sizes.iter().map(|&size| size as usize).sum(), self.sizes.len());
        // Of each block, its rows and where the next of them goes; 0 before the first one was met.
        let mut next: Vec<(u32, usize)> = self.sizes.into_iter().map(|size| (size, 0)).collect();
        for (row, cells) in (0u32..).zip(table.cells().chunks_exact(table.width())) {
            let number = self.numbers[cells[self.column] as usize] as usize;
            if number > 0 {
                let (size, next) = &mut next[number - 1];
                if *next == 0 {
                    *next = blocks.add(*size) + 1;
                }
                blocks.put(*next - 1, row);
                *next += 1;
            }
        }
        blocks
    }
}
