//! Distinct texts by number: each text once in one arena, found by its hash.

use crate::{
    ahead::{fetch, touch},
    error::{Error, Result},
};
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};

/// Distinct texts, numbered from 0 in the order of their first appearance. Number 0 is the empty text, which stands
/// for a missing value.
///
/// A text takes its bytes, four more, and 8 to 16 in the index. Look-up is O(1) plus the length of the text.
#[derive(Clone)]
pub struct Dictionary {
    bytes: String,
    /// Where each text ends.
    ends: Vec<u32>,
    /// Hash in the upper half, number plus one in the lower; 0 is free.
    slots: Vec<u64>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Dictionary::new()
    }
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dictionary").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Texts that memory is asked for at once.
const AT_ONCE: usize = 64;

/// The same on every run and machine of one word size.
pub(crate) fn hash(text: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0x5711_7c11).build_hasher();
    hasher.write(text);
    hasher.finish()
}

/// Whether two texts are equal; quicker than a call where they are short.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    let eight = |text: &[u8], at: usize| text[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    let four = |text: &[u8], at: usize| text[at..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
    let length = a.len();
    if length != b.len() {
        return false;
    }
    // The last word overlaps the one before.
    match length {
        4..8 => four(a, 0) == four(b, 0) && four(a, length - 4) == four(b, length - 4),
        8..=32 => {
            let (mut at, mut differ) = (0, eight(a, length - 8) ^ eight(b, length - 8));
            while at + 8 < length {
                differ |= eight(a, at) ^ eight(b, at);
                at += 8;
            }
            differ == 0
        }
        _ => a == b,
    }
}

impl Dictionary {
    /// A dictionary of the empty text alone.
    pub fn new() -> Self {
        Dictionary { bytes: String::new(), ends: vec![0], slots: vec![0; 16] }
    }

    /// A dictionary of the empty text alone, with room for so many texts of so many bytes together.
    pub(crate) fn with_room(texts: usize, bytes: usize) -> Self {
        let mut ends = Vec::with_capacity(texts + 1);
        ends.push(0);
        let slots = vec![0; ((texts + 1) * 2).next_power_of_two().max(16)];
        Dictionary { bytes: String::with_capacity(bytes), ends, slots }
    }

    /// How many texts there are, the empty one included.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number; empty where there is no such number.
    #[inline]
    pub fn text(&self, symbol: u32) -> &str {
        let at = symbol as usize;
        let Some(&end) = self.ends.get(at) else { return "" };
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[from as usize..end as usize]
    }

    /// Reads ahead where the text of a number is.
    #[inline]
    pub(crate) fn fetch_place(&self, symbol: u32) {
        fetch(&self.ends, symbol as usize);
    }

    /// Reads ahead the text of a number; best where [`Dictionary::fetch_place`] was called for some before.
    #[inline]
    pub(crate) fn fetch_text(&self, symbol: u32) {
        let from = symbol.checked_sub(1).and_then(|before| self.ends.get(before as usize));
        from.into_iter().for_each(|&from| fetch(self.bytes.as_bytes(), from as usize));
    }

    /// The texts in the order of their numbers.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len() as u32).map(|symbol| self.text(symbol))
    }

    /// The number of a text that is there.
    pub fn find(&self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return Some(0);
        }
        self.probe(text.as_bytes(), hash(text.as_bytes())).ok()
    }

    /// The number of a text, which is put in where it is new.
    ///
    /// # Errors
    /// Where the texts would exceed 4 GiB.
    #[inline]
    pub fn intern(&mut self, text: &str) -> Result<u32> {
        if text.is_empty() {
            return Ok(0);
        }
        self.intern_hashed(text, hash(text.as_bytes()))
    }

    /// Puts in many texts; their numbers are added to `out`. As [`Dictionary::intern`] of one after the other, several
    /// times faster where the dictionary is larger than the caches: memory is asked for many texts at once.
    ///
    /// # Errors
    /// As [`Dictionary::intern`].
    pub(crate) fn intern_all(&mut self, texts: &[&str], out: &mut Vec<u32>) -> Result<()> {
        out.reserve(texts.len());
        for texts in texts.chunks(AT_ONCE) {
            let (mut hashes, mut held, mut places) =
                ([0u64; AT_ONCE], [0u64; AT_ONCE], [(0u32, 0u32); AT_ONCE]);
            for (to, text) in hashes.iter_mut().zip(texts) {
                *to = hash(text.as_bytes());
            }
            let hashes = &hashes[..texts.len()];
            touch(hashes.iter().map(|&hash| self.slots[self.slot(hash)] as u32));
            for (to, &hash) in held.iter_mut().zip(hashes) {
                *to = self.tagged(hash);
            }
            for (to, held) in places.iter_mut().zip(&held) {
                let at = *held as u32 as usize;
                if *held != 0 && at < self.ends.len() {
                    *to = (self.ends[at.saturating_sub(1)], self.ends[at]);
                }
            }
            let bytes = self.bytes.as_bytes();
            touch(places.iter().filter_map(|place| bytes.get(place.0 as usize).map(|&byte| u32::from(byte))));
            for (((text, &hash), held), (from, to)) in texts.iter().zip(hashes).zip(held).zip(places) {
                out.push(if text.is_empty() {
                    0
                } else if from < to
                    && same(&self.bytes.as_bytes()[from as usize..to as usize], text.as_bytes())
                {
                    held as u32
                } else {
                    self.intern_hashed(text, hash)?
                });
            }
        }
        Ok(())
    }

    #[inline]
    fn intern_hashed(&mut self, text: &str, hash: u64) -> Result<u32> {
        let slot = match self.probe(text.as_bytes(), hash) {
            Ok(symbol) => return Ok(symbol),
            Err(slot) => slot,
        };
        let end = self.bytes.len() + text.len();
        let (Ok(end), symbol) = (u32::try_from(end), self.ends.len() as u32) else {
            return Err(Error::invalid("holds more than 4 GiB of different text; split the file"));
        };
        self.bytes.push_str(text);
        self.ends.push(end);
        self.slots[slot] = (hash & !0xffff_ffff) | u64::from(symbol);
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
        }
        Ok(symbol)
    }

    /// The number of the text, or the slot where it would go.
    #[inline]
    fn probe(&self, text: &[u8], hash: u64) -> std::result::Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = self.slot(hash);
        loop {
            let held = self.slots[slot];
            if held == 0 {
                return Err(slot);
            }
            if held >> 32 == hash >> 32 && self.text(held as u32).as_bytes() == text {
                return Ok(held as u32);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The first slot of a hash.
    #[inline]
    fn slot(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.slots.len() - 1)
    }

    /// What the first slot holds that has the upper half of this hash; 0 where there is none.
    #[inline]
    fn tagged(&self, hash: u64) -> u64 {
        let mut slot = self.slot(hash);
        loop {
            let held = self.slots[slot];
            if held == 0 || held >> 32 == hash >> 32 {
                return held;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn grow(&mut self) {
        let mut slots = vec![0u64; self.slots.len() * 2];
        let mask = slots.len() - 1;
        for &held in self.slots.iter().filter(|&&held| held != 0) {
            let mut slot = (held >> 32) as usize & mask;
            while slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            slots[slot] = held;
        }
        self.slots = slots;
    }

    /// The texts of these numbers, numbered in this order, and without an index: nothing can be put in or found but by
    /// number. The first must be number 0.
    pub(crate) fn picked(&self, symbols: &[u32]) -> Self {
        let mut bytes = String::with_capacity(self.bytes.len());
        let mut ends = Vec::with_capacity(symbols.len());
        for symbols in symbols.chunks(AT_ONCE) {
            let end = |symbol: u32| self.ends.get(symbol as usize).copied().unwrap_or(0);
            touch(symbols.iter().map(|&symbol| end(symbol)));
            let first = |symbol: u32| self.bytes.as_bytes().get(end(symbol.wrapping_sub(1)) as usize);
            touch(symbols.iter().filter_map(|&symbol| first(symbol)).map(|&byte| u32::from(byte)));
            for &symbol in symbols {
                bytes.push_str(self.text(symbol));
                ends.push(bytes.len() as u32);
            }
        }
        Dictionary { bytes, ends, slots: vec![0; 16] }
    }

    /// The bytes of all texts.
    pub(crate) fn text_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + 4 * self.ends.capacity() + 8 * self.slots.capacity()
    }
}

/// Texts by number that need not be distinct and are never looked up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<u64>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len() as u64);
    }

    /// Makes room for so many more, as long as those so far.
    #[cfg(feature = "adapters")]
    pub(crate) fn reserve(&mut self, more: usize) {
        let bytes = self.bytes.len() as f64 / self.ends.len().max(1) as f64 * more as f64;
        // Without room, what is pushed makes it.
        self.ends.try_reserve(more).unwrap_or_default();
        self.bytes.try_reserve((bytes * 1.25) as usize).unwrap_or_default();
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> &str {
        std::str::from_utf8(self.raw(index)).unwrap_or_default()
    }

    pub(crate) fn raw(&self, index: usize) -> &[u8] {
        let Some(&end) = self.ends.get(index) else { return &[] };
        let from = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[from as usize..end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn equals_a_plain_map(texts in prop::collection::vec("[a-c]{0,4}", 0..300)) {
            let (mut dictionary, mut plain) = (Dictionary::new(), HashMap::from([(String::new(), 0u32)]));
            for text in &texts {
                let next = plain.len() as u32;
                let expected = *plain.entry(text.clone()).or_insert(next);
                prop_assert_eq!(dictionary.intern(text).unwrap(), expected);
            }
            let (mut all, mut numbers) = (Dictionary::with_room(texts.len() / 2, 8), Vec::new());
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            all.intern_all(&texts, &mut numbers).unwrap();
            prop_assert!(texts.iter().zip(&numbers).all(|(text, number)| plain[*text] == *number));
            prop_assert_eq!(dictionary.len(), plain.len());
            for (text, symbol) in &plain {
                prop_assert_eq!(dictionary.text(*symbol), text);
                prop_assert_eq!(dictionary.find(text), Some(*symbol));
            }
            prop_assert_eq!(dictionary.find("zzz"), None);
        }

        #[test]
        fn the_same_is_what_is_equal(a in "[ab]{0,40}", at in any::<prop::sample::Index>(), cut in any::<bool>()) {
            prop_assert!(same(a.as_bytes(), a.clone().as_bytes()));
            let mut b = a.clone().into_bytes();
            if cut {
                b.truncate(at.index(a.len() + 1));
            } else if !b.is_empty() {
                b[at.index(a.len())] = b'c';
            }
            prop_assert_eq!(same(a.as_bytes(), &b), a.as_bytes() == b);
        }
    }
}
