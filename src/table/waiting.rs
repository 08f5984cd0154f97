//! Rows of a file on their way into the columns' dictionaries, many at once.

use super::raw::{RawColumn, RawTable};
use crate::{delimited::run::Run, error::Result};
use std::ops::Range;

/// Text of rows that waits for being put into the columns' dictionaries, many rows at once.
pub(super) struct Waiting<'a> {
    /// Places in the file and in the table, and where the fields are, row after row.
    columns: Vec<(usize, usize, Vec<Range<usize>>)>,
    header: &'a [String],
    text: String,
    rows: usize,
}

/// How much text waits at most, but for one row, and how many rows.
const WAITING: usize = 1 << 18;
const WAITING_ROWS: usize = 1 << 11;

impl<'a> Waiting<'a> {
    /// None yet. `columns` are the places of fields in the file, each with that of its column in the table; `header` are
    /// their names.
    pub(super) fn new(columns: impl Iterator<Item = (usize, usize)>, header: &'a [String]) -> Self {
        let columns = columns.map(|(at, column)| (at, column, Vec::new())).collect();
        Waiting { columns, header, text: String::new(), rows: 0 }
    }

    /// Adds a row out of its text and where each field is in that.
    pub(super) fn row(&mut self, text: &str, range: impl Fn(usize) -> Range<usize>) {
        let from = self.text.len();
        self.text.push_str(text);
        for (at, _, parts) in &mut self.columns {
            let own = trimmed(text, range(*at));
            parts.push(from + own.start..from + own.end);
        }
        self.rows += 1;
    }

    /// Adds rows that stand in a text one behind the other.
    pub(super) fn rows(&mut self, text: &str, run: &Run) {
        let from = self.text.len();
        self.text.push_str(text);
        for (at, _, parts) in &mut self.columns {
            let own = run.column(*at).map(|part| trimmed(text, part));
            parts.extend(own.map(|part| from + part.start..from + part.end));
        }
        self.rows += run.len();
    }

    /// How many more rows may wait.
    pub(super) fn free(&self) -> usize {
        WAITING_ROWS.saturating_sub(self.rows)
    }

    /// Whether it is time to put them into the table.
    pub(super) fn is_full(&self) -> bool {
        self.text.len() >= WAITING || self.rows >= WAITING_ROWS
    }

    /// Puts all that wait into the table's columns.
    pub(super) fn put(&mut self, table: &mut RawTable) -> Result<()> {
        let more = table.to_come();
        for (at, column, parts) in &mut self.columns {
            let RawColumn { values, cells, .. } = table.column_mut(*column);
            let before = values.len();
            let put = values.intern_parts(&self.text, parts, cells);
            put.map_err(|error| error.in_field(&self.header[*at]))?;
            values.foresee(parts.len(), values.len() - before, more);
            parts.clear();
        }
        self.text.clear();
        self.rows = 0;
        Ok(())
    }
}

/// A part of a text without white space around it.
#[inline]
pub(super) fn trimmed(text: &str, part: Range<usize>) -> Range<usize> {
    let bytes = &text.as_bytes()[part.clone()];
    let plain = |byte: Option<&u8>| byte.is_none_or(|byte| byte.is_ascii_graphic());
    if plain(bytes.first()) && plain(bytes.last()) {
        return part;
    }
    let own = text.get(part.clone()).unwrap_or_default();
    let from = part.start + own.len() - own.trim_start().len();
    from..from + own.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_are_trimmed_as_text(text in "[ \\t\u{a0}\u{3000}aé,]{0,9}", ends in (0usize..20, 0usize..20)) {
            let bound = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let (from, to) = (bound(ends.0.min(ends.1)), bound(ends.0.max(ends.1)));
            prop_assert_eq!(&text[trimmed(&text, from..to)], text[from..to].trim());
        }
    }
}
