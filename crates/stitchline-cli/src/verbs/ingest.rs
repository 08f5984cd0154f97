//! `ingest`: files into a database.

use crate::{
    database::{Database, PolicyChoice},
    failure::{Done, Failure, Status},
    files::{self, Origin, Plan, Skipped},
    output::Out,
    text,
};
use indicatif::ProgressBar;
use serde::Serialize;
use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Read},
    path::PathBuf,
};
use stitchline::{
    Engine, Input, Normalizer, Timestamp,
    engine::{Outcome, Stats},
    ingest::{Field, Format, Item, Options, Reader, Rejected, RejectsWriter},
};

/// The most inputs that are committed at once, and about the most bytes of lines that they are made of.
const BATCH: usize = 65_536;
const BATCH_BYTES: u64 = 64 << 20;
/// The most rejects of a file that are shown.
const SHOWN: usize = 3;

/// Read files into a database
///
/// Takes Segment events, Genesys Cloud conversations, CloudEvents, Senzing records, CSV and stitchline's own JSON
/// lines, plain or gzip; the format is recognised from the first lines. Of a folder, data files are read in the order
/// of their names. A line that cannot be taken is rejected with its reason and the rest goes on. Reading a file again
/// is harmless.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline ingest exports/ --db crm.stitchline --default-region GB
  stitchline ingest contacts.csv --map Kd_Nr=crm --map Notiz=ignore --db crm.stitchline
  zcat calls.jsonl.gz | stitchline ingest - --format genesys --db crm.stitchline
  stitchline ingest exports/ --rejects rejects.jsonl --db crm.stitchline

Of a folder of generated data, files that hold the truth (truth_*, *_truth*, record_tags*, customers.csv, stats.json) \
are not read, nor is records.csv beside records_blind.csv. The column and field true_id is never looked at.

Exit codes: 0 all lines were taken, 1 a file could not be read, 3 some lines were rejected.")]
pub(crate) struct Args {
    /// Files and folders; - is standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    policy: PolicyChoice,
}

/// How files are read.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Reading {
    /// The format of all files [default: recognised]: segment, genesys, cloudevents, senzing, csv or stitchline
    #[arg(long)]
    format: Option<Format>,
    /// The source's name for what names none itself [default: the system's, or a CSV file's name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// What a CSV column holds, such as Kd_Nr=crm, tel2=phone or Notes=ignore; holds for the files that have the column
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = mapped)]
    map: Vec<(String, Field)>,
    /// A CSV column or JSON field not to look at
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// The source of records that interactions name by id alone
    #[arg(long, value_name = "NAME")]
    record_source: Option<String>,
    /// When that was which says no time: 2026-03-01, or 2026-03-01T10:00:00Z. Without it, records count as earlier than
    /// any with a date, and interactions are rejected
    #[arg(long, value_name = "TIME")]
    undated: Option<Timestamp>,
    /// When the files were written, for corrections: what they say of records, relations and interactions holds against
    /// earlier versions that are as late, unless it names its own time of observation. Interactions that ended later are
    /// rejected. An undated record of a person erased before that time is taken again
    #[arg(long, value_name = "TIME", value_parser = observed)]
    observed_at: Option<Timestamp>,
    /// Write rejected lines there as JSON lines: file, line, field, reason
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

fn mapped(text: &str) -> Result<(String, Field), String> {
    let (column, field) = text.rsplit_once('=').ok_or("is not COLUMN=FIELD")?;
    Ok((column.to_owned(), field.parse::<Field>().map_err(|error| format!("{field:?} {error}"))?))
}

/// How far a clock may be behind that of the machine on which a file was written.
const AHEAD_MICROS: i64 = 10 * 60 * 1_000_000;

fn observed(text: &str) -> Result<Timestamp, String> {
    let at: Timestamp = text.parse().map_err(|error: stitchline::Error| error.reason().to_owned())?;
    if at > Timestamp::now().plus_micros(AHEAD_MICROS) {
        // No later version would hold against it until then.
        return Err("is in the future; give the time at which the files were written".to_owned());
    }
    Ok(at)
}

impl Reading {
    /// Reading of one format.
    pub(crate) fn format(format: Format, rejects: Option<PathBuf>) -> Self {
        Reading { format: Some(format), rejects, ..Reading::default() }
    }

    pub(crate) fn rejects(&self) -> Option<&std::path::Path> {
        self.rejects.as_deref()
    }

    fn options(&self) -> Options {
        let mut options = Options {
            format: self.format,
            source: self.source.clone(),
            record_source: self.record_source.clone(),
            undated: self.undated,
            observed_at: self.observed_at,
            ..Options::default()
        };
        options.ignore.extend(self.ignore.iter().cloned());
        options.mapping.columns.extend(self.map.iter().cloned());
        options
    }
}

/// What became of one file.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct FileReport {
    pub(crate) file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
    lines: u64,
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    superseded: u64,
    /// Of somebody who was erased, and not taken.
    erased: u64,
    pub(crate) rejected: u64,
    /// Why it could not be read, or not to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    first_rejects: Vec<Rejected>,
    /// Columns that `--map` names and this CSV file has not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_there: Vec<String>,
}

/// What became of all files.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) files: Vec<FileReport>,
    skipped: Vec<Skipped>,
    pub(crate) stats: Stats,
}

impl Report {
    pub(crate) fn status(&self) -> Status {
        if self.files.iter().any(|file| file.failure.is_some()) {
            Status::Failed
        } else {
            Status::of_rejected(self.total(|file| file.rejected))
        }
    }

    fn total(&self, of: impl Fn(&FileReport) -> u64) -> u64 {
        self.files.iter().map(of).sum()
    }
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    files::is_no_standard("--rejects", args.reading.rejects())?;
    let mut plan = files::plan(&args.paths, args.reading.rejects())?;
    // Before a database is made, or a file of rejects emptied.
    if let Some(note) = check_map(&mut plan, &args.reading)?
        && !out.json()
    {
        out.note(note)?;
    }
    let engine = args.policy.open(args.database.path())?;
    let report = ingest(&engine, plan, &args.reading, out)?;
    finish(&report, &args.reading, out)?;
    Ok(report.status())
}

/// Prints what there is now.
pub(crate) fn finish(report: &Report, reading: &Reading, out: &mut Out) -> Done {
    if out.json() {
        return out.document(report);
    }
    let stats = &report.stats;
    out.note("")?;
    out.note(format!(
        "{} out of {} and {} now.",
        text::count(stats.customers, "customer", "customers"),
        text::count(stats.stated_records + stats.implied_records, "record", "records"),
        text::count(stats.interactions, "interaction", "interactions"),
    ))?;
    let superseded = report.total(|file| file.superseded);
    if superseded > 0 {
        let inputs = text::count(superseded, "input was superseded", "inputs were superseded");
        out.note(format!("{inputs}: of the same record or event a version is known that is later, or as late with other content."))?;
    }
    let erased = report.total(|file| file.erased);
    if erased > 0 {
        let inputs = text::count(erased, "input was", "inputs were");
        out.note(format!("{inputs} not taken: older than the erasure of the person whose they are."))?;
    }
    let rejected = report.total(|file| file.rejected);
    if rejected > 0 {
        let lines = text::count(rejected, "line was rejected", "lines were rejected");
        out.note(match reading.rejects() {
            Some(path) => format!("{lines}; the reasons are in {}.", path.display()),
            None => format!("{lines}; --rejects FILE writes all reasons to a file."),
        })?;
    }
    Ok(())
}

/// Reads all files of a plan, printing a line for each as text.
pub(crate) fn ingest(engine: &Engine, plan: Plan, reading: &Reading, out: &mut Out) -> Done<Report> {
    let mut rejects = match reading.rejects() {
        Some(path) => Some(RejectsWriter::new(BufWriter::new(files::create(path)?))),
        None => None,
    };
    let bar = progress(&plan);
    let width = plan.files.iter().map(|file| file.name.chars().count()).max().unwrap_or(0).max(4);
    let say = |out: &mut Out, line: String| bar.suspend(|| out.note(line));
    if !out.json() {
        for skipped in &plan.skipped {
            say(out, format!("not read: {} ({})", text::clean(&skipped.file), skipped.reason))?;
        }
        say(
            out,
            format!(
                "{:width$}  {:<11}  {:>9}  {:>9}  {:>10}  {:>10}  {:>8}",
                "file", "format", "lines", "accepted", "duplicates", "superseded", "rejected"
            ),
        )?;
    }
    let mut reports = Vec::with_capacity(plan.files.len());
    for origin in plan.files {
        let report = one(engine, origin, reading, &bar, rejects.as_mut())?;
        if !out.json() {
            for line in lines(&report, width) {
                say(out, line)?;
            }
        }
        reports.push(report);
    }
    bar.finish_and_clear();
    if let Some(rejects) = rejects {
        rejects.finish()?;
    }
    Ok(Report { files: reports, skipped: plan.skipped, stats: engine.stats()? })
}

fn progress(plan: &Plan) -> ProgressBar {
    let size: u64 = plan.files.iter().map(Origin::size).sum();
    // Drawn on standard error, and only where that is a terminal.
    let bar = if size == 0 { ProgressBar::hidden() } else { ProgressBar::new(size) };
    bar.with_style(crate::meter::reading())
}

fn lines(report: &FileReport, width: usize) -> Vec<String> {
    let format = report.format.map_or("", Format::as_str);
    let mut lines = vec![format!(
        "{:width$}  {:<11}  {:>9}  {:>9}  {:>10}  {:>10}  {:>8}",
        text::clean(&report.file),
        format,
        text::number(report.lines),
        text::number(report.accepted),
        text::number(report.duplicates),
        text::number(report.superseded),
        text::number(report.rejected),
    )];
    if let Some(failure) = &report.failure {
        lines.push(format!("  could not be read: {failure}"));
    }
    for column in &report.not_there {
        lines.push(format!("  has no column {column:?}, which --map names; the others are read as said"));
    }
    for rejected in &report.first_rejects {
        let field = rejected.field.as_ref().map_or(String::new(), |field| format!("{field}: "));
        lines.push(format!(
            "  line {}: {}",
            rejected.line,
            text::clean(&format!("{field}{}", rejected.reason))
        ));
    }
    let more = report.rejected.saturating_sub(report.first_rejects.len() as u64);
    if more > 0 {
        lines.push(format!("  and {} more", text::number(more)));
    }
    lines
}

type Rejects = RejectsWriter<BufWriter<Box<dyn io::Write>>>;
type Opened = Reader<Box<dyn Read + Send>>;

/// Opens a file to be read; the reason where that fails.
fn opened(engine: &Engine, origin: Origin, reading: &Reading, bar: &ProgressBar) -> Result<Opened, String> {
    let name = origin.name.clone();
    let body = origin.open().map_err(|failure| failure.message().to_owned())?;
    let body: Box<dyn Read + Send> = Box::new(bar.wrap_read(body));
    Reader::new(body, name, engine.normalizer(), reading.options()).map_err(|error| error.reason().to_owned())
}

/// Fails where CSV files were given and none has a column that `--map` names. Gives what is to be said where no CSV
/// file was given, as on a day without one.
fn check_map(plan: &mut Plan, reading: &Reading) -> Done<Option<String>> {
    let mut missing: BTreeSet<&str> = reading.map.iter().map(|(column, _)| column.as_str()).collect();
    let (mut unread, mut unnamed, mut headers) = (String::new(), 0, false);
    let mut there: BTreeSet<String> = BTreeSet::new();
    let mut looked: BTreeSet<String> = BTreeSet::new();
    for origin in &mut plan.files {
        if missing.is_empty() {
            return Ok(None);
        }
        // A pipe that is named twice is at its end the second time.
        if !looked.insert(origin.name.clone()) {
            continue;
        }
        let name = origin.name.clone();
        let columns = origin.peek(|read| {
            let mut reader = Reader::new(read, name, &Normalizer::default(), reading.options())?;
            Ok::<Vec<String>, stitchline::Error>(reader.columns().map(str::to_owned).collect())
        });
        let columns = match columns {
            Ok(Ok(columns)) => columns,
            Ok(Err(error)) => {
                unread = format!(" {} could not be read: {}.", text::clean(&origin.name), error.reason());
                continue;
            }
            Err(failure) => {
                unread = format!(" {} could not be read: {}.", text::clean(&origin.name), failure.message());
                continue;
            }
        };
        headers |= !columns.is_empty();
        columns.iter().for_each(|column| _ = missing.remove(column.as_str()));
        // Where no name is known this may be somebody's row.
        if columns.iter().any(|column| Field::guess(column).is_some()) {
            there.extend(columns);
        } else {
            unnamed += columns.len() as u64;
        }
    }
    let Some(column) = missing.first() else { return Ok(None) };
    if !headers {
        return Ok(Some(format!("No file has a header in CSV, so --map is of no use here.{unread}")));
    }
    let failure = Failure::new(format!("no CSV file has a column {column:?}, which --map names"));
    let mut next = "Nothing was read.".to_owned();
    if !there.is_empty() {
        let names: Vec<String> =
            there.iter().take(30).map(|name| text::clean(&text::short(name, 40))).collect();
        next.push_str(&format!(" The columns are {}", names.join(", ")));
        match there.len() - names.len() {
            0 => next.push('.'),
            more => next.push_str(&format!(" and {more} more.")),
        }
    }
    if unnamed > 0 {
        let columns = text::count(unnamed, "column", "columns");
        next.push_str(&format!(
            " {columns} of files of whose names none is known are not shown: is the first line a header?"
        ));
    }
    Err(failure.next(next + &unread))
}

fn one(
    engine: &Engine,
    origin: Origin,
    reading: &Reading,
    bar: &ProgressBar,
    mut rejects: Option<&mut Rejects>,
) -> Done<FileReport> {
    let mut report = FileReport { file: origin.name.clone(), ..FileReport::default() };
    bar.set_message(text::clean(&origin.name));
    let mut reader = match opened(engine, origin, reading, bar) {
        Ok(reader) => reader,
        Err(reason) => {
            report.failure = Some(reason);
            return Ok(report);
        }
    };
    report.format = Some(reader.format());
    let columns: BTreeSet<&str> = reader.columns().collect();
    if !columns.is_empty() {
        let missing = reading.map.iter().map(|(column, _)| column);
        report.not_there = missing.filter(|column| !columns.contains(column.as_str())).cloned().collect();
    }
    let mut batch: Vec<Input> = Vec::new();
    let mut numbers: Vec<u64> = Vec::new();
    let mut taken = 0;
    loop {
        let item = reader.next();
        let ended = item.is_none();
        match item {
            Some(Item::Input(input)) => {
                batch.push(input);
                numbers.push(reader.line());
            }
            Some(Item::Rejected(rejected)) => reject(&mut report, rejected, &mut rejects)?,
            None => {}
        }
        if batch.len() == BATCH || reader.bytes() - taken > BATCH_BYTES || ended {
            taken = reader.bytes();
            let outcomes = engine.ingest_all(std::mem::take(&mut batch))?;
            for (line, outcome) in numbers.drain(..).zip(outcomes) {
                match outcome {
                    Ok(Outcome::Accepted) => report.accepted += 1,
                    Ok(Outcome::Duplicate) => report.duplicates += 1,
                    Ok(Outcome::Superseded) => report.superseded += 1,
                    Ok(Outcome::Erased) => report.erased += 1,
                    Err(error) => {
                        let rejected = Rejected {
                            file: report.file.clone(),
                            line,
                            field: error.field().map(str::to_owned),
                            reason: error.reason().to_owned(),
                            raw: None,
                        };
                        reject(&mut report, rejected, &mut rejects)?;
                    }
                }
            }
        }
        if ended {
            break;
        }
    }
    report.lines = reader.line();
    report.failure = reader.failure().map(ToString::to_string);
    Ok(report)
}

fn reject(report: &mut FileReport, rejected: Rejected, rejects: &mut Option<&mut Rejects>) -> Done {
    report.rejected += 1;
    if let Some(rejects) = rejects {
        rejects.write(&rejected)?;
    }
    if report.first_rejects.len() < SHOWN {
        report.first_rejects.push(rejected);
    }
    Ok(())
}
