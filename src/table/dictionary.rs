//! Distinct texts by number: each text once in one arena, found by its hash.

use super::words::{WORDS, last, mixed, placed, same, words};
use crate::{
    ahead::fetch,
    error::{Error, Result},
};
use std::ops::Range;

/// Distinct texts, numbered from 0 in the order of their first appearance. Number 0 is the empty text, which stands
/// for a missing value.
///
/// A text takes its bytes, four more, and 6 to 12 in the index. Look-up is O(1) plus the length of the text.
#[derive(Clone)]
pub struct Dictionary {
    bytes: String,
    /// Where each text ends.
    ends: Vec<u32>,
    /// As many as a power of two, at least a third of them free, which is 0. A text stands in the first that was free
    /// from the one that the upper bits of its hash say. The number is in as many lower bits as the number of slots
    /// has; those above are of the hash again and tell most texts apart that meet here.
    slots: Vec<u32>,
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

/// How many slots an index has for so many texts.
fn slots_of(texts: usize) -> usize {
    (texts + texts / 2 + 3).next_power_of_two().max(16)
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
        Dictionary { bytes: String::with_capacity(bytes), ends, slots: vec![0; slots_of(texts + 1)] }
    }

    /// Makes room, where there is as much memory, for what will come: of the last `rows` texts so many were `new`, and
    /// `more` are to come at most. Growing step by step would take longer than all else.
    pub(crate) fn foresee(&mut self, rows: usize, new: usize, more: usize) {
        let (length, most) = (self.len(), self.most());
        if length * 4 < most * 3 || new == 0 {
            return;
        }
        // If all values are as likely, so many of them have been met as texts of now are repeated.
        let (length, share) = (length as f64, new as f64 / rows.max(1) as f64);
        let all = (length / (1.0 - share).max(1e-9)).min(length + share * more as f64).min(length * 8.0);
        let texts = (all * 1.05) as usize;
        if texts <= most {
            return;
        }
        let bytes = self.bytes.len() as f64 / length * texts as f64;
        // Without room, what is put in makes it.
        self.ends.try_reserve(texts.saturating_sub(self.ends.len())).unwrap_or_default();
        self.bytes.try_reserve((bytes as usize).saturating_sub(self.bytes.len())).unwrap_or_default();
        self.index(slots_of(texts));
    }

    /// How many texts there are, the empty one included.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number; empty where there is no such number.
    #[inline]
    pub fn text(&self, symbol: u32) -> &str {
        let (from, to) = self.place(symbol as usize);
        &self.bytes[from as usize..to as usize]
    }

    /// Where the text of a number is.
    #[inline]
    fn place(&self, symbol: usize) -> (u32, u32) {
        // The first is empty: it ends where it begins.
        let Some(&to) = self.ends.get(symbol) else { return (0, 0) };
        (self.ends[symbol.saturating_sub(1)], to)
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

    /// The number of a text that is there. O(1), and O(texts) for the values of a prepared table, which have no index.
    pub fn find(&self, text: &str) -> Option<u32> {
        if text.is_empty() {
            return Some(0);
        }
        if self.slots.is_empty() {
            return (0..self.len() as u32).find(|&symbol| self.text(symbol) == text);
        }
        self.probe(text.as_bytes(), placed(text.as_bytes())).ok()
    }

    /// Makes the index where there is none.
    #[inline]
    fn indexed(&mut self) {
        if self.slots.is_empty() {
            self.index(slots_of(self.len()));
        }
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
        self.indexed();
        self.intern_placed(text, placed(text.as_bytes()))
    }

    /// Puts in many texts; their numbers are added to `out`. As [`Dictionary::intern`] of one after the other, several
    /// times faster where the dictionary is larger than the caches: memory is asked for many texts at once.
    ///
    /// # Errors
    /// As [`Dictionary::intern`].
    pub(crate) fn intern_all(&mut self, texts: &[&str], out: &mut Vec<u32>) -> Result<()> {
        let (mut all, mut parts) = (String::new(), Vec::with_capacity(texts.len()));
        for texts in texts.chunks(AT_ONCE) {
            all.clear();
            parts.clear();
            for text in texts {
                let from = all.len();
                all.push_str(text);
                parts.push(from..all.len());
            }
            self.intern_parts(&all, &parts, out)?;
        }
        Ok(())
    }

    /// [`Dictionary::intern_all`] of parts of a text. A few bytes behind each are read as well where there are some, since
    /// that needs no look at how long it is.
    ///
    /// # Errors
    /// As [`Dictionary::intern`].
    pub(crate) fn intern_parts(
        &mut self,
        text: &str,
        parts: &[Range<usize>],
        out: &mut Vec<u32>,
    ) -> Result<()> {
        self.indexed();
        out.reserve(parts.len());
        for parts in parts.chunks(AT_ONCE) {
            match parts.iter().map(ExactSizeIterator::len).max().unwrap_or(0) {
                0..=16 => self.intern_some::<2>(text, parts, out),
                17..=32 => self.intern_some::<4>(text, parts, out),
                33..=64 => self.intern_some::<WORDS>(text, parts, out),
                _ => self.intern_some::<0>(text, parts, out),
            }?;
        }
        Ok(())
    }

    /// Puts in [`AT_ONCE`] parts at most, none of more than `N` words, or of any length where that is 0. Each step is
    /// taken for all before the next one: what that reads is on its way then.
    fn intern_some<const N: usize>(
        &mut self,
        text: &str,
        parts: &[Range<usize>],
        out: &mut Vec<u32>,
    ) -> Result<()> {
        let bytes = text.as_bytes();
        let own = |part: &Range<usize>| {
            words::<N>(bytes, part.start, part.len()).unwrap_or_else(|| last(&bytes[part.clone()]))
        };
        let mut hashes = [0u64; AT_ONCE];
        for (to, part) in hashes.iter_mut().zip(parts) {
            *to = if N == 0 { placed(&bytes[part.clone()]) } else { mixed(own(part), part.len()) };
            fetch(&self.slots, self.slot(*to));
        }
        // Who the text is, if it is one that was met before: 0 where none has its bits of the hash.
        let mut likely = [0u32; AT_ONCE];
        for (to, &hash) in likely.iter_mut().zip(&hashes[..parts.len()]) {
            *to = self.likely(hash);
            fetch(&self.ends, *to as usize);
        }
        let mut places = [(0u32, 0u32); AT_ONCE];
        for (to, &symbol) in places.iter_mut().zip(&likely[..parts.len()]) {
            *to = self.place(symbol as usize);
            fetch(self.bytes.as_bytes(), to.0 as usize);
            fetch(self.bytes.as_bytes(), (to.1 as usize).saturating_sub(1));
        }
        let mut symbols = [0u32; AT_ONCE];
        for (((part, to), &hash), (&likely, &(from, end))) in
            parts.iter().zip(&mut symbols).zip(&hashes).zip(likely.iter().zip(&places))
        {
            let (from, end) = (from as usize, end as usize);
            let met = end - from == part.len() && {
                let held = self.bytes.as_bytes();
                match if N > 0 { words::<N>(held, from, end - from) } else { None } {
                    Some(words) => words.iter().zip(own(part)).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0,
                    None => same(&held[from..end], &bytes[part.clone()]),
                }
            };
            *to = if met { likely } else { self.intern_placed(&text[part.clone()], hash)? };
        }
        out.extend_from_slice(&symbols[..parts.len()]);
        Ok(())
    }

    #[inline]
    fn intern_placed(&mut self, text: &str, hash: u64) -> Result<u32> {
        if text.is_empty() {
            return Ok(0);
        }
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
        self.slots[slot] = self.tag(hash) | symbol;
        if self.ends.len() > self.most() {
            self.index(self.slots.len() * 2);
        }
        Ok(symbol)
    }

    /// The number of the text, or the slot where it would go.
    #[inline]
    fn probe(&self, text: &[u8], hash: u64) -> std::result::Result<u32, usize> {
        let (mask, tag) = (self.slots.len() - 1, self.tag(hash));
        let mut slot = self.slot(hash);
        loop {
            let held = self.slots[slot];
            if held == 0 {
                return Err(slot);
            }
            let symbol = held & mask as u32;
            if held ^ symbol == tag && same(self.text(symbol).as_bytes(), text) {
                return Ok(symbol);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The first slot of a hash.
    #[inline]
    fn slot(&self, hash: u64) -> usize {
        // Two shifts, none of which is by all bits.
        (hash >> 32 >> (32 - self.slots.len().trailing_zeros())) as usize & (self.slots.len() - 1)
    }

    /// What a slot has of a hash beside the number.
    #[inline]
    fn tag(&self, hash: u64) -> u32 {
        hash as u32 & !(self.slots.len() - 1) as u32
    }

    /// The first number that stands with this hash's bits; 0 where there is none.
    #[inline]
    fn likely(&self, hash: u64) -> u32 {
        let (mask, tag) = (self.slots.len() - 1, self.tag(hash));
        let mut slot = self.slot(hash);
        loop {
            let held = self.slots[slot];
            let symbol = held & mask as u32;
            if held == 0 || held ^ symbol == tag {
                return symbol;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// How many texts the index may have.
    #[inline]
    fn most(&self) -> usize {
        self.slots.len() / 3 * 2
    }

    /// Makes an index of so many slots.
    fn index(&mut self, slots: usize) {
        self.slots = Vec::new();
        self.slots = vec![0u32; slots];
        let mask = self.slots.len() - 1;
        let mut hashes = [0; AT_ONCE];
        for from in (1..self.ends.len()).step_by(AT_ONCE) {
            let symbols = from..self.ends.len().min(from + AT_ONCE);
            for (to, symbol) in hashes.iter_mut().zip(symbols.clone()) {
                *to = placed(self.text(symbol as u32).as_bytes());
                fetch(&self.slots, self.slot(*to));
            }
            for (&hash, symbol) in hashes.iter().zip(symbols) {
                let mut slot = self.slot(hash);
                while self.slots[slot] != 0 {
                    slot = (slot + 1) & mask;
                }
                self.slots[slot] = self.tag(hash) | symbol as u32;
            }
        }
    }

    /// The texts of these numbers, numbered in this order, and without an index, which is made when a text is put in. The
    /// first must be number 0.
    pub(crate) fn picked(&self, symbols: &[u32]) -> Self {
        let mut bytes = String::with_capacity(self.bytes.len());
        let mut ends = Vec::with_capacity(symbols.len());
        let mut places = [(0u32, 0u32); AT_ONCE];
        let mut chunks = symbols.chunks(AT_ONCE).peekable();
        let ask = |some: &[u32]| some.iter().for_each(|&symbol| fetch(&self.ends, symbol as usize));
        chunks.peek().into_iter().for_each(|some| ask(some));
        while let Some(some) = chunks.next() {
            for (to, &symbol) in places.iter_mut().zip(some) {
                *to = self.place(symbol as usize);
                fetch(self.bytes.as_bytes(), to.0 as usize);
                fetch(self.bytes.as_bytes(), (to.1 as usize).saturating_sub(1));
            }
            chunks.peek().into_iter().for_each(|some| ask(some));
            for &(from, to) in &places[..some.len()] {
                bytes.push_str(&self.bytes[from as usize..to as usize]);
                ends.push(bytes.len() as u32);
            }
        }
        Dictionary { bytes, ends, slots: Vec::new() }
    }

    /// The bytes of all texts.
    pub(crate) fn text_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + 4 * (self.ends.capacity() + self.slots.capacity())
    }
}

/// Texts by number that need not be distinct and are never looked up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u64>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u64);
    }

    /// Makes room for so many more, as long as those so far.
    #[cfg(feature = "adapters")]
    pub(crate) fn reserve(&mut self, more: usize) {
        let bytes = self.text.len() as f64 / self.ends.len().max(1) as f64 * more as f64;
        // Without room, what is pushed makes it.
        self.ends.try_reserve(more).unwrap_or_default();
        self.text.try_reserve((bytes * 1.25) as usize).unwrap_or_default();
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else { return "" };
        let from = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[from as usize..end as usize]
    }

    pub(crate) fn raw(&self, index: usize) -> &[u8] {
        self.get(index).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn equals_a_plain_map(
            texts in prop::collection::vec("[a-c]{0,4}|[ab]{0,3}[cé\0]{0,70}", 0..300),
            (behind, at_once, foreseen) in ("[a-z]{0,9}", 1usize..200, any::<bool>()),
        ) {
            let (mut dictionary, mut plain) = (Dictionary::new(), HashMap::from([(String::new(), 0u32)]));
            let mut expected = Vec::new();
            for text in &texts {
                let next = plain.len() as u32;
                expected.push(*plain.entry(text.clone()).or_insert(next));
                prop_assert_eq!(dictionary.intern(text).unwrap(), expected[expected.len() - 1]);
            }
            let (mut all, mut numbers) = (Dictionary::with_room(texts.len() / 2, 8), Vec::new());
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            all.intern_all(&texts, &mut numbers).unwrap();
            prop_assert_eq!(&numbers, &expected);
            let (mut parted, mut numbers) = (Dictionary::new(), Vec::new());
            for texts in texts.chunks(at_once) {
                let mut from = 0;
                let part = |text: &&str| {
                    from += text.len();
                    from - text.len()..from
                };
                let parts: Vec<Range<usize>> = texts.iter().map(part).collect();
                let before = parted.len();
                parted.intern_parts(&(texts.concat() + &behind), &parts, &mut numbers).unwrap();
                if foreseen {
                    parted.foresee(texts.len(), parted.len() - before, 1000);
                }
            }
            prop_assert_eq!(&numbers, &expected);
            for dictionary in [dictionary, all, parted] {
                prop_assert_eq!(dictionary.len(), plain.len());
                for (text, symbol) in &plain {
                    prop_assert_eq!(dictionary.text(*symbol), text);
                    prop_assert_eq!(dictionary.find(text), Some(*symbol));
                }
                prop_assert_eq!(dictionary.find("zzz"), None);
            }
        }
    }

    #[test]
    fn what_was_picked_can_be_found_and_added_to() {
        let mut values = Dictionary::new();
        (0..100).for_each(|at| assert_eq!(values.intern(&format!("value {at}")).unwrap(), at + 1));
        let picked: Vec<u32> = (0..=100).step_by(2).collect();
        let mut picked = values.picked(&picked);
        assert_eq!(
            (picked.find("value 1"), picked.find("value 3"), picked.find("value 2")),
            (Some(1), Some(2), None)
        );
        assert_eq!((picked.intern("value 2").unwrap(), picked.intern("value 3").unwrap()), (51, 2));
        assert_eq!((picked.find("value 99"), picked.find("value 2"), picked.len()), (Some(50), Some(51), 52));
    }

    #[test]
    fn room_is_made_before_it_is_wanted() {
        let text = |at: usize| format!("value {at}");
        let mut values = Dictionary::new();
        (0..1100).for_each(|at| assert_eq!(values.intern(&text(at)).unwrap() as usize, at + 1));
        // All are new: as many as are to come, and eight times as many at most.
        values.foresee(1100, 1100, 2000);
        assert_eq!(values.slots.len(), 8192);
        let at = values.bytes.as_ptr();
        (1100..3100).for_each(|at| assert_eq!(values.intern(&text(at)).unwrap() as usize, at + 1));
        assert_eq!((values.bytes.as_ptr(), values.slots.len()), (at, 8192));
        assert!((0..3100).all(|at| values.find(&text(at)) == Some(at as u32 + 1)));
        // Half are repeated: twice as many in all, however many rows are to come. None is new: no more.
        values.foresee(100, 0, usize::MAX);
        assert_eq!(values.slots.len(), 8192);
        (3100..5000).for_each(|at| assert_eq!(values.intern(&text(at)).unwrap() as usize, at + 1));
        values.foresee(100, 50, usize::MAX);
        assert_eq!(values.slots.len(), 16384);
    }
}
