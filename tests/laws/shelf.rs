//! A store in memory that outlives the engines on it, and fails or waits when it is told to.

#![allow(clippy::unwrap_used, reason = "the store that waits is part of the tests")]

use std::{
    ops::ControlFlow,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use stitchline::{
    Result,
    store::{FaultyStore, MemoryStore, Store, Table, Write},
};

/// A handle on a store that several engines use one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    store: Arc<FaultyStore<MemoryStore>>,
    /// Whether it passes for a disk, so that engines write checkpoints.
    durable: bool,
    /// Where who saves a checkpoint may be held up.
    gate: Arc<Gate>,
    /// Where who commits inputs may be held up.
    writers: Arc<Gate>,
    /// Whether who commits inputs panics.
    breaks: Arc<AtomicBool>,
    /// Inputs that were read one after the other, as a replay does.
    replayed: Arc<AtomicUsize>,
}

/// Holds up whoever comes, while it is shut.
#[derive(Debug, Default)]
struct Gate {
    /// Whether the gate is shut, and whether somebody waits at it.
    shut: Mutex<(bool, bool)>,
    moved: Condvar,
}

impl Gate {
    fn pass(&self) {
        let mut seen = self.shut.lock().unwrap();
        seen.1 = true;
        self.moved.notify_all();
        self.moved.wait_while(seen, |(shut, _)| *shut).unwrap().1 = false;
    }

    fn shut(&self, shut: bool) {
        self.shut.lock().unwrap().0 = shut;
        self.moved.notify_all();
    }

    fn wait_for_somebody(&self) {
        let seen = self.shut.lock().unwrap();
        drop(self.moved.wait_while(seen, |(_, waits)| !*waits).unwrap());
    }
}

impl Shelf {
    pub(crate) fn new(durable: bool) -> Self {
        Self::failing(durable, u32::MAX, false)
    }

    /// Fails after so many commits; see [`FaultyStore::new`].
    pub(crate) fn failing(durable: bool, commits: u32, applies_silently: bool) -> Self {
        let store = Arc::new(FaultyStore::new(MemoryStore::default(), commits, applies_silently));
        Shelf {
            store,
            durable,
            gate: Arc::default(),
            writers: Arc::default(),
            breaks: Arc::default(),
            replayed: Arc::default(),
        }
    }

    pub(crate) fn fail_reads_after(&self, reads: u32) {
        self.store.fail_reads_after(reads);
    }

    pub(crate) fn fail_commits_after(&self, commits: u32) {
        self.store.fail_commits_after(commits);
    }

    /// Holds up whoever saves a checkpoint, or does so no longer.
    pub(crate) fn hold_savers(&self, shut: bool) {
        self.gate.shut(shut);
    }

    /// Holds up whoever commits inputs, or does so no longer.
    pub(crate) fn hold_writers(&self, shut: bool) {
        self.writers.shut(shut);
    }

    /// Waits until somebody who commits inputs is held up.
    pub(crate) fn wait_for_writer(&self) {
        self.writers.wait_for_somebody();
    }

    /// Makes whoever comes to commit inputs from now on panic.
    pub(crate) fn break_writers(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }

    /// Waits until somebody is held up.
    pub(crate) fn wait_for_saver(&self) {
        self.gate.wait_for_somebody();
    }

    /// How many have a handle on it.
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.store)
    }

    /// How many inputs were read one after the other since this was asked last.
    pub(crate) fn replayed(&self) -> usize {
        self.replayed.swap(0, Ordering::SeqCst)
    }

    /// Lets everything pass from now on.
    pub(crate) fn heal(&self) {
        self.store.fail_reads_after(u32::MAX);
        self.store.fail_commits_after(u32::MAX);
    }
}

impl Store for Shelf {
    fn commit(&self, writes: &[Write<'_>]) -> Result<()> {
        if writes.iter().any(|write| write.table == Table::Checkpoint) {
            self.gate.pass();
        }
        if writes.iter().any(|write| write.table == Table::Inputs) {
            let breaks = self.breaks.load(Ordering::SeqCst);
            self.writers.pass();
            assert!(!breaks, "the store panicked, as it was told to");
        }
        self.store.commit(writes)
    }

    fn replace(
        &self,
        fill: &mut dyn FnMut(&mut dyn FnMut(&[Write<'_>]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        self.store.replace(fill)
    }

    fn read(
        &self,
        table: Table,
        keys: &[u64],
        take: &mut dyn FnMut(u64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        self.store.read(table, keys, take)
    }

    fn scan(
        &self,
        table: Table,
        from: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.store.scan(table, from, &mut |key, value| {
            self.replayed.fetch_add(usize::from(table == Table::Inputs), Ordering::SeqCst);
            take(key, value)
        })
    }

    fn is_durable(&self) -> bool {
        self.durable
    }
}
