//! `convert`: rows from one form to another, and models of Splink to ours and back.

use super::dedupe::save;
use crate::{
    failure::{Done, Failure, Status},
    files,
    meter::Meter,
    models::{self, Loaded},
    output::Out,
    sheet::{self, Cell, To},
    tables, text,
};
use serde::Serialize;
use std::path::{Path, PathBuf};
use stitchline::{
    splink,
    table::{ReadOptions, RejectedRow, Table},
};

/// Convert rows (CSV, JSON lines, Senzing records) and models (Splink's to ours and back)
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline convert people.csv --output people.jsonl
  stitchline convert customers.jsonl --output rows.csv
  stitchline convert people.csv --spec people.toml --output prepared.csv
  stitchline convert splink.json --output model.json --save-spec people.toml
  stitchline convert model.json --spec people.toml --output splink.json

Rows are written as JSON lines where OUTPUT ends in .jsonl or .ndjson, else as CSV. Of JSON, objects within objects become columns by \
their path, and Senzing records a column for each kind of feature. With a spec, the columns hold the text as it is \
compared; this is what a model that was converted for Splink is to be given. A model that cannot be carried over \
without loss is refused, and the message names what stands in the way.")]
pub(crate) struct Args {
    /// Files of rows, or one model (.json)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the result goes; - for standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Of rows, the spec by whose columns they are prepared; of a model for Splink, the spec that goes with it
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Of a model of Splink, where its columns and blocking rules go
    #[arg(long, value_name = "FILE")]
    save_spec: Option<PathBuf>,
    /// Column of ids, for --spec (may be given again)
    #[arg(long, requires = "spec", value_name = "COLUMN")]
    id: Vec<String>,
    /// Column that names the source, for --spec
    #[arg(long, requires = "spec", value_name = "COLUMN")]
    source: Option<String>,
    /// Column that is left out (may be given again)
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
}

/// What was done.
#[derive(Default, Serialize)]
struct Report {
    written: &'static str,
    rows: Option<usize>,
    columns: Option<usize>,
    rejected: u64,
    rejected_rows: Vec<RejectedRow>,
    notes: Vec<String>,
    /// The rows rejected, as lines to be told.
    #[serde(skip)]
    left_out: Vec<String>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let results =
        [Some(("--output", &args.output)), args.save_spec.as_ref().map(|path| ("--save-spec", path))];
    let standard = files::apart(results.into_iter().flatten())?;
    let report = match &args.files[..] {
        [model] if models::is_model(model) => convert_model(args, model)?,
        _ => rows(args, out.json())?,
    };
    let notes = report.notes.iter().map(|note| format!("note: {}", text::clean(note)));
    let mut told = report.left_out.iter().cloned().chain(notes);
    if standard {
        // Standard output is the result's.
        told.for_each(|line| eprintln!("{line}"));
    } else if out.json() {
        out.document(&report)?;
    } else {
        told.try_for_each(|line| out.line(line))?;
        let mut said = format!("{}: {}", text::clean(&args.output.display().to_string()), report.written);
        if let (Some(rows), Some(columns)) = (report.rows, report.columns) {
            let rows = text::count(rows as u64, "row", "rows");
            said.push_str(&format!(", {rows} of {}", text::count(columns as u64, "column", "columns")));
        }
        out.line(said)?;
    }
    Ok(Status::of_rejected(report.rejected))
}

fn convert_model(args: &Args, path: &Path) -> Done<Report> {
    let about = |error: stitchline::Error| Failure::from(error).about(path.display());
    let loaded = Loaded::read(path)?;
    let mut notes = loaded.notes.clone();
    let (text, written) = match &loaded.spec {
        Some(spec) => {
            match &args.save_spec {
                Some(to) => save(to, &spec.to_toml()?)?,
                None => notes.push("--save-spec FILE keeps its columns and blocking rules".to_owned()),
            }
            (loaded.model.to_json()?, "a model")
        }
        None => {
            let spec = args.spec.as_deref().ok_or_else(|| {
                Failure::usage("a model for Splink needs its columns and blocking rules")
                    .next("Give the spec that it was trained with: --spec people.toml")
            })?;
            let exported = splink::export(&models::spec(spec)?, &loaded.model).map_err(|error| {
                about(error).next(format!(
                    "Then train anew: stitchline train FILE --spec {} --no-relatives --save-model {}",
                    spec.display(),
                    path.display()
                ))
            })?;
            notes.extend(exported.notes);
            (exported.json, "a model for Splink")
        }
    };
    save(&args.output, &text)?;
    Ok(Report { written, notes, ..Report::default() })
}

fn rows(args: &Args, json: bool) -> Done<Report> {
    let meter = Meter::start();
    meter.phase("read");
    let to = To::of(&args.output, json)?;
    let spec = args.spec.as_deref().map(models::spec).transpose()?;
    let keys = spec.is_some();
    let (id, source) = (args.id.clone(), args.source.clone());
    let options = ReadOptions { id, source, ignore: args.ignore.clone(), keys, ..ReadOptions::default() };
    let mut read = tables::read(&args.files, options, Some(&meter))?;
    meter.phase("write");
    let left_out = read.left_out();
    let (rows, columns) = match spec {
        None => {
            let table = read.table;
            let names: Vec<String> = table.columns().iter().map(|column| column.name.clone()).collect();
            sheet::write(to, names, |sheet| {
                (0..table.len()).try_for_each(|row| {
                    let cells = table.columns().iter().map(|own| Cell::Text(own.values.text(own.cells[row])));
                    sheet.row(cells)
                })
            })?;
            (table.len(), table.columns().len())
        }
        Some(spec) => {
            spec.unite(&mut read.table)?;
            let table = Table::prepare(read.table, &spec.columns)?;
            let mut names = vec!["source_dataset".to_owned(), "unique_id".to_owned()];
            names.extend(table.columns().iter().map(|column| column.name().to_owned()));
            sheet::write(to, names, |sheet| {
                (0..table.len() as u32).try_for_each(|row| {
                    let keys = [Cell::Text(table.source(row)), Cell::Text(table.id(row))];
                    let cells = (0..table.columns().len()).map(|column| Cell::Text(table.text(row, column)));
                    sheet.row(keys.into_iter().chain(cells))
                })
            })?;
            (table.len(), table.columns().len() + 2)
        }
    };
    meter.stop();
    Ok(Report {
        written: "written",
        rows: Some(rows),
        columns: Some(columns),
        rejected: read.rejected,
        rejected_rows: read.rejected_rows,
        left_out,
        ..Report::default()
    })
}
