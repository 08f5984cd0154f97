//! The store in memory.

use super::{Bytes, Store, Table, Write};
use crate::error::Result;
use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

/// Keeps everything in memory and loses it with the process.
///
/// Values of consecutive keys, as the log's are, stand back to back in blocks without an allocation each; blocks of
/// large groups are kept as they come.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: [RwLock<Rows>; 4],
}

const BLOCK: usize = 1 << 20;

#[derive(Debug, Default)]
struct Rows {
    blocks: Vec<Arc<Vec<u8>>>,
    /// The key of the first packed value.
    first: u64,
    /// Block, offset and length of packed values.
    packed: Vec<(u32, u32, u32)>,
    /// Values whose keys are out of line.
    loose: BTreeMap<u64, Vec<u8>>,
}

const GONE: u32 = u32::MAX;

impl Rows {
    fn set(&mut self, key: u64, value: &Bytes<'_>) {
        if self.packed.is_empty() {
            self.first = key;
        }
        let next = self.first + self.packed.len() as u64;
        let len = u32::try_from(value.len()).unwrap_or(GONE);
        if key == next && len != GONE {
            let offset = match value {
                Bytes::Part(block, range) => {
                    if self.blocks.last().is_none_or(|last| !Arc::ptr_eq(last, block)) {
                        self.blocks.push(block.clone());
                    }
                    range.start
                }
                Bytes::Plain(bytes) => self.append(bytes),
            };
            self.packed.push((self.blocks.len() as u32 - 1, offset as u32, len));
        } else {
            self.remove(key);
            self.loose.insert(key, value.to_vec());
        }
    }

    /// Copies a value to the end of the last block, or of a new one: gives its place.
    fn append(&mut self, value: &[u8]) -> usize {
        if let Some(block) = self.blocks.last_mut().and_then(Arc::get_mut)
            && block.len() + value.len() <= block.capacity()
        {
            block.extend_from_slice(value);
            return block.len() - value.len();
        }
        let mut block = Vec::with_capacity(BLOCK.max(value.len()));
        block.extend_from_slice(value);
        self.blocks.push(Arc::new(block));
        0
    }

    fn slot(&self, key: u64) -> Option<usize> {
        let at = usize::try_from(key.checked_sub(self.first)?).ok()?;
        (at < self.packed.len()).then_some(at)
    }

    fn remove(&mut self, key: u64) {
        self.loose.remove(&key);
        if let Some(at) = self.slot(key) {
            self.packed[at].2 = GONE;
        }
    }

    fn packed(&self, at: usize) -> Option<&[u8]> {
        let (block, offset, len) = self.packed[at];
        (len != GONE).then(|| &self.blocks[block as usize][offset as usize..][..len as usize])
    }

    fn get(&self, key: u64) -> Option<&[u8]> {
        self.slot(key).and_then(|at| self.packed(at)).or_else(|| self.loose.get(&key).map(Vec::as_slice))
    }
}

impl Rows {
    /// Reads a byte of each value, so that their cache misses overlap.
    fn look_ahead(&self, keys: &[u64]) {
        let places: u32 =
            keys.iter().filter_map(|&key| self.slot(key)).fold(0, |sum: u32, at| sum ^ self.packed[at].1);
        let values = keys.iter().filter_map(|&key| self.slot(key)).filter_map(|at| self.packed(at));
        let bytes: u32 =
            values.fold(0, |sum: u32, value| sum ^ value.first().map_or(0, |&byte| u32::from(byte)));
        std::hint::black_box(places ^ bytes);
    }
}

impl MemoryStore {
    fn table(&self, table: Table) -> RwLockReadGuard<'_, Rows> {
        self.tables[table as usize].read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        Table::ALL
            .iter()
            .map(|&table| {
                let rows = self.table(table);
                rows.blocks.iter().map(|block| block.capacity()).sum::<usize>()
                    + rows.packed.capacity() * 12
                    + rows.loose.values().map(|value| value.capacity() + 64).sum::<usize>()
            })
            .sum()
    }
}

impl Store for MemoryStore {
    fn commit(&self, writes: &[Write<'_>]) -> Result<()> {
        for part in writes.chunk_by(|a, b| a.table == b.table) {
            let mut rows =
                self.tables[part[0].table as usize].write().unwrap_or_else(PoisonError::into_inner);
            for write in part {
                match &write.value {
                    Some(value) => rows.set(write.key, value),
                    None => rows.remove(write.key),
                }
            }
        }
        Ok(())
    }

    fn replace(
        &self,
        fill: &mut dyn FnMut(&mut dyn FnMut(&[Write<'_>]) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        let other = MemoryStore::default();
        fill(&mut |writes| other.commit(writes))?;
        for (old, new) in self.tables.iter().zip(other.tables) {
            let new = new.into_inner().unwrap_or_else(PoisonError::into_inner);
            *old.write().unwrap_or_else(PoisonError::into_inner) = new;
        }
        Ok(())
    }

    fn read(
        &self,
        table: Table,
        keys: &[u64],
        take: &mut dyn FnMut(u64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        let rows = self.table(table);
        if keys.len() > 1 {
            rows.look_ahead(keys);
        }
        keys.iter().try_for_each(|&key| take(key, rows.get(key)))
    }

    fn scan(
        &self,
        table: Table,
        from: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let rows = self.table(table);
        let packed = (0..rows.packed.len()).map(|at| (rows.first + at as u64, at));
        let mut packed =
            packed.skip(usize::try_from(from.saturating_sub(rows.first)).unwrap_or(usize::MAX)).peekable();
        let mut loose = rows.loose.range(from..).peekable();
        loop {
            let key = match (packed.peek(), loose.peek()) {
                (Some(&(p, _)), Some(&(&l, _))) => p.min(l),
                (Some(&(p, _)), None) => p,
                (None, Some(&(&l, _))) => l,
                (None, None) => return Ok(()),
            };
            let slot = packed.next_if(|&(p, _)| p == key).and_then(|(_, at)| rows.packed(at));
            let value = loose.next_if(|&(&l, _)| l == key).map(|(_, value)| value.as_slice()).or(slot);
            if let Some(value) = value
                && take(key, value)?.is_break()
            {
                return Ok(());
            }
        }
    }

    fn is_durable(&self) -> bool {
        false
    }
}
