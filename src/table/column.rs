//! A column of prepared values out of raw ones, with the rows as they came.

use super::{ColumnSpec, Dictionary, Kind, RawColumn, RawTable, prepare, words::same};
use crate::error::{Error, Result};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The cells of a column before they are put in order: numbers, and the map from them to the column's, empty where they
/// are the same.
pub(super) enum Cells {
    /// Those of a raw column.
    Mapped { raw: usize, map: Vec<u32> },
    /// Combined out of several raw columns.
    Own { cells: Vec<u32>, map: Vec<u32> },
}

impl Cells {
    /// How many different numbers the cells come to out of so many, 0 included.
    pub(super) fn distinct(&self, values: usize) -> usize {
        let (Cells::Mapped { map, .. } | Cells::Own { map, .. }) = self;
        if map.is_empty() {
            return values;
        }
        let mut met = vec![false; values];
        met[0] = true;
        map.iter().for_each(|&symbol| met[symbol as usize] = true);
        met.into_iter().filter(|met| *met).count()
    }
}

/// Rows that are put side by side at once.
const ROWS: usize = 1024;

/// The numbers of all rows as they came, those of one row side by side.
pub(super) fn side_by_side(raw: &[RawColumn], made: &[Cells], rows: usize) -> Vec<u32> {
    let width = made.len();
    let mut all = vec![0u32; rows * width];
    for (from, some) in (0..).step_by(ROWS).zip(all.chunks_mut(ROWS * width.max(1))) {
        for (at, made) in made.iter().enumerate() {
            let (cells, map) = match made {
                Cells::Mapped { raw: place, map } => (&raw[*place].cells, map),
                Cells::Own { cells, map } => (cells, map),
            };
            let own = some.iter_mut().skip(at).step_by(width).zip(&cells[from..]);
            if map.is_empty() {
                own.for_each(|(to, &cell)| *to = cell);
            } else {
                own.for_each(|(to, &cell)| *to = map[cell as usize]);
            }
        }
    }
    all
}

/// Texts that are put into a dictionary together.
const AT_ONCE: usize = 1024;

/// Makes one column. The text of raw columns that no later one needs is given up.
pub(super) fn made(raw: &mut RawTable, spec: &ColumnSpec, later: &[&str]) -> Result<(Dictionary, Cells)> {
    let mut places = Vec::new();
    for name in spec.sources() {
        if name.is_empty() && spec.from.len() > 1 {
            places.push(None);
            continue;
        }
        places.push(Some(raw.find(name).ok_or_else(|| {
            let names: Vec<&str> = raw.columns().iter().map(|column| column.name.as_str()).collect();
            Error::invalid(format!(
                "there is no column `{name}` in the data; there are: {}",
                names.join(", ")
            ))
            .in_field(&spec.name)
        })?));
    }
    if matches!(spec.kind, Kind::GivenOrEmail | Kind::FamilyOrEmail) && places.len() != 3 {
        return Err(Error::invalid("is made of three columns: given names, family name, e-mail address")
            .in_field(&spec.name));
    }
    let is_needed = |place: usize| later.contains(&&*raw.columns[place].name);
    let needed: Vec<usize> = places.iter().copied().flatten().filter(|&place| is_needed(place)).collect();
    let made = match spec.kind.or_email() {
        Some((email, kind)) if places.get(email).is_some_and(Option::is_some) => {
            // The address is looked at only where the names say nothing: nearly every row has another.
            let names: Vec<Option<usize>> = match kind {
                Kind::GivenName => vec![places[0]],
                Kind::FamilyName => vec![places[1]],
                _ => (0..places.len()).map(|at| places[at].filter(|_| at != email)).collect(),
            };
            let made = if names.iter().all(Option::is_none) {
                (Dictionary::new(), Cells::Own { cells: vec![0; raw.len()], map: Vec::new() })
            } else {
                of(raw, &ColumnSpec { kind, ..spec.clone() }, &names, true)?
            };
            filled(raw, spec, &places, made)?
        }
        _ => of(raw, spec, &places, !needed.is_empty())?,
    };
    for place in places.into_iter().flatten().filter(|place| !needed.contains(place)) {
        raw.columns[place].values = Dictionary::new();
    }
    Ok(made)
}

/// A column out of raw ones. The text of a single one is given up if it is not `needed`.
fn of(
    raw: &mut RawTable,
    spec: &ColumnSpec,
    places: &[Option<usize>],
    needed: bool,
) -> Result<(Dictionary, Cells)> {
    let &[Some(place)] = places else {
        let (values, cells, map) = combined(raw, spec, places, |column| column.cells.clone())?;
        return Ok((values, Cells::Own { cells, map }));
    };
    let values = &mut raw.columns[place].values;
    let values = if needed { values.clone() } else { std::mem::take(values) };
    let (values, map) = prepared(values, |raw, text| prepare::made(spec, &[raw], text))?;
    Ok((values, Cells::Mapped { raw: place, map }))
}

/// A column with the rows that have no value made of more raw columns.
fn filled(
    raw: &RawTable,
    spec: &ColumnSpec,
    places: &[Option<usize>],
    (mut values, cells): (Dictionary, Cells),
) -> Result<(Dictionary, Cells)> {
    let (own, map) = match &cells {
        Cells::Mapped { raw: place, map } => (&raw.columns()[*place].cells, map),
        Cells::Own { cells, map } => (cells, map),
    };
    let is_open = |cell: u32| map.get(cell as usize).copied().unwrap_or(cell) == 0;
    let open: Vec<usize> =
        own.iter().enumerate().filter(|&(_, &cell)| is_open(cell)).map(|(row, _)| row).collect();
    if open.is_empty() {
        return Ok((values, cells));
    }
    let some = |column: &RawColumn| open.iter().map(|&row| column.cells[row]).collect();
    let (more, new, of_new) = combined(raw, spec, places, some)?;
    let (mut cells, mut map) = match cells {
        Cells::Mapped { raw: place, map } => (raw.columns()[place].cells.clone(), map),
        Cells::Own { cells, map } => (cells, map),
    };
    if map.is_empty() {
        map.extend(0..values.len() as u32);
    }
    let from = map.len() as u32;
    let numbers = more.texts().map(|text| values.intern(text)).collect::<Result<Vec<u32>>>()?;
    map.extend(of_new.iter().map(|&symbol| numbers[symbol as usize]));
    open.iter().zip(&new).for_each(|(&row, &cell)| cells[row] = from + cell);
    Ok((values, Cells::Own { cells, map }))
}

/// A column out of several, of the rows whose cells are given: its values, the combination of each row, and the map from
/// combinations to values.
fn combined(
    raw: &RawTable,
    spec: &ColumnSpec,
    places: &[Option<usize>],
    rows: impl Fn(&RawColumn) -> Vec<u32>,
) -> Result<(Dictionary, Vec<u32>, Vec<u32>)> {
    let present: Vec<usize> = places.iter().copied().flatten().collect();
    let Some((&place, others)) = present.split_first() else {
        return Err(Error::invalid("is made of no column").in_field(&spec.name));
    };
    let first = &raw.columns()[place];
    // Numbers of the distinct combinations, and the values of each side by side, one raw column after the other.
    let mut cells = rows(first);
    let mut symbols: Vec<u32> = (0..first.values.len() as u32).collect();
    for (width, &place) in (1..).zip(others) {
        symbols = joined(&symbols, width, &mut cells, &rows(&raw.columns()[place]));
    }
    let width = present.len();
    let count = symbols.len() / width;
    let mut texts: Vec<&str> = Vec::new();
    let (values, map) = remade(count, Dictionary::with_room(count, 0), |own, text| {
        texts.clear();
        let mut own = symbols[own * width..][..width].iter();
        for place in places {
            let cell = place.and_then(|place| Some((place, *own.next()?)));
            texts.push(cell.map_or("", |(place, symbol)| raw.columns()[place].values.text(symbol)));
        }
        prepare::made(spec, &texts, text);
    })?;
    Ok((values, cells, map))
}

/// The combinations of those so far, of `width` values each, with those of one more column. Cells become numbers of
/// these, in the order in which they are met.
fn joined(symbols: &[u32], width: usize, cells: &mut [u32], more: &[u32]) -> Vec<u32> {
    // Most are joined with one value only: for each what it was joined with first, and the number of both plus one.
    let mut firsts = vec![(0u32, 0u32); symbols.len() / width];
    let mut others: HashMap<u64, u32, FixedState> = HashMap::default();
    let mut all = Vec::with_capacity(symbols.len() / width * (width + 1));
    let mut length = 0;
    for (cell, &next) in cells.iter_mut().zip(more) {
        let first = &mut firsts[*cell as usize];
        let number = match *first {
            (_, 0) => {
                *first = (next, length + 1);
                length
            }
            (with, number) if with == next => number - 1,
            _ => *others.entry(u64::from(*cell) << 32 | u64::from(next)).or_insert(length),
        };
        if number == length {
            all.extend_from_slice(&symbols[*cell as usize * width..][..width]);
            all.push(next);
            length += 1;
        }
        *cell = number;
    }
    all
}

/// The dictionary of so many texts that are made, and the number of each in it.
fn remade(
    count: usize,
    mut values: Dictionary,
    mut make: impl FnMut(usize, &mut String),
) -> Result<(Dictionary, Vec<u32>)> {
    let mut map = Vec::with_capacity(count);
    let (mut all, mut parts, mut text) = (String::new(), Vec::new(), String::new());
    for from in (0..count).step_by(AT_ONCE) {
        for own in from..count.min(from + AT_ONCE) {
            make(own, &mut text);
            parts.push(all.len()..all.len() + text.len());
            all.push_str(&text);
        }
        values.intern_parts(&all, &parts, &mut map)?;
        parts.clear();
        all.clear();
    }
    Ok((values, map))
}

/// The dictionary of prepared texts and the map to it, which is empty where every text is its own prepared form. Texts
/// that are stay where they are, beside those that are not and what is made of these.
fn prepared(mut values: Dictionary, make: impl Fn(&str, &mut String)) -> Result<(Dictionary, Vec<u32>)> {
    let raw = values.len() as u32;
    let (mut map, mut text) = (Vec::new(), String::new());
    let is_changed = |raw: &str| {
        let mut text = String::new();
        make(raw, &mut text);
        text != raw
    };
    let changed = values.texts().take(AT_ONCE).filter(|text| is_changed(text)).count();
    if changed * 2 > values.len().min(AT_ONCE) {
        // Nothing is gained by keeping those that are.
        let room = Dictionary::with_room(values.len(), values.text_bytes());
        return remade(values.len(), room, |symbol, text| make(values.text(symbol as u32), text));
    }
    // What is made of texts that are not their own form, joined.
    let (mut all, mut parts, mut changed, mut numbers) = (String::new(), Vec::new(), Vec::new(), Vec::new());
    for from in (0..raw).step_by(AT_ONCE) {
        let symbols = from..raw.min(from + AT_ONCE as u32);
        for symbol in symbols.clone() {
            let own = values.text(symbol);
            make(own, &mut text);
            if !same(text.as_bytes(), own.as_bytes()) {
                changed.push(symbol);
                parts.push(all.len()..all.len() + text.len());
                all.push_str(&text);
            }
        }
        if map.is_empty() && !changed.is_empty() {
            map.reserve(raw as usize);
            map.extend(0..from);
        }
        if !map.is_empty() || !changed.is_empty() {
            map.extend(symbols);
            if values.intern_parts(&all, &parts, &mut numbers).is_err() {
                // Both together are too much text, which either may not be.
                let room = Dictionary::with_room(raw as usize, 0);
                return remade(raw as usize, room, |symbol, text| make(values.text(symbol as u32), text));
            }
            changed
                .drain(..)
                .zip(numbers.drain(..))
                .for_each(|(symbol, number)| map[symbol as usize] = number);
        }
        values.foresee(AT_ONCE, parts.len(), (raw - from) as usize);
        parts.clear();
        all.clear();
    }
    Ok((values, map))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_are_prepared_as_one_by_one(
            texts in prop::collection::vec("[abAB]{0,3}", 0..60),
            plain in any::<bool>(),
        ) {
            // Neither idempotent nor one to one.
            let make = |raw: &str, out: &mut String| {
                out.clear();
                let bytes = raw.bytes().filter(|byte| plain || *byte != b'B');
                out.extend(bytes.map(|byte| if byte == b'A' && !plain { 'B' } else { char::from(byte) }));
            };
            let mut raw = Dictionary::new();
            assert!(raw.intern("b").is_ok());
            texts.iter().for_each(|text| assert!(raw.intern(text).is_ok()));
            let before = raw.clone();
            let (values, map) = prepared(raw, make).unwrap();
            prop_assert_eq!(map.is_empty(), before.texts().all(|text| plain || !text.contains(['A', 'B'])));
            let (mut expected, mut out) = (std::collections::HashSet::from([String::new()]), String::new());
            for (symbol, text) in (0u32..).zip(before.texts()) {
                make(text, &mut out);
                prop_assert_eq!(values.text(map.get(symbol as usize).copied().unwrap_or(symbol)), &out);
                expected.insert(out.clone());
            }
            let cells = Cells::Mapped { raw: 0, map };
            prop_assert_eq!(cells.distinct(values.len()), expected.len());
            let (values, map) =
                remade(before.len(), Dictionary::new(), |own, text| make(before.text(own as u32), text)).unwrap();
            prop_assert_eq!(values.len(), expected.len());
            for (&symbol, text) in map.iter().zip(before.texts()) {
                make(text, &mut out);
                prop_assert_eq!(values.text(symbol), &out);
            }
        }

        #[test]
        fn names_out_of_addresses_are_those_of_each_row(
            rows in prop::collection::vec((0usize..4, 0usize..4, 0usize..5), 0..60),
            kind in 0usize..6,
        ) {
            let given = ["", "Ann", "N/A", "Иван"];
            let family = ["", "Stone", "Lee", "-"];
            let email = ["", "ann.stone@x.com", "stoneivan@x.com", "lee.annabel@x.com", "info@x.com"];
            let whole = ["", "Ann", "Bob Stone", "Test"];
            let mut raw = RawTable::new(["given", "family", "email", "whole"]).unwrap();
            for (at, row) in rows.iter().enumerate() {
                raw.push("", &at.to_string(), &[given[row.0], family[row.1], email[row.2], whole[row.0]]).unwrap();
            }
            let (kind, from) = [
                (Kind::GivenOrEmail, &["given", "family", "email"][..]),
                (Kind::FamilyOrEmail, &["given", "family", "email"]),
                (Kind::GivenOfParty, &["given", "", "family", "email"]),
                (Kind::FamilyOfParty, &["", "", "family", "email"]),
                (Kind::GivenOfParty, &["", "", "family", "email", "whole"]),
                (Kind::FamilyOfParty, &["", "", "", "email", "whole"]),
            ][kind];
            let spec = ColumnSpec::new("name", kind).from(from.iter().copied());
            let (values, cells) = made(&mut raw, &spec, &["given"]).unwrap();
            let numbers = side_by_side(raw.columns(), &[cells], rows.len());
            for (row, &symbol) in rows.iter().zip(&numbers) {
                let of = |name: &&str| match *name {
                    "given" => given[row.0],
                    "family" => family[row.1],
                    "email" => email[row.2],
                    "whole" => whole[row.0],
                    _ => "",
                };
                let (parts, mut expected) = (from.iter().map(of).collect::<Vec<_>>(), String::new());
                prepare::made(&spec, &parts, &mut expected);
                prop_assert_eq!(values.text(symbol), expected);
            }
        }

        #[test]
        fn combinations_are_numbered_as_they_are_met(
            rows in prop::collection::vec((0u32..4, 0u32..3, 0u32..3), 0..60),
        ) {
            let column = |of: fn(&(u32, u32, u32)) -> u32| rows.iter().map(of).collect::<Vec<u32>>();
            let mut cells = column(|row| row.0);
            let symbols = joined(&[0, 1, 2, 3], 1, &mut cells, &column(|row| row.1));
            let symbols = joined(&symbols, 2, &mut cells, &column(|row| row.2));
            let mut met = Vec::new();
            for (row, &cell) in rows.iter().zip(&cells) {
                if !met.contains(row) {
                    met.push(*row);
                }
                prop_assert_eq!(&met[cell as usize], row);
            }
            let found = symbols.chunks(3).map(|own| (own[0], own[1], own[2]));
            prop_assert_eq!(found.collect::<Vec<_>>(), met);
        }
    }
}
