//! A store that fails on demand, to prove that the engine survives it.

use super::{Store, Table, Write};
use crate::error::{Error, ErrorKind, Result};
use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicI64, Ordering},
};

/// Passes everything to another store until a chosen number of operations has been made, then fails every one.
///
/// A failing commit applies nothing, or everything without saying so, as a connection that breaks during a commit
/// does.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    commits_left: AtomicI64,
    reads_left: AtomicI64,
    applies_silently: bool,
}

impl<S: Store> FaultyStore<S> {
    /// Fails after so many commits. With `applies_silently` the first failing commit is applied nevertheless.
    pub fn new(inner: S, commits: u32, applies_silently: bool) -> Self {
        let (commits_left, reads_left) = (AtomicI64::new(i64::from(commits)), AtomicI64::new(i64::MAX));
        FaultyStore { inner, commits_left, reads_left, applies_silently }
    }

    /// Lets so many reads pass from now on.
    pub fn fail_reads_after(&self, reads: u32) {
        self.reads_left.store(i64::from(reads), Ordering::SeqCst);
    }

    /// Lets so many commits pass from now on.
    pub fn fail_commits_after(&self, commits: u32) {
        self.commits_left.store(i64::from(commits), Ordering::SeqCst);
    }

    /// The store below.
    pub fn into_inner(self) -> S {
        self.inner
    }

    fn read_allowed(&self) -> Result<()> {
        if self.reads_left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Storage, "the store failed to read, as it was told to"))
    }
}

impl<S: Store> FaultyStore<S> {
    fn change(&self, make: impl FnOnce(&S) -> Result<()>) -> Result<()> {
        let left = self.commits_left.fetch_sub(1, Ordering::SeqCst);
        if left > 0 {
            return make(&self.inner);
        }
        if left == 0 && self.applies_silently {
            make(&self.inner)?;
        }
        Err(Error::new(ErrorKind::Storage, "the store failed to commit, as it was told to"))
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn commit(&self, writes: &[Write<'_>]) -> Result<()> {
        self.change(|inner| inner.commit(writes))
    }

    fn replace(
        &self,
        fill: &mut dyn FnMut(&mut dyn FnMut(&[Write<'_>]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        self.change(|inner| inner.replace(fill))
    }

    fn read(
        &self,
        table: Table,
        keys: &[u64],
        take: &mut dyn FnMut(u64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        self.read_allowed()?;
        self.inner.read(table, keys, take)
    }

    fn scan(
        &self,
        table: Table,
        from: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.read_allowed()?;
        self.inner.scan(table, from, take)
    }

    fn is_durable(&self) -> bool {
        self.inner.is_durable()
    }
}
