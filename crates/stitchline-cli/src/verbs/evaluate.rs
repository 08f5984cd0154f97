//! `evaluate`: clusters against the truth.

use crate::{
    failure::{Done, Failure, Status},
    output::Out,
    text::{self, Table},
};
use serde::Serialize;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};
use stitchline::evaluate::{self, ClusterQuality, Measures};

/// Compare clusters with the truth: pairwise, B-cubed and by cluster
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Both files are CSV with a header, or JSON lines (a name that ends in .jsonl). A record of the truth that CLUSTERS leaves \
out counts as a cluster of its own; records that the truth does not know do not count.

Examples:
  stitchline evaluate clusters.csv people.csv --truth-id unique_id --truth-cluster true_id
  stitchline evaluate clusters.csv truth.csv --truth-source source --json")]
pub(crate) struct Args {
    /// Clusters found: a record's id and its cluster in each row
    clusters: PathBuf,
    /// The truth: a record's id and its true cluster in each row
    truth: PathBuf,
    /// Column of the record's id in CLUSTERS
    #[arg(long, default_value = "id", value_name = "COLUMN")]
    id: String,
    /// Column of the cluster in CLUSTERS
    #[arg(long, default_value = "customer_id", value_name = "COLUMN")]
    cluster: String,
    /// Column of the record's id in TRUTH
    #[arg(long, default_value = "id", value_name = "COLUMN")]
    truth_id: String,
    /// Column of the true cluster in TRUTH
    #[arg(long, default_value = "true_id", value_name = "COLUMN")]
    truth_cluster: String,
    /// Column of the record's source in TRUTH; only pairs of two sources count
    #[arg(long, value_name = "COLUMN")]
    truth_source: Option<String>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    missing: u64,
    unknown_ids: u64,
    #[serde(flatten)]
    quality: &'a ClusterQuality,
    largest: Vec<u32>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let found = read(&args.clusters, &[("--id", &args.id), ("--cluster", &args.cluster)])?;
    let mut columns =
        vec![("--truth-id", args.truth_id.as_str()), ("--truth-cluster", args.truth_cluster.as_str())];
    columns.extend(args.truth_source.as_deref().map(|source| ("--truth-source", source)));
    let truth = read(&args.truth, &columns)?;
    let aligned = evaluate::align(pairs(&found), pairs(&truth))?;
    let quality = if args.truth_source.is_some() {
        let mut names: Vec<&str> = truth.iter().filter_map(|row| row.get(2).map(String::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        let number = |row: &Vec<String>| names.binary_search(&row[2].as_str()).unwrap_or_default() as u32;
        evaluate::linked_clusters(
            &aligned.found,
            &aligned.truth,
            &truth.iter().map(number).collect::<Vec<_>>(),
        )?
    } else {
        evaluate::clusters(&aligned.found, &aligned.truth)?
    };
    if out.json() {
        let (missing, unknown_ids) = (aligned.missing, aligned.unknown);
        out.document(&Report { missing, unknown_ids, quality: &quality, largest: quality.largest(3) })?;
    } else {
        print(&quality, aligned.missing, aligned.unknown, out)?;
    }
    Ok(Status::Good)
}

fn pairs(rows: &[Vec<String>]) -> impl Iterator<Item = (&str, &str)> {
    rows.iter().map(|row| (row[0].as_str(), row[1].as_str()))
}

fn print(quality: &ClusterQuality, missing: u64, unknown: u64, out: &mut Out) -> Done {
    let mut table = Table::right(&[1, 2, 3]);
    let cell = |value: f64| format!("{value:.4}");
    let header = ["", "precision", "recall", "F1"].map(str::to_owned);
    table.row(header);
    let mut row = |name: &str, measures: Measures| {
        table.row([name.to_owned(), cell(measures.precision), cell(measures.recall), cell(measures.f1)]);
    };
    row("pairs of records", quality.pairwise);
    row("B-cubed", quality.b_cubed);
    row("closest cluster", quality.closest_cluster);
    out.table(&table)?;
    out.gap()?;
    let mut table = Table::right(&[1, 2]);
    table.row(["", "found", "true"].map(str::to_owned));
    table.row(["clusters".into(), text::number(quality.clusters), text::number(quality.true_clusters)]);
    let largest = |sizes: &std::collections::BTreeMap<u32, u64>| {
        text::number(sizes.keys().next_back().map_or(0, |size| u64::from(*size)))
    };
    table.row(["records in the largest".into(), largest(&quality.sizes), largest(&quality.true_sizes)]);
    let pairs = quality.pairs;
    let (hit, wrong, missed) = (pairs.true_positives, pairs.false_positives, pairs.false_negatives);
    table.row(["pairs".into(), text::number(hit + wrong), text::number(hit + missed)]);
    out.table(&table)?;
    out.gap()?;
    out.line(format!(
        "{} of {}: {} false pairs, {} missed; {} clusters are just right.",
        text::count(quality.records, "record", "records"),
        text::count(quality.true_clusters, "true cluster", "true clusters"),
        text::number(wrong),
        text::number(missed),
        text::number(quality.exact_clusters),
    ))?;
    out.line(format!(
        "Variation of information {:.4} bits: {:.4} by splitting, {:.4} by joining.",
        quality.variation_of_information, quality.split_bits, quality.merged_bits
    ))?;
    if missing > 0 {
        let were = if missing == 1 { "was" } else { "were" };
        let records = text::count(missing, "record", "records");
        out.line(format!(
            "{records} of the truth {were} not clustered; each counts as a cluster of its own."
        ))?;
    }
    if unknown > 0 {
        out.line(format!(
            "{} unknown to the truth did not count.",
            text::count(unknown, "record is", "records are")
        ))?;
    }
    Ok(())
}

/// The named columns of each row.
fn read(path: &Path, columns: &[(&str, &str)]) -> Done<Vec<Vec<String>>> {
    let about = |failure: Failure| failure.about(path.display());
    let file = File::open(path).map_err(|error| about(error.into()))?;
    if path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson") {
        return json_lines(BufReader::new(file), columns).map_err(about);
    }
    csv_rows(file, columns).map_err(about)
}

fn csv_rows(file: File, columns: &[(&str, &str)]) -> Done<Vec<Vec<String>>> {
    let failed = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        let reason = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("it has {len} fields, and the header {expected_len}")
            }
            csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
            _ => "it cannot be read".to_owned(),
        };
        Failure::new(format!("line {line}: {reason}")).next("Is it CSV with commas and a header?")
    };
    let mut reader = csv::Reader::from_reader(BufReader::new(file));
    let header = reader.headers().map_err(failed)?.clone();
    let name = |at: usize| header.get(at).unwrap_or_default().trim_start_matches('\u{feff}').trim();
    let places = columns.iter().map(|(flag, column)| {
        (0..header.len()).find(|&at| name(at) == *column).ok_or_else(|| {
            let known: Vec<String> = (0..header.len()).map(|at| text::clean(name(at))).collect();
            Failure::new(format!("there is no column {column:?}"))
                .next(format!("Name one of {} with {flag}.", text::listed(&known)))
        })
    });
    let places = places.collect::<Done<Vec<usize>>>()?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        rows.push(places.iter().map(|&at| record.get(at).unwrap_or_default().to_owned()).collect());
    }
    Ok(rows)
}

fn json_lines(reader: impl BufRead, columns: &[(&str, &str)]) -> Done<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(reader.lines()) {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line)
            .map_err(|_| Failure::new(format!("line {number}: it is not a JSON object")))?;
        let field = |(flag, column): &(&str, &str)| match row.get(*column) {
            Some(serde_json::Value::String(text)) => Ok(text.clone()),
            Some(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => {
                Ok(value.to_string())
            }
            _ => Err(Failure::new(format!("line {number}: there is no text or number {column:?}"))
                .next(format!("Name the field with {flag}."))),
        };
        rows.push(columns.iter().map(field).collect::<Done<Vec<String>>>()?);
    }
    Ok(rows)
}
