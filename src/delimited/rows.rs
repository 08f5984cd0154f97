//! CSV rows out of lines: quotes, quoted line ends, and a way on after a quote that never closes.

use super::{
    lines::{Found, Lines},
    run::Run,
};
use std::{
    collections::VecDeque,
    io::{self, Read},
    ops::Range,
};

/// The most lines that one row may span.
const MAX_LINES: usize = 1000;
/// After so many quotes in a row that came to nothing, a line is a row until one fits again. Bounds the work on a
/// file made to be read again and again.
const MAX_FAILURES: u32 = 16;
/// The most columns of a row.
const MAX_COLUMNS: usize = 4096;

/// What [`Rows::advance`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// A row, to be had from [`Rows::field`].
    Fields,
    /// A line that is no row.
    Bad(&'static str),
    /// Another number of fields than asked for.
    Ragged(usize),
    /// Nothing more.
    End,
}

/// A line's number, and its text unless it was too long.
type Held = (u64, Option<Vec<u8>>);

/// Splits lines into rows.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    delimiter: u8,
    text: Vec<u8>,
    /// Where each field is in that.
    ranges: Vec<(usize, usize)>,
    /// Where the field begins that is not ended.
    from: usize,
    quoted: bool,
    /// Whether text followed a closing quote.
    loose: bool,
    /// Lines that were read as parts of a row that came to nothing.
    held: VecDeque<Held>,
    failures: u32,
    number: u64,
    /// The first line of the current row, but where that is the text.
    raw: Vec<u8>,
}

impl Rows {
    pub(crate) fn new(delimiter: u8) -> Self {
        Rows { delimiter, ..Rows::default() }
    }

    /// The line on which the current row begins.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The first line of the current row as it came.
    pub(crate) fn raw(&self) -> &[u8] {
        if self.raw.is_empty() { &self.text } else { &self.raw }
    }

    pub(crate) fn len(&self) -> usize {
        self.ranges.len()
    }

    pub(crate) fn field(&self, index: usize) -> &[u8] {
        &self.text[self.range(index)]
    }

    /// A text that holds all fields of the current row, where it is valid UTF-8.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.text).ok()
    }

    /// Puts question marks in the place of a field.
    pub(crate) fn blank(&mut self, index: usize) {
        let range = self.range(index);
        self.text[range].fill(b'?');
    }

    /// Where in that text a field is.
    pub(crate) fn range(&self, index: usize) -> Range<usize> {
        let (from, to) = self.ranges[index];
        from..to
    }

    /// Whether the next row begins with the next line.
    pub(crate) fn is_between(&self) -> bool {
        self.held.is_empty()
    }

    /// Takes the first lines of a block for rows, as [`Run::take`] does. What they hold need not be valid UTF-8.
    pub(crate) fn run(&mut self, block: &[u8], columns: usize, limits: (usize, usize), run: &mut Run) {
        run.take(block, self.delimiter, columns, limits);
        if run.len() > 0 {
            self.failures = 0;
        }
    }

    /// Goes to the next row; `columns` is how many fields it must have, if that is known.
    pub(crate) fn advance<R: Read>(
        &mut self,
        lines: &mut Lines<R>,
        max_bytes: usize,
        columns: Option<usize>,
    ) -> io::Result<Row> {
        loop {
            self.text.clear();
            self.ranges.clear();
            self.from = 0;
            self.quoted = false;
            self.loose = false;
            self.raw.clear();
            match self.held.pop_front() {
                Some((number, line)) => {
                    self.number = number;
                    match line {
                        Some(line) => self.raw = line,
                        None => return Ok(Row::Bad(TOO_LONG)),
                    }
                }
                None => match lines.advance()? {
                    Found::End => return Ok(Row::End),
                    found => {
                        self.number = lines.number();
                        if found == Found::TooLong {
                            return Ok(Row::Bad(TOO_LONG));
                        }
                        if lines.line().is_empty() {
                            continue;
                        }
                        if self.split_plain(lines.line()) {
                            return Ok(self.judge(columns));
                        }
                        self.raw.extend_from_slice(lines.line());
                    }
                },
            }
            if self.raw.is_empty() {
                continue;
            }
            let raw = std::mem::take(&mut self.raw);
            self.split(&raw);
            self.raw = raw;
            if !self.quoted {
                return Ok(self.judge(columns));
            }
            if self.failures >= MAX_FAILURES {
                return Ok(Row::Bad(UNCLOSED));
            }
            return self.join(lines, max_bytes, columns);
        }
    }

    /// Reads on while a quote is open. Where that comes to no row, the first line alone is at fault and the others
    /// are read again.
    fn join<R: Read>(
        &mut self,
        lines: &mut Lines<R>,
        max_bytes: usize,
        columns: Option<usize>,
    ) -> io::Result<Row> {
        let mut taken: VecDeque<Held> = VecDeque::new();
        // More fields than a row has will not become fewer.
        let full = columns.unwrap_or(MAX_COLUMNS);
        while self.quoted
            && !self.loose
            && self.ranges.len() < full
            && taken.len() < MAX_LINES
            && self.text.len() <= max_bytes
        {
            let next = match self.held.pop_front() {
                Some(held) => held,
                None => match lines.advance()? {
                    Found::Line => (lines.number(), Some(lines.line().to_vec())),
                    Found::TooLong => (lines.number(), None),
                    Found::End => break,
                },
            };
            let line = next.1.as_deref().unwrap_or_default();
            self.text.push(b'\n');
            self.split(line);
            let too_long = next.1.is_none();
            taken.push_back(next);
            if too_long {
                break;
            }
        }
        // A quote that another row's stray one happens to close has swallowed rows.
        if !self.quoted && self.has_swallowed(&taken, columns) {
            self.quoted = true;
        }
        // Text after the closing quote: a quote that was never closed has met one that was meant to open.
        let row = if self.quoted || self.loose { Row::Bad(UNCLOSED) } else { self.judge(columns) };
        if row == Row::Fields {
            return Ok(row);
        }
        self.failures += 1;
        taken.append(&mut self.held);
        self.held = taken;
        Ok(match row {
            Row::Ragged(_) => Row::Bad("has a quote after which the fields do not match the header"),
            other => other,
        })
    }

    /// Whether the lines of a row that spans them are rows by themselves: each, also the first, has as many fields as a row
    /// where quotes do not count. Of an address or a note over several lines, all do so next to never.
    fn has_swallowed(&self, taken: &VecDeque<Held>, columns: Option<usize>) -> bool {
        let of_a_row = |line: &[u8]| columns == Some(memchr::memchr_iter(self.delimiter, line).count() + 1);
        // Two lines of an address may well have the few commas of few columns.
        columns.is_some_and(|columns| columns > if taken.len() > 1 { 2 } else { 5 })
            && !taken.is_empty()
            && of_a_row(&self.raw)
            && taken.iter().all(|(_, line)| line.as_deref().is_some_and(of_a_row))
    }

    fn judge(&mut self, columns: Option<usize>) -> Row {
        if self.ranges.len() > MAX_COLUMNS {
            return Row::Bad("has more than 4096 columns");
        }
        match columns {
            Some(columns) if columns != self.ranges.len() => Row::Ragged(self.ranges.len()),
            _ => {
                self.failures = 0;
                Row::Fields
            }
        }
    }

    /// Ends a field, and begins the next one so many bytes behind.
    #[inline]
    fn end(&mut self, at: usize, behind: usize) {
        self.ranges.push((self.from, at));
        self.from = at + behind;
    }

    /// Splits one line if it has no quote; whether it was.
    #[inline]
    fn split_plain(&mut self, line: &[u8]) -> bool {
        if memchr::memchr(b'"', line).is_some() {
            return false;
        }
        // The fields stand in it as they are.
        let begin = self.text.len();
        self.text.extend_from_slice(line);
        memchr::memchr_iter(self.delimiter, line).for_each(|at| self.end(begin + at, 1));
        self.end(self.text.len(), 0);
        true
    }

    /// Splits one line, going on inside a quoted field where one is open.
    fn split(&mut self, line: &[u8]) {
        if !self.quoted && self.split_plain(line) {
            return;
        }
        let mut at = 0;
        let mut start = !self.quoted;
        loop {
            if start && line.get(at) == Some(&b'"') {
                self.quoted = true;
                at += 1;
            }
            while self.quoted {
                match memchr::memchr(b'"', &line[at..]) {
                    None => {
                        self.text.extend_from_slice(&line[at..]);
                        return;
                    }
                    Some(length) => {
                        self.text.extend_from_slice(&line[at..at + length]);
                        at += length + 1;
                        if line.get(at) == Some(&b'"') {
                            self.text.push(b'"');
                            at += 1;
                        } else {
                            self.quoted = false;
                            self.loose |= line.get(at).is_some_and(|&byte| byte != self.delimiter);
                        }
                    }
                }
            }
            let rest = &line[at..];
            let length = memchr::memchr(self.delimiter, rest).unwrap_or(rest.len());
            self.text.extend_from_slice(&rest[..length]);
            self.end(self.text.len(), 0);
            at += length + 1;
            if at > line.len() {
                return;
            }
            start = true;
        }
    }
}

pub(crate) const TOO_LONG: &str = "is longer than a line may be";
pub(crate) const UNCLOSED: &str = "has a quote that is not closed";

/// Whether the name of a column looks like a value: an e-mail address, or mostly digits.
pub(crate) fn is_value(name: &str) -> bool {
    name.contains('@') || name.bytes().filter(u8::is_ascii_digit).count() * 2 > name.len().max(4)
}

/// Why a first row that [is a value](is_value) is not taken.
pub(crate) const NO_HEADER: &str =
    "line 1 looks like data; a header with the columns' names is expected there";

/// The delimiter that the header has most of outside quotes; a comma where it has none.
pub(crate) fn guess_delimiter(header: &[u8]) -> u8 {
    let mut counts = [0usize; 4];
    let delimiters = *b",;\t|";
    let mut quoted = false;
    for &byte in header {
        if byte == b'"' {
            quoted = !quoted;
        } else if let (false, Some(at)) = (quoted, delimiters.iter().position(|&d| d == byte)) {
            counts[at] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    counts.iter().position(|&count| count == most).map_or(b',', |at| delimiters[at])
}

#[cfg(test)]
mod tests {
    use super::{super::lines::Slow, *};
    use proptest::prelude::*;

    fn all(text: &[u8], columns: Option<usize>) -> Vec<(u64, Result<Vec<String>, Row>)> {
        all_of(text, columns, 1000)
    }

    fn all_of(text: &[u8], columns: Option<usize>, max: usize) -> Vec<(u64, Result<Vec<String>, Row>)> {
        let (mut rows, mut lines) = (Rows::new(b','), Lines::new(text, max));
        let mut found = Vec::new();
        loop {
            let row = match rows.advance(&mut lines, max, columns).unwrap() {
                Row::End => return found,
                Row::Fields => {
                    let text = |i| String::from_utf8_lossy(rows.field(i)).into_owned();
                    Ok((0..rows.len()).map(text).collect())
                }
                other => Err(other),
            };
            found.push((rows.number(), row));
        }
    }

    proptest! {
        #[test]
        fn well_formed_rows_equal_those_of_the_csv_crate(
            rows in prop::collection::vec(prop::collection::vec("[a,\"\n ]{0,6}", 1..4), 0..6),
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = writer.into_inner().unwrap();
            let found: Vec<_> = all(&text, None).into_iter().map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(found, rows);
        }

        #[test]
        fn closed_text_of_any_form_is_split_as_by_the_csv_crate(text in "[ab,\"]{0,20}") {
            let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false)
                .from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            let found = all(text.as_bytes(), None);
            if found.iter().all(|(_, row)| row.is_ok()) {
                let found: Vec<_> = found.into_iter().map(|(_, row)| row.unwrap()).collect();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn runs_are_the_rows_that_are_read_one_by_one(
            text in "([ab]{0,3}[,\"\r]?|,|\r?\n|\"[a,]{0,3}\"|\"a\",b\n){0,40}",
            (columns, most, block, step) in (1usize..4, 1usize..9, 8usize..200, 1usize..50),
        ) {
            let max = 12;
            let expected = all_of(text.as_bytes(), Some(columns), max);
            let (mut rows, mut run) = (Rows::new(b','), Run::default());
            let mut lines = Lines::new(Slow(text.as_bytes(), step), max);
            lines.set_block(block);
            let mut found: Vec<(u64, Result<Vec<String>, Row>)> = Vec::new();
            loop {
                if rows.is_between() {
                    let first = lines.number();
                    let block = lines.block().unwrap();
                    rows.run(block, columns, (most, max), &mut run);
                    for (row, line) in run.lines().enumerate() {
                        let field = |at: usize| {
                            let range = run.column(at).nth(row).unwrap();
                            String::from_utf8_lossy(&block[range]).into_owned()
                        };
                        found.push((first + line, Ok((0..columns).map(field).collect())));
                    }
                    let (count, bytes) = run.size();
                    lines.pass(count, bytes);
                    if run.len() > 0 {
                        continue;
                    }
                }
                let row = match rows.advance(&mut lines, max, Some(columns)).unwrap() {
                    Row::End => break,
                    Row::Fields => {
                        let text = |i| String::from_utf8_lossy(rows.field(i)).into_owned();
                        Ok((0..rows.len()).map(text).collect())
                    }
                    other => Err(other),
                };
                found.push((rows.number(), row));
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn every_line_is_accounted_for(text in "[ab,\"\n]{0,60}") {
            let found = all(text.as_bytes(), Some(2));
            prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        let found = all(b"a,b\n\"x,y\nc,d\ne,f\n", Some(2));
        let good: Vec<u64> = found.iter().filter(|(_, row)| row.is_ok()).map(|(line, _)| *line).collect();
        assert_eq!(good, [1, 3, 4]);
        assert_eq!(found[1], (2, Err(Row::Bad(UNCLOSED))));
    }

    #[test]
    fn an_open_quote_does_not_meet_a_later_one() {
        let found = all(b"a,b\n\"x,y\nc,d\n\"e\",f\ng,h\n", Some(2));
        let bad: Vec<u64> = found.iter().filter(|(_, row)| row.is_err()).map(|(line, _)| *line).collect();
        assert_eq!((bad, found.len()), (vec![2], 5));
    }

    #[test]
    fn files_of_open_quotes_are_read_in_linear_time() {
        for line in ["a\"b,\"c\n", "a\"b,\"c\nd,e\n", "a\",\"c\nd,e\n", "\"\"\"a\nb,c\n"] {
            let text = line.repeat(50_000);
            let begin = std::time::Instant::now();
            assert!(!all(text.as_bytes(), Some(2)).is_empty());
            assert!(begin.elapsed().as_secs() < 5, "{line:?}");
        }
    }
}
