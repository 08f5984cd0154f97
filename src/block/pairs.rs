//! The pairs of all blocks, each once, in chunks, on any number of threads.

use super::{Blocking, partners::Met};
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

/// Candidate pairs, the lesser row first, each with the number of the first rule that gives it.
#[derive(Default)]
pub(crate) struct Chunk {
    pub(crate) pairs: Vec<(u32, u32)>,
    pub(crate) rules: Vec<u16>,
}

impl Chunk {
    /// Each pair with the first rule that gives it.
    pub(crate) fn all(&self) -> impl Iterator<Item = ((u32, u32), usize)> + '_ {
        self.pairs.iter().zip(&self.rules).map(|(pair, rule)| (*pair, usize::from(*rule)))
    }

    fn clear(&mut self) {
        self.pairs.clear();
        self.rules.clear();
    }
}

/// One thread's room for pairs.
#[derive(Default)]
struct Room {
    chunk: Chunk,
    met: Met,
}

impl Blocking<'_> {
    /// The first rule that gives a pair, by its number; none where the rows are never compared. O(partners of the lesser
    /// row).
    pub fn rule_of(&self, a: u32, b: u32) -> Option<usize> {
        let (mut met, mut found) = (Met::default(), None);
        self.partners.each::<true>(a.min(b), &mut met, |other, rule| {
            if other == a.max(b) {
                found = Some(usize::from(rule));
            }
        });
        found
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
        self.run_rows::<R, T, false>(
            threads,
            |_| true,
            room,
            begin,
            |room, made, chunk| work(room, made, &chunk.pairs),
        )
    }

    /// [`Blocking::run`] on the pairs of the rows that `which` takes, each the lesser row of its pairs, with the rules that
    /// give them where these are asked for.
    pub(crate) fn run_rows<R, T: Send, const RULES: bool>(
        &self,
        threads: usize,
        which: impl Fn(u32) -> bool + Sync,
        room: impl Fn() -> R + Sync,
        begin: impl Fn() -> T + Sync,
        work: impl Fn(&mut R, &mut T, &Chunk) + Sync,
    ) -> Vec<T> {
        let partners = &self.partners;
        ordered(
            threads,
            partners.pieces(),
            || (room(), Room::default()),
            |(room, Room { chunk, met }), piece| {
                let mut made = begin();
                for row in partners.rows(piece).filter(|row| which(*row)) {
                    partners.fetch(row);
                    partners.each::<RULES>(row, met, |other, rule| {
                        chunk.pairs.push((row, other));
                        if RULES {
                            chunk.rules.push(rule);
                        }
                        if chunk.pairs.len() == CHUNK {
                            work(room, &mut made, chunk);
                            chunk.clear();
                        }
                    });
                }
                if !chunk.pairs.is_empty() {
                    work(room, &mut made, chunk);
                    chunk.clear();
                }
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
