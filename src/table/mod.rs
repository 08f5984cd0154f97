//! A data set as columns of prepared values: rows of raw text come in; what goes out is a number for each cell, and
//! for each column its distinct prepared values with how often each occurs.
//!
//! Every distinct raw text is prepared once, whatever the number of rows. A row is a run of numbers side by side
//! (4 bytes a column), so that comparing two rows touches two lines of memory, and equality of values is equality of
//! numbers.

mod column;
mod dictionary;
#[cfg(feature = "adapters")]
mod flat;
mod near;
mod numbers;
mod party;
mod prepare;
mod raw;
#[cfg(feature = "adapters")]
mod read;
mod street;
#[cfg(feature = "adapters")]
mod waiting;
mod words;

pub use dictionary::Dictionary;
pub(crate) use near::head;
pub use prepare::Kind;
pub use raw::{RawColumn, RawTable};
#[cfg(feature = "adapters")]
pub use read::{ReadOptions, RejectedRow, TableReader};
pub(crate) use words::hash;

use crate::error::{Error, Result};
use dictionary::Texts;
use serde::{Deserialize, Serialize};

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
    /// Of names of persons: whether Chinese characters are read in Mandarin
    /// ([`pinyin`](crate::normalize::pinyin)), as where other rows have such names in Latin letters. Names that are
    /// read alike are equal then, so not where all are in Chinese.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinyin: bool,
}

impl ColumnSpec {
    /// A column made of the raw column of the same name.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        ColumnSpec { name: name.into(), kind, from: Vec::new(), month_first: false, pinyin: false }
    }

    pub(crate) fn sources(&self) -> impl Iterator<Item = &str> {
        let own = self.from.is_empty().then_some(self.name.as_str());
        own.into_iter().chain(self.from.iter().map(String::as_str))
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
    source_count: usize,
    ids: Texts,
    /// For each row, its place among the rows as they came.
    order: Vec<u32>,
    /// Where rows stand near their like: for each row its place in the order of keys, and the other way round.
    near: Option<Near>,
}

/// The order of keys, of rows that are in another.
#[derive(Debug, Clone)]
struct Near {
    rank: Vec<u32>,
    row: Vec<u32>,
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
        Self::made(raw, specs, false)
    }

    /// [`Table::prepare`] with rows that are alike near each other, and values numbered in the order of rows, so that
    /// what is done to one after the other finds memory in the caches. [`Table::by_key`] puts them in order.
    pub(crate) fn prepare_near(raw: RawTable, specs: &[ColumnSpec]) -> Result<Self> {
        Self::made(raw, specs, true)
    }

    fn made(mut raw: RawTable, specs: &[ColumnSpec], near: bool) -> Result<Self> {
        let (mut order, duplicate) = raw.order();
        if let Some((first, second)) = duplicate {
            return Err(Error::invalid(format!(
                "{} and {} have the same id in one source; name a column of unique ids, or one of sources, or ignore the \
                 column of ids, and rows are numbered",
                raw.place_name(first),
                raw.place_name(second)
            ))
            .in_field("id"));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(specs.len());
        let (mut made, mut distinct) = (Vec::with_capacity(specs.len()), Vec::with_capacity(specs.len()));
        for (at, spec) in specs.iter().enumerate() {
            if columns.iter().any(|column| column.name == spec.name) {
                return Err(Error::invalid("is the name of two columns").in_field(&spec.name));
            }
            let later: Vec<&str> = specs[at + 1..].iter().flat_map(ColumnSpec::sources).collect();
            let (values, cells) = column::made(&mut raw, spec, &later)?;
            distinct.push(cells.distinct(values.len()));
            columns.push(Column { name: spec.name.clone(), kind: spec.kind, values, counts: Vec::new() });
            made.push(cells);
        }
        let RawTable { sources, source, ids, columns: raw_columns, .. } = raw;
        let width = columns.len();
        let came = column::side_by_side(&raw_columns, &made, order.len());
        drop((raw_columns, made));
        let near = near.then(|| {
            let rank = near::rank(&columns, &distinct, &came, &order);
            let mut row = vec![0u32; rank.len()];
            (0u32..).zip(&rank).for_each(|(at, &rank)| row[rank as usize] = at);
            order = rank.iter().map(|&rank| order[rank as usize]).collect();
            Near { rank, row }
        });
        let cells = numbers::renumbered(&mut columns, &came, &order);
        drop(came);
        let mut seen = vec![false; sources.len()];
        source.iter().for_each(|&source| seen[source as usize] = true);
        let source_count = seen.into_iter().filter(|seen| *seen).count();
        Ok(Table { columns, width, cells, sources, source, source_count, ids, order, near })
    }

    /// The rows in the order of their keys.
    pub(crate) fn by_key(mut self) -> Self {
        let Some(near) = self.near.take() else { return self };
        let mut cells = Vec::with_capacity(self.cells.len());
        near.row.iter().for_each(|&row| cells.extend_from_slice(self.row(row)));
        self.cells = cells;
        self.order = near.row.iter().map(|&row| self.order[row as usize]).collect();
        self
    }

    /// The place of a row in the order of keys.
    #[inline]
    pub(crate) fn rank(&self, row: u32) -> u32 {
        self.near.as_ref().map_or(row, |near| near.rank[row as usize])
    }

    /// The row at a place in the order of keys.
    #[inline]
    pub(crate) fn ranked(&self, rank: u32) -> u32 {
        self.near.as_ref().map_or(rank, |near| near.row[rank as usize])
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
        self.source_count
    }

    /// A row's place among the rows as they came.
    pub fn place(&self, row: u32) -> u32 {
        self.order[row as usize]
    }

    /// The source and the id of the row that has this [place](Table::place).
    ///
    /// ```
    /// use stitchline::table::{ColumnSpec, Kind, RawTable, Table};
    ///
    /// let mut raw = RawTable::new(["name"])?;
    /// raw.push("crm", "2", &["Bob"])?;
    /// raw.push("crm", "1", &["Ann Lee"])?;
    /// let table = Table::prepare(raw, &[ColumnSpec::new("name", Kind::NameWords)])?;
    /// assert_eq!((table.id(0), table.place(0), table.key_at(0)), ("1", 1, ("crm", "2")));
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    pub fn key_at(&self, place: u32) -> (&str, &str) {
        let source = self.source.get(place as usize).map_or("", |&source| self.sources.text(source));
        (source, self.ids.get(place as usize))
    }

    pub(crate) fn cells(&self) -> &[u32] {
        &self.cells
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }
}
