//! Where inputs are kept: one thin trait, in memory and on disk.
//!
//! A store is four tables of bytes by number. The engine keeps in it the log of inputs, the change feed, checkpoints
//! of derived state and a few settings; all meaning stays in the engine. One commit is atomic and, on disk, durable.

pub mod codec;
#[cfg(feature = "embedded")]
mod embedded;
mod faulty;
mod memory;

#[cfg(feature = "embedded")]
pub use embedded::EmbeddedStore;
pub use faulty::FaultyStore;
pub use memory::MemoryStore;

use crate::error::Result;
use std::{
    borrow::Cow,
    ops::{ControlFlow, Deref, Range},
    sync::Arc,
};

/// The tables of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Inputs in the order in which they were accepted.
    Inputs,
    /// The change feed.
    Changes,
    /// Parts of checkpoints of derived state.
    Checkpoint,
    /// Settings and marks.
    Meta,
}

impl Table {
    /// All tables.
    pub const ALL: [Table; 4] = [Table::Inputs, Table::Changes, Table::Checkpoint, Table::Meta];
}

/// Sets or removes one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write<'a> {
    /// Where.
    pub table: Table,
    /// Under which number.
    pub key: u64,
    /// What; none removes.
    pub value: Option<Bytes<'a>>,
}

/// Bytes to be stored.
#[derive(Debug, Clone)]
pub enum Bytes<'a> {
    /// By themselves.
    Plain(Cow<'a, [u8]>),
    /// Part of a block that holds a whole group's, which a store in memory may keep as it is.
    Part(Arc<Vec<u8>>, Range<usize>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Plain(bytes) => bytes,
            Bytes::Part(block, range) => block.get(range.clone()).unwrap_or_default(),
        }
    }
}

impl PartialEq for Bytes<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes<'_> {}

impl From<Vec<u8>> for Bytes<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::Plain(Cow::Owned(bytes))
    }
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Bytes::Plain(Cow::Borrowed(bytes))
    }
}

impl<'a> Write<'a> {
    /// Sets a value.
    pub fn set(table: Table, key: u64, value: impl Into<Bytes<'a>>) -> Self {
        Write { table, key, value: Some(value.into()) }
    }

    /// Removes a value.
    pub fn remove(table: Table, key: u64) -> Self {
        Write { table, key, value: None }
    }
}

/// Where inputs are kept. The engine is the only writer: it commits one group at a time, and beside it, from another
/// thread, parts of a checkpoint, which no group writes to. Nothing is committed during [`Store::replace`]. Reads come
/// from any thread.
#[allow(
    clippy::type_complexity,
    reason = "a callback's type is clearer where it is called than under a name"
)]
pub trait Store: Send + Sync {
    /// Applies all writes or none; when it returns, they survive a crash (a store in memory survives none).
    ///
    /// # Errors
    /// Where nothing was applied, or the store cannot tell: the caller must read before it writes again.
    fn commit(&self, writes: &[Write<'_>]) -> Result<()>;

    /// Puts other content in the place of all that there is, in one step: everything that `fill` hands to its
    /// argument, in any number of parts. Of what was there before, nothing is left where the store keeps its bytes.
    ///
    /// `fill` may read from the store, which answers as before until all is done.
    ///
    /// # Errors
    /// As [`Store::commit`], or the error that `fill` returned; nothing has changed then.
    fn replace(
        &self,
        fill: &mut dyn FnMut(&mut dyn FnMut(&[Write<'_>]) -> Result<()>) -> Result<()>,
    ) -> Result<()>;

    /// Calls `take` with the value of each key, in the order of `keys`; absent ones give none.
    ///
    /// # Errors
    /// Where reading fails, or the error that `take` returned.
    fn read(
        &self,
        table: Table,
        keys: &[u64],
        take: &mut dyn FnMut(u64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()>;

    /// Calls `take` with every key from `from` on, in order, until it breaks.
    ///
    /// # Errors
    /// Where reading fails, or the error that `take` returned.
    fn scan(
        &self,
        table: Table,
        from: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()>;

    /// Whether commits outlive the process.
    fn is_durable(&self) -> bool;

    /// One value.
    ///
    /// # Errors
    /// Where reading fails.
    fn get(&self, table: Table, key: u64) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        self.read(table, &[key], &mut |_, value| {
            found = value.map(<[u8]>::to_vec);
            Ok(())
        })?;
        Ok(found)
    }
}
