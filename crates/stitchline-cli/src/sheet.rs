//! Rows of results to a file: CSV, or JSON lines where the file's name says so.

use crate::{failure::Done, files, text::csv_field};
use std::{
    io::{BufWriter, Write},
    path::Path,
};
use stitchline::CustomerId;

/// A file of rows under way.
pub(crate) struct Sheet {
    to: Box<dyn Write>,
    names: Vec<String>,
    json: bool,
    line: String,
}

/// One cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    /// Nothing: null in JSON.
    Empty,
    /// A number with so many places.
    Number(f64, usize),
    Truth(bool),
    Customer(CustomerId),
}

/// Whether a file of that name holds JSON lines.
pub(crate) fn is_json_lines(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| ["jsonl", "ndjson"].iter().any(|known| end.eq_ignore_ascii_case(known)))
}

impl Sheet {
    /// A file with these columns; `-` is standard output.
    pub(crate) fn create(path: &Path, names: Vec<String>) -> Done<Self> {
        let to: Box<dyn Write> = if path == Path::new("-") {
            Box::new(BufWriter::new(std::io::stdout()))
        } else {
            Box::new(BufWriter::with_capacity(1 << 16, files::create(path)?))
        };
        let mut sheet = Sheet { to, names, json: is_json_lines(path), line: String::new() };
        if !sheet.json {
            let header: Vec<_> = sheet.names.iter().map(|name| csv_field(name)).collect();
            writeln!(sheet.to, "{}", header.join(","))?;
        }
        Ok(sheet)
    }

    /// Writes a row, a cell for each column.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> Done {
        use std::fmt::Write as _;
        self.line.clear();
        for (at, (name, cell)) in self.names.iter().zip(cells).enumerate() {
            if self.json {
                self.line.push_str(if at == 0 { "{" } else { "," });
                self.line.push_str(&serde_json::to_string(name)?);
                self.line.push(':');
            } else if at > 0 {
                self.line.push(',');
            }
            match cell {
                Cell::Text(text) if self.json => self.line.push_str(&serde_json::to_string(text)?),
                Cell::Text(text) => self.line.push_str(&csv_field(text)),
                Cell::Empty => self.line.push_str(if self.json { "null" } else { "" }),
                Cell::Number(number, places) => {
                    let _ = write!(self.line, "{number:.places$}");
                }
                Cell::Truth(truth) => self.line.push_str(if truth { "true" } else { "false" }),
                Cell::Customer(id) => {
                    // As it is displayed, without the machinery of formatting.
                    let mut room = [0; 36];
                    let text: &str = id.uuid().hyphenated().encode_lower(&mut room);
                    let quote = if self.json { "\"" } else { "" };
                    [quote, text, quote].iter().for_each(|part| self.line.push_str(part));
                }
            }
        }
        self.line.push_str(if self.json { "}\n" } else { "\n" });
        Ok(self.to.write_all(self.line.as_bytes())?)
    }

    pub(crate) fn finish(mut self) -> Done {
        Ok(self.to.flush()?)
    }
}
