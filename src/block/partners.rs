//! Blocks gone over row by row: with which later rows each row is compared. All partners of a row, whatever rule gives
//! them, are met one after the other, so that whether one was met before is asked of a few numbers at hand.

use super::{Between, plan::By, window::Window};
use crate::{
    ahead,
    error::{Error, Result},
    table::Table,
};
use std::ops::Range;

/// Marks the last row of a block. Tables have fewer rows than this.
const LAST: u32 = 1 << 31;

/// Partners of a row that are kept side by side.
const FEW: usize = 16;

/// Rows whose places in blocks are read ahead.
const AHEAD: u32 = 12;

/// Rows of blocks whose places are read ahead where they are noted.
const FETCHED: usize = 32;

/// Pairs that a piece of rows has about, and the most rows of one.
const PIECE: (u64, u64) = (1 << 15, 1 << 12);

/// The partners of all rows.
#[derive(Debug)]
pub(super) struct Partners<'a> {
    pub(super) table: &'a Table,
    between: Between,
    /// The rows of all blocks, rule after rule, those of a rule in the order of their first rows.
    rows: Vec<u32>,
    /// Where the blocks of each rule are, with its number; a rule that has a window has none.
    rules: Vec<(Range<u32>, u16)>,
    /// Where the blocks of the rules after each window begin, with its own number.
    windows: Vec<(u32, u16, Window)>,
    /// Where each row stands in the blocks that it is not the last of; those of a row are between its end and that of the
    /// row before.
    places: Vec<u32>,
    ends: Vec<u32>,
    /// Rows of a piece of work.
    piece: u32,
}

impl<'a> Partners<'a> {
    /// O(rows + rows of blocks).
    ///
    /// # Errors
    /// Where there are more rules, or more rows in all blocks together, than can be numbered.
    pub(super) fn new(table: &'a Table, between: Between, all: Vec<By>, pairs: u64) -> Result<Self> {
        let piece = (PIECE.0 * table.len() as u64 / pairs.max(1)).clamp(1, PIECE.1) as u32;
        let blocks = || all.iter().filter_map(By::blocks);
        let count: usize = blocks().map(|blocks| blocks.rows().len()).sum();
        if u32::try_from(count).is_err() || u16::try_from(all.len()).is_err() {
            return Err(Error::invalid(format!(
                "{} blocking rules have {count} rows in their blocks; there can be {} and {}: save the spec and take rules out of it, or \
                 take the data in parts",
                all.len(),
                u16::MAX,
                u32::MAX
            ))
            .in_field("blocking"));
        }
        // Where the row's next place goes; in the end where its places end.
        let mut ends = vec![0u32; table.len() + 1];
        for blocks in blocks() {
            for (at, row) in blocks.inner() {
                ahead::fetch(&ends, blocks.row(at + FETCHED) as usize + 1);
                ends[row as usize + 1] += 1;
            }
        }
        let mut sum = 0;
        ends.iter_mut().for_each(|end| {
            sum += *end;
            *end = sum;
        });
        let mut places = vec![0u32; sum as usize];
        let mut rows = Vec::with_capacity(count);
        let (mut rules, mut windows) = (Vec::new(), Vec::new());
        for (rule, by) in (0u16..).zip(all) {
            let begin = rows.len() as u32;
            match by {
                By::Window(window) => windows.push((begin, rule, window)),
                By::Blocks(blocks) => {
                    for (at, row) in blocks.inner() {
                        ahead::fetch(&ends, blocks.row(at + 2 * FETCHED) as usize);
                        ahead::fetch(&places, ends[blocks.row(at + FETCHED) as usize] as usize);
                        let next = &mut ends[row as usize];
                        places[*next as usize] = begin + at as u32;
                        *next += 1;
                    }
                    rows.extend_from_slice(blocks.rows());
                    blocks.lasts().for_each(|at| rows[begin as usize + at] |= LAST);
                    rules.push((begin..rows.len() as u32, rule));
                }
            }
        }
        ends.pop();
        Ok(Partners { table, between, rows, rules, windows, places, ends, piece })
    }

    /// Leaves out rules, told by their places; the others are numbered anew.
    pub(super) fn leave_out(&mut self, out: &[bool]) {
        let stays = |rule: &mut u16| {
            let stays = !out[*rule as usize];
            *rule -= out[..*rule as usize].iter().filter(|out| **out).count() as u16;
            stays
        };
        let mut gone = Vec::new();
        self.rules.retain_mut(|(places, rule)| {
            let stays = stays(rule);
            if !stays {
                gone.push(places.clone());
            }
            stays
        });
        self.windows.retain_mut(|(_, rule, _)| stays(rule));
        if gone.is_empty() {
            return;
        }
        let (mut to, mut from) = (0, 0);
        for end in &mut self.ends {
            for at in std::mem::replace(&mut from, *end)..*end {
                let place = self.places[at as usize];
                self.places[to] = place;
                to += usize::from(!gone.iter().any(|gone| gone.contains(&place)));
            }
            *end = to as u32;
        }
        self.places.truncate(to);
    }

    /// Pieces of work.
    pub(super) fn pieces(&self) -> usize {
        self.table.len().div_ceil(self.piece as usize)
    }

    /// The rows of a piece.
    pub(super) fn rows(&self, piece: usize) -> Range<u32> {
        let from = piece as u32 * self.piece;
        from..(from + self.piece).min(self.table.len() as u32)
    }

    /// The places of a row in blocks that it is not the last of.
    #[inline]
    fn places(&self, row: u32) -> &[u32] {
        let row = row as usize;
        let from = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.places[from as usize..self.ends[row] as usize]
    }

    /// Whether a pair counts by the sources of its rows.
    #[inline]
    fn counts(&self, a: u32, b: u32) -> bool {
        self.between == Between::All || self.table.source_number(a) != self.table.source_number(b)
    }

    /// Reads ahead what is asked of rows that follow on one.
    #[inline]
    pub(super) fn fetch(&self, row: u32) {
        if (row + AHEAD) as usize >= self.ends.len() {
            return;
        }
        for &place in self.places(row + AHEAD) {
            ahead::fetch(&self.rows, place as usize);
        }
    }

    /// The rule of a place in the blocks.
    fn rule(&self, place: u32) -> u16 {
        let after = self.rules.partition_point(|(places, _)| places.end <= place);
        self.rules[after].1
    }

    /// Calls `take` with each later row that is compared with this one, once, and with the first rule that gives it, or 0
    /// where rules are not asked for. O(partners).
    #[inline]
    pub(super) fn each<const RULES: bool>(&self, row: u32, met: &mut Met, mut take: impl FnMut(u32, u16)) {
        met.begin();
        let mut one = |other: u32, rule: u16| {
            if self.counts(row, other) && met.is_new(row, other, self.table.len()) {
                take(other, rule);
            }
        };
        let mut windows = self.windows.iter().peekable();
        for &place in self.places(row) {
            while let Some((_, rule, window)) = windows.next_if(|(begin, ..)| *begin <= place) {
                window.after(row).for_each(|other| one(other, *rule));
            }
            let rule = if RULES { self.rule(place) } else { 0 };
            for &other in &self.rows[place as usize + 1..] {
                one(other & !LAST, rule);
                if other & LAST != 0 {
                    break;
                }
            }
        }
        for (_, rule, window) in windows {
            window.after(row).for_each(|other| one(other, *rule));
        }
    }
}

/// The partners of a row that were met.
#[derive(Default)]
pub(super) struct Met {
    few: [u32; FEW],
    count: usize,
    /// A bit of each, which mostly tells those that were not met: what was just put into `few` cannot be read at once.
    bits: u64,
    /// Where they are more than few, of each row one more than the last row that has met it.
    by: Vec<u32>,
}

impl Met {
    #[inline]
    fn begin(&mut self) {
        self.few = [u32::MAX; FEW];
        self.count = 0;
        self.bits = 0;
    }

    /// Whether a row meets another for the first time.
    #[inline]
    fn is_new(&mut self, row: u32, other: u32, rows: usize) -> bool {
        if self.count <= FEW {
            let bit = 1 << (other.wrapping_mul(0x9e37_79b1) >> 26);
            let perhaps = self.bits & bit != 0;
            self.bits |= bit;
            if perhaps && self.few.iter().fold(false, |met, own| met | (*own == other)) {
                return false;
            }
            if self.count < FEW {
                self.few[self.count] = other;
                self.count += 1;
                return true;
            }
            self.count += 1;
            self.by.resize(rows, 0);
            self.few.iter().for_each(|&own| self.by[own as usize] = row + 1);
        }
        std::mem::replace(&mut self.by[other as usize], row + 1) != row + 1
    }
}
