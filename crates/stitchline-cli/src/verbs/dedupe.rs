//! `dedupe`: customers out of files, in bulk.

use crate::{
    failure::{Done, Failure, Status},
    files,
    meter::Meter,
    output::Out,
    text::{self, Table, csv_field},
};
use serde::Serialize;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};
use stitchline::{
    CustomerId, Policy, RecordKey,
    block::Between,
    link::{Clustering, Dedupe, Linked, Spec},
    model::Model,
    table::{RawTable, ReadOptions, RejectedRow, TableReader},
};

/// Find the rows of one customer in files, without any configuration
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline dedupe people.csv --output clusters.csv
  stitchline dedupe people.csv --ignore true_id --print-spec > people.toml
  stitchline dedupe people.csv --spec people.toml --pairs pairs.csv --output clusters.csv
  stitchline dedupe crm.csv web.jsonl --save-model model.json --output clusters.csv

Columns are recognised by their headers and their content. The spec that was chosen can be saved, edited and used again. \
The output has a line for each row: its id (and source), and the customer's id.")]
pub(crate) struct Args {
    /// CSV or JSON lines, plain or gzip; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Column of ids, unique within a source [default: a column named id, unique_id or so; else row numbers]
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Column that names the source [default: a column named source; else the name of the file]
    #[arg(long, value_name = "COLUMN")]
    source: Option<String>,
    /// Column that is not looked at (may be given again)
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Spec to go by (TOML) instead of choosing one
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Model to score with (JSON) instead of training one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Threads [default: as many as the machine has]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Where the customers go [default: nowhere; - for standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where the linked pairs go, with weight and probability
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Where the spec that was used goes
    #[arg(long, value_name = "FILE")]
    save_spec: Option<PathBuf>,
    /// Where the model goes
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,
    /// Print the score of two rows, by their ids, and nothing else
    #[arg(long, num_args = 2, value_name = "ID")]
    explain: Vec<String>,
    /// Print the spec that was used and nothing else
    #[arg(long)]
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
    bulk(&args.bulk, out, Some(Between::Sources), clustering)
}

pub(crate) fn train(args: &TrainArgs, out: &mut Out) -> Done<Status> {
    if args.bulk.save_model.is_none() {
        return Err(Failure::usage("--save-model FILE says where the model goes"));
    }
    bulk(&args.bulk, out, None, None)
}

pub(crate) fn score(args: &ScoreArgs, out: &mut Out) -> Done<Status> {
    if args.bulk.model.is_none() {
        return Err(Failure::usage("--model FILE says which model to score with")
            .next("Train one: stitchline train FILE --save-model model.json"));
    }
    bulk(&args.bulk, out, None, None)
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    bulk(args, out, None, None)
}

/// The report as data.
#[derive(Serialize)]
struct Report<'a> {
    counts: &'a stitchline::link::Counts,
    calibration: &'a stitchline::model::Calibration,
    threshold_probability: f64,
    convergence: Option<&'a stitchline::model::Convergence>,
    warnings: Vec<String>,
    recognised: &'a [stitchline::link::Recognised],
    blocking: &'a [stitchline::block::RuleReport],
    sizes: std::collections::BTreeMap<u32, u64>,
    rejected: u64,
    rejected_rows: &'a [RejectedRow],
    phases: &'a [crate::meter::Measured],
    peak_memory_bytes: Option<u64>,
}

fn bulk(
    args: &Args,
    out: &mut Out,
    between: Option<Between>,
    clustering: Option<Clustering>,
) -> Done<Status> {
    let meter = Meter::start();
    meter.phase("read");
    let (raw, rejected, rejected_rows) = read(args)?;
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let phases = meter.clone();
    let mut dedupe = Dedupe::of(raw).threads(threads).on_phase(move |phase| phases.phase(phase));
    if let Some(path) = &args.spec {
        dedupe = dedupe
            .spec(Spec::from_toml(&files::text(path)?).map_err(|e| Failure::from(e).about(path.display()))?);
    }
    if let Some(path) = &args.model {
        dedupe = dedupe.model(
            Model::from_json(&files::text(path)?).map_err(|e| Failure::from(e).about(path.display()))?,
        );
    }
    if let Some(between) = between {
        dedupe = dedupe.between(between);
    }
    if let Some(clustering) = clustering {
        dedupe = dedupe.clustering(clustering);
    }
    let linked = dedupe.run()?;
    if let [one, two] = &args.explain[..] {
        meter.stop();
        return explain(&linked, one, two, out);
    }
    if args.print_spec {
        write!(out, "{}", linked.spec.to_toml()?)?;
        return Ok(Status::Good);
    }
    meter.phase("write");
    if let Some(path) = &args.output {
        clusters(&linked, &mut open(path)?)?;
    }
    if let Some(path) = &args.pairs {
        pairs(&linked, &mut open(path)?)?;
    }
    if let Some(path) = &args.save_spec {
        save(path, &linked.spec.to_toml()?)?;
    }
    if let Some(path) = &args.save_model {
        save(path, &linked.model.to_json()?)?;
    }
    let measured = meter.stop();
    let report = Report {
        counts: &linked.counts,
        calibration: &linked.calibration,
        threshold_probability: linked.calibration.threshold.probability(),
        convergence: linked.training.as_ref().map(|training| &training.convergence),
        warnings: linked.training.iter().flat_map(|t| &t.warnings).map(ToString::to_string).collect(),
        recognised: &linked.recognised,
        blocking: &linked.blocking,
        sizes: linked.sizes(),
        rejected,
        rejected_rows: &rejected_rows,
        phases: &measured,
        peak_memory_bytes: crate::meter::peak_memory(),
    };
    if args.output.as_ref().is_none_or(|path| path != Path::new("-")) {
        if out.json() {
            out.document(&report)?;
        } else {
            print(&report, out)?;
        }
    }
    Ok(if rejected > 0 { Status::SomeRejected } else { Status::Good })
}

fn explain(linked: &Linked, one: &str, two: &str, out: &mut Out) -> Done<Status> {
    let row = |id: &str| linked.find(id).ok_or_else(|| Failure::new(format!("no row has the id {id}")));
    let score = linked.explain(row(one)?, row(two)?)?;
    if out.json() {
        out.document(&score)?;
        return Ok(Status::Good);
    }
    let bits = |weight: stitchline::MatchWeight| format!("{:+.2}", weight.bits());
    let mut table = Table::right(&[2, 3]);
    table.row(["prior".into(), String::new(), bits(score.prior), String::new()]);
    for part in &score.parts {
        let more = part.term_frequency;
        let more = if more.bits() == 0.0 { String::new() } else { bits(more) };
        table.row([part.comparison.clone(), part.level.clone(), bits(part.weight), more]);
    }
    if score.relatives.bits() != 0.0 {
        table.row(["relatives".into(), "explain as much".into(), bits(score.relatives), String::new()]);
    }
    let likely = text::percent(score.total.probability());
    table.row(["total".into(), format!("probability {likely}"), bits(score.total), String::new()]);
    out.heading("Bits: for the level, and for how frequent the value is")?;
    out.table(&table)?;
    Ok(Status::Good)
}

fn read(args: &Args) -> Done<(RawTable, u64, Vec<RejectedRow>)> {
    let options = ReadOptions {
        id: args.id.clone(),
        source: args.source.clone(),
        ignore: args.ignore.clone(),
        ..ReadOptions::default()
    };
    let mut reader = TableReader::new(options);
    for path in &args.files {
        if path == Path::new("-") {
            reader.read(std::io::stdin().lock(), "standard input")?;
        } else {
            reader.read(files::open(path)?, &path.display().to_string())?;
        }
    }
    let rejected = reader.rejected();
    let (table, rows) = reader.finish()?;
    Ok((table, rejected, rows))
}

fn save(path: &Path, text: &str) -> Done {
    std::fs::write(path, text).map_err(|error| Failure::from(error).about(path.display()))
}

fn open(path: &Path) -> Done<Box<dyn Write>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufWriter::new(std::io::stdout())));
    }
    let file = File::create(path).map_err(|error| Failure::from(error).about(path.display()))?;
    Ok(Box::new(BufWriter::with_capacity(1 << 16, file)))
}

fn clusters(linked: &Linked, to: &mut dyn Write) -> Done {
    let table = &linked.table;
    let project = Policy::default().project;
    let several = table.source_count() > 1;
    let mut rows: Vec<(u32, u32)> = linked.clusters().collect();
    // In the order in which they came.
    rows.sort_unstable_by_key(|(row, _)| table.place(*row));
    let mut ids = vec![None; table.len()];
    writeln!(to, "{}", if several { "source,id,customer_id" } else { "id,customer_id" })?;
    for (row, first) in rows {
        let id = ids[first as usize].get_or_insert_with(|| {
            CustomerId::founded_by(project, &RecordKey::new(table.source(first), table.id(first)))
        });
        if several {
            write!(to, "{},", csv_field(table.source(row)))?;
        }
        writeln!(to, "{},{id}", csv_field(table.id(row)))?;
    }
    Ok(to.flush()?)
}

fn pairs(linked: &Linked, to: &mut dyn Write) -> Done {
    let table = &linked.table;
    let several = table.source_count() > 1;
    let mut edges: Vec<_> =
        linked.edges.iter().filter(|edge| edge.weight >= linked.calibration.threshold).collect();
    edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
    let head = if several { "source_l,id_l,source_r,id_r" } else { "id_l,id_r" };
    writeln!(to, "{head},match_weight,match_probability,same_customer")?;
    for edge in edges {
        for row in [edge.a, edge.b] {
            if several {
                write!(to, "{},", csv_field(table.source(row)))?;
            }
            write!(to, "{},", csv_field(table.id(row)))?;
        }
        let same = linked.cluster(edge.a) == linked.cluster(edge.b);
        writeln!(to, "{:.3},{:.6},{same}", edge.weight.bits(), edge.weight.probability())?;
    }
    Ok(to.flush()?)
}

fn print(report: &Report<'_>, out: &mut Out) -> Done {
    let counts = report.counts;
    for row in report.rejected_rows.iter().take(10) {
        out.line(text::clean(&row.to_string()))?;
    }
    if report.rejected > 0 {
        out.line(format!("{} left out", text::count(report.rejected, "row", "rows")))?;
        out.gap()?;
    }
    if !report.recognised.is_empty() {
        out.heading("Columns")?;
        let mut table = Table::right(&[2, 3]);
        for column in report.recognised {
            let role = serde_json::to_value(column.role)?;
            table.row([
                column.column.clone(),
                role.as_str().unwrap_or_default().replace('_', " "),
                text::number(column.distinct),
                text::percent(column.filled),
                column.note.clone().unwrap_or_default(),
            ]);
        }
        out.table(&table)?;
        out.gap()?;
    }
    out.heading("Blocking rules")?;
    let mut table = Table::right(&[1, 2]);
    for rule in report.blocking {
        let mut note = String::new();
        if rule.split > 0 {
            note = format!("{} split", text::count(rule.split, "block", "blocks"));
        }
        if rule.left_out > 0 {
            note = format!(
                "{note}, {} with {} left out",
                text::count(rule.left_out, "block", "blocks"),
                text::count(rule.pairs_left_out, "pair", "pairs")
            );
        }
        table.row([rule.rule.clone(), text::number(rule.pairs), text::number(rule.largest), note]);
    }
    out.table(&table)?;
    out.gap()?;
    for warning in &report.warnings {
        out.line(format!("warning: {warning}"))?;
    }
    let mut table = Table::right(&[1]);
    for (what, count) in [
        ("rows", counts.rows),
        ("candidate pairs", counts.candidates),
        ("links", counts.links),
        ("links refused", counts.refused),
        ("customers", counts.customers),
        ("rows of the largest customer", counts.largest),
    ] {
        table.row([what.to_owned(), text::number(count)]);
    }
    out.table(&table)?;
    out.line(format!(
        "  threshold {:.1} bits (probability {:.2}), expected precision {:.3}, recall {:.3}",
        report.calibration.threshold.bits(),
        report.threshold_probability,
        report.calibration.precision,
        report.calibration.recall
    ))?;
    out.gap()?;
    let mut table = Table::right(&[1, 2]);
    table.row(["phase".into(), "CPU s".into(), "wall s".into()]);
    for phase in report.phases {
        table.row([
            phase.phase.clone(),
            format!("{:.2}", phase.cpu_seconds),
            format!("{:.2}", phase.wall_seconds),
        ]);
    }
    out.table(&table)?;
    if let Some(bytes) = report.peak_memory_bytes {
        out.line(format!("  peak memory {} MB", text::number(bytes / 1_000_000)))?;
    }
    Ok(())
}
