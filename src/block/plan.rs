//! From rules to blocks: each row's key in each rule, oversized blocks split, and the rows of each block.

use super::{Between, BlockingRule, Key, radix};
use crate::{
    error::{Error, Result},
    table::Table,
};
use serde::Serialize;

/// The blocks of a table under a list of rules.
#[derive(Debug)]
pub struct Blocking<'a> {
    pub(super) table: &'a Table,
    pub(super) between: Between,
    /// For each row, its key in each rule; 0 for none. Rows side by side.
    pub(super) keys: Vec<u32>,
    pub(super) rules: usize,
    /// For each rule, its blocks of two rows and more.
    pub(super) blocks: Vec<Blocks>,
    reports: Vec<RuleReport>,
}

/// The blocks of one rule.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) rows: Vec<u32>,
    pub(super) ends: Vec<u32>,
}

/// A row of no block.
const NONE: u32 = u32::MAX;

impl Blocks {
    /// Blocks in the order of their first rows, so that the rows of one and of the next are near each other where the
    /// table's are. `count` becomes the place of the next row.
    fn new(first: &[u32], count: &mut [u32]) -> Self {
        let mut blocks = Blocks::default();
        let mut used = 0;
        for count in count.iter_mut().filter(|count| **count > 0) {
            used += std::mem::replace(count, used);
            blocks.ends.push(used);
        }
        blocks.rows = vec![0; used as usize];
        for (row, &first) in (0u32..).zip(first).filter(|(_, first)| **first != NONE) {
            let place = &mut count[first as usize];
            blocks.rows[*place as usize] = row;
            *place += 1;
        }
        blocks
    }

    pub(super) fn block(&self, at: usize) -> &[u32] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.rows[from as usize..self.ends[at] as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// The rule's keys.
    pub rule: String,
    /// Pairs within its blocks, also those that an earlier rule gives already.
    pub pairs: u64,
    /// Blocks of two rows and more.
    pub blocks: u64,
    /// The rows of its largest block.
    pub largest: u64,
    /// Blocks that were split since they had more rows than the limit.
    pub split: u64,
    /// Blocks that were too large even when split, and so are left out of this rule.
    pub left_out: u64,
    /// The pairs of those.
    pub pairs_left_out: u64,
}

pub(super) fn pair_count(rows: u64) -> u64 {
    rows * rows.saturating_sub(1) / 2
}

/// Parts of the rows that are counted one after the other.
const PARTS: u64 = 8;

/// The pairs of what has the same hash, other than 0; each hash stands for so many rows.
fn pairs_of_counts(hashes: impl Iterator<Item = (u64, u32)>) -> u64 {
    let mut all: Vec<(u64, u32)> = hashes.filter(|&(hash, _)| hash != 0).collect();
    all.sort_unstable_by_key(|&(hash, _)| hash);
    let rows = |same: &[(u64, u32)]| same.iter().map(|&(_, count)| u64::from(count)).sum();
    all.chunk_by(|a, b| a.0 == b.0).map(|same| pair_count(rows(same))).sum()
}

impl<'a> Blocking<'a> {
    /// Makes the blocks. `split_by` are the keys by which blocks of more than `largest` rows are split, in this order
    /// and as far as need be. O(rules × rows).
    ///
    /// # Errors
    /// Where a rule has no key or names a column that the table has not.
    pub fn plan(
        table: &'a Table,
        rules: &[BlockingRule],
        split_by: &[Key],
        largest: usize,
        between: Between,
    ) -> Result<Self> {
        let mut hashes = Hashes { table, made: Vec::new() };
        let mut keys = vec![0u32; table.len() * rules.len()];
        let mut blocks = Vec::with_capacity(rules.len());
        let mut reports = Vec::with_capacity(rules.len());
        for (at, rule) in rules.iter().enumerate() {
            if rule.keys.is_empty() {
                return Err(Error::invalid("a blocking rule has no key"));
            }
            let about = |error: Error| error.in_field(format!("blocking rule `{}`", rule.name()));
            let places: Vec<usize> =
                rule.keys.iter().map(|key| hashes.place(key)).collect::<Result<_>>().map_err(about)?;
            let mut split_places = Vec::new();
            for key in split_by.iter().filter(|key| !rule.keys.contains(key)) {
                split_places.push(hashes.place(key).map_err(about)?);
            }
            let mut own: Vec<u32> =
                (0..table.len() as u32).map(|row| hashes.joined(row, &places, rule.unordered)).collect();
            let (made, report) = group(&mut own, rule, &hashes, &split_places, largest.max(2));
            keys.iter_mut().skip(at).step_by(rules.len()).zip(&own).for_each(|(to, key)| *to = *key);
            blocks.push(made);
            reports.push(report);
        }
        Ok(Blocking { table, between, keys, rules: rules.len(), blocks, reports })
    }

    /// How many pairs each rule alone would give, without any splitting; of a rule of more than `most`, some number
    /// above that. O(rules × rows), and less for rules that give far too many.
    ///
    /// # Errors
    /// Where a rule names a column that the table has not.
    pub fn count_pairs(table: &Table, rules: &[BlockingRule], most: u64) -> Result<Vec<u64>> {
        let mut hashes = Hashes { table, made: Vec::new() };
        rules.iter().map(|rule| Self::count_one(table, rule, most, &mut hashes)).collect()
    }

    fn count_one(table: &Table, rule: &BlockingRule, most: u64, hashes: &mut Hashes<'_>) -> Result<u64> {
        let places: Vec<usize> = rule.keys.iter().map(|key| hashes.place(key)).collect::<Result<_>>()?;
        let Some(&first) = places.first() else { return Ok(0) };
        if places.len() == 1 {
            let (_, column, own) = &hashes.made[first];
            let counts = table.columns()[*column].counts();
            return Ok(pairs_of_counts(own.iter().copied().zip(counts.iter().copied())));
        }
        // Rows by the hash of one key, so that each part has whole blocks; most rules are known to be too loose soon.
        let mut pairs = 0;
        let mut keys = Vec::new();
        for part in 0..PARTS {
            keys.clear();
            for row in 0..table.len() as u32 {
                if rule.unordered || hashes.of(row, first) % PARTS == part {
                    let key = hashes.joined(row, &places, rule.unordered);
                    if key != 0 && (!rule.unordered || u64::from(key) % PARTS == part) {
                        keys.push((u64::from(key), 1));
                    }
                }
            }
            pairs += pairs_of_counts(keys.drain(..));
            if pairs > most {
                break;
            }
        }
        Ok(pairs)
    }

    /// The table.
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// What each rule gives, in the order of the rules.
    pub fn reports(&self) -> &[RuleReport] {
        &self.reports
    }

    /// The greatest number of pairs that there can be: those of all rules, shared ones counted for each rule.
    pub fn pairs_at_most(&self) -> u64 {
        self.reports.iter().map(|report| report.pairs).sum()
    }
}

/// Hashes of the values of columns for the keys met so far.
struct Hashes<'a> {
    table: &'a Table,
    made: Vec<(Key, usize, Vec<u64>)>,
}

impl Hashes<'_> {
    fn place(&mut self, key: &Key) -> Result<usize> {
        if let Some(at) = self.made.iter().position(|(own, ..)| own == key) {
            return Ok(at);
        }
        let column = self.table.column_of(&key.column)?;
        self.made.push((key.clone(), column, key.hashes(&self.table.columns()[column])));
        Ok(self.made.len() - 1)
    }

    /// The hash of a row's value for one key, 0 for none.
    #[inline]
    fn of(&self, row: u32, place: usize) -> u64 {
        let (_, column, hashes) = &self.made[place];
        hashes[self.table.symbol(row, *column) as usize]
    }

    #[inline]
    fn joined(&self, row: u32, places: &[usize], unordered: bool) -> u32 {
        let mut sum = 0u64;
        for &place in places {
            let own = self.of(row, place);
            if own == 0 {
                return 0;
            }
            sum = if unordered { sum.wrapping_add(mix(0, own)) } else { mix(sum, own) };
        }
        folded(sum)
    }
}

#[inline]
fn mix(sum: u64, own: u64) -> u64 {
    (sum.rotate_left(23) ^ own).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
fn folded(sum: u64) -> u32 {
    (((sum ^ (sum >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32).max(1)
}

/// The blocks of one rule. Rows of a block that is split get another key, so that equal keys are always one block.
fn group(
    keys: &mut [u32],
    rule: &BlockingRule,
    hashes: &Hashes<'_>,
    split_by: &[usize],
    largest: usize,
) -> (Blocks, RuleReport) {
    let mut report = RuleReport {
        rule: rule.name(),
        pairs: 0,
        blocks: 0,
        largest: 0,
        split: 0,
        left_out: 0,
        pairs_left_out: 0,
    };
    let mut split = 0;
    loop {
        let sorted = radix::sorted(keys);
        let mut large: Vec<&[(u32, u32)]> = Vec::new();
        // For each row the first row of its block, and for that how many the block has.
        let mut first = vec![NONE; keys.len()];
        let mut count = vec![0u32; keys.len()];
        for block in sorted.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            if block.len() > largest {
                large.push(block);
            } else {
                block.iter().for_each(|&(_, row)| first[row as usize] = block[0].1);
                count[block[0].1 as usize] = block.len() as u32;
            }
        }
        let blocks = Blocks::new(&first, &mut count);
        if split == 0 {
            report.split = large.len() as u64;
        }
        match split_by.get(split) {
            Some(&place) if !large.is_empty() => {
                for &(key, row) in large.into_iter().flatten() {
                    keys[row as usize] = folded(mix(u64::from(key), hashes.of(row, place)));
                }
                split += 1;
            }
            _ => {
                for block in &large {
                    report.left_out += 1;
                    report.pairs_left_out += pair_count(block.len() as u64);
                    block.iter().for_each(|&(_, row)| keys[row as usize] = 0);
                }
                for at in 0..blocks.len() {
                    let rows = blocks.block(at).len() as u64;
                    report.pairs += pair_count(rows);
                    report.largest = report.largest.max(rows);
                }
                report.blocks = blocks.len() as u64;
                return (blocks, report);
            }
        }
    }
}
