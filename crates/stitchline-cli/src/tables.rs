//! Rows out of files for the verbs of linkage: reading with progress, and the column of the truth set apart.

use crate::{
    failure::{Done, Failure},
    files,
    meter::Meter,
    pages, text,
};
use std::{
    collections::{BTreeSet, HashMap},
    io::Read,
    path::{Path, PathBuf},
};
use stitchline::{
    ErrorKind,
    table::{RawColumn, RawTable, ReadOptions, RejectedRow, TableReader},
};

/// Rows that were read.
pub(crate) struct Rows {
    pub(crate) table: RawTable,
    pub(crate) rejected: u64,
    /// The first of those that were left out.
    pub(crate) rejected_rows: Vec<RejectedRow>,
    /// The columns of ids and of sources, where there are some.
    pub(crate) id_column: Option<String>,
    pub(crate) source_column: Option<String>,
    /// Rows whose true customer is not told.
    pub(crate) without_truth: u64,
}

/// Reads files one after the other; `-` is standard input.
pub(crate) fn read(paths: &[PathBuf], options: ReadOptions, meter: Option<&Meter>) -> Done<Rows> {
    let files: Vec<u64> = paths.iter().filter_map(|path| plain_bytes(path)).collect();
    let size = files.iter().sum();
    if files.len() == paths.len() {
        pages::choose(size);
    }
    let mut reader = TableReader::new(ReadOptions { expected_bytes: size, ..options });
    let mut met = BTreeSet::new();
    let twice = |path: &&PathBuf| path.canonicalize().is_ok_and(|path| !met.insert(path));
    let mut named = paths.iter().filter(|path| !files::is_standard(path));
    reader.expect(named.clone().map(|path| path.display().to_string()));
    if let Some(path) = named.find(twice) {
        return Err(Failure::new("is given twice").about(path.display()));
    }
    for path in paths {
        if files::is_standard(path) {
            read_one(&mut reader, std::io::stdin().lock(), "standard input")?;
            continue;
        }
        let (file, name) = (files::open(path)?, path.display().to_string());
        match meter {
            Some(meter) => read_one(&mut reader, meter.watch(file, size), &name)?,
            None => read_one(&mut reader, file, &name)?,
        }
    }
    let rejected = reader.rejected();
    let [id_column, source_column] =
        [reader.id_column(), reader.source_column()].map(|name| name.map(str::to_owned));
    let (table, rejected_rows) = reader.finish()?;
    Ok(Rows { table, rejected, rejected_rows, id_column, source_column, without_truth: 0 })
}

fn read_one(reader: &mut TableReader, read: impl Read, name: &str) -> Done {
    reader.read(read, name).map_err(|error| match error.kind() {
        // There is no database here of which something could be said.
        ErrorKind::Storage => Failure::new(error.reason()).about(name),
        _ => error.into(),
    })
}

/// The bytes of a file, where it tells them: pipes do not, and those of a packed one are fewer.
fn plain_bytes(path: &Path) -> Option<u64> {
    let packed = path.extension().is_some_and(|own| own == "gz");
    std::fs::metadata(path).ok().filter(|data| data.is_file() && !packed).map(|data| data.len())
}

impl Rows {
    /// Takes the column of the truth out of the rows: a label for each, in their order. Rows without one are
    /// customers of their own.
    pub(crate) fn take_truth(&mut self, column: &str) -> Done<Vec<u32>> {
        let names = names(&self.table);
        let taken = self.table.take_column(column).ok_or_else(|| {
            Failure::new(format!("the data has no column {column:?} for the truth"))
                .next(format!("There are {}.", text::listed(&names)))
        })?;
        self.without_truth = taken.cells.iter().filter(|&&cell| cell == 0).count() as u64;
        let label = |(row, &cell): (u32, &u32)| if cell == 0 { u32::MAX - row } else { cell };
        Ok((0u32..).zip(&taken.cells).map(label).collect())
    }

    /// A failure where so many rows were left out that nothing can be compared.
    pub(crate) fn enough(&self) -> Done {
        match self.rejected_rows.first() {
            Some(row) if self.table.len() < 2 => Err(Failure::new(format!(
                "fewer than two rows can be taken; {} left out",
                text::count(self.rejected, "row", "rows")
            ))
            .next(format!("The first: {}", text::clean(&row.to_string())))),
            _ => Ok(()),
        }
    }

    /// A failure where any row was left out.
    pub(crate) fn all(self) -> Done<RawTable> {
        match self.rejected_rows.first() {
            Some(row) => Err(Failure::new(text::clean(&row.to_string()))
                .next(format!("{} cannot be taken.", text::count(self.rejected, "row", "rows")))),
            None => Ok(self.table),
        }
    }

    /// Which rows were left out, the first of them one by one: lines to be told.
    pub(crate) fn left_out(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.rejected_rows.iter().take(10).map(|row| text::clean(&row.to_string())).collect();
        if self.rejected > 0 {
            let rows = text::count(self.rejected, "row", "rows");
            let more = self.rejected.saturating_sub(lines.len() as u64);
            let more = if more > 0 { ", of which the first are shown; --json lists a thousand" } else { "" };
            lines.push(format!("{rows} left out{more}"));
        }
        lines
    }
}

/// A column by its name; `flag` is what names it.
pub(crate) fn column<'t>(table: &'t RawTable, name: &str, flag: &str) -> Done<&'t RawColumn> {
    table.find(name).and_then(|at| table.columns().get(at)).ok_or_else(|| {
        Failure::new(format!("there is no column {name:?}"))
            .next(format!("Name one of {} with {flag}.", text::listed(&names(table))))
    })
}

/// Rows by their keys: each row has one, and no other row the same. `column` is where it stands.
pub(crate) fn by_key(
    table: &RawTable,
    column: &RawColumn,
    key: impl Fn(usize) -> String,
) -> Done<HashMap<String, usize>> {
    let mut rows = HashMap::with_capacity(table.len());
    for row in 0..table.len() {
        let about = |what: String| {
            let place = format!("{}: {}", table.place_name(row), text::clean(&column.name));
            Err(Failure::new(text::clean(&format!("{place}: {what}"))))
        };
        if column.cells[row] == 0 {
            return about("has no id".to_owned());
        }
        if let Some(before) = rows.insert(key(row), row) {
            return about(format!("the same id as in {}; each stands there once", table.place_name(before)));
        }
    }
    Ok(rows)
}

/// A record of a source. No text of a file holds the sign between them.
pub(crate) fn key_of(source: &str, id: &str) -> String {
    format!("{source}/\u{0}{id}")
}

fn names(table: &RawTable) -> Vec<String> {
    table.columns().iter().map(|own| text::clean(&own.name)).collect()
}
