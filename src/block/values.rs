//! The values that keys give to rows, as hashes: made once for each distinct value of a column and shared by all rules.

use super::{
    BlockingRule, Key, Part,
    group::{Spare, sort},
};
use crate::{
    error::{Error, Result},
    table::Table,
};

/// Values of one key that count for a row, and of all keys of a rule together.
const MOST_VALUES: usize = 32;

/// Hashes of what the keys met so far make of the table's values.
pub(super) struct Values<'a> {
    table: &'a Table,
    made: Vec<(Key, Made)>,
}

/// What a key without alternatives makes; a hash is never 0 but for no value.
enum Made {
    /// Of each distinct value of a column one hash.
    One { column: usize, hashes: Vec<u64> },
    /// The sum of others.
    Sum(Vec<usize>),
    /// The same with one of the others, each in turn, in one of its several forms.
    SumOfForms(Vec<(usize, usize)>),
    /// Of each distinct value of a column any number of hashes: those from one end to the next.
    Several { column: usize, ends: Vec<u32>, hashes: Vec<u64> },
}

/// A rule's keys among the [`Values`].
pub(super) struct Places {
    /// Of each key its alternatives.
    keys: Vec<Vec<usize>>,
    /// The only alternative of each key, where none gives several values.
    single: Option<Vec<usize>>,
    unordered: bool,
}

/// Room for the values of a row.
#[derive(Default)]
pub(super) struct Room {
    sums: Vec<u64>,
    next: Vec<u64>,
    own: Vec<u64>,
    keys: Vec<u32>,
}

impl Places {
    /// Whether a row has one value at most.
    pub(super) fn single(&self) -> bool {
        self.single.is_some()
    }
}

impl<'a> Values<'a> {
    pub(super) fn new(table: &'a Table) -> Self {
        Values { table, made: Vec::new() }
    }

    pub(super) fn table(&self) -> &'a Table {
        self.table
    }

    /// The places of a rule's keys.
    pub(super) fn places(&mut self, rule: &BlockingRule) -> Result<Places> {
        let mut keys = Vec::with_capacity(rule.keys.len());
        for key in &rule.keys {
            keys.push(key.alternatives().iter().map(|key| self.place(key)).collect::<Result<Vec<usize>>>()?);
        }
        let single = rule.keys.iter().all(|key| !key.several()).then(|| keys.concat());
        Ok(Places { keys, single, unordered: rule.unordered })
    }

    /// The place of a key that gives one value.
    pub(super) fn place_of_one(&mut self, key: &Key) -> Result<usize> {
        if key.several() {
            return Err(Error::invalid(format!("`{key}` gives several values; blocks are split by one")));
        }
        key.check()?;
        self.place(key)
    }

    fn place(&mut self, key: &Key) -> Result<usize> {
        if let Some(at) = self.made.iter().position(|(own, _)| own == key) {
            return Ok(at);
        }
        let made = match key {
            Key::Made(Part::SortedLetters, keys) if keys.len() > 1 => {
                let each = keys.iter().map(|key| Key::Made(Part::SortedLetters, vec![key.clone()]));
                Made::Sum(each.map(|key| self.place(&key)).collect::<Result<_>>()?)
            }
            Key::Made(Part::SortedLettersLessOne, keys) if keys.len() > 1 => {
                let mut each = Vec::with_capacity(keys.len());
                for key in keys {
                    let of = |part: Part| Key::Made(part, vec![key.clone()]);
                    each.push((
                        self.place(&of(Part::SortedLetters))?,
                        self.place(&of(Part::SortedLettersLessOne))?,
                    ));
                }
                Made::SumOfForms(each)
            }
            key => {
                let name = key.columns().next().unwrap_or_default();
                let column = self.table.column_of(name)?;
                let texts = self.table.columns()[column].values().texts();
                if key.several() {
                    let (mut ends, mut hashes) = (Vec::with_capacity(texts.len()), Vec::new());
                    for text in texts {
                        let from = hashes.len();
                        key.hashes(text, |hash| hashes.push(hash));
                        let mut own = hashes.split_off(from);
                        own.retain(|hash| *hash != 0);
                        few(&mut own);
                        hashes.extend(own);
                        ends.push(hashes.len() as u32);
                    }
                    Made::Several { column, ends, hashes }
                } else {
                    let one = |text| {
                        let mut made = 0;
                        key.hashes(text, |hash| made = hash);
                        made
                    };
                    Made::One { column, hashes: texts.map(one).collect() }
                }
            }
        };
        self.made.push((key.clone(), made));
        Ok(self.made.len() - 1)
    }

    /// The hash of a row's value for a key that gives one, 0 for none.
    #[inline]
    pub(super) fn of(&self, row: u32, place: usize) -> u64 {
        match &self.made[place].1 {
            Made::One { column, hashes } => hashes[self.table.symbol(row, *column) as usize],
            Made::Sum(places) => {
                let mut sum = 0u64;
                for &place in places {
                    let own = self.of(row, place);
                    if own == 0 {
                        return 0;
                    }
                    sum = sum.wrapping_add(own);
                }
                sum
            }
            Made::Several { .. } | Made::SumOfForms(_) => 0,
        }
    }

    /// The hashes of a distinct value for a key that gives several.
    fn forms(&self, row: u32, place: usize) -> &[u64] {
        let Made::Several { column, ends, hashes } = &self.made[place].1 else { return &[] };
        let at = self.table.symbol(row, *column) as usize;
        let from = if at == 0 { 0 } else { ends[at - 1] };
        &hashes[from as usize..ends[at] as usize]
    }

    fn all_of(&self, row: u32, places: &[usize], out: &mut Vec<u64>) {
        out.clear();
        for &place in places {
            match &self.made[place].1 {
                Made::Several { .. } => out.extend_from_slice(self.forms(row, place)),
                Made::SumOfForms(each) => {
                    let wholes = each.iter().map(|&(whole, _)| self.of(row, whole));
                    if wholes.clone().any(|whole| whole == 0) {
                        continue;
                    }
                    let sum = wholes.fold(0, u64::wrapping_add);
                    for &(whole, forms) in each {
                        let others = sum.wrapping_sub(self.of(row, whole));
                        let forms = self.forms(row, forms);
                        out.extend(forms.iter().map(|form| others.wrapping_add(*form)));
                        // Nothing is left of a single letter.
                        out.extend(Some(others).filter(|others| forms.len() == 1 && *others != 0));
                    }
                }
                _ => out.extend(Some(self.of(row, place)).filter(|hash| *hash != 0)),
            }
        }
        few(out);
    }

    /// A row's values for keys that give one each, put together; 0 for none.
    #[inline]
    fn joined(&self, row: u32, places: &[usize], unordered: bool) -> u32 {
        let mut sum = 0u64;
        for &place in places {
            let own = self.of(row, place);
            if own == 0 {
                return 0;
            }
            sum = joined(sum, own, unordered);
        }
        folded(sum)
    }

    /// Each value of each row with the row, rows in their order; those of one row differ.
    pub(super) fn entries(&self, places: &Places, out: &mut Vec<(u32, u32)>) {
        out.clear();
        if let Some(single) = &places.single {
            self.entries_of_one(single, places.unordered, out);
            return;
        }
        let mut room = Room::default();
        for row in 0..self.table.len() as u32 {
            out.extend(self.of_row(row, places, &mut room).iter().map(|&key| (key, row)));
        }
    }

    /// [`Values::entries`] where no key gives several values: one key after the other, for some rows at a time.
    fn entries_of_one(&self, places: &[usize], unordered: bool, out: &mut Vec<(u32, u32)>) {
        out.reserve(self.table.len());
        let rows = self.table.len() as u32;
        for from in (0..rows).step_by(AT_ONCE) {
            let rows = from..rows.min(from + AT_ONCE as u32);
            let (mut sums, mut alive) = ([0u64; AT_ONCE], [true; AT_ONCE]);
            for &place in places {
                let mut add = |at: usize, own: u64| {
                    sums[at] = joined(sums[at], own, unordered);
                    alive[at] &= own != 0;
                };
                match &self.made[place].1 {
                    Made::One { column, hashes } => {
                        for (at, row) in rows.clone().enumerate() {
                            add(at, hashes[self.table.symbol(row, *column) as usize]);
                        }
                    }
                    _ => rows.clone().enumerate().for_each(|(at, row)| add(at, self.of(row, place))),
                }
            }
            for ((row, sum), alive) in rows.zip(&sums).zip(&alive) {
                if *alive {
                    out.push((folded(*sum), row));
                }
            }
        }
    }

    /// A row's values, in order.
    pub(super) fn of_row<'r>(&self, row: u32, places: &Places, room: &'r mut Room) -> &'r [u32] {
        let Room { sums, next, own, keys } = room;
        keys.clear();
        if let Some(single) = &places.single {
            keys.extend(Some(self.joined(row, single, places.unordered)).filter(|key| *key != 0));
            return keys;
        }
        sums.clear();
        sums.push(0u64);
        for key in &places.keys {
            self.all_of(row, key, own);
            next.clear();
            for &sum in &*sums {
                next.extend(own.iter().map(|&own| joined(sum, own, places.unordered)));
            }
            std::mem::swap(sums, next);
            few(sums);
        }
        keys.extend(sums.iter().map(|&sum| folded(sum)));
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The keys of a rule of one value of one column alone, sorted, each with so many rows, to `out`; whether it is such a
    /// rule.
    pub(super) fn counted(&self, places: &Places, out: &mut Vec<(u32, u32)>, spare: &mut Spare) -> bool {
        let Some(&[place]) = places.single.as_deref() else { return false };
        let Made::One { column, hashes } = &self.made[place].1 else { return false };
        let counts = self.table.columns()[*column].counts();
        out.clear();
        let filled = hashes.iter().zip(counts).filter(|(hash, _)| **hash != 0);
        out.extend(filled.map(|(&hash, &count)| (folded(joined(0, hash, places.unordered)), count)));
        sort(out, spare);
        true
    }
}

/// The pairs of sorted keys, each of which stands for so many rows, that are equal.
pub(super) fn pairs_of_counted(counted: &[(u32, u32)]) -> u64 {
    let rows = |same: &[(u32, u32)]| same.iter().map(|&(_, count)| u64::from(count)).sum();
    counted.chunk_by(|a, b| a.0 == b.0).map(|same| pair_count(rows(same))).sum()
}

/// The pairs of sorted values that are equal.
pub(super) fn pairs_of_sorted(entries: &[(u32, u32)]) -> u64 {
    entries.chunk_by(|a, b| a.0 == b.0).map(|same| pair_count(same.len() as u64)).sum()
}

/// Rows whose values are put together at once.
const AT_ONCE: usize = 256;

pub(super) fn pair_count(rows: u64) -> u64 {
    rows * rows.saturating_sub(1) / 2
}

/// Those that count of the values of one row, each once.
fn few(hashes: &mut Vec<u64>) {
    if hashes.len() > 1 {
        hashes.sort_unstable();
        hashes.dedup();
        hashes.truncate(MOST_VALUES);
    }
}

#[inline]
fn joined(sum: u64, own: u64, unordered: bool) -> u64 {
    // Hashes may be sums themselves, of letters, which must not add up to those of others.
    if unordered { sum.wrapping_add(mix(0, own ^ (own >> 32))) } else { mix(sum, own) }
}

/// The key of the rows of a block that have this further value in common.
#[inline]
pub(super) fn split(key: u32, own: u64) -> u32 {
    folded(mix(u64::from(key), own))
}

#[inline]
fn mix(sum: u64, own: u64) -> u64 {
    (sum.rotate_left(23) ^ own).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
fn folded(sum: u64) -> u32 {
    (((sum ^ (sum >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32).max(1)
}
