//! `evaluate`: clusters, and scored pairs, against the truth.

use super::{dedupe::save, summary};
use crate::{
    failure::{Done, Failure, Status},
    files,
    output::Out,
    tables::{self, key_of},
    text::{self, Table},
};
use serde::Serialize;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};
use stitchline::{
    MatchWeight,
    evaluate::{
        self, Aligned, Calibration, ClusterQuality, Errors, Measures, PairError, Point, ScoredPair, Sweep,
        Truth,
    },
    report::{Histogram, Report, Step, Waterfall},
    table::{RawColumn, RawTable, ReadOptions},
};

/// Compare clusters with the truth: pairwise, B-cubed and by cluster
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
All files are CSV with a header, or JSON lines. A record of the truth that CLUSTERS leaves out, or that has no true \
cluster, counts as a cluster of its own; records that the truth does not know do not count. Where both files have a \
column of sources, a record is known by its source and id.

With --pairs, the weights are looked at as well: every threshold, calibration, and the worst mistakes of the clusters by the \
weights of their pairs. `dedupe --truth` \
shows more: it knows what blocking lost, and says why a pair has its weight.

Examples:
  stitchline evaluate clusters.csv people.csv --truth-id unique_id --truth-cluster true_id
  stitchline evaluate clusters.csv truth.csv --pairs pairs.csv --report quality.html
  stitchline evaluate clusters.csv truth.csv --between-sources --json")]
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
    /// Column of the record's source in CLUSTERS [default: source, where there is one]
    #[arg(long, value_name = "COLUMN")]
    source: Option<String>,
    /// Column of the record's id in TRUTH
    #[arg(long, default_value = "id", value_name = "COLUMN")]
    truth_id: String,
    /// Column of the true cluster in TRUTH
    #[arg(long, default_value = "true_id", value_name = "COLUMN")]
    truth_cluster: String,
    /// Column of the record's source in TRUTH [default: source, where there is one]
    #[arg(long, value_name = "COLUMN")]
    truth_source: Option<String>,
    /// Only pairs of two sources count
    #[arg(long)]
    between_sources: bool,
    /// Scored pairs, as `dedupe --pairs FILE --all-pairs` writes them
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Of the scored pairs, the threshold in bits [default: the least weight that the clusters' pairs have]
    #[arg(long, requires = "pairs", allow_negative_numbers = true, value_name = "BITS")]
    threshold: Option<f64>,
    /// Where the figures as one page of HTML go
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Figures<'a> {
    missing: u64,
    unknown_ids: u64,
    rows_without_truth: u64,
    #[serde(flatten)]
    quality: &'a ClusterQuality,
    largest: Vec<u32>,
    scored_pairs: Option<&'a Scored>,
}

/// What scored pairs come to.
#[derive(Serialize)]
struct Scored {
    /// Pairs of which both records are known to the truth.
    pairs: u64,
    at_threshold: Point,
    best_threshold: Option<Point>,
    average_precision: f64,
    /// The share of true pairs among those scored.
    recall: f64,
    calibration: Calibration,
    errors: Errors,
    #[serde(skip)]
    sweep: Sweep,
    #[serde(skip)]
    weights: Vec<f64>,
}

/// Ids, sources where there are some, and clusters, of one file.
struct Side {
    keys: Vec<String>,
    clusters: Vec<String>,
    sources: Option<Vec<u32>>,
    /// How many records have no cluster, and are one of their own.
    alone: u64,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    args.report.as_deref().map_or(Ok(()), files::can_be_page)?;
    files::is_no_standard("--report", args.report.as_deref())?;
    let found = table(&args.clusters)?;
    let truth = table(&args.truth)?;
    let sources = [(&found, &args.source, "--source"), (&truth, &args.truth_source, "--truth-source")];
    let [of_found, of_truth] = sources.map(|(table, given, flag)| match given {
        Some(name) => tables::column(table, name, flag).map(Some),
        None => Ok(tables::column(table, "source", flag).ok()),
    });
    let (of_found, of_truth) = (of_found?, of_truth?);
    let both = of_found.is_some() && of_truth.is_some();
    let names = [("--id", &args.id), ("--cluster", &args.cluster)];
    let found = side(&found, &args.clusters, names, of_found, both)?;
    let names = [("--truth-id", &args.truth_id), ("--truth-cluster", &args.truth_cluster)];
    let truth = side(&truth, &args.truth, names, of_truth, both)?;
    let aligned = evaluate::align(found.pairs(), truth.pairs())?;
    if aligned.missing == aligned.truth.len() as u64 {
        return Err(Failure::new("no record of the clusters is in the truth")
            .next("Name the columns of ids that both files have with --id and --truth-id."));
    }
    let sources = match (args.between_sources, &truth.sources) {
        (false, _) => None,
        (true, Some(sources)) => Some(&sources[..]),
        (true, None) => {
            return Err(Failure::usage("--between-sources needs the sources of the truth")
                .next("Name their column with --truth-source."));
        }
    };
    let quality = match sources {
        Some(sources) => evaluate::linked_clusters(&aligned.found, &aligned.truth, sources)?,
        None => evaluate::clusters(&aligned.found, &aligned.truth)?,
    };
    let scored = match &args.pairs {
        Some(path) => Some(scored(args, path, &truth, &aligned, sources, both)?),
        None => None,
    };
    if let Some(path) = &args.report {
        save(path, &page(args, &quality, scored.as_ref(), &truth).to_html())?;
    }
    if out.json() {
        out.document(&Figures {
            missing: aligned.missing,
            unknown_ids: aligned.unknown,
            rows_without_truth: truth.alone,
            quality: &quality,
            largest: quality.largest(3),
            scored_pairs: scored.as_ref(),
        })?;
    } else {
        print(&quality, &aligned, truth.alone, out)?;
        if let Some(scored) = &scored {
            print_scored(scored, &truth, out)?;
        }
    }
    Ok(Status::Good)
}

impl Side {
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keys.iter().map(String::as_str).zip(self.clusters.iter().map(String::as_str))
    }
}

/// Reads a file of which every row must be usable.
fn table(path: &Path) -> Done<RawTable> {
    let options = ReadOptions { keys: false, ..ReadOptions::default() };
    tables::read(&[path.to_owned()], options, None)?.all()
}

fn side(
    table: &RawTable,
    path: &Path,
    names: [(&str, &String); 2],
    source: Option<&RawColumn>,
    both: bool,
) -> Done<Side> {
    let [id, cluster] = names.map(|(flag, name)| {
        tables::column(table, name, flag).map_err(|failure| failure.about(path.display()))
    });
    let (id, cluster) = (id?, cluster?);
    let text = |column: &RawColumn, row: usize| column.values.text(column.cells[row]).to_owned();
    let key = |row: usize| match source.filter(|_| both) {
        Some(source) => key_of(&text(source, row), &text(id, row)),
        None => text(id, row),
    };
    tables::by_key(table, id, key)?;
    let clusterless = cluster.cells.iter().filter(|&&cell| cell == 0).count() as u64;
    let alone = |row: usize| format!("\u{0}{row}");
    let cluster = |row: usize| if cluster.cells[row] == 0 { alone(row) } else { text(cluster, row) };
    Ok(Side {
        keys: (0..table.len()).map(key).collect(),
        clusters: (0..table.len()).map(cluster).collect(),
        sources: source.map(|source| source.cells.clone()),
        alone: clusterless,
    })
}

/// A record as people write it.
fn shown(key: &str) -> String {
    key.replace('\u{0}', "")
}

fn scored(
    args: &Args,
    path: &Path,
    truth: &Side,
    aligned: &Aligned,
    sources: Option<&[u32]>,
    both: bool,
) -> Done<Scored> {
    let about = |failure: Failure| failure.about(path.display());
    let pairs = table(path)?;
    let column = |name: &str| tables::column(&pairs, name, "`dedupe --pairs`").map_err(about);
    let (left, right, weight) = (column("id_l")?, column("id_r")?, column("match_weight")?);
    let sided = if both { Some((column("source_l")?, column("source_r")?)) } else { None };
    let numbers: HashMap<&str, u32> = truth.keys.iter().map(String::as_str).zip(0..).collect();
    let mut all = Vec::with_capacity(pairs.len());
    for row in 0..pairs.len() {
        let text = |column: &RawColumn| column.values.text(column.cells[row]).to_owned();
        let (a, b) = match sided {
            Some((l, r)) => (key_of(&text(l), &text(left)), key_of(&text(r), &text(right))),
            None => (text(left), text(right)),
        };
        let bits: f64 =
            text(weight).parse().ok().filter(|bits: &f64| bits.is_finite()).ok_or_else(|| {
                Failure::new(format!("{}: match_weight: is no number", pairs.place_name(row)))
            })?;
        if let (Some(&a), Some(&b)) = (numbers.get(a.as_str()), numbers.get(b.as_str())) {
            all.push(ScoredPair::new(a, b, MatchWeight::from_bits(bits)));
        }
    }
    // A pair that is given twice counts once, with the greater weight.
    let rows = |pair: &ScoredPair| (pair.a.min(pair.b), pair.a.max(pair.b));
    all.sort_by_key(|pair| (rows(pair), std::cmp::Reverse(pair.weight)));
    all.dedup_by_key(|pair| rows(pair));
    let known = Truth { cluster: &aligned.truth, source: sources };
    let together = |pair: &&ScoredPair| aligned.found[pair.a as usize] == aligned.found[pair.b as usize];
    let threshold = match args.threshold {
        Some(bits) => MatchWeight::from_bits(bits),
        None => all.iter().filter(together).map(|pair| pair.weight).min().unwrap_or_default(),
    };
    let sweep = Sweep::new(&all, known)?;
    Ok(Scored {
        pairs: all.len() as u64,
        at_threshold: sweep.at(threshold),
        best_threshold: sweep.best(),
        average_precision: sweep.average_precision(),
        recall: sweep.scored_recall(),
        calibration: Calibration::new(&all, known, 10)?,
        errors: Errors::new(&all, &aligned.found, known, threshold, 5)?,
        sweep,
        weights: all.iter().map(|pair| pair.weight.bits()).collect(),
    })
}

fn names(quality: &ClusterQuality) -> [(&'static str, Measures); 3] {
    [
        ("pairs of records", quality.pairwise),
        ("B-cubed", quality.b_cubed),
        ("closest cluster", quality.closest_cluster),
    ]
}

fn page(args: &Args, quality: &ClusterQuality, scored: Option<&Scored>, truth: &Side) -> Report {
    let mut report = Report::new(format!("{} against {}", args.clusters.display(), args.truth.display()));
    report.fact("records", text::number(quality.records));
    report.fact("clusters", text::number(quality.clusters));
    report.fact("true clusters", text::number(quality.true_clusters));
    report.fact("just right", text::number(quality.exact_clusters));
    report.fact("false pairs", text::number(quality.pairs.false_positives));
    report.fact("missed pairs", text::number(quality.pairs.false_negatives));
    report.fact("variation of information", format!("{:.4} bits", quality.variation_of_information));
    report.quality = names(quality).map(|(name, measures)| (name.to_owned(), measures)).to_vec();
    report.cluster_sizes = quality.sizes.iter().map(|(size, count)| (*size, *count)).collect();
    report.true_sizes = quality.true_sizes.iter().map(|(size, count)| (*size, *count)).collect();
    let Some(scored) = scored else { return report };
    report.quality.push(("links before clustering".to_owned(), scored.at_threshold.measures));
    report.threshold = Some(scored.at_threshold.threshold.bits());
    report.curve = scored.sweep.thinned(240);
    report.histogram = Some(Histogram::of(scored.weights.iter().copied(), 1.0));
    report.calibration = Some(scored.calibration.clone());
    for (what, list) in summary::kinds(&scored.errors) {
        let fall = |error: &PairError| Waterfall {
            title: pair(truth, error),
            steps: error.weight.iter().map(|weight| Step::new("match weight", weight.bits())).collect(),
            ..Waterfall::default()
        };
        report.mistakes.push((what, list.iter().map(fall).collect()));
    }
    report
}

fn pair(truth: &Side, error: &PairError) -> String {
    let key = |row: u32| truth.keys.get(row as usize).map_or(String::new(), |key| shown(key));
    format!("{} and {}", key(error.a), key(error.b))
}

fn print_scored(scored: &Scored, truth: &Side, out: &mut Out) -> Done {
    out.gap()?;
    out.heading("Scored pairs, before clustering")?;
    let mut table = Table::right(&[1, 2, 3, 4]);
    table.row(["", "bits", "precision", "recall", "F1"].map(str::to_owned));
    let best = scored.best_threshold.as_ref().map(|best| ("best by the truth", best));
    for (name, point) in [("at the threshold", &scored.at_threshold)].into_iter().chain(best) {
        let own = point.measures;
        let figures = [own.precision, own.recall, own.f1].map(|value| format!("{value:.4}"));
        let [precision, recall, f1] = figures;
        table.row([name.to_owned(), format!("{:+.2}", point.threshold.bits()), precision, recall, f1]);
    }
    out.table(&table)?;
    out.line(format!(
        "Of {} pairs, average precision {:.4}; {:.4} of the true pairs are among them. Brier score {:.4}.",
        text::number(scored.pairs),
        scored.average_precision,
        scored.recall,
        scored.calibration.brier
    ))?;
    if scored.errors.counts.iter().any(|count| *count > 0) {
        out.gap()?;
        out.heading("Worst mistakes of the clusters")?;
    }
    for (what, list) in summary::kinds(&scored.errors) {
        // Of a kind without any, others of the same clusters stand for them.
        out.line(format!("  {what}{}", if list.is_empty() { "" } else { ":" }))?;
        for error in list {
            let weight = error.weight.map_or(String::new(), |weight| format!("  {:+.2} bits", weight.bits()));
            out.line(format!("    {}{weight}", text::clean(&pair(truth, error))))?;
        }
    }
    Ok(())
}

fn print(quality: &ClusterQuality, aligned: &Aligned, alone: u64, out: &mut Out) -> Done {
    out.table(&summary::measures(names(quality)))?;
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
    if alone > 0 {
        let (records, have) =
            (text::count(alone, "record", "records"), if alone == 1 { "has" } else { "have" });
        out.line(format!("{records} of the truth {have} no true cluster; each counts as one of its own."))?;
    }
    let &Aligned { missing, unknown, .. } = aligned;
    if missing > 0 {
        let were = if missing == 1 { "was" } else { "were" };
        let records = text::count(missing, "record", "records");
        out.line(format!(
            "{records} of the truth {were} not clustered; each counts as a cluster of its own."
        ))?;
    }
    if unknown > 0 {
        out.line(format!(
            "{} not in the truth and did not count.",
            text::count(unknown, "record is", "records are")
        ))?;
    }
    Ok(())
}
