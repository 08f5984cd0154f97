//! The report of a finished run: which pairs are shown, and what of the model and the figures.

use super::{Comparison, Histogram, LevelParameters, Report, Rule, Step, Waterfall};
use crate::{
    MatchWeight,
    error::Result,
    evaluate::{Expected, RunQuality, scored},
    link::Linked,
    model::Scorer,
};

/// Points of the curves of precision and recall.
const POINTS: usize = 240;
/// Pairs shown of each kind.
const SHOWN: usize = 3;

impl Report {
    /// The report of a run: `quality` where the truth is known (from [`evaluate::linkage`](crate::evaluate::linkage)),
    /// `chosen` the pairs of rows to show first. Phases are left to the caller, and headline figures may be added.
    ///
    /// ```
    /// use stitchline::{link::Dedupe, report::Report, table::RawTable};
    ///
    /// let mut rows = RawTable::new(["name", "email"])?;
    /// rows.push("crm", "1", &["Ann Lee", "ann.lee@example.com"])?;
    /// rows.push("web", "9", &["Ann Lee", "Ann.Lee@example.com"])?;
    /// let linked = Dedupe::of(rows).run()?;
    /// let page = Report::of(&linked, "customers", None, &[(0, 1)])?.to_html();
    /// assert!(page.contains("ann.lee@example.com"));
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Linked::scored_by`].
    pub fn of(
        linked: &Linked,
        title: impl Into<String>,
        quality: Option<&RunQuality>,
        chosen: &[(u32, u32)],
    ) -> Result<Report> {
        let mut report = Report::new(title);
        headlines(&mut report, linked, quality);
        report.threshold = Some(linked.calibration.threshold.bits());
        report.spec = linked.spec.to_toml()?;
        if let Some(training) = &linked.training {
            report.notes.extend(training.warnings.iter().map(ToString::to_string));
        }
        model(&mut report, linked);
        weights(&mut report, linked, quality);
        report.blocking = linked
            .blocking
            .iter()
            .map(|rule| Rule {
                name: rule.rule.clone(),
                pairs: rule.pairs,
                marginal_recall: None,
                largest_block: Some(rule.largest),
            })
            .collect();
        report.cluster_sizes = linked.sizes().into_iter().collect();
        linked.scored_by(|scorer| {
            pairs(&mut report, linked, scorer, chosen);
            if let Some(quality) = quality {
                against_the_truth(&mut report, linked, scorer, quality);
            }
        })?;
        Ok(report)
    }
}

fn headlines(report: &mut Report, linked: &Linked, quality: Option<&RunQuality>) {
    let counts = &linked.counts;
    let count = super::html::count;
    report.fact("records", count(counts.rows));
    report.fact("customers", count(counts.customers));
    report.fact("records of the largest", count(counts.largest));
    report.fact("candidate pairs", count(counts.candidates));
    report.fact("links", count(counts.links));
    report.fact("links refused", count(counts.refused));
    let threshold = linked.calibration.threshold;
    report.fact("threshold", format!("{} bits", super::html::bits(threshold.bits())));
    if linked.above > MatchWeight::ZERO {
        report.fact("to join more than two", format!("{:.2} bits more", linked.above.bits()));
    }
    match quality {
        Some(quality) => {
            report.fact("F1 of pairs in clusters", format!("{:.4}", quality.clusters.pairwise.f1));
            report.fact("blocking recall", format!("{:.4}", quality.blocking.recall));
        }
        None => report.fact("expected F1 of links", format!("{:.3}", linked.calibration.f1)),
    }
}

fn model(report: &mut Report, linked: &Linked) {
    for weighed in &linked.model.comparisons {
        let own = &weighed.comparison;
        let levels = (1u8..).zip(&weighed.levels).map(|(at, p)| LevelParameters {
            label: own.level_name(at),
            m: Some(p.m),
            u: Some(p.u),
        });
        report.comparisons.push(Comparison { name: own.name.clone(), levels: levels.collect() });
    }
}

/// Chosen pairs, then those nearest to the threshold on both sides and the strongest that were refused.
fn pairs(report: &mut Report, linked: &Linked, scorer: &Scorer<'_>, chosen: &[(u32, u32)]) {
    let threshold = linked.calibration.threshold;
    let mut above: Vec<_> = linked.edges.iter().filter(|edge| edge.weight >= threshold).collect();
    let mut below: Vec<_> = linked.edges.iter().filter(|edge| edge.weight < threshold).collect();
    let mut refused: Vec<_> =
        above.iter().copied().filter(|edge| linked.cluster(edge.a) != linked.cluster(edge.b)).collect();
    above.sort_unstable_by_key(|edge| (edge.weight, edge.a, edge.b));
    below.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.a, edge.b));
    refused.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.a, edge.b));
    let middle = above.get(above.len() / 2).copied();
    let mut shown: Vec<(&str, (u32, u32))> = chosen.iter().map(|pair| ("", *pair)).collect();
    shown.extend(middle.map(|edge| ("A usual link: ", (edge.a, edge.b))));
    for (what, edges) in
        [("Refused by the clustering: ", &refused), ("Just linked: ", &above), ("Just not linked: ", &below)]
    {
        shown.extend(edges.iter().take(SHOWN).map(|edge| (what, (edge.a, edge.b))));
    }
    report.pairs.extend(shown.into_iter().map(|(what, pair)| waterfall(linked, scorer, what, pair)));
}

/// A pair's evidence with the values that were compared.
fn waterfall(linked: &Linked, scorer: &Scorer<'_>, what: &str, (a, b): (u32, u32)) -> Waterfall {
    let score = scorer.explain(a.min(b), a.max(b));
    let table = &linked.table;
    let values = |row: u32, columns: &[String]| {
        let texts = columns.iter().filter_map(|column| Some(table.text(row, table.find(column)?)));
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
    };
    let mut steps = vec![Step::new("prior", score.prior.bits()).level("two records at random")];
    for part in &score.parts {
        let own = linked.model.comparisons.iter().find(|own| own.comparison.name == part.comparison);
        let columns = own.map_or(&[][..], |own| &own.comparison.columns);
        let level = match part.term_frequency {
            MatchWeight::ZERO => part.level.clone(),
            more => format!("{}, {} for how frequent it is", part.level, super::html::bits(more.bits())),
        };
        let bits = (part.weight + part.term_frequency).bits();
        let (a, b) = (values(a, columns), values(b, columns));
        steps.push(Step::new(part.comparison.clone(), bits).level(level).values(a, b));
    }
    if score.relatives != MatchWeight::ZERO {
        steps.push(Step::new("relatives", score.relatives.bits()).level("would explain as much"));
    }
    let refused = linked.refusal(a, b).map(|refusal| format!("Refused: {}.", linked.refused_since(refusal)));
    let title = format!("{what}{} and {}", linked.name(a), linked.name(b));
    Waterfall { title, steps, note: refused.unwrap_or_default() }
}

fn weights(report: &mut Report, linked: &Linked, quality: Option<&RunQuality>) {
    let bits = linked.edges.iter().map(|edge| edge.weight.bits());
    let mut histogram = Histogram::of(bits, 1.0);
    histogram.below = linked.counts.candidates.saturating_sub(linked.edges.len() as u64);
    match quality {
        Some(quality) => {
            histogram.true_pairs = vec![0; histogram.pairs.len()];
            let mut before = 0;
            for point in quality.sweep.points() {
                let hits = point.pairs.true_positives;
                let bin = ((point.threshold.bits() - histogram.from) / histogram.width).floor();
                if let Some(count) = histogram.true_pairs.get_mut(bin.max(0.0) as usize) {
                    *count += hits - before;
                }
                before = hits;
            }
            report.curve = quality.sweep.thinned(POINTS);
        }
        None => {
            report.curve = Expected::curve(&scored(linked), 0.0, POINTS);
            report.expected = true;
        }
    }
    report.histogram = Some(histogram);
}

fn against_the_truth(report: &mut Report, linked: &Linked, scorer: &Scorer<'_>, quality: &RunQuality) {
    let (clusters, blocking) = (&quality.clusters, &quality.blocking);
    report.quality = vec![
        ("pairs of records in clusters".into(), clusters.pairwise),
        ("B-cubed".into(), clusters.b_cubed),
        ("closest cluster".into(), clusters.closest_cluster),
        ("links before clustering".into(), quality.at_threshold.measures),
    ];
    report.true_sizes = clusters.true_sizes.iter().map(|(size, count)| (*size, *count)).collect();
    for (rule, found) in report.blocking.iter_mut().zip(&blocking.rules) {
        (rule.pairs, rule.marginal_recall) = (found.pairs, Some(found.marginal_recall));
    }
    report.calibration = Some(quality.calibration.clone());
    for (what, count, list) in quality.errors.kinds() {
        let shown = list.iter().map(|error| waterfall(linked, scorer, "", (error.a, error.b)));
        let pairs = if count == 1 { "pair" } else { "pairs" };
        let heading = format!("{what}, {} {pairs}", super::html::count(count));
        report.mistakes.push((heading, shown.collect()));
    }
}
