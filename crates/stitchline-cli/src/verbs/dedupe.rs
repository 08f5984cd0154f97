//! `dedupe`, `link`, `train`, `score`: customers out of files, in bulk.

use super::{
    linked::{self, Pairs},
    summary::{self, Summed},
    words,
};
use crate::{
    failure::{Done, Failure, Status},
    files,
    meter::Meter,
    models::{self, Loaded},
    output::Out,
    sheet::To,
    tables, text,
};
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use stitchline::{
    block::Between,
    evaluate,
    link::{Clustering, Dedupe, Linked, Spec},
    model::TrainOptions,
    report,
    table::ReadOptions,
};

/// Find the rows of one customer in files, without any configuration
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline dedupe people.csv --output clusters.csv
  stitchline dedupe people.csv --output clusters.csv --report report.html
  stitchline dedupe people.csv --ignore true_id --print-spec > people.toml
  stitchline dedupe people.csv --spec people.toml --pairs pairs.csv --levels --output clusters.jsonl
  stitchline dedupe people.csv --truth true_id --report report.html
  stitchline dedupe crm.csv web.jsonl --save-model model.json --output clusters.csv
  stitchline dedupe people.csv --explain 17 4211
  stitchline dedupe people.csv --assertions links.jsonl --by \"model people 3\"

Columns are recognised by their headers and their content. The spec that was chosen can be saved, edited and used again. \
The output has a line for each row: its id (and source), and the customer's id. Customers, pairs \
and refused links are written as JSON lines where the file's name ends in .jsonl or .ndjson, and as CSV where it has any other \
end or none; names that promise a form which is not written, such as .json, .gz and .parquet, are refused.")]
pub(crate) struct Args {
    /// CSV or JSON lines, plain or gzip; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Column of ids, unique within a source; given again for files that call it differently [default: a column named id,
    /// unique_id or so; else row numbers]
    #[arg(long, value_name = "COLUMN")]
    id: Vec<String>,
    /// Column that names the source [default: a column named source; else the name of the file]
    #[arg(long, value_name = "COLUMN")]
    source: Option<String>,
    /// Column that is not looked at (may be given again)
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Column of the true customer: not looked at either, but the result is measured against it, a row without one as a
    /// customer of its own
    #[arg(long, value_name = "COLUMN")]
    truth: Option<String>,
    /// Spec to go by (TOML) instead of choosing one
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Model to score with (JSON, ours or Splink's) instead of training one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Least probability of a link [default: that of the best expected F1]
    #[arg(long, value_name = "PROBABILITY")]
    threshold: Option<f64>,
    /// Train without telling relatives from customers (for a model that Splink can read)
    #[arg(long)]
    no_relatives: bool,
    /// Pairs that a row may be compared in by the looser blocking rules, where these are chosen; more find more and
    /// take longer [default: 4]
    #[arg(long, value_name = "N", conflicts_with = "spec")]
    candidates_per_row: Option<u64>,
    /// Threads [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = text::threads)]
    threads: Option<usize>,
    /// Where the customers go: JSON lines where FILE ends in .jsonl or .ndjson, else CSV [default: nowhere; - for standard
    /// output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where the linked pairs go, with weight and probability; JSON lines or CSV, as --output
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// In the pairs file, the level of each comparison
    #[arg(long, requires = "pairs")]
    levels: bool,
    /// In the pairs file, also pairs below the threshold, down to -5 bits
    #[arg(long, requires = "pairs")]
    all_pairs: bool,
    /// Where the links go that were refused, the strongest first, with what refused them; JSON lines or CSV, as --output
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    /// Where the links go as words that a live database takes with `ingest`
    #[arg(long, value_name = "FILE")]
    assertions: Option<PathBuf>,
    /// The words of an earlier run; those that no longer hold are taken back
    #[arg(long, requires = "assertions", value_name = "FILE")]
    replaces: Option<PathBuf>,
    /// Who says so: the model's name and version
    #[arg(long, requires = "assertions", default_value = "model", value_name = "NAME")]
    by: String,
    /// Where the report goes: one page of HTML with pictures, which fetches nothing
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Where the spec that was used goes
    #[arg(long, value_name = "FILE")]
    save_spec: Option<PathBuf>,
    /// Where the model goes
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,
    /// Print the score of two rows, by ID or SOURCE/ID, and nothing else; with --report, show the pair there (may be
    /// given again)
    #[arg(long, num_args = 2, value_name = "ID")]
    explain: Vec<String>,
    /// Print the spec that was used and nothing else
    #[arg(long, conflicts_with = "explain")]
    print_spec: bool,
}

/// Find the rows of two or more sources that are one customer
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline link crm.csv shop.csv --output customers.csv --pairs links.csv
  stitchline link crm.csv shop.csv --one-to-one --output customers.csv

Only rows of different sources are compared. Without a column of sources, the file is the source.")]
pub(crate) struct LinkArgs {
    #[command(flatten)]
    bulk: Args,
    /// A row is linked to at most one row of each other source
    #[arg(long)]
    one_to_one: bool,
}

/// Train a model on files and save it
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline train people.csv --save-model model.json --save-spec people.toml")]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    bulk: Args,
}

/// Score the pairs of files with a model
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline score people.csv --spec people.toml --model model.json --pairs pairs.csv
  stitchline score people.csv --spec people.toml --model model.json --explain 17 4211")]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    bulk: Args,
}

pub(crate) fn link(args: &LinkArgs, out: &mut Out) -> Done<Status> {
    let clustering = if args.one_to_one { Some(Clustering::BestLinks) } else { None };
    bulk(&args.bulk, out, For { between: Some(Between::Sources), clustering, customers: true })
}

pub(crate) fn train(args: &TrainArgs, out: &mut Out) -> Done<Status> {
    if args.bulk.save_model.is_none() {
        return Err(Failure::usage("--save-model FILE says where the model goes"));
    }
    bulk(&args.bulk, out, For::default())
}

pub(crate) fn score(args: &ScoreArgs, out: &mut Out) -> Done<Status> {
    if args.bulk.model.is_none() {
        return Err(Failure::usage("--model FILE says which model to score with")
            .next("Train one: stitchline train FILE --save-model model.json"));
    }
    bulk(&args.bulk, out, For { customers: args.bulk.pairs.is_none(), ..For::default() })
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    bulk(args, out, For { customers: true, ..For::default() })
}

/// What a run is for.
#[derive(Default)]
struct For {
    between: Option<Between>,
    clustering: Option<Clustering>,
    /// Whether the customers are what was asked for.
    customers: bool,
}

/// Whether standard output is that of a result, rather than of what is said about the run.
///
/// # Errors
/// Before any work is done, where a name of results is none that can be written, or two results have one place.
fn takes_standard_output(args: &Args, json: bool) -> Done<bool> {
    let rows = [("--output", &args.output), ("--pairs", &args.pairs), ("--refused", &args.refused)];
    let texts = [
        ("--assertions", &args.assertions),
        ("--report", &args.report),
        ("--save-spec", &args.save_spec),
        ("--save-model", &args.save_model),
    ];
    fn given<'a>((flag, path): (&'a str, &'a Option<PathBuf>)) -> Option<(&'a str, &'a PathBuf)> {
        Some((flag, path.as_ref()?))
    }
    let rows: Vec<_> = rows.into_iter().filter_map(given).collect();
    let texts: Vec<_> = texts.into_iter().filter_map(given).collect();
    rows.iter().try_for_each(|(_, path)| To::of(path, json).map(drop))?;
    texts.iter().try_for_each(|(_, path)| files::can_be_written(path))?;
    args.report.as_deref().map_or(Ok(()), files::can_be_page)?;
    let mut all = rows.into_iter().chain(texts);
    let explained = args.print_spec || !args.explain.is_empty() && args.report.is_none();
    if explained && let Some((flag, _)) = all.next() {
        let what = if args.print_spec { "--print-spec" } else { "--explain without --report" };
        return Err(Failure::usage(format!(
            "{what} prints and writes nothing else, so {flag} cannot be given"
        )));
    }
    Ok(files::apart(all)? || explained)
}

fn bulk(args: &Args, out: &mut Out, what: For) -> Done<Status> {
    let only_result = takes_standard_output(args, out.json())?;
    let meter = Meter::start();
    meter.phase("read");
    let model = args.model.as_deref().map(Loaded::read).transpose()?;
    let spec = args.spec.as_deref().map(models::spec).transpose()?;
    let of_model = model.as_ref().filter(|_| args.id.is_empty()).and_then(|model| model.id_column.clone());
    let id = args.id.iter().cloned().chain(of_model).collect();
    let options = ReadOptions {
        id,
        source: args.source.clone(),
        ignore: args.ignore.clone(),
        ..ReadOptions::default()
    };
    let mut rows = tables::read(&args.files, options, Some(&meter))?;
    rows.enough()?;
    if args.assertions.is_some() && rows.id_column.is_none() {
        return Err(Failure::new(
            "rows without ids cannot be told of to a live database: there is no column of ids",
        )
        .next("Name it with --id."));
    }
    let truth = args.truth.as_deref().map(|column| rows.take_truth(column)).transpose()?;
    let notes = model.as_ref().map_or(Vec::new(), |model| model.notes.clone());
    let linked = run_on(args, &mut rows, (spec, model), &meter, &what)?;
    let (status, summed) =
        (Status::of_rejected(rows.rejected), Summed { linked: &linked, rows: &rows, notes: &notes });
    let chosen = args.explain.chunks(2).map(|pair| match pair {
        [one, two] => Ok((linked::row(&linked, one)?, linked::row(&linked, two)?)),
        _ => Err(Failure::usage("--explain takes two ids")),
    });
    let chosen: Vec<(u32, u32)> = chosen.collect::<Done<_>>()?;
    if chosen.iter().any(|(one, other)| one == other) {
        return Err(Failure::usage("--explain takes the ids of two rows; these are of one"));
    }
    if !chosen.is_empty() && args.report.is_none() {
        meter.stop();
        linked::explain(&linked, &chosen, out)?;
        summed.warn();
        return Ok(status);
    }
    if args.print_spec {
        meter.stop();
        write!(out, "{}", linked.spec.to_toml()?)?;
        summed.warn();
        return Ok(status);
    }
    let quality = match &truth {
        Some(truth) => {
            meter.phase("evaluate");
            Some(evaluate::linkage(&linked, truth, if args.report.is_some() { 5 } else { 3 })?)
        }
        None => None,
    };
    meter.phase("write");
    let json = out.json();
    if let Some(path) = &args.output {
        linked::clusters(&linked, To::of(path, json)?)?;
    }
    if let Some(path) = &args.pairs {
        linked::pairs(&linked, To::of(path, json)?, Pairs { levels: args.levels, all: args.all_pairs })?;
    }
    if let Some(path) = &args.refused {
        linked::refused(&linked, To::of(path, json)?)?;
    }
    if let Some(path) = &args.assertions {
        words::write(&linked, path, &args.by, args.replaces.as_deref())?;
    }
    if let Some(path) = &args.save_spec {
        save(path, &linked.spec.to_toml()?)?;
    }
    if let Some(path) = &args.save_model {
        save(path, &linked.model.to_json()?)?;
    }
    let mut page = match &args.report {
        Some(_) => Some(report::Report::of(&linked, title(&args.files), quality.as_ref(), &chosen)?),
        None => None,
    };
    let measured = meter.stop();
    if let (Some(path), Some(page)) = (&args.report, &mut page) {
        page.phases = summary::phases(&measured);
        if rows.rejected > 0 {
            page.fact("rows left out", text::number(rows.rejected));
        }
        save(path, &page.to_html())?;
    }
    if only_result {
        summed.warn();
    } else {
        summed.tell(quality.as_ref(), &measured, out)?;
        if !out.json() && what.customers && args.output.is_none() && args.assertions.is_none() {
            out.line("  The customers were written nowhere: --output FILE writes a line for each row.")?;
        }
        if !out.json() && args.spec.is_none() && args.save_spec.is_none() {
            out.line("  --save-spec FILE keeps the spec that was used, to be edited and given with --spec.")?;
        }
    }
    Ok(status)
}

fn run_on(
    args: &Args,
    rows: &mut tables::Rows,
    (spec, model): (Option<Spec>, Option<Loaded>),
    meter: &Meter,
    what: &For,
) -> Done<Linked> {
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let phases = meter.clone();
    let table = std::mem::replace(&mut rows.table, stitchline::table::RawTable::new(Vec::<String>::new())?);
    let mut dedupe = Dedupe::of(table).threads(threads).on_phase(move |phase| phases.phase(phase));
    if args.no_relatives {
        dedupe = dedupe.train(TrainOptions { relatives: false, ..TrainOptions::default() });
    }
    if let Some(pairs) = args.candidates_per_row {
        dedupe = dedupe.candidates_per_row(pairs);
    }
    if let Some(spec) = spec.or_else(|| model.as_ref()?.spec.clone()) {
        dedupe = dedupe.spec(spec);
    }
    if let Some(model) = model {
        dedupe = model.score(dedupe);
    }
    if let Some(between) = what.between {
        dedupe = dedupe.between(between);
    }
    if let Some(clustering) = what.clustering {
        dedupe = dedupe.clustering(clustering);
    }
    if let Some(probability) = args.threshold {
        if !(0.0..=1.0).contains(&probability) {
            return Err(Failure::usage("--threshold is a probability, from 0 to 1"));
        }
        dedupe = dedupe.threshold(probability);
    }
    dedupe.run().map_err(|error| match &args.spec {
        Some(spec) => Failure::from(error).about(format!("with {}", spec.display())),
        None => error.into(),
    })
}

/// The names of the files, for a heading.
fn title(files: &[PathBuf]) -> String {
    let names = files.iter().map(|path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy());
    names.collect::<Vec<_>>().join(", ")
}

/// Writes a whole file.
pub(crate) fn save(path: &Path, text: &str) -> Done {
    let written = files::create(path)?.write_all(text.as_bytes());
    written.map_err(|error| Failure::from(error).about(path.display()))
}
