//! A data set as columns of prepared values: rows of raw text come in; what goes out is a number for each cell, and
//! for each column its distinct prepared values with how often each occurs.
//!
//! Every distinct raw text is prepared once, whatever the number of rows. A row is a run of numbers side by side
//! (4 bytes a column), so that comparing two rows touches two lines of memory, and equality of values is equality of
//! numbers.

mod dictionary;
mod party;
mod prepare;
mod raw;
#[cfg(feature = "adapters")]
mod read;

pub use dictionary::Dictionary;
pub(crate) use dictionary::hash;
pub use prepare::Kind;
pub use raw::{RawColumn, RawTable};
#[cfg(feature = "adapters")]
pub use read::{ReadOptions, RejectedRow, TableReader};

use crate::error::{Error, Result};
use dictionary::Texts;
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How a column of prepared values is made of columns of raw text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// The name by which comparisons and blocking rules know it.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The raw columns it is made of; the one of its own name where none are given. A date takes one, or three for
    /// year, month and day; a phone takes one, and a second for the country.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// Of dates such as `03/04/1980`: whether the month comes first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub month_first: bool,
}

impl ColumnSpec {
    /// A column made of the raw column of the same name.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        ColumnSpec { name: name.into(), kind, from: Vec::new(), month_first: false }
    }

    /// Made of these raw columns instead.
    #[must_use]
    pub fn from(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.from = columns.into_iter().map(Into::into).collect();
        self
    }
}

/// A column of prepared values.
#[derive(Debug, Clone)]
pub struct Column {
    name: String,
    kind: Kind,
    values: Dictionary,
    counts: Vec<u32>,
}

impl Column {
    /// The name by which comparisons know it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The distinct values; number 0 is the missing one.
    pub fn values(&self) -> &Dictionary {
        &self.values
    }

    /// How many rows have the value of that number.
    #[inline]
    pub fn count(&self, symbol: u32) -> u32 {
        self.counts.get(symbol as usize).copied().unwrap_or(0)
    }

    /// How many rows have each value, by number.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// How many rows have any value.
    pub fn filled(&self) -> u64 {
        self.counts.iter().skip(1).map(|&count| u64::from(count)).sum()
    }
}

/// Prepared rows, in the order of their keys.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    width: usize,
    cells: Vec<u32>,
    sources: Dictionary,
    source: Vec<u32>,
    ids: Texts,
    /// For each row, its place among the rows as they came.
    order: Vec<u32>,
}

impl Table {
    /// Prepares the columns that `specs` name. O(rows × columns), and once for each distinct value the work that its
    /// kind takes.
    ///
    /// ```
    /// use stitchline::table::{ColumnSpec, Kind, RawTable, Table};
    ///
    /// let mut raw = RawTable::new(["name", "phone"])?;
    /// raw.push("crm", "1", &["Ann Lee", "+44 20 7946 0123"])?;
    /// raw.push("crm", "2", &["LEE, Ann", "(+44) 2079460123"])?;
    /// let columns = [ColumnSpec::new("name", Kind::NameWords), ColumnSpec::new("phone", Kind::Phone)];
    /// let table = Table::prepare(raw, &columns)?;
    /// assert_eq!(table.row(0), table.row(1));
    /// assert_eq!(table.text(0, 1), "+442079460123");
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where a spec names a column that is not there, two have one name, or two rows have one key.
    pub fn prepare(raw: RawTable, specs: &[ColumnSpec]) -> Result<Self> {
        let order = raw.order();
        if let Some((first, second)) = raw.duplicate(&order) {
            return Err(Error::invalid(format!(
                "{} and {} have the same id in one source; name a column of unique ids, or one of sources",
                raw.place_name(first),
                raw.place_name(second)
            ))
            .in_field("id"));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(specs.len());
        let mut made = Vec::with_capacity(specs.len());
        for spec in specs {
            if columns.iter().any(|column| column.name == spec.name) {
                return Err(Error::invalid("is the name of two columns").in_field(&spec.name));
            }
            let (values, cells) = column(&raw, spec)?;
            let counts = vec![0; values.len()];
            columns.push(Column { name: spec.name.clone(), kind: spec.kind, values, counts });
            made.push(cells);
        }
        let RawTable { sources, source, ids, columns: raw_columns, .. } = raw;
        let width = columns.len();
        let mut cells = vec![0u32; order.len() * width];
        for (at, (column, made)) in columns.iter_mut().zip(made).enumerate() {
            let raw_cells: &[u32] = match &made {
                Cells::Mapped { raw, .. } => &raw_columns[*raw].cells,
                Cells::Own { cells, .. } => cells,
            };
            let (Cells::Mapped { map, .. } | Cells::Own { map, .. }) = &made;
            for (&from, to) in order.iter().zip(cells.iter_mut().skip(at).step_by(width.max(1))) {
                let cell = raw_cells[from as usize];
                let symbol = if map.is_empty() { cell } else { map[cell as usize] };
                *to = symbol;
                column.counts[symbol as usize] += 1;
            }
            column.values.seal();
        }
        Ok(Table { columns, width, cells, sources, source, ids, order })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The place of a column by its name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The place of a column by its name.
    ///
    /// # Errors
    /// Where there is none; the message lists those that there are.
    pub fn column_of(&self, name: &str) -> Result<usize> {
        self.find(name).ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            Error::invalid(format!("there is no column `{name}`; there are: {}", names.join(", ")))
        })
    }

    /// A row's numbers, one a column.
    #[inline]
    pub fn row(&self, row: u32) -> &[u32] {
        let from = row as usize * self.width;
        &self.cells[from..from + self.width]
    }

    /// The number at a row and a column.
    #[inline]
    pub fn symbol(&self, row: u32, column: usize) -> u32 {
        self.cells[row as usize * self.width + column]
    }

    /// The prepared text at a row and a column.
    pub fn text(&self, row: u32, column: usize) -> &str {
        self.columns[column].values.text(self.symbol(row, column))
    }

    /// The id that a row came with; its number from 1 where it came without one.
    pub fn id(&self, row: u32) -> &str {
        self.ids.get(self.order[row as usize] as usize)
    }

    /// The source of a row.
    pub fn source(&self, row: u32) -> &str {
        self.sources.text(self.source_number(row))
    }

    /// The source of a row as a number.
    pub fn source_number(&self, row: u32) -> u32 {
        self.source[self.order[row as usize] as usize]
    }

    /// How many sources there are.
    pub fn source_count(&self) -> usize {
        let mut seen = vec![false; self.sources.len()];
        self.source.iter().for_each(|&source| seen[source as usize] = true);
        seen.into_iter().filter(|seen| *seen).count()
    }

    /// A row's place among the rows as they came.
    pub fn place(&self, row: u32) -> u32 {
        self.order[row as usize]
    }

    pub(crate) fn cells(&self) -> &[u32] {
        &self.cells
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }
}

/// The cells of a column before they are put in order: numbers, and the map from them to the column's.
enum Cells {
    /// Those of a raw column.
    Mapped { raw: usize, map: Vec<u32> },
    /// Combined out of several raw columns.
    Own { cells: Vec<u32>, map: Vec<u32> },
}

fn column(raw: &RawTable, spec: &ColumnSpec) -> Result<(Dictionary, Cells)> {
    let own = [spec.name.clone()];
    let from = if spec.from.is_empty() { &own[..] } else { &spec.from[..] };
    let mut places = Vec::with_capacity(from.len());
    for name in from {
        if name.is_empty() && from.len() > 1 {
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
    let present: Vec<usize> = places.iter().copied().flatten().collect();
    let Some((&place, others)) = present.split_first() else {
        return Err(Error::invalid("is made of no column").in_field(&spec.name));
    };
    let first = &raw.columns()[place];
    let mut text = String::new();
    if places.len() == 1 {
        let (values, map) = prepared(&first.values, first.values.texts(), |raw, text| {
            prepare::prepare(spec.kind, &[raw], spec.month_first, text);
        })?;
        return Ok((values, Cells::Mapped { raw: place, map }));
    }
    // Numbers of the distinct combinations, joined one raw column after the other.
    let mut cells = first.cells.clone();
    let mut parts: Vec<Vec<u32>> = (0..first.values.len() as u32).map(|symbol| vec![symbol]).collect();
    for &place in others {
        let mut known: HashMap<u64, u32, FixedState> = HashMap::default();
        let mut joined: Vec<Vec<u32>> = Vec::new();
        for (cell, &next) in cells.iter_mut().zip(&raw.columns()[place].cells) {
            let key = u64::from(*cell) << 32 | u64::from(next);
            let fresh = joined.len() as u32;
            let symbol = *known.entry(key).or_insert(fresh);
            if symbol == fresh {
                let mut list = parts[*cell as usize].clone();
                list.push(next);
                joined.push(list);
            }
            *cell = symbol;
        }
        parts = joined;
    }
    let mut values = Dictionary::new();
    let mut map = Vec::with_capacity(parts.len());
    let mut texts: Vec<&str> = Vec::new();
    for symbols in &parts {
        texts.clear();
        let mut symbols = symbols.iter();
        for place in &places {
            let cell = place.and_then(|place| Some((place, *symbols.next()?)));
            texts.push(cell.map_or("", |(place, symbol)| raw.columns()[place].values.text(symbol)));
        }
        prepare::prepare(spec.kind, &texts, spec.month_first, &mut text);
        map.push(values.intern(&text)?);
    }
    Ok((values, Cells::Own { cells, map }))
}

/// The dictionary of prepared texts and the map to it; an empty map where every text is its own prepared form.
fn prepared<'a>(
    raw: &Dictionary,
    texts: impl Iterator<Item = &'a str>,
    mut make: impl FnMut(&str, &mut String),
) -> Result<(Dictionary, Vec<u32>)> {
    let mut made: Option<(Dictionary, Vec<u32>)> = None;
    let mut text = String::new();
    for (symbol, raw_text) in (0u32..).zip(texts) {
        make(raw_text, &mut text);
        if made.is_none() && text == raw_text {
            continue;
        }
        let (values, map) = match &mut made {
            Some(made) => made,
            None => {
                let mut values = Dictionary::new();
                for earlier in 0..symbol {
                    values.intern(raw.text(earlier))?;
                }
                made.insert((values, (0..symbol).collect()))
            }
        };
        map.push(values.intern(&text)?);
    }
    Ok(match made {
        Some(made) => made,
        None => (raw.clone(), Vec::new()),
    })
}
