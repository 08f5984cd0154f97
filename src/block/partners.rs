//! Blocks gone over row by row: with which later rows each row is compared. All partners of a row, whatever rule gives
//! them, are met one after the other, so that whether one was met before is asked of a few numbers at hand.

use super::{
    Between,
    group::Blocks,
    plan::{By, retain_others},
    window::Window,
};
use crate::{ahead, table::Table};

/// Marks the last row of a block. Tables have fewer rows than this.
const LAST: u32 = 1 << 31;

/// First rows that are compared at once.
const LANES: usize = 8;

/// Partners of a row that are kept side by side.
const FEW: usize = 16;

/// Rows whose places in blocks are read ahead.
pub(super) const AHEAD: u32 = 16;

/// Pairs that a piece of rows has about, and the most rows of one.
const PIECE: (u64, u64) = (1 << 15, 1 << 12);

/// The partners of all rows.
#[derive(Debug)]
pub(super) struct Partners<'a> {
    table: &'a Table,
    between: Between,
    /// Of each rule its blocks; none of one that has a window.
    lists: Vec<Option<List>>,
    windows: Vec<(u16, Window)>,
    /// Where rows stand that are neither the first nor the last of a block, by their rules; those of a row are between
    /// its end and that of the row before.
    places: Vec<(u16, u32)>,
    ends: Vec<usize>,
    /// Rows of a piece of work.
    piece: u32,
}

/// The blocks of a rule in the order of their first rows.
#[derive(Debug)]
struct List {
    rows: Vec<u32>,
    /// For each piece, where its first block is: that of the first row in the piece or behind it.
    begins: Vec<u32>,
}

impl List {
    fn new(blocks: Blocks, rows: usize, piece: u32) -> Self {
        let Blocks { rows: mut all, ends } = blocks;
        let mut begins = Vec::with_capacity(rows.div_ceil(piece as usize));
        let mut from = 0;
        for end in ends {
            while begins.len() <= (all[from as usize] / piece) as usize {
                begins.push(from);
            }
            all[end as usize - 1] |= LAST;
            from = end;
        }
        begins.resize(rows.div_ceil(piece as usize), from);
        List { rows: all, begins }
    }

    /// The rows from a place on to the last of the block.
    #[inline]
    fn rest(&self, place: u32) -> &[u32] {
        let rest = &self.rows[place as usize..];
        let count = rest.iter().position(|row| row & LAST != 0).map_or(rest.len(), |last| last + 1);
        &rest[..count]
    }

    /// The row at a place; none behind the last.
    #[inline]
    fn at(&self, place: u32) -> u32 {
        self.rows.get(place as usize).map_or(u32::MAX, |row| row & !LAST)
    }
}

impl<'a> Partners<'a> {
    /// O(rows + rows of blocks).
    pub(super) fn new(table: &'a Table, between: Between, rules: Vec<By>, pairs: u64) -> Self {
        let rows = table.len();
        let piece = (PIECE.0 * rows as u64 / pairs.max(1)).clamp(1, PIECE.1) as u32;
        let within = || {
            (0u16..).zip(&rules).filter_map(|(rule, by)| if let By::Blocks(blocks) = by { Some((rule, blocks)) } else { None })
        };
        // Where the row's next place goes; in the end where its places end.
        let mut ends = vec![0usize; rows + 1];
        for (_, blocks) in within() {
            blocks.all().filter_map(inner).flatten().for_each(|&row| ends[row as usize + 1] += 1);
        }
        (1..=rows).for_each(|at| ends[at] += ends[at - 1]);
        let mut places = vec![(0u16, 0u32); ends[rows]];
        for (rule, blocks) in within() {
            let mut from = 0;
            for block in blocks.all() {
                for (place, &row) in (from + 1..).zip(inner(block).into_iter().flatten()) {
                    let at = &mut ends[row as usize];
                    places[*at] = (rule, place);
                    *at += 1;
                }
                from += block.len() as u32;
            }
        }
        ends.pop();
        let (mut lists, mut windows) = (Vec::with_capacity(rules.len()), Vec::new());
        for (rule, by) in (0u16..).zip(rules) {
            match by {
                By::Blocks(blocks) => lists.push(Some(List::new(blocks, rows, piece))),
                By::Window(window) => {
                    lists.push(None);
                    windows.push((rule, window));
                }
            }
        }
        Partners { table, between, lists, windows, places, ends, piece }
    }

    /// Leaves out rules, told by their places.
    pub(super) fn leave_out(&mut self, out: &[bool]) {
        let mut kept = 0u16;
        let numbers: Vec<Option<u16>> = out
            .iter()
            .map(|out| {
                kept += u16::from(!out);
                (!out).then(|| kept - 1)
            })
            .collect();
        let (mut to, mut from) = (0, 0);
        for end in &mut self.ends {
            let own = std::mem::replace(&mut from, *end)..*end;
            for at in own {
                let (rule, place) = self.places[at];
                if let Some(rule) = numbers[rule as usize] {
                    self.places[to] = (rule, place);
                    to += 1;
                }
            }
            *end = to;
        }
        self.places.truncate(to);
        retain_others(&mut self.lists, out);
        self.windows.retain_mut(|(rule, _)| {
            let kept = numbers[*rule as usize];
            *rule = kept.unwrap_or_default();
            kept.is_some()
        });
    }

    /// Pieces of work.
    pub(super) fn pieces(&self) -> usize {
        self.table.len().div_ceil(self.piece as usize)
    }

    /// The rows of a piece.
    pub(super) fn rows(&self, piece: usize) -> std::ops::Range<u32> {
        let from = piece as u32 * self.piece;
        from..(from + self.piece).min(self.table.len() as u32)
    }

    /// The piece that a row is in.
    pub(super) fn piece_of(&self, row: u32) -> usize {
        (row / self.piece) as usize
    }

    /// The places of a row that is neither the first nor the last of a block.
    #[inline]
    fn places(&self, row: u32) -> &[(u16, u32)] {
        let row = row as usize;
        let from = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.places[from..self.ends[row]]
    }

    /// Whether a pair counts by the sources of its rows.
    #[inline]
    fn counts(&self, a: u32, b: u32) -> bool {
        self.between == Between::All || self.table.source_number(a) != self.table.source_number(b)
    }
}

/// The rows of a block but the first and the last, where there are such.
fn inner(block: &[u32]) -> Option<&[u32]> {
    (block.len() > 2).then(|| &block[1..block.len() - 1])
}

/// Goes over the rows of a piece, one after the other.
pub(super) struct Walk<'p> {
    partners: &'p Partners<'p>,
    /// Of each rule, the first row of the block that comes next, and where that begins.
    firsts: Vec<u32>,
    next: Vec<u32>,
    /// The rows of each rule's blocks that come after the row, rule after rule.
    after: Vec<(u16, &'p [u32])>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(partners: &'p Partners<'p>, piece: usize) -> Self {
        let begin = |list: &Option<List>| {
            list.as_ref().map_or((u32::MAX, 0), |list| (list.at(list.begins[piece]), list.begins[piece]))
        };
        let (mut firsts, next): (Vec<u32>, Vec<u32>) = partners.lists.iter().map(begin).unzip();
        firsts.resize(firsts.len().next_multiple_of(LANES), u32::MAX);
        Walk { partners, firsts, next, after: Vec::new() }
    }

    /// Reads ahead what is asked of a row to come.
    #[inline]
    pub(super) fn fetch(&self, row: u32) {
        if (row as usize) < self.partners.ends.len() {
            for &(rule, place) in self.partners.places(row) {
                if let Some(list) = &self.partners.lists[rule as usize] {
                    ahead::fetch(&list.rows, place as usize);
                }
            }
        }
    }

    /// Passes the next row, which must be done with each.
    #[inline]
    pub(super) fn pass(&mut self, row: u32) {
        let Walk { partners, firsts, next, after } = self;
        after.clear();
        for (from, firsts) in (0..).step_by(LANES).zip(firsts.as_chunks_mut::<LANES>().0) {
            let mut equal = (0..LANES).fold(0u32, |all, at| all | u32::from(firsts[at] == row) << at);
            while equal != 0 {
                let at = equal.trailing_zeros() as usize;
                let rule = from + at;
                if let Some(list) = &partners.lists[rule] {
                    let next = &mut next[rule];
                    let rest = list.rest(*next + 1);
                    after.push((rule as u16, rest));
                    *next += rest.len() as u32 + 1;
                    firsts[at] = list.at(*next);
                }
                // A row may be the first of several blocks.
                equal &= !(u32::from(firsts[at] != row) << at);
            }
        }
    }

    /// Calls `take` with each later row that is compared with one that was just passed, each once, and with the first
    /// rule that gives it.
    #[inline]
    pub(super) fn each(&mut self, row: u32, met: &mut Met, mut take: impl FnMut(u32, u16)) {
        let partners = self.partners;
        for &(rule, place) in partners.places(row) {
            if let Some(list) = &partners.lists[rule as usize] {
                insert(&mut self.after, rule, list.rest(place + 1));
            }
        }
        for (rule, window) in &partners.windows {
            insert(&mut self.after, *rule, window.near(row));
        }
        met.begin();
        for &(rule, rows) in &self.after {
            for b in rows.iter().map(|b| b & !LAST) {
                // A window has the row itself and earlier ones as well.
                if b > row && partners.counts(row, b) && met.is_new(row, b, partners.table.len()) {
                    take(b, rule);
                }
            }
        }
    }
}

/// Puts rows behind those of the rules before.
#[inline]
fn insert<'p>(after: &mut Vec<(u16, &'p [u32])>, rule: u16, rows: &'p [u32]) {
    let at = after.iter().rposition(|(own, _)| *own <= rule).map_or(0, |last| last + 1);
    after.insert(at, (rule, rows));
}

/// The partners of a row that were met.
#[derive(Default)]
pub(super) struct Met {
    few: [u32; FEW],
    count: usize,
    /// Where they are more than few, of each row one more than the last row that has met it.
    by: Vec<u32>,
}

impl Met {
    #[inline]
    fn begin(&mut self) {
        self.few = [u32::MAX; FEW];
        self.count = 0;
    }

    /// Whether a row meets another for the first time.
    #[inline]
    fn is_new(&mut self, row: u32, other: u32, rows: usize) -> bool {
        if self.count <= FEW {
            if self.few.iter().fold(false, |met, own| met | (*own == other)) {
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
