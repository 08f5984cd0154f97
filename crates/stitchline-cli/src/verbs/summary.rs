//! The summary of a finished run: what was taken for what, how it went and what it took.

use crate::{
    failure::Done,
    meter::{Measured, peak_memory},
    output::Out,
    tables::Rows,
    text::{self, Table},
};
use serde::Serialize;
use stitchline::{
    MatchWeight,
    block::RuleReport,
    evaluate::{Errors, Measures, PairError, RunQuality},
    link::Linked,
    report,
    table::RejectedRow,
};

/// Phases for a report's page.
pub(crate) fn phases(measured: &[Measured]) -> Vec<report::Phase> {
    let phase = |own: &Measured| report::Phase {
        name: own.phase.clone(),
        cpu_seconds: own.cpu_seconds,
        wall_seconds: own.wall_seconds,
        peak_bytes: own.peak_memory_bytes.unwrap_or(0),
    };
    measured.iter().filter(|own| own.phase != "total").map(phase).collect()
}

/// The summary as data.
#[derive(Serialize)]
struct Summary<'a> {
    counts: &'a stitchline::link::Counts,
    calibration: &'a stitchline::model::Calibration,
    /// How much more than the threshold a link must weigh that joins more than two rows.
    above: MatchWeight,
    threshold_probability: f64,
    convergence: Option<&'a stitchline::model::Convergence>,
    warnings: Vec<String>,
    /// What the reader of the model should know.
    notes: &'a [String],
    recognised: &'a [stitchline::link::Recognised],
    blocking: &'a [stitchline::block::RuleReport],
    sizes: std::collections::BTreeMap<u32, u64>,
    quality: Option<&'a RunQuality>,
    /// The columns of ids and of sources, where there are some.
    id_column: Option<&'a str>,
    source_column: Option<&'a str>,
    /// Rows whose true customer is not told.
    rows_without_truth: u64,
    rejected: u64,
    rejected_rows: &'a [RejectedRow],
    phases: &'a [Measured],
    peak_memory_bytes: Option<u64>,
}

/// A finished run and what is said about it.
#[derive(Clone, Copy)]
pub(crate) struct Summed<'a> {
    pub(crate) linked: &'a Linked,
    /// The rows as they were read, without what was taken out of them.
    pub(crate) rows: &'a Rows,
    /// What the reader of the model should know.
    pub(crate) notes: &'a [String],
}

impl Summed<'_> {
    fn warnings(&self) -> Vec<String> {
        self.linked.training.iter().flat_map(|training| &training.warnings).map(ToString::to_string).collect()
    }

    /// Notes and warnings, as lines to be told.
    fn remarks(&self) -> Vec<String> {
        let notes = self.notes.iter().map(|note| format!("note: {}", text::clean(note)));
        let warnings = self.warnings();
        notes.chain(warnings.iter().map(|own| format!("warning: {}", text::clean(own)))).collect()
    }

    /// Tells on standard error what has to be known, where standard output has something else.
    pub(crate) fn warn(&self) {
        self.rows.left_out().iter().chain(&self.remarks()).for_each(|line| eprintln!("{line}"));
    }

    /// Prints what was done, how it went and what it took.
    pub(crate) fn tell(&self, quality: Option<&RunQuality>, measured: &[Measured], out: &mut Out) -> Done {
        let Summed { linked, rows, notes } = *self;
        if out.json() {
            return out.document(&Summary {
                counts: &linked.counts,
                calibration: &linked.calibration,
                above: linked.above,
                threshold_probability: linked.calibration.threshold.probability(),
                convergence: linked.training.as_ref().map(|training| &training.convergence),
                warnings: self.warnings(),
                notes,
                recognised: &linked.recognised,
                blocking: &linked.blocking,
                sizes: linked.sizes(),
                quality,
                id_column: rows.id_column.as_deref(),
                source_column: rows.source_column.as_deref(),
                rows_without_truth: rows.without_truth,
                rejected: rows.rejected,
                rejected_rows: &rows.rejected_rows,
                phases: measured,
                peak_memory_bytes: peak_memory(),
            });
        }
        let left_out = rows.left_out();
        left_out.iter().try_for_each(|line| out.line(line))?;
        if !left_out.is_empty() {
            out.gap()?;
        }
        columns(linked, out)?;
        keys(linked, rows, out)?;
        blocking(linked, quality, out)?;
        self.remarks().iter().try_for_each(|line| out.line(line))?;
        counts(linked, out)?;
        if let Some(quality) = quality {
            truth(linked, quality, rows.without_truth, out)?;
        }
        work(measured, out)
    }
}

fn columns(linked: &Linked, out: &mut Out) -> Done {
    if linked.recognised.is_empty() {
        return Ok(());
    }
    out.heading("Columns")?;
    let mut table = Table::right(&[2, 3]);
    table.row(["".into(), "taken for".into(), "distinct".into(), "filled".into(), String::new()]);
    for column in &linked.recognised {
        let role = serde_json::to_value(column.role)?;
        table.row([
            column.column.clone(),
            role.as_str().unwrap_or_default().replace('_', " "),
            text::number(column.distinct),
            text::percent(column.filled),
            column.note.clone().unwrap_or_default(),
        ]);
    }
    out.table(&table)
}

/// What rows are called by.
fn keys(linked: &Linked, rows: &Rows, out: &mut Out) -> Done {
    let named = |name: &Option<String>| name.as_deref().map(|name| format!("column {}", text::clean(name)));
    let id = named(&rows.id_column)
        .unwrap_or_else(|| "number in the file (no column of ids; --id names one)".into());
    let source = match named(&rows.source_column) {
        Some(source) => format!(", sources by {source}"),
        None if linked.table.source_count() > 1 => ", sources by file".to_owned(),
        None => String::new(),
    };
    out.line(format!("  Rows are known by {id}{source}."))?;
    out.gap()
}

/// How wide the name of a blocking rule is shown; longer ones go on in lines of their own.
const RULE: usize = 49;

fn blocking(linked: &Linked, quality: Option<&RunQuality>, out: &mut Out) -> Done {
    out.heading("Blocking rules")?;
    let mut table = Table::right(&[1, 2, 3]);
    let recall = if quality.is_some() { "recall so far" } else { "" };
    table.row(["".into(), "pairs in blocks".into(), "largest block".into(), recall.into()]);
    for (at, rule) in linked.blocking.iter().enumerate() {
        let recall = quality.and_then(|quality| quality.blocking.rules.get(at));
        let mut lines = text::folded(&rule.rule, &[" + ", " & ", " | ", ", "], RULE).into_iter();
        table.row([
            lines.next().unwrap_or_default(),
            text::number(rule.pairs),
            text::number(rule.largest),
            recall.map_or(String::new(), |rule| format!("{:.4}", rule.recall)),
        ]);
        for line in lines.chain(left_out(rule)) {
            let empty = String::new;
            table.row([format!("  {line}"), empty(), empty(), empty()]);
        }
    }
    out.table(&table)?;
    out.line("  A pair counts in each block of each rule that has it; as a candidate it is compared once.")?;
    out.gap()
}

/// What became of blocks that were too large.
fn left_out(rule: &RuleReport) -> Vec<String> {
    let mut notes = Vec::new();
    if rule.split > 0 {
        notes.push(format!("{} split", text::count(rule.split, "block", "blocks")));
    }
    if rule.left_out > 0 {
        let pairs = text::count(rule.pairs_left_out, "pair", "pairs");
        notes.push(format!("{} with {pairs} left out", text::count(rule.left_out, "block", "blocks")));
    }
    notes
}

fn counts(linked: &Linked, out: &mut Out) -> Done {
    let (counts, calibration) = (&linked.counts, &linked.calibration);
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
    let threshold = calibration.threshold;
    out.line(format!(
        "  threshold {:.1} bits (probability {:.2})",
        threshold.bits(),
        threshold.probability()
    ))?;
    if counts.candidates > 0 {
        out.line(format!(
            "  Of the pairs compared, precision {:.3} and recall {:.3} are expected.",
            calibration.precision, calibration.recall
        ))?;
    }
    if linked.above > MatchWeight::ZERO {
        out.line(format!(
            "  A link that joins more than two rows needs {:.2} bits more.",
            linked.above.bits()
        ))?;
    }
    out.gap()
}

/// A row for each measure: its name, precision, recall and F1.
pub(crate) fn measures<'a>(rows: impl IntoIterator<Item = (&'a str, Measures)>) -> Table {
    let mut table = Table::right(&[1, 2, 3]);
    table.row(["", "precision", "recall", "F1"].map(str::to_owned));
    let cell = |value: f64| format!("{value:.4}");
    for (name, own) in rows {
        table.row([name.to_owned(), cell(own.precision), cell(own.recall), cell(own.f1)]);
    }
    table
}

fn truth(linked: &Linked, quality: &RunQuality, without: u64, out: &mut Out) -> Done {
    out.heading("Against the truth")?;
    if without > 0 {
        let rows = text::count(without, "row", "rows");
        out.line(format!("  {rows} without a true customer: each counts as a customer of its own."))?;
    }
    let clusters = &quality.clusters;
    out.table(&measures([
        ("pairs of rows in clusters", clusters.pairwise),
        ("B-cubed", clusters.b_cubed),
        ("closest cluster", clusters.closest_cluster),
        ("links before clustering", quality.at_threshold.measures),
    ]))?;
    let blocking = &quality.blocking;
    out.line(format!(
        "  Blocking offers {:.4} of the true pairs; {} of {} customers are just right.",
        blocking.recall,
        text::number(clusters.exact_clusters),
        text::number(clusters.true_clusters)
    ))?;
    out.line(format!(
        "  Variation of information {:.4} bits: {:.4} by splitting, {:.4} by joining.",
        clusters.variation_of_information, clusters.split_bits, clusters.merged_bits
    ))?;
    if let Some(best) = &quality.best_threshold {
        out.line(format!(
            "  Of links, the best threshold by the truth is {:.1} bits, with F1 {:.4}; average precision {:.4}.",
            best.threshold.bits(),
            best.measures.f1,
            quality.average_precision
        ))?;
    }
    out.line(format!(
        "  Of pairs kept, Brier score {:.4}; probabilities are off by {} on average.",
        quality.calibration.brier,
        text::percent(quality.calibration.expected_error)
    ))?;
    out.gap()?;
    let errors = &quality.errors;
    if errors.counts.iter().any(|count| *count > 0) {
        out.heading("Worst mistakes of the clusters (--explain ID ID says why)")?;
        let mut table = Table::right(&[3]);
        for (kind, list) in kinds(errors) {
            if list.is_empty() {
                // Others of the same clusters stand for them.
                table.row([kind.clone(), String::new(), String::new(), String::new()]);
            }
            for (at, PairError { a, b, weight }) in list.iter().enumerate() {
                let of = if at == 0 { kind.clone() } else { String::new() };
                let bits = weight.map_or(String::new(), |weight| format!("{:+.1}", weight.bits()));
                table.row([of, linked.name(*a), linked.name(*b), bits]);
            }
        }
        out.table(&table)?;
        out.gap()?;
    }
    Ok(())
}

/// What is wrong with clusters by kind, each with how many such pairs there are.
pub(crate) fn kinds(errors: &Errors) -> impl Iterator<Item = (String, &[PairError])> {
    errors
        .kinds()
        .map(|(what, count, list)| (format!("{what}, {}", text::count(count, "pair", "pairs")), list))
}

fn work(measured: &[Measured], out: &mut Out) -> Done {
    let mut table = Table::right(&[1, 2, 3]);
    table.row(["phase", "CPU s", "wall s", "peak MB"].map(str::to_owned));
    for phase in measured {
        table.row([
            phase.phase.clone(),
            format!("{:.2}", phase.cpu_seconds),
            format!("{:.2}", phase.wall_seconds),
            phase.peak_memory_bytes.map_or(String::new(), |bytes| text::number(bytes / 1_000_000)),
        ]);
    }
    out.table(&table)
}
