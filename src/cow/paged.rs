//! A vector in pages that copies share.

use std::sync::Arc;

/// Rows a page. A group of inputs touches rows all over and copies each touched page once, so pages are small; the
/// pointers to them should stay cached, so they are not smaller.
const PAGE: usize = 32;
const FAN: usize = 64;
const CHUNK: usize = PAGE * FAN;
const REGION: usize = CHUNK * FAN;

type Page<T> = Arc<[T; PAGE]>;
type Chunk<T> = Arc<[Option<Page<T>>; FAN]>;
type Region<T> = Arc<[Option<Chunk<T>>; FAN]>;

/// A growing vector. A clone shares all pages; changing a row copies its page (32 rows) only if a clone holds it.
///
/// Reading a row is four dependent loads, of which the first three are nearly always cached.
#[derive(Debug, Clone)]
pub(crate) struct PagedVec<T> {
    /// Rows in pages.
    paged: usize,
    regions: Vec<Region<T>>,
    /// The rows behind them, fewer than a page: new rows are written and changed without a look at who shares them.
    tail: Vec<T>,
}

impl<T> Default for PagedVec<T> {
    fn default() -> Self {
        PagedVec { paged: 0, regions: Vec::new(), tail: Vec::new() }
    }
}

impl<T: Clone> PagedVec<T> {
    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.paged + self.tail.len()
    }

    /// The row, if there is one.
    pub(crate) fn get(&self, at: u32) -> Option<&T> {
        let at = at as usize;
        if at >= self.paged {
            return self.tail.get(at - self.paged);
        }
        let chunk = self.regions.get(at / REGION)?[at % REGION / CHUNK].as_ref()?;
        Some(&chunk[at % CHUNK / PAGE].as_ref()?[at % PAGE])
    }

    /// The row, to change it.
    pub(crate) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        let at = at as usize;
        if at >= self.paged {
            return self.tail.get_mut(at - self.paged);
        }
        let region = Arc::make_mut(self.regions.get_mut(at / REGION)?);
        let chunk = Arc::make_mut(region[at % REGION / CHUNK].as_mut()?);
        Some(&mut Arc::make_mut(chunk[at % CHUNK / PAGE].as_mut()?)[at % PAGE])
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, row: T) {
        if self.tail.capacity() < PAGE {
            self.tail.reserve_exact(PAGE);
        }
        self.tail.push(row);
        if self.tail.len() == PAGE {
            self.page_tail();
        }
    }

    /// Makes a page of the tail.
    fn page_tail(&mut self) {
        let rows = std::mem::replace(&mut self.tail, Vec::with_capacity(PAGE));
        // It is as long as a page.
        let Ok(rows) = Box::<[T; PAGE]>::try_from(rows) else { return };
        let at = self.paged;
        if at.is_multiple_of(REGION) {
            self.regions.push(Arc::new([const { None }; FAN]));
        }
        let region = Arc::make_mut(&mut self.regions[at / REGION]);
        let chunk = region[at % REGION / CHUNK].get_or_insert_with(|| Arc::new([const { None }; FAN]));
        Arc::make_mut(chunk)[at % CHUNK / PAGE] = Some(Arc::from(rows));
        self.paged += PAGE;
    }

    fn pages(&self) -> impl Iterator<Item = &Page<T>> {
        let chunks = self.regions.iter().flat_map(|region| region.iter().flatten());
        chunks.flat_map(|chunk| chunk.iter().flatten())
    }

    /// The rows in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages().flat_map(|page| page.iter()).chain(&self.tail)
    }

    /// Bytes of memory held, shared or not.
    pub(crate) fn bytes(&self) -> usize {
        self.pages().map(|page| size_of_val(&**page) + 24).sum::<usize>() + PAGE * size_of::<T>()
    }
}

impl<T: Clone> std::ops::Index<u32> for PagedVec<T> {
    type Output = T;

    fn index(&self, at: u32) -> &T {
        match self.get(at) {
            Some(row) => row,
            // Out of range, as of a slice.
            None => &self.tail[self.tail.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_vector_and_clones_stay_as_they_were(steps in prop::collection::vec((any::<u16>(), any::<u32>()), 0..400), grow in 0usize..150_000) {
            let mut paged = PagedVec::default();
            let mut plain = Vec::new();
            for i in 0..grow {
                paged.push(i as u32);
                plain.push(i as u32);
            }
            let (kept, kept_plain) = (paged.clone(), plain.clone());
            for (at, value) in steps {
                if value % 3 == 0 {
                    paged.push(value);
                    plain.push(value);
                } else if let Some(slot) = paged.get_mut(u32::from(at)) {
                    *slot = value;
                    plain[usize::from(at)] = value;
                }
            }
            prop_assert!(paged.iter().eq(plain.iter()));
            prop_assert!(kept.iter().eq(kept_plain.iter()));
            prop_assert_eq!(paged.len(), plain.len());
            prop_assert_eq!(paged.get(paged.len() as u32), None);
        }
    }
}
