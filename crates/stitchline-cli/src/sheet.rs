//! Rows of results to a file: CSV, or JSON lines where the file's name says so.

use crate::{
    failure::{Done, Failure},
    files,
    text::csv_field,
};
use std::{io::Write, path::Path};
use stitchline::CustomerId;

/// A file of rows under way: [`write`].
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

/// Where rows go, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct To<'a> {
    path: &'a Path,
    json: bool,
}

impl<'a> To<'a> {
    /// A file in the form that its name says. Standard output has JSON lines where `json` asks for data.
    ///
    /// # Errors
    /// Where the name promises a form that is not written.
    pub(crate) fn of(path: &'a Path, json: bool) -> Done<Self> {
        Ok(To { path, json: if files::is_standard(path) { json } else { is_json_lines(path)? } })
    }
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

/// Writes these columns and the rows that `rows` gives.
pub(crate) fn write(to: To<'_>, names: Vec<String>, rows: impl FnOnce(&mut Sheet) -> Done) -> Done {
    let mut sheet = Sheet::create(to, names)?;
    rows(&mut sheet)?;
    sheet.write()?;
    Ok(sheet.to.flush()?)
}

impl Sheet {
    fn create(To { path, json }: To<'_>, names: Vec<String>) -> Done<Self> {
        let to = files::create(path)?;
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_are_there_once_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        // What is kept back until there is more, and more than that.
        for count in [0, 1, AT_ONCE / 4] {
            let path = folder.path().join(format!("{count}.csv"));
            let row = |sheet: &mut Sheet, at: usize| sheet.row([Cell::Number(at as f64, 0)]);
            write(To::of(&path, false).unwrap(), vec!["n".into()], |sheet| {
                (0..count).try_for_each(|at| row(sheet, at))
            })
            .unwrap();
            let numbers = (0..count).map(|at| format!("{at}\n"));
            let expected = "n\n".to_owned() + &numbers.collect::<String>();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }
}
