//! Rows of CSV into a table: as many as possible as they stand in a block of the file, the others one by one.

use super::{
    super::{
        raw::RawTable,
        waiting::{Waiting, trimmed},
    },
    TableReader, Use,
};
use crate::{
    delimited::{
        NOT_UTF8,
        lines::Lines,
        rows::{NO_HEADER, Row, Rows, is_value},
        run::Run,
    },
    error::{Error, Result},
};
use std::{fmt::Write, io::Read};

impl TableReader {
    pub(super) fn csv<R: Read>(
        &mut self,
        lines: &mut Lines<R>,
        delimiter: u8,
        name: &str,
        default_source: &str,
    ) -> Result<()> {
        let max = self.options.max_line_bytes;
        let mut rows = Rows::new(delimiter);
        let header = match rows.advance(lines, max, None)? {
            Row::Fields => header(&rows)?,
            Row::End => return Err(Error::invalid("is empty; a header with the columns' names is expected")),
            Row::Bad(reason) => return Err(Error::invalid(format!("the header {reason}"))),
            Row::Ragged(_) => return Err(Error::invalid("the header cannot be read")),
        };
        let uses = self.uses(&header, name)?;
        let Some(mut table) = self.table.take() else { return Ok(()) };
        let mut touched = vec![false; table.columns().len()];
        uses.iter().for_each(|one| {
            if let Use::Column(at) = one {
                touched[*at] = true
            }
        });
        let untouched: Vec<usize> = (0..touched.len()).filter(|&at| !touched[at]).collect();
        let columns = uses.iter().enumerate().filter_map(|(at, one)| match one {
            Use::Column(column) => Some((at, *column)),
            _ => None,
        });
        let before = table.len();
        let mut waiting = Waiting::new(columns, &header);
        let place = |what: Use| uses.iter().position(|one| *one == what);
        let (id, source) = (place(Use::Id), place(Use::Source));
        table.has_header(&header);
        let (file, rejected) = (self.before_number(name), self.rejected_count);
        let mut keys = Keys { id, source, default_source, file, number: String::new(), before, left_out: 0 };
        let (mut run, mut pace) = (Run::default(), Pace::default());
        let result = loop {
            if waiting.is_full() {
                if let Err(error) = waiting.put(&mut table) {
                    break Err(error);
                }
                if !self.room {
                    let of_each = lines.passed() as f64 / (table.len() - before).max(1) as f64;
                    table.reserve((self.options.expected_bytes as f64 / of_each * 1.02) as usize);
                    self.room = true;
                }
            }
            if rows.is_between()
                && let Some(most) = pace.most()
            {
                let first = lines.number();
                let block = lines.block()?;
                rows.run(block, header.len(), (most.min(waiting.free()), max), &mut run);
                let found = run.len();
                let text = good(block, &mut run, keys.id);
                pace.went(found, run.len());
                if run.len() > 0 {
                    waiting.rows(text, &run);
                    untouched.iter().for_each(|&at| {
                        let cells = &mut table.column_mut(at).cells;
                        cells.resize(cells.len() + run.len(), 0);
                    });
                    keys.left_out = self.rejected_count - rejected;
                    if let Err(error) = keys.of_run(text, &run, first, &mut table) {
                        break Err(error);
                    }
                    let (count, bytes) = run.size();
                    lines.pass(count, bytes);
                    continue;
                }
            }
            match rows.advance(lines, max, Some(header.len()))? {
                Row::End => break waiting.put(&mut table),
                Row::Bad(reason) => {
                    self.reject(name, rows.number(), None, self.advice(reason));
                    continue;
                }
                Row::Ragged(found) => {
                    let reason = format!("has {found} fields where the header has {}", header.len());
                    self.reject(name, rows.number(), None, reason);
                    continue;
                }
                Row::Fields => {}
            }
            if rows.text().is_none() {
                let is_bad = |at: &usize| std::str::from_utf8(rows.field(*at)).is_err();
                let bad: Vec<usize> = (0..uses.len()).filter(is_bad).collect();
                if let Some(&at) = bad.iter().find(|at| uses[**at] != Use::Ignored) {
                    self.reject(name, rows.number(), Some(&header[at]), NOT_UTF8);
                    continue;
                }
                bad.into_iter().for_each(|at| rows.blank(at));
            }
            let whole = rows.text().unwrap_or_default();
            let field = |at: usize| whole.get(trimmed(whole, rows.range(at))).unwrap_or_default();
            if keys.id.is_some_and(|at| field(at).is_empty()) {
                self.reject(name, rows.number(), None, "has no id");
                continue;
            }
            waiting.row(whole, |at| rows.range(at));
            untouched.iter().for_each(|&at| table.column_mut(at).cells.push(0));
            keys.left_out = self.rejected_count - rejected;
            if let Err(error) =
                keys.of_row(keys.id.map(field), keys.source.map(field), rows.number(), &mut table)
            {
                break Err(error);
            }
        };
        self.table = Some(table);
        result
    }
}

/// The text of the first rows of a run that can be taken: valid UTF-8, each with an id where they have one. The run is cut
/// behind them.
fn good<'b>(block: &'b [u8], run: &mut Run, id: Option<usize>) -> &'b str {
    let text = match std::str::from_utf8(&block[..run.size().1]) {
        Ok(text) => text,
        Err(error) => {
            run.cut_behind(error.valid_up_to());
            std::str::from_utf8(&block[..run.size().1]).unwrap_or_default()
        }
    };
    let bare = id.and_then(|at| run.column(at).position(|part| trimmed(text, part).is_empty()));
    run.cut(bare.unwrap_or(run.len()));
    &text[..run.size().1]
}

/// Which fields make the keys of rows.
struct Keys<'a> {
    id: Option<usize>,
    source: Option<usize>,
    default_source: &'a str,
    /// The number of a row that has no id behind what stands before it: of those read after so many, and so many that were
    /// left out.
    number: String,
    file: String,
    before: usize,
    left_out: u64,
}

impl Keys<'_> {
    /// Gives the keys of a row to the table.
    fn of_row(
        &mut self,
        id: Option<&str>,
        source: Option<&str>,
        line: u64,
        table: &mut RawTable,
    ) -> Result<()> {
        let id = match id {
            Some(id) => id,
            None => {
                self.number.clear();
                let number = (table.len() - self.before) as u64 + self.left_out + 1;
                let _ = write!(self.number, "{}{number}", self.file);
                &self.number
            }
        };
        table.key(source.unwrap_or(self.default_source), id)?;
        table.came_from(line);
        Ok(())
    }

    /// Gives the keys of rows to the table; `before` is the line before the first.
    fn of_run(&mut self, text: &str, run: &Run, before: u64, table: &mut RawTable) -> Result<()> {
        let column = |at: Option<usize>| at.map(|at| run.column(at));
        let (mut ids, mut sources) = (column(self.id), column(self.source));
        for line in run.lines() {
            let [id, source] = [&mut ids, &mut sources].map(|column| {
                let part = column.as_mut()?.next()?;
                text.get(trimmed(text, part))
            });
            self.of_row(id, source, before + line, table)?;
        }
        Ok(())
    }
}

/// How many rows are tried to be taken as they stand: fewer after some that could not, so that no more of them are looked
/// at in vain than there are.
struct Pace {
    most: usize,
    /// Rows until the next try, and how many these were the last time.
    pause: usize,
    paused: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { most: usize::MAX, pause: 0, paused: 0 }
    }
}

impl Pace {
    /// The most rows to try; none where the next one is to be read by itself.
    fn most(&mut self) -> Option<usize> {
        let waits = self.pause > 0;
        self.pause = self.pause.saturating_sub(1);
        (!waits).then_some(self.most)
    }

    /// So many rows were found, of which so many could be taken.
    fn went(&mut self, found: usize, taken: usize) {
        self.most = if found == taken { self.most.saturating_mul(2) } else { taken.max(1) };
        self.paused = if taken == 0 { (self.paused * 2 + 1).min(63) } else { 0 };
        self.pause = self.paused;
    }
}

fn header(rows: &Rows) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(rows.len());
    for at in 0..rows.len() {
        let text =
            std::str::from_utf8(rows.field(at)).map_err(|_| Error::invalid(NOT_UTF8).in_field("header"))?;
        let text = text.trim();
        names.push(if text.is_empty() { format!("column_{}", at + 1) } else { text.to_owned() });
    }
    let unnamed = (0..rows.len()).filter(|&at| rows.field(at).trim_ascii().is_empty()).count();
    if unnamed * 2 > names.len() && names.len() > 2 {
        return Err(Error::invalid(format!(
            "the header has no name for {unnamed} of {} columns; take out what stands above it, or name the columns",
            names.len()
        )));
    }
    if names.iter().any(|name| is_value(name)) {
        return Err(Error::invalid(NO_HEADER));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{super::ReadOptions, *};
    use proptest::prelude::*;

    /// What is in columns, the source of each row and the lines that were left out.
    type Found = (Vec<(String, String, Vec<String>)>, Vec<u64>);

    /// Row by row.
    fn plainly(text: &[u8], max: usize) -> Found {
        let (mut rows, mut lines) = (Rows::new(b','), Lines::new(text, max));
        let (mut taken, mut left_out) = (Vec::new(), Vec::new());
        loop {
            match rows.advance(&mut lines, max, Some(4)).unwrap() {
                Row::End => break,
                Row::Fields => {}
                _ => {
                    left_out.push(rows.number());
                    continue;
                }
            }
            let whole = |at: usize| std::str::from_utf8(rows.field(at)).map(|field| field.trim().to_owned());
            let fields: Vec<_> = (0..rows.len()).filter_map(|at| whole(at).ok()).collect();
            match <[String; 4]>::try_from(fields) {
                Ok([id, source, a, b]) if !id.is_empty() => taken.push((id, source, vec![a, b])),
                _ => left_out.push(rows.number()),
            }
        }
        (taken.split_off(1), left_out)
    }

    proptest! {
        #[test]
        fn rows_are_those_read_one_by_one(
            lines in prop::collection::vec(
                (
                    prop::collection::vec("[ab1]{0,2}|\"[a,]{0,2}\"|a\"|\"|\"\"\"\"| x |~", 2..4),
                    "[1-9~]{0,2},s?",
                    "\r?\n|\n\n",
                ),
                0..60,
            ),
        ) {
            let mut text = "id,source,a,b\n".to_owned();
            for (fields, key, end) in &lines {
                text += &format!("{key},{}{end}", fields.join(","));
            }
            // What is no UTF-8.
            let text: Vec<u8> = text.bytes().map(|byte| if byte == b'~' { 0xff } else { byte }).collect();
            let max = 20;
            let (expected, left_out) = plainly(&text, max);
            let mut reader = TableReader::new(ReadOptions { max_line_bytes: max, ..ReadOptions::default() });
            reader.read(&text[..], "a.csv").unwrap();
            let (table, rejected) = reader.finish().unwrap();
            let cells = |row: usize| {
                let columns = table.columns().iter();
                columns.map(|column| column.values.text(column.cells[row]).to_owned()).collect::<Vec<_>>()
            };
            let found: Vec<_> = (0..table.len())
                .map(|row| (table.id(row).to_owned(), table.source(row).to_owned(), cells(row)))
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(rejected.iter().map(|row| row.line).collect::<Vec<_>>(), left_out);
        }
    }
}
