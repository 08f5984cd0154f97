//! The pairs of all blocks, each once, in chunks, on any number of threads.

use super::{Blocking, plan::pair_count};
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

/// A piece of work: the blocks from one to another of one rule, and of a large block some of its rows.
#[derive(Debug, Clone, Copy)]
struct Piece {
    rule: usize,
    from: usize,
    to: usize,
}

/// Keys that are compared at once.
const GROUP: usize = 8;

/// One thread's room for pairs.
#[derive(Default)]
struct Room {
    chunk: Vec<(u32, u32)>,
    keys: Vec<u32>,
}

impl Room {
    #[inline]
    fn push(&mut self, pair: (u32, u32), take: impl FnMut(&[(u32, u32)])) {
        self.chunk.push(pair);
        if self.chunk.len() == CHUNK {
            self.flush(take);
        }
    }

    fn flush(&mut self, mut take: impl FnMut(&[(u32, u32)])) {
        if !self.chunk.is_empty() {
            take(&self.chunk);
            self.chunk.clear();
        }
    }
}

/// Whether two rows have a key in common.
#[inline]
fn share(a: &[u32], b: &[u32]) -> bool {
    a.chunks_exact(GROUP)
        .zip(b.chunks_exact(GROUP))
        .any(|(a, b)| a.iter().zip(b).fold(false, |found, (x, y)| found | (x == y && *x != 0)))
}

impl Blocking<'_> {
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (rule, blocks) in self.blocks.iter().enumerate() {
            let (mut from, mut pairs) = (0, 0);
            for at in 0..blocks.len() {
                pairs += pair_count(blocks.block(at).len() as u64);
                if pairs >= PIECE || at + 1 == blocks.len() {
                    pieces.push(Piece { rule, from, to: at + 1 });
                    (from, pairs) = (at + 1, 0);
                }
            }
        }
        pieces
    }

    /// Whether a pair counts by the sources of its rows.
    #[inline]
    fn counts(&self, a: u32, b: u32) -> bool {
        self.between == Between::All || self.table.source_number(a) != self.table.source_number(b)
    }

    /// Whether a rule before `rule` gives the pair.
    #[inline]
    fn earlier(&self, rule: usize, a: u32, b: u32) -> bool {
        let (a, b) = (a as usize * self.rules, b as usize * self.rules);
        let (a, b) = (&self.keys[a..a + rule], &self.keys[b..b + rule]);
        let mut found = false;
        for (x, y) in a.iter().zip(b) {
            found |= x == y && *x != 0;
        }
        found
    }

    /// The first rule that gives a pair, by its number; none where the rows are never compared. O(rules).
    pub fn rule_of(&self, a: u32, b: u32) -> Option<usize> {
        let (from_a, from_b) = (a as usize * self.rules, b as usize * self.rules);
        if a == b || !self.counts(a, b) {
            return None;
        }
        (0..self.rules).find(|&rule| {
            let (x, y) = (self.keys[from_a + rule], self.keys[from_b + rule]);
            x == y && x != 0
        })
    }

    /// The pairs of a piece that no earlier rule gives.
    fn piece(&self, piece: Piece, room: &mut Room, mut take: impl FnMut(&[(u32, u32)])) {
        let blocks = &self.blocks[piece.rule];
        // Keys of a block side by side, in whole groups that are compared at once.
        let width = piece.rule.next_multiple_of(GROUP);
        for at in piece.from..piece.to {
            let rows = blocks.block(at);
            room.keys.clear();
            room.keys.resize(rows.len() * width, 0);
            if width > 0 {
                for (&row, keys) in rows.iter().zip(room.keys.chunks_exact_mut(width)) {
                    let from = row as usize * self.rules;
                    keys[..piece.rule].copy_from_slice(&self.keys[from..from + piece.rule]);
                }
            }
            for (i, &a) in rows.iter().enumerate() {
                for (j, &b) in (i + 1..).zip(&rows[i + 1..]) {
                    let (x, y) = (&room.keys[i * width..][..width], &room.keys[j * width..][..width]);
                    if !share(x, y) && self.counts(a, b) {
                        room.push((a, b), &mut take);
                    }
                }
            }
        }
        room.flush(take);
    }

    /// Those of the pairs of a piece that `among` takes.
    fn some_of_piece(
        &self,
        piece: Piece,
        room: &mut Room,
        among: impl Fn(u32, u32) -> bool,
        mut take: impl FnMut(&[(u32, u32)]),
    ) {
        let blocks = &self.blocks[piece.rule];
        for at in piece.from..piece.to {
            let rows = blocks.block(at);
            for (i, &a) in rows.iter().enumerate() {
                for &b in rows[i + 1..].iter().filter(|&&b| among(a, b)) {
                    if !self.earlier(piece.rule, a, b) && self.counts(a, b) {
                        room.push((a, b), &mut take);
                    }
                }
            }
        }
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
        self.run_by(threads, room, begin, work, |piece, own, take| self.piece(piece, own, take))
    }

    /// [`Blocking::run`] on the pairs that `among` takes; the others cost next to nothing.
    pub(crate) fn run_some<R, T: Send>(
        &self,
        threads: usize,
        among: impl Fn(u32, u32) -> bool + Sync,
        room: impl Fn() -> R + Sync,
        begin: impl Fn() -> T + Sync,
        work: impl Fn(&mut R, &mut T, &[(u32, u32)]) + Sync,
    ) -> Vec<T> {
        self.run_by(threads, room, begin, work, |piece, own, take| {
            self.some_of_piece(piece, own, &among, take);
        })
    }

    /// Goes over all pieces, each by `go`, which hands on its pairs in chunks.
    fn run_by<R, T: Send>(
        &self,
        threads: usize,
        room: impl Fn() -> R + Sync,
        begin: impl Fn() -> T + Sync,
        work: impl Fn(&mut R, &mut T, &[(u32, u32)]) + Sync,
        go: impl Fn(Piece, &mut Room, &mut dyn FnMut(&[(u32, u32)])) + Sync,
    ) -> Vec<T> {
        let pieces = self.pieces();
        crate::block::ordered(
            threads,
            pieces.len(),
            || (room(), Room::default()),
            |(room, own), at| {
                let mut made = begin();
                go(pieces[at], own, &mut |pairs| work(room, &mut made, pairs));
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
