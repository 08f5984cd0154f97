//! What a finished run is told by: files of customers and pairs, scores explained, and the summary at the end.

use crate::{
    failure::{Done, Failure},
    meter::{Measured, peak_memory},
    output::Out,
    sheet::{Cell, Sheet},
    tables::Rows,
    text::{self, Table},
};
use serde::Serialize;
use std::path::Path;
use stitchline::{
    CustomerId, MatchWeight, Policy, RecordKey,
    cluster::{Objection, Refusal},
    evaluate::{Measures, PairError, RunQuality},
    link::Linked,
    model::Scorer,
    report,
    table::RejectedRow,
};

/// What stands in a file of pairs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pairs {
    /// The level of each comparison.
    pub(crate) levels: bool,
    /// Also pairs below the threshold.
    pub(crate) all: bool,
}

/// The row that a user means by ID or SOURCE/ID.
pub(crate) fn row(linked: &Linked, given: &str) -> Done<u32> {
    let table = &linked.table;
    let is = |row: &u32| {
        let own = table.id(*row);
        let keyed = given.strip_prefix(table.source(*row)).and_then(|rest| rest.strip_prefix('/'));
        own == given || keyed == Some(own)
    };
    let mut found = (0..table.len() as u32).filter(is);
    match (found.next(), found.next()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => {
            Err(Failure::new(format!("several sources have a row {given}")).next("Write SOURCE/ID."))
        }
        _ => Err(Failure::new(format!("no row has the id {given}"))),
    }
}

/// Writes each row's id with its customer's, in the order in which rows came.
pub(crate) fn clusters(linked: &Linked, path: &Path) -> Done {
    let table = &linked.table;
    // By place, so that most is read in the order in which it is written.
    let mut founders = vec![0u32; table.len()];
    linked.clusters().for_each(|(row, first)| founders[table.place(row) as usize] = table.place(first));
    let (project, mut key) = (Policy::default().project, RecordKey::new("", ""));
    let none = CustomerId::founded_by(project, &key);
    let mut ids = vec![none; table.len()];
    for ((id, place), &founder) in ids.iter_mut().zip(0u32..).zip(&founders) {
        if founder == place {
            let (source, own) = table.key_at(place);
            for (part, text) in [(&mut key.source, source), (&mut key.id, own)] {
                part.clear();
                part.push_str(text);
            }
            *id = CustomerId::founded_by(project, &key);
        }
    }
    let several = table.source_count() > 1;
    let names = if several { &["source", "id", "customer_id"][..] } else { &["id", "customer_id"] };
    let mut sheet = Sheet::create(path, names.iter().map(|name| (*name).to_owned()).collect())?;
    let mut places = 0u32..;
    for founders in founders.chunks(AT_ONCE) {
        // One independent of the other, so that none waits until another has been read from memory.
        let mut own = [none; AT_ONCE];
        own.iter_mut().zip(founders).for_each(|(own, &founder)| *own = ids[founder as usize]);
        for (own, place) in own[..founders.len()].iter().zip(&mut places) {
            let (source, id) = table.key_at(place);
            let source = several.then_some(Cell::Text(source));
            sheet.row(source.into_iter().chain([Cell::Text(id), Cell::Customer(*own)]))?;
        }
    }
    sheet.finish()
}

/// Rows whose customers are looked up together.
const AT_ONCE: usize = 64;

/// The columns of the ids of two rows, and of their sources where there are several.
fn id_names(linked: &Linked) -> Vec<String> {
    let several = linked.table.source_count() > 1;
    let names = if several { &["source_l", "id_l", "source_r", "id_r"][..] } else { &["id_l", "id_r"] };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What stands in these columns.
fn ids(linked: &Linked, a: u32, b: u32) -> impl Iterator<Item = Cell<'_>> {
    let table = &linked.table;
    let several = table.source_count() > 1;
    [a, b].into_iter().flat_map(move |row| {
        several.then(|| Cell::Text(table.source(row))).into_iter().chain([Cell::Text(table.id(row))])
    })
}

/// Writes pairs with weight and probability, in the order of their rows' keys.
pub(crate) fn pairs(linked: &Linked, path: &Path, what: Pairs) -> Done {
    let threshold = linked.calibration.threshold;
    let mut edges: Vec<_> =
        linked.edges.iter().filter(|edge| what.all || edge.weight >= threshold).copied().collect();
    edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
    let mut names = id_names(linked);
    names.extend(["match_weight", "match_probability", "same_customer"].map(str::to_owned));
    let comparisons = &linked.model.comparisons;
    if what.levels {
        names.extend(comparisons.iter().map(|own| own.comparison.name.clone()));
    }
    let mut sheet = Sheet::create(path, names)?;
    let mut write = |scorer: Option<&Scorer<'_>>| -> Done {
        let mut levels: Vec<String> = Vec::new();
        for edge in &edges {
            levels.clear();
            if let Some(scorer) = scorer {
                let score = scorer.explain(edge.a, edge.b);
                let part = |name: &str| score.parts.iter().find(|part| part.comparison == name);
                let level = |name: &str| part(name).map_or("null".to_owned(), |part| part.level.clone());
                levels.extend(comparisons.iter().map(|own| level(&own.comparison.name)));
            }
            let figures = [
                Cell::Number(edge.weight.bits(), 3),
                Cell::Number(edge.weight.probability(), 6),
                Cell::Truth(linked.cluster(edge.a) == linked.cluster(edge.b)),
            ];
            sheet.row(
                ids(linked, edge.a, edge.b)
                    .chain(figures)
                    .chain(levels.iter().map(|level| Cell::Text(level))),
            )?;
        }
        Ok(())
    };
    match what.levels {
        true => linked.scored_by(|scorer| write(Some(scorer)))??,
        false => write(None)?,
    }
    sheet.finish()
}

/// Writes the links that were refused, the strongest first, with what refused them.
pub(crate) fn refused(linked: &Linked, path: &Path) -> Done {
    let mut names = id_names(linked);
    let more = [
        "match_weight",
        "match_probability",
        "refused_by",
        "against_l",
        "against_r",
        "total_weight",
        "reason",
    ];
    names.extend(more.map(str::to_owned));
    let mut sheet = Sheet::create(path, names)?;
    for refusal in &linked.refused {
        let Refusal { edge, by } = refusal;
        let (what, total) = match by {
            Objection::Guard { .. } => ("exclusive", None),
            Objection::OnePerSource { .. } => ("one_per_source", None),
            Objection::Evidence { total, .. } => ("evidence", Some(total.bits())),
            Objection::Unsaid { total, .. } => ("unsaid", Some(total.bits())),
            Objection::Rival { total, .. } => ("rival", Some(total.bits())),
            _ => ("", None),
        };
        let (left, right) = by.rows();
        let (left, right, reason) = (linked.name(left), linked.name(right), linked.refused_since(refusal));
        let figures = [
            Cell::Number(edge.weight.bits(), 3),
            Cell::Number(edge.weight.probability(), 6),
            Cell::Text(what),
            Cell::Text(&left),
            Cell::Text(&right),
            total.map_or(Cell::Empty, |bits| Cell::Number(bits, 3)),
            Cell::Text(&reason),
        ];
        sheet.row(ids(linked, edge.a, edge.b).chain(figures))?;
    }
    sheet.finish()
}

/// Prints the scores of pairs with all that they are the sum of.
pub(crate) fn explain(linked: &Linked, pairs: &[(u32, u32)], out: &mut Out) -> Done {
    let scores = linked.explain_all(pairs)?;
    if out.json() {
        return match &scores[..] {
            [score] => out.document(score),
            scores => out.document(&scores),
        };
    }
    let table = &linked.table;
    for (at, (score, &(a, b))) in scores.iter().zip(pairs).enumerate() {
        if at > 0 {
            out.gap()?;
        }
        let bits = |weight: MatchWeight| format!("{:+.2}", weight.bits());
        let values = |row: u32, columns: &[String]| -> String {
            let texts = columns.iter().filter_map(|column| Some(table.text(row, table.find(column)?)));
            text::short(&texts.collect::<Vec<_>>().join(" "), 32)
        };
        let empty = String::new;
        let mut lines = Table::right(&[4, 5]);
        lines.row(["".into(), linked.name(a), linked.name(b), empty(), "bits".into(), "frequency".into()]);
        lines.row(["prior".into(), empty(), empty(), empty(), bits(score.prior), empty()]);
        for part in &score.parts {
            let more = part.term_frequency;
            let more = if more == MatchWeight::ZERO { empty() } else { bits(more) };
            let own = linked.model.comparisons.iter().find(|own| own.comparison.name == part.comparison);
            let columns = own.map_or(&[][..], |own| &own.comparison.columns);
            let (a, b) = (values(a, columns), values(b, columns));
            lines.row([part.comparison.clone(), a, b, part.level.clone(), bits(part.weight), more]);
        }
        if score.relatives != MatchWeight::ZERO {
            let says = "would explain as much".into();
            lines.row(["relatives".into(), empty(), empty(), says, bits(score.relatives), empty()]);
        }
        let likely = format!("probability {}", text::percent(score.total.probability()));
        lines.row(["total".into(), empty(), empty(), likely, bits(score.total), empty()]);
        out.table(&lines)?;
        let threshold = linked.calibration.threshold;
        let is = if score.total >= threshold { "at or above" } else { "below" };
        out.line(format!("  It is {is} the threshold of {:+.2} bits.", threshold.bits()))?;
        if let Some(refusal) = linked.refusal(a, b) {
            out.line(format!("  Refused: {}.", linked.refused_since(refusal)))?;
        }
    }
    Ok(())
}

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
    threshold_probability: f64,
    convergence: Option<&'a stitchline::model::Convergence>,
    warnings: Vec<String>,
    recognised: &'a [stitchline::link::Recognised],
    blocking: &'a [stitchline::block::RuleReport],
    sizes: std::collections::BTreeMap<u32, u64>,
    quality: Option<&'a RunQuality>,
    rejected: u64,
    rejected_rows: &'a [RejectedRow],
    phases: &'a [Measured],
    peak_memory_bytes: Option<u64>,
}

/// Prints what was done, how it went and what it took.
pub(crate) fn tell(
    linked: &Linked,
    rows: &Rows,
    quality: Option<&RunQuality>,
    measured: &[Measured],
    out: &mut Out,
) -> Done {
    let warnings: Vec<String> =
        linked.training.iter().flat_map(|t| &t.warnings).map(ToString::to_string).collect();
    if out.json() {
        return out.document(&Summary {
            counts: &linked.counts,
            calibration: &linked.calibration,
            threshold_probability: linked.calibration.threshold.probability(),
            convergence: linked.training.as_ref().map(|training| &training.convergence),
            warnings,
            recognised: &linked.recognised,
            blocking: &linked.blocking,
            sizes: linked.sizes(),
            quality,
            rejected: rows.rejected,
            rejected_rows: &rows.rejected_rows,
            phases: measured,
            peak_memory_bytes: peak_memory(),
        });
    }
    rows.tell(out)?;
    columns(linked, out)?;
    blocking(linked, quality, out)?;
    for warning in &warnings {
        out.line(format!("warning: {warning}"))?;
    }
    counts(linked, out)?;
    if let Some(quality) = quality {
        truth(linked, quality, out)?;
    }
    work(measured, out)
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
    out.table(&table)?;
    out.gap()
}

fn blocking(linked: &Linked, quality: Option<&RunQuality>, out: &mut Out) -> Done {
    out.heading("Blocking rules")?;
    let mut table = Table::right(&[1, 2, 3]);
    let recall = if quality.is_some() { "recall so far" } else { "" };
    table.row(["".into(), "pairs".into(), "largest block".into(), recall.into(), String::new()]);
    for (at, rule) in linked.blocking.iter().enumerate() {
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
        let recall = quality.and_then(|quality| quality.blocking.rules.get(at));
        table.row([
            rule.rule.clone(),
            text::number(rule.pairs),
            text::number(rule.largest),
            recall.map_or(String::new(), |rule| format!("{:.4}", rule.recall)),
            note,
        ]);
    }
    out.table(&table)?;
    out.gap()
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
    out.line(format!(
        "  threshold {:.1} bits (probability {:.2}), expected precision {:.3}, recall {:.3}",
        calibration.threshold.bits(),
        calibration.threshold.probability(),
        calibration.precision,
        calibration.recall
    ))?;
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

fn truth(linked: &Linked, quality: &RunQuality, out: &mut Out) -> Done {
    out.heading("Against the truth")?;
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
    let kinds = [&errors.false_links, &errors.misses, &errors.unseen];
    if kinds.iter().any(|list| !list.is_empty()) {
        out.heading("Worst mistakes (--explain ID ID says why)")?;
        let mut table = Table::right(&[3]);
        for ((what, list), count) in
            ["false link", "scored too low", "not found"].iter().zip(kinds).zip(errors.counts)
        {
            for (at, PairError { a, b, weight }) in list.iter().enumerate() {
                let of =
                    if at == 0 { format!("{what}, {} in all", text::number(count)) } else { String::new() };
                let bits = weight.map_or(String::new(), |weight| format!("{:+.1}", weight.bits()));
                table.row([of, linked.name(*a), linked.name(*b), bits]);
            }
        }
        out.table(&table)?;
        out.gap()?;
    }
    Ok(())
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
