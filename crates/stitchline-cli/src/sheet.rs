//! Rows of results to a file: CSV, or JSON lines where the file's name says so.

use crate::{
    failure::{Done, Failure},
    files,
    text::csv_field,
};
use std::{io::Write, path::Path};
use stitchline::CustomerId;

/// A file of rows under way.
pub(crate) struct Sheet {
    to: Box<dyn Write>,
    /// As they stand in JSON.
    names: Vec<String>,
    json: bool,
    /// Rows that are not written yet.
    text: String,
}

/// How much text is written at once.
const AT_ONCE: usize = 1 << 16;

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

/// Whether rows go to a file of that name as JSON lines; as CSV otherwise.
///
/// # Errors
/// Where the name promises another form.
pub(crate) fn is_json_lines(path: &Path) -> Done<bool> {
    files::can_be_written(path)?;
    if let Some(end) = files::end_among(path, &["json", "tsv", "tab"]) {
        return Err(Failure::new(format!("{}: rows are not written as .{end}", path.display()))
            .next("Name it .csv, or .jsonl for JSON lines."));
    }
    Ok(files::end_among(path, &["jsonl", "ndjson"]).is_some())
}

impl Sheet {
    /// A file with these columns; `-` is standard output.
    pub(crate) fn create(path: &Path, names: Vec<String>) -> Done<Self> {
        let json = is_json_lines(path)?;
        let to: Box<dyn Write> =
            if path == Path::new("-") { Box::new(std::io::stdout()) } else { Box::new(files::create(path)?) };
        let mut text = String::new();
        if !json {
            let header: Vec<_> = names.iter().map(|name| csv_field(name)).collect();
            text = header.join(",") + "\n";
        }
        let names: Vec<String> = names.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        Ok(Sheet { to, names, json, text })
    }

    /// Writes a row, a cell for each column.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> Done {
        use std::fmt::Write as _;
        let Sheet { names, json, text: out, .. } = self;
        for (at, (name, cell)) in names.iter().zip(cells).enumerate() {
            if *json {
                [if at == 0 { "{" } else { "," }, name, ":"].iter().for_each(|part| out.push_str(part));
            } else if at > 0 {
                out.push(',');
            }
            match cell {
                Cell::Text(text) if *json => out.push_str(&serde_json::to_string(text)?),
                Cell::Text(text) => out.push_str(&csv_field(text)),
                Cell::Empty => out.push_str(if *json { "null" } else { "" }),
                Cell::Number(number, places) => {
                    let _ = write!(out, "{number:.places$}");
                }
                Cell::Truth(truth) => out.push_str(if truth { "true" } else { "false" }),
                Cell::Customer(id) => {
                    // As it is displayed, without the machinery of formatting.
                    let mut room = [0; 36];
                    let text: &str = id.uuid().hyphenated().encode_lower(&mut room);
                    let quote = if *json { "\"" } else { "" };
                    [quote, text, quote].iter().for_each(|part| out.push_str(part));
                }
            }
        }
        out.push_str(if *json { "}\n" } else { "\n" });
        if self.text.len() >= AT_ONCE { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Done {
        self.to.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Done {
        self.write()?;
        Ok(self.to.flush()?)
    }
}
