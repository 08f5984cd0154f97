//! The values that keys give to rows, as hashes: made once for each distinct value of a column and shared by all rules.

use super::{BlockingRule, Key, Part, alike::Alike, alone::Alone};
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

/// The values of all rows for a rule, in the order of rows.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) keys: Vec<u32>,
    /// The row of each; empty where each row has one, which is 0 for none.
    rows: Vec<u32>,
}

impl Entries {
    /// The row of the value at a place.
    #[inline]
    pub(super) fn row(&self, at: usize) -> u32 {
        self.rows.get(at).copied().unwrap_or(at as u32)
    }
}

/// What gives one value of a row: the sum of the hashes of its values in these columns, where it has all.
type Sum<'v> = Vec<(usize, &'v [u64])>;

/// Room for the values of a row.
#[derive(Default)]
pub(super) struct Room {
    sums: Vec<u64>,
    next: Vec<u64>,
    own: Vec<u64>,
    keys: Vec<u32>,
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

    /// Whether blocks can be split by a key.
    pub(super) fn check_split(&self, key: &Key) -> Result<()> {
        if key.several() {
            return Err(Error::invalid(format!("`{key}` gives several values; blocks are split by one")));
        }
        key.check()?;
        key.columns().try_for_each(|name| self.table.column_of(name).map(drop))
    }

    /// The place of a key; what it makes is made where it was not.
    pub(super) fn place(&mut self, key: &Key) -> Result<usize> {
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

    /// The values of the first so many rows, in their order; those of one row differ.
    pub(super) fn entries(&self, places: &Places, first: usize, out: &mut Entries) {
        let Entries { keys, rows } = out;
        keys.clear();
        rows.clear();
        let (first, unordered) = (first as u32, places.unordered);
        if let Some(sums) = places.single.as_deref().and_then(|single| self.sums(single)) {
            let ones = sums.iter().map(|sum| if let [one] = sum[..] { Some(one) } else { None });
            match ones.collect::<Option<Vec<_>>>().as_deref() {
                Some(&[a]) => self.keys([a], first, unordered, keys),
                Some(&[a, b]) => self.keys([a, b], first, unordered, keys),
                Some(&[a, b, c]) => self.keys([a, b, c], first, unordered, keys),
                _ => keys.extend((0..first).map(|row| self.joined_sums(row, &sums, unordered))),
            }
        } else if let [key] = &places.keys[..]
            && let Some(sums) = self.sums(key)
        {
            // Any of what gives one value each.
            for row in 0..first {
                let from = keys.len();
                let values = sums.iter().map(|sum| self.sum(row, sum)).filter(|value| *value != 0);
                keys.extend(values.map(|value| folded(joined(0, value, unordered))));
                unite(keys, from);
                rows.resize(keys.len(), row);
            }
        } else {
            let mut room = Room::default();
            for row in 0..first {
                keys.extend_from_slice(self.of_row(row, places, &mut room));
                rows.resize(keys.len(), row);
            }
        }
    }

    /// The values of the first so many rows for keys of one column each. As [`Values::joined_sums`] without branches.
    fn keys<const N: usize>(
        &self,
        ones: [(usize, &[u64]); N],
        first: u32,
        unordered: bool,
        keys: &mut Vec<u32>,
    ) {
        let rows = self.table.cells().chunks_exact(self.table.width()).take(first as usize);
        keys.extend(rows.map(|cells| {
            let (mut all, mut lacks) = (0u64, false);
            for (column, hashes) in &ones {
                let own = hashes[cells[*column] as usize];
                all = joined(all, own, unordered);
                lacks |= own == 0;
            }
            if lacks { 0 } else { folded(all) }
        }));
    }

    /// What each of these keys sums up, where each gives one value.
    fn sums(&self, places: &[usize]) -> Option<Vec<Sum<'_>>> {
        let one = |place: &usize| match &self.made[*place].1 {
            Made::One { column, hashes } => Some((*column, &hashes[..])),
            _ => None,
        };
        let sum = |place: &usize| match &self.made[*place].1 {
            Made::Sum(places) => places.iter().map(one).collect(),
            _ => Some(vec![one(place)?]),
        };
        (places.len() <= MOST_VALUES).then(|| places.iter().map(sum).collect())?
    }

    /// [`Values::of`] for a key that sums up these.
    #[inline]
    fn sum(&self, row: u32, sum: &Sum<'_>) -> u64 {
        let cells = self.table.row(row);
        let (mut all, mut lacks) = (0u64, false);
        for (column, hashes) in sum {
            let own = hashes[cells[*column] as usize];
            all = all.wrapping_add(own);
            lacks |= own == 0;
        }
        if lacks { 0 } else { all }
    }

    /// [`Values::joined`] for keys that sum up these.
    #[inline]
    fn joined_sums(&self, row: u32, sums: &[Sum<'_>], unordered: bool) -> u32 {
        let (mut all, mut lacks) = (0u64, false);
        for sum in sums {
            let own = self.sum(row, sum);
            all = joined(all, own, unordered);
            lacks |= own == 0;
        }
        if lacks { 0 } else { folded(all) }
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

    /// The distinct values of a column as a rule of one value of that column alone puts them together; none of other rules.
    /// [`Alone::new`].
    pub(super) fn alone(&self, places: &Places, alike: &mut Alike, most: u64) -> Option<Alone> {
        let &[place] = places.single.as_deref()? else { return None };
        let Made::One { column, hashes } = &self.made[place].1 else { return None };
        Some(Alone::new(*column, hashes, self.table.columns()[*column].counts(), alike, most))
    }
}

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

/// Sorts the few values from a place on, each once.
#[inline]
fn unite(values: &mut Vec<u32>, from: usize) {
    if values.len() > from + 1 {
        values[from..].sort_unstable();
        let mut to = from + 1;
        for at in from + 1..values.len() {
            if values[at] != values[to - 1] {
                values[to] = values[at];
                to += 1;
            }
        }
        values.truncate(to);
    }
}

/// The key of a rule of one value, of any order.
pub(super) fn single(hash: u64) -> u32 {
    folded(joined(0, hash, false))
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
