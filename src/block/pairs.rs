//! The pairs of all blocks, each once, in chunks, on any number of threads.

use super::{
    Blocking,
    plan::{By, Planned},
    shared::First,
    values::pair_count,
    window::Window,
};
use crate::ahead;
use serde::{Deserialize, Serialize};

/// Which pairs count by the sources of their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// All pairs: duplicates within a source and links between sources.
    #[default]
    All,
    /// Pairs of two sources only.
    Sources,
}

/// Pairs that are handed on together.
const CHUNK: usize = 2048;
/// Pairs that one piece of work has at least, where there are that many.
const PIECE: u64 = 1 << 15;

/// A piece of work: the blocks or windows from one to another of one rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) rule: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Rows of the next blocks that are read ahead.
pub(super) const AHEAD: usize = 128;

/// One thread's room for pairs.
#[derive(Default)]
pub(super) struct Room {
    chunk: Vec<(u32, u32)>,
    /// The blocks of the piece in work that are taken.
    taken: Vec<usize>,
    met: Met,
}

impl Room {
    #[inline]
    pub(super) fn push(&mut self, pair: (u32, u32), take: impl FnMut(&[(u32, u32)])) {
        self.chunk.push(pair);
        if self.chunk.len() == CHUNK {
            self.flush(take);
        }
    }

    pub(super) fn flush(&mut self, mut take: impl FnMut(&[(u32, u32)])) {
        if !self.chunk.is_empty() {
            take(&self.chunk);
            self.chunk.clear();
        }
    }
}

/// Which rows of a block meet in an earlier block of a rule of several values. The earlier blocks of all rows are put
/// in order, so that what a row costs is the rows that it has met, not the blocks that it might meet them in.
#[derive(Default)]
struct Met {
    /// Earlier blocks with the places of their rows in this block.
    all: Vec<(u32, u32)>,
    /// For each place in this block, where it stands in `all`; those of one row are between two ends.
    places: Vec<u32>,
    ends: Vec<u32>,
    /// For each row of this block, one more than the last place that has met it.
    by: Vec<u32>,
}

impl Met {
    /// Begins a block; `earlier` are the earlier blocks of a row.
    fn begin<'b>(&mut self, rows: &[u32], earlier: impl Fn(u32) -> &'b [u32]) {
        self.all.clear();
        self.by.clear();
        self.ends.clear();
        for (at, &row) in (0u32..).zip(rows) {
            self.all.extend(earlier(row).iter().map(|&block| (block, at)));
            self.ends.push(self.all.len() as u32);
        }
        self.by.resize(rows.len(), 0);
        self.all.sort_unstable();
        self.places.clear();
        self.places.resize(self.all.len(), 0);
        for (at, &(_, row)) in self.all.iter().enumerate().rev() {
            // From the end of each row's places to their beginning.
            let end = &mut self.ends[row as usize];
            *end -= 1;
            self.places[*end as usize] = at as u32;
        }
        self.ends.push(self.all.len() as u32);
    }

    /// Marks the rows after this one that it has met.
    fn mark(&mut self, row: usize) {
        for &at in &self.places[self.ends[row] as usize..self.ends[row + 1] as usize] {
            let (block, _) = self.all[at as usize];
            for &(_, other) in self.all[at as usize + 1..].iter().take_while(|(own, _)| *own == block) {
                self.by[other as usize] = row as u32 + 1;
            }
        }
    }

    #[inline]
    fn has(&self, row: usize, other: usize) -> bool {
        self.by[other] == row as u32 + 1
    }
}

/// The first that two ascending lists have in common.
pub(super) fn common(a: &[u32], b: &[u32]) -> Option<u32> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let (x, y) = (**a.peek()?, **b.peek()?);
        match x.cmp(&y) {
            std::cmp::Ordering::Equal => return Some(x),
            std::cmp::Ordering::Less => a.next(),
            std::cmp::Ordering::Greater => b.next(),
        };
    }
}

impl Planned {
    /// The number of a block among those of rules of several values, or that of the next of these.
    fn number(&self, block: usize) -> u32 {
        self.several_before + self.of_several().map_or(0, |_| block as u32)
    }

    /// The pairs within each block or window.
    fn pairs_of_each(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        match &self.by {
            By::One(blocks) | By::Several(blocks) => {
                Box::new(blocks.all().map(|block| pair_count(block.len() as u64)))
            }
            By::Window(window) => Box::new(window.all().map(|(_, pairs)| pairs)),
        }
    }
}

impl Blocking<'_> {
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (rule, planned) in self.rules.iter().enumerate() {
            let (mut from, mut to, mut pairs) = (0, 0, 0);
            for own in planned.pairs_of_each() {
                (to, pairs) = (to + 1, pairs + own);
                if pairs >= PIECE {
                    pieces.push(Piece { rule, from, to });
                    (from, pairs) = (to, 0);
                }
            }
            if from < to {
                pieces.push(Piece { rule, from, to });
            }
        }
        pieces
    }

    /// Whether a pair counts by the sources of its rows.
    #[inline]
    pub(super) fn counts(&self, a: u32, b: u32) -> bool {
        self.between == Between::All || self.table.source_number(a) != self.table.source_number(b)
    }

    /// The blocks of a row of rules of several values, in order.
    #[inline]
    pub(super) fn several_of(&self, row: u32) -> &[u32] {
        let row = row as usize;
        let from = if row == 0 { 0 } else { self.ends.get(row - 1).copied().unwrap_or(0) };
        let to = self.ends.get(row).copied().unwrap_or(0);
        &self.several[from as usize..to as usize]
    }

    /// The blocks of a row of rules of several values that are before one of this number.
    #[inline]
    pub(super) fn several_before(&self, row: u32, number: u32) -> &[u32] {
        let all = self.several_of(row);
        &all[..all.partition_point(|&block| block < number)]
    }

    /// Reads ahead what is asked of a row by a rule: first where it stands, then, where there is another step, what
    /// stands there.
    #[inline]
    pub(super) fn fetch(&self, rule: &Planned, row: u32, step: usize) {
        if rule.several_before > 0 || rule.of_several().is_some() {
            match step {
                0 => ahead::fetch(&self.ends, row as usize),
                _ => ahead::fetch(self.several_of(row), 0),
            }
        }
        if rule.singles_before > 0 && step == 0 {
            ahead::fetch(self.keys.of(row), 0);
        }
    }

    /// The first rule that gives a pair, by its number; none where the rows are never compared. O(rules + values).
    pub fn rule_of(&self, a: u32, b: u32) -> Option<usize> {
        if a == b || !self.counts(a, b) {
            return None;
        }
        let single = self.keys.shared(a, b);
        let several = common(self.several_of(a), self.several_of(b));
        let of = |rule: &Planned| match &rule.by {
            By::One(_) => single == Some(rule.singles_before),
            By::Several(blocks) => several.is_some_and(|block| {
                block >= rule.several_before && block - rule.several_before < blocks.len() as u32
            }),
            By::Window(window) => window.near(a, b),
        };
        self.rules.iter().position(of)
    }

    /// The pairs of a piece that no earlier rule gives, of the blocks that `which` takes by their rule and first row.
    fn piece(
        &self,
        piece: Piece,
        room: &mut Room,
        which: impl Fn(usize, u32) -> bool,
        mut take: impl FnMut(&[(u32, u32)]),
    ) {
        let rule = &self.rules[piece.rule];
        let windows: Vec<&Window> = self.rules[..piece.rule].iter().filter_map(Planned::window).collect();
        let blocks = match &rule.by {
            By::One(blocks) | By::Several(blocks) => blocks,
            By::Window(window) => return self.windows(piece, window, &windows, room, which, take),
        };
        let before = First::rules(rule.singles_before);
        let mut taken = std::mem::take(&mut room.taken);
        taken.clear();
        taken.extend((piece.from..piece.to).filter(|&at| which(piece.rule, blocks.block(at)[0])));
        // The steps of reading ahead, each with the blocks to come and how many rows it is ahead.
        let mut steps = [(taken.iter(), 0), (taken.iter(), 0)];
        for &at in &taken {
            let rows = blocks.block(at);
            for (step, (next, rows_ahead)) in steps.iter_mut().enumerate() {
                while *rows_ahead < AHEAD >> step {
                    let Some(&next) = next.next() else { break };
                    let rows = blocks.block(next);
                    rows.iter().for_each(|&row| self.fetch(rule, row, step));
                    *rows_ahead += rows.len();
                }
                *rows_ahead = rows_ahead.saturating_sub(rows.len());
            }
            let number = rule.number(at);
            if number > 0 {
                room.met.begin(rows, |row| self.several_before(row, number));
            }
            for (i, &a) in rows.iter().enumerate() {
                if number > 0 {
                    room.met.mark(i);
                }
                for (j, &b) in (i + 1..).zip(&rows[i + 1..]) {
                    let met = number > 0 && room.met.has(i, j);
                    if !met
                        && self.counts(a, b)
                        && !windows.iter().any(|window| window.near(a, b))
                        && !self.keys.share(&before, a, b)
                    {
                        room.push((a, b), &mut take);
                    }
                }
            }
        }
        room.taken = taken;
        room.flush(take);
    }

    /// Hands every candidate pair, the lesser row first, to `work` in chunks. Each piece of work begins with
    /// `begin()`; what each piece gave comes back in the order of the pieces, which depends on neither the number of
    /// threads nor their pace. Each thread makes room for itself with `room`.
    pub fn run<R, T: Send>(
        &self,
        threads: usize,
        room: impl Fn() -> R + Sync,
        begin: impl Fn() -> T + Sync,
        work: impl Fn(&mut R, &mut T, &[(u32, u32)]) + Sync,
    ) -> Vec<T> {
        self.run_blocks(threads, |_, _| true, room, |_| begin(), work)
    }

    /// [`Blocking::run`] on the blocks that `which` takes by the number of their rule and their first row; `begin` is
    /// given the number of the rule.
    pub(crate) fn run_blocks<R, T: Send>(
        &self,
        threads: usize,
        which: impl Fn(usize, u32) -> bool + Sync,
        room: impl Fn() -> R + Sync,
        begin: impl Fn(usize) -> T + Sync,
        work: impl Fn(&mut R, &mut T, &[(u32, u32)]) + Sync,
    ) -> Vec<T> {
        let pieces = self.pieces();
        crate::block::ordered(
            threads,
            pieces.len(),
            || (room(), Room::default()),
            |(room, own), at| {
                let mut made = begin(pieces[at].rule);
                self.piece(pieces[at], own, &which, |pairs| work(room, &mut made, pairs));
                made
            },
        )
    }

    /// All candidate pairs in order; for small tables and tests.
    pub fn all_pairs(&self) -> Vec<(u32, u32)> {
        let mut pairs = self.run(1, || (), Vec::new, |(), all, pairs| all.extend_from_slice(pairs)).concat();
        pairs.sort_unstable();
        pairs
    }
}

/// Works on pieces by number on several threads, which take the next one that is free; answers come in the order of
/// the pieces.
pub(crate) fn ordered<R, T: Send>(
    threads: usize,
    pieces: usize,
    room: impl Fn() -> R + Sync,
    work: impl Fn(&mut R, usize) -> T + Sync,
) -> Vec<T> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let threads = threads.clamp(1, pieces.max(1));
    if threads == 1 {
        let mut own = room();
        return (0..pieces).map(|at| work(&mut own, at)).collect();
    }
    let next = AtomicUsize::new(0);
    let mut made: Vec<(usize, T)> = Vec::with_capacity(pieces);
    std::thread::scope(|scope| {
        let one = || {
            let (mut own, mut made) = (room(), Vec::new());
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= pieces {
                    return made;
                }
                made.push((at, work(&mut own, at)));
            }
        };
        let handles: Vec<_> = (1..threads).map(|_| scope.spawn(one)).collect();
        made.extend(one());
        for handle in handles {
            match handle.join() {
                Ok(more) => made.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}
