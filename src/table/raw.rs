//! Rows as they come: each column's cells as numbers into a dictionary of its distinct raw texts.

use super::{
    dictionary::{Dictionary, Texts},
    near::head,
    words::hash,
};
use crate::error::{Error, Result};
#[cfg(feature = "adapters")]
use std::collections::HashSet;
use std::ops::Range;

/// A column of raw text.
#[derive(Debug, Clone)]
pub struct RawColumn {
    /// The name in the header.
    pub name: String,
    /// The distinct texts, without white space around them.
    pub values: Dictionary,
    /// The number of each row's text.
    pub cells: Vec<u32>,
}

/// Rows with a key each, before anything is made of their text.
///
/// ```
/// use stitchline::table::RawTable;
///
/// let mut table = RawTable::new(["name", "phone"])?;
/// table.push("crm", "1", &["Ann Lee", "020 7946 0123"])?;
/// table.push("web", "1", &["ann lee", ""])?;
/// assert_eq!((table.len(), table.columns().len()), (2, 2));
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RawTable {
    pub(super) columns: Vec<RawColumn>,
    pub(super) sources: Dictionary,
    pub(super) source: Vec<u32>,
    pub(super) ids: Texts,
    /// Whether ids were given: they are content otherwise.
    keyed: bool,
    /// About how many rows there will be; 0 where nobody knows.
    #[cfg(feature = "adapters")]
    expected: usize,
    /// The files that rows came from.
    files: Vec<String>,
    /// Those with a header, each with its names.
    headers: Vec<(String, Vec<String>)>,
    /// Where rows came from: from this row on, the file, and how many lines it is ahead of the row.
    origins: Vec<(u32, u32, u64)>,
}

impl RawTable {
    /// A table with these columns and no rows.
    ///
    /// # Errors
    /// Where two columns have one name.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        let mut columns: Vec<RawColumn> = Vec::new();
        for name in names {
            let name = name.into();
            if columns.iter().any(|column| column.name == name) {
                return Err(
                    Error::invalid(format!("two columns are named `{name}`; rename one")).in_field("header")
                );
            }
            columns.push(RawColumn { name, values: Dictionary::new(), cells: Vec::new() });
        }
        Ok(RawTable {
            columns,
            sources: Dictionary::new(),
            source: Vec::new(),
            ids: Texts::default(),
            keyed: true,
            #[cfg(feature = "adapters")]
            expected: 0,
            files: Vec::new(),
            headers: Vec::new(),
            origins: Vec::new(),
        })
    }

    /// Adds a row. Cells that are missing at the end are empty; white space around text does not count.
    ///
    /// # Errors
    /// Where there are more cells than columns, or a column would exceed 4 GiB.
    pub fn push<S: AsRef<str>>(&mut self, source: &str, id: &str, cells: &[S]) -> Result<()> {
        if cells.len() > self.columns.len() {
            return Err(Error::invalid(format!(
                "has {} cells where the table has {} columns",
                cells.len(),
                self.columns.len()
            )));
        }
        for (at, column) in self.columns.iter_mut().enumerate() {
            let text = cells.get(at).map_or("", |cell| cell.as_ref().trim());
            let symbol = column.values.intern(text).map_err(|error| error.in_field(&column.name))?;
            column.cells.push(symbol);
        }
        self.key(source, id)
    }

    pub(super) fn key(&mut self, source: &str, id: &str) -> Result<()> {
        let number = match self.source.last() {
            // Mostly that of the row before.
            Some(&last) if self.sources.text(last) == source => last,
            _ => self.sources.intern(source)?,
        };
        self.source.push(number);
        self.ids.push(id);
        if self.ids.len() > u32::MAX as usize / 2 {
            return Err(Error::invalid("has more than 2,147,483,647 rows; split it"));
        }
        Ok(())
    }

    /// Makes room for so many rows in all, where there is as much memory.
    #[cfg(feature = "adapters")]
    pub(super) fn reserve(&mut self, rows: usize) {
        self.expected = rows;
        let more = rows.saturating_sub(self.len());
        let cells = self.columns.iter_mut().map(|column| &mut column.cells);
        // Without room, what is pushed makes it.
        cells.chain([&mut self.source]).for_each(|own| own.try_reserve(more).unwrap_or_default());
        self.ids.reserve(more);
    }

    /// About how many rows are to come; as many as there are, where nobody knows.
    #[cfg(feature = "adapters")]
    pub(super) fn to_come(&self) -> usize {
        self.expected.checked_sub(self.len()).unwrap_or(self.len())
    }

    /// Says where rows come from, from now on.
    #[cfg(feature = "adapters")]
    pub(super) fn begin_file(&mut self, name: &str) {
        self.files.push(name.to_owned());
    }

    /// Says what the header of the file that was begun last has.
    #[cfg(feature = "adapters")]
    pub(super) fn has_header(&mut self, names: &[String]) {
        let file = self.files.last().cloned().unwrap_or_default();
        self.headers.push((file, names.to_vec()));
    }

    /// The files that have a header, each with it.
    pub(crate) fn headers(&self) -> &[(String, Vec<String>)] {
        &self.headers
    }

    /// Says on which line of the file the row added last begins.
    #[cfg(feature = "adapters")]
    pub(super) fn came_from(&mut self, line: u64) {
        let row = self.len().saturating_sub(1) as u32;
        let (file, ahead) = (self.files.len().saturating_sub(1) as u32, line.wrapping_sub(u64::from(row)));
        if self.origins.last().is_none_or(|&(_, of, by)| (of, by) != (file, ahead)) {
            self.origins.push((row, file, ahead));
        }
    }

    /// A row, by its place from 0, for messages: its file and line, or its number where it came from no file.
    pub fn place_name(&self, row: usize) -> String {
        let after = self.origins.partition_point(|&(from, ..)| from as usize <= row);
        match after.checked_sub(1).and_then(|at| self.origins.get(at)) {
            Some(&(_, file, ahead)) => {
                let line = (row as u64).wrapping_add(ahead);
                format!("{}:{line}", self.files.get(file as usize).map_or("", String::as_str))
            }
            None => format!("row {}", row + 1),
        }
    }

    /// The rows of each file that has some, by their places from 0; nothing of rows that came from no file.
    pub(crate) fn rows_of_files(&self) -> Vec<Range<usize>> {
        let mut found: Vec<(u32, Range<usize>)> = Vec::new();
        let ends = self.origins.iter().skip(1).map(|&(from, ..)| from as usize).chain([self.len()]);
        for (&(from, file, _), end) in self.origins.iter().zip(ends) {
            match found.last_mut() {
                Some((last, rows)) if *last == file => rows.end = end,
                _ => found.push((file, from as usize..end)),
            }
        }
        found.into_iter().map(|(_, rows)| rows).collect()
    }

    /// Makes one column of several: of each row the first of them that has a value. Columns that are not there are passed over,
    /// and where none is there, nothing is done. O(rows and distinct values of the others).
    ///
    /// ```
    /// use stitchline::table::RawTable;
    ///
    /// let mut table = RawTable::new(["surname", "last_name"])?;
    /// table.push("crm", "1", &["Lee", ""])?;
    /// table.push("web", "9", &["", "Ford"])?;
    /// table.unite("surname", &["last_name"])?;
    /// let surname = &table.columns()[0];
    /// assert_eq!(surname.values.text(surname.cells[1]), "Ford");
    /// assert_eq!(table.columns().len(), 1);
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the texts would exceed 4 GiB.
    pub fn unite<S: AsRef<str>>(&mut self, name: &str, others: &[S]) -> Result<()> {
        let mut places = [name].into_iter().chain(others.iter().map(AsRef::as_ref));
        let Some(first) = places.find_map(|own| self.find(own)) else { return Ok(()) };
        let main = self.columns[first].name.clone();
        let others = others.iter().map(AsRef::as_ref).filter(|other| **other != main);
        let taken: Vec<RawColumn> = others.filter_map(|other| self.take_column(other)).collect();
        let Some(into) = self.columns.iter_mut().find(|column| column.name == main) else { return Ok(()) };
        for other in taken {
            let mut numbers: Vec<Option<u32>> = vec![None; other.values.len()];
            let cells = into.cells.iter_mut().zip(&other.cells);
            for (cell, &own) in cells.filter(|(cell, own)| **cell == 0 && **own != 0) {
                let number = &mut numbers[own as usize];
                *cell = match *number {
                    Some(known) => known,
                    None => *number.insert(
                        into.values.intern(other.values.text(own)).map_err(|error| error.in_field(name))?,
                    ),
                };
            }
        }
        into.name = name.to_owned();
        Ok(())
    }

    /// Takes a column out, such as one that holds the truth.
    pub fn take_column(&mut self, name: &str) -> Option<RawColumn> {
        self.find(name).map(|at| self.columns.remove(at))
    }

    /// The source of a row, by its place from 0.
    pub fn source(&self, row: usize) -> &str {
        self.source.get(row).map_or("", |&source| self.sources.text(source))
    }

    /// The id of a row, by its place from 0; its number from 1 where it came without one.
    pub fn id(&self, row: usize) -> &str {
        if row < self.len() { self.ids.get(row) } else { "" }
    }

    /// Adds a column that is empty so far.
    #[cfg(feature = "adapters")]
    pub(super) fn add_column(&mut self, name: String) {
        let cells = vec![0; self.len()];
        self.columns.push(RawColumn { name, values: Dictionary::new(), cells });
    }

    #[cfg(feature = "adapters")]
    pub(super) fn column_mut(&mut self, at: usize) -> &mut RawColumn {
        &mut self.columns[at]
    }

    #[cfg(feature = "adapters")]
    pub(super) fn unkeyed(&mut self) {
        self.keyed = false;
    }

    /// The columns, in the order given.
    pub fn columns(&self) -> &[RawColumn] {
        &self.columns
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a column by its name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether two rows without ids have one key.
    #[cfg(feature = "adapters")]
    pub(super) fn unkeyed_twice(&self) -> bool {
        let mut met = HashSet::with_capacity(self.len());
        !self.keyed && !(0..self.len()).all(|row| met.insert((self.source[row], self.ids.get(row))))
    }

    /// Rows in the order of their keys (source, id), so that what follows does not depend on the order in which they
    /// came; and the first key that two rows share, as their places from 0. Rows without ids are in the order of their
    /// content and share none.
    pub(super) fn order(&self) -> (Vec<u32>, Option<(usize, usize)>) {
        let mut rank: Vec<u32> = (0..self.sources.len() as u32).collect();
        rank.sort_unstable_by_key(|&source| self.sources.text(source));
        let mut place = vec![0u32; rank.len()];
        rank.iter().zip(0..).for_each(|(&source, at)| place[source as usize] = at);
        if !self.keyed {
            // Whichever file came first, and so its columns.
            let mut columns: Vec<&RawColumn> = self.columns.iter().collect();
            columns.sort_unstable_by(|a, b| a.name.cmp(&b.name));
            let hashes: Vec<Vec<u64>> =
                columns.iter().map(|c| c.values.texts().map(|t| hash(t.as_bytes())).collect()).collect();
            let content = |row: usize| {
                columns.iter().zip(&hashes).fold(0u64, |sum, (column, hashes)| {
                    (sum.rotate_left(7) ^ hashes[column.cells[row] as usize])
                        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                })
            };
            let source = |row: usize| place[self.source[row] as usize];
            let mut order: Vec<(u64, u32, u32)> =
                (0..self.len()).map(|row| (content(row), source(row), row as u32)).collect();
            order.sort_unstable();
            return (order.into_iter().map(|(.., row)| row).collect(), None);
        }
        // Source, first bytes of the id and row in one number; the rest of the id where these leave it open.
        let mut order: Vec<u128> = (0..self.len())
            .map(|row| {
                let place = u128::from(place[self.source[row] as usize]);
                place << 96 | u128::from(head(self.ids.raw(row))) << 32 | row as u128
            })
            .collect();
        order.sort_unstable();
        let id = |own: &u128| self.ids.raw(*own as u32 as usize);
        let mut duplicate: Option<(usize, usize)> = None;
        for same in order.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|same| same.len() > 1) {
            same.sort_unstable_by(|a, b| id(a).cmp(id(b)).then(a.cmp(b)));
            let twice = same.windows(2).filter(|pair| id(&pair[0]) == id(&pair[1]));
            let places = twice.map(|pair| (pair[0] as u32 as usize, pair[1] as u32 as usize));
            duplicate = duplicate.into_iter().chain(places).min();
        }
        (order.into_iter().map(|own| own as u32).collect(), duplicate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows without ids are in the order of their content, whatever the order of the columns.
    #[cfg(feature = "adapters")]
    #[test]
    fn the_order_of_columns_does_not_count() {
        let rows: Vec<[String; 3]> =
            (0..50).map(|at| [at * 7 % 50, at % 5, at % 3].map(|n| n.to_string())).collect();
        let first = |columns: [usize; 3]| -> Vec<String> {
            let mut table = RawTable::new(columns.map(|at| ["a", "b", "c"][at])).unwrap();
            table.unkeyed();
            let put = |table: &mut RawTable, row: &[String; 3]| {
                let cells = columns.map(|at| row[at].as_str());
                table.push("crm", &row[0], &cells).unwrap();
            };
            rows.iter().for_each(|row| put(&mut table, row));
            table.order().0.iter().map(|&row| table.id(row as usize).to_owned()).collect()
        };
        assert_eq!(first([0, 1, 2]), first([2, 0, 1]));
        assert_ne!(first([0, 1, 2]), rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn keys_are_put_in_order_and_the_first_that_is_there_twice_is_found(
            keys in prop::collection::vec(("[ab]", "[ab]{1,2}|same beginning [ab]|[0-9]{1,12}"), 0..40),
        ) {
            let mut table = RawTable::new(["x"]).unwrap();
            keys.iter().for_each(|(source, id)| table.push(source, id, &[""]).unwrap());
            let (order, duplicate) = table.order();
            let mut expected: Vec<u32> = (0..keys.len() as u32).collect();
            expected.sort_by_key(|&row| &keys[row as usize]);
            prop_assert_eq!(order, expected);
            let later = |a: usize| (a + 1..keys.len()).find(|&b| keys[a] == keys[b]).map(|b| (a, b));
            prop_assert_eq!(duplicate, (0..keys.len()).find_map(later));
        }
    }
}
