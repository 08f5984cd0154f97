//! A store in memory that outlives the engines on it, and fails when it is told to.

use std::{ops::ControlFlow, sync::Arc};
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
}

impl Shelf {
    pub(crate) fn new(durable: bool) -> Self {
        Self::failing(durable, u32::MAX, false)
    }

    /// Fails after so many commits; see [`FaultyStore::new`].
    pub(crate) fn failing(durable: bool, commits: u32, applies_silently: bool) -> Self {
        let store = Arc::new(FaultyStore::new(MemoryStore::default(), commits, applies_silently));
        Shelf { store, durable }
    }

    pub(crate) fn fail_reads_after(&self, reads: u32) {
        self.store.fail_reads_after(reads);
    }

    pub(crate) fn fail_commits_after(&self, commits: u32) {
        self.store.fail_commits_after(commits);
    }

    /// Lets everything pass from now on.
    pub(crate) fn heal(&self) {
        self.store.fail_reads_after(u32::MAX);
        self.store.fail_commits_after(u32::MAX);
    }
}

impl Store for Shelf {
    fn commit(&self, writes: &[Write<'_>]) -> Result<()> {
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
        self.store.scan(table, from, take)
    }

    fn is_durable(&self) -> bool {
        self.durable
    }
}
